"""What ``demo`` and ``serve`` have in common: the processes of one host, kept running until they are told to stop."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.common import Problem
from gateway.embedded.attachment import attach
from gateway.embedded.places import lock, places
from gateway.embedded.programs import command
from gateway.embedded.supervisor import Child, DidNotStart, Supervisor
from gateway.embedded.valkey import Limits
from gateway.settings import OF_A_DEMO, PAST, WRITTEN, Settings, load
from gateway.web.listening import listen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLES = ("scribe", "schedule", "jobs")
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to start: the settings with their flags, whether the worker too, whether the sample institution gets a past,
    and where the processes' words go."""

    flags: Mapping[str, str]
    worker: bool = True
    past: bool = False
    log: str = ""  # a file in the data folder; empty: standard error


def keep(plan: Plan, announce: Callable[[Facts, Mapping[str, int]], None]) -> None:
    """Runs everything until SIGTERM or SIGINT. ``announce`` is called once, when everything answers."""
    settings = load(flags=plan.flags)
    os.umask(0o077)  # what is written from here on holds clients' data
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.demo.enabled and settings.home is None:
        (settings.data / OF_A_DEMO).touch()  # so that every other command here knows what it works on
    with ExitStack() as stack:
        stack.enter_context(_alone(settings.data))
        sockets = _sockets(settings, stack)
        host, port = sockets[0].getsockname()[:2]
        flags = {**plan.flags, "web.port": str(port)}
        supervisor = _supervisor(settings, plan, flags, sockets, stack)
        facts = _facts(settings, flags, f"http://{_dialled(host)}:{port}")
        running = settings.data / "running.json"
        stack.callback(running.unlink, missing_ok=True)

        def answered() -> None:
            _note(running, {key: facts[key] for key in ("url", "service_code", "channels")})
            announce(facts, supervisor.pids())

        try:
            supervisor.run(lambda: _ready(_dialled(host), port) and _at_work(settings, plan), answered)
        except DidNotStart as error:
            where = f" See {settings.data / plan.log}." if plan.log else ""
            raise Problem(f"{error}{where}") from error


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    handle = lock(data / "supervisor.lock")
    if handle is None:
        raise Problem(f"Something runs on {data} already. Stop it first, or choose another folder with --data.")
    try:
        yield
    finally:
        os.close(handle)


def _sockets(settings: Settings, stack: ExitStack) -> list[socket.socket]:
    web = settings.web
    try:
        sockets = listen(web.host, web.port, web.workers)
    except OSError as error:
        raise Problem(
            f"Cannot listen on {web.host}, port {web.port} ({error.strerror}). Choose another: --port."
        ) from error
    for one in sockets:
        stack.callback(one.close)
    return sockets


def _supervisor(
    settings: Settings, plan: Plan, flags: Mapping[str, str], sockets: list[socket.socket], stack: ExitStack
) -> Supervisor:
    handed = {**_as_environment(settings, flags), "PROMETHEUS_MULTIPROC_DIR": str(_counters(settings.data))}
    children = [
        Child("gateway" if len(sockets) == 1 else f"gateway-{n}", _serving(one), handed, (one.fileno(),))
        for n, one in enumerate(sockets, start=1)
    ]
    if plan.worker:
        children += [Child(role, tuple(command("worker", role)), handed) for role in ROLES]
    if plan.past and wants_a_past(settings):
        children.append(Child("past", tuple(command("worker.past")), handed, once=True))
    others: dict[str, int] = {}
    log = settings.data / plan.log if plan.log else None
    supervisor = Supervisor(children, settings.data / "processes.json", lambda: dict(others), log)
    if settings.redis.url is None:
        limits = Limits(settings.redis.appendfsync, settings.redis.memory_mb)

        def changed() -> None:
            others.update(attachment.pids)
            supervisor.wake()

        attachment = attach(settings.data, limits, changed=changed)
        stack.callback(attachment.close)
        others.update(attachment.pids)
    return supervisor


def wants_a_past(settings: Settings) -> bool:
    """Whether the sample institution is still to get the clients whom ``worker.past`` makes up."""
    sample = settings.demo.enabled and settings.home is None
    return sample and settings.demo.people > 0 and not (settings.data / PAST / WRITTEN).exists()


def _serving(listening: socket.socket) -> tuple[str, ...]:
    return tuple(command("gateway.web.serving", str(listening.fileno())))


def _counters(data: Path) -> Path:
    """Where the processes of this host put what they count, empty at each start."""
    folder = data / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    return folder


def _as_environment(settings: Settings, flags: Mapping[str, str]) -> dict[str, str]:
    """The flags of the command line, for child processes."""
    handed = {f"NJIA_{key.replace('.', '__').upper()}": value for key, value in flags.items()}
    return handed | {"NJIA_DATA": str(settings.data)} | ({"NJIA_HOME": str(settings.home)} if settings.home else {})


def _facts(settings: Settings, flags: Mapping[str, str], url: str) -> Facts:
    """Brings the stores to where they can serve, and says what is being served."""
    from gateway.preparing import prepare  # noqa: PLC0415 -- everything comes with it

    del settings
    return {"url": url, **asyncio.run(prepare(load(flags=flags)))}


def _ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _at_work(settings: Settings, plan: Plan) -> bool:
    """Whether the worker's processes have signed on."""
    return not plan.worker or asyncio.run(_signed(settings))


async def _signed(settings: Settings) -> bool:
    from redis.asyncio import Redis  # noqa: PLC0415 -- the parent needs it only now
    from redis.exceptions import RedisError  # noqa: PLC0415

    from gateway.store.leases import alive  # noqa: PLC0415

    url = settings.redis.url.reveal() if settings.redis.url else places(settings.data).url
    async with Redis.from_url(url, socket_timeout=3, socket_connect_timeout=3) as redis:
        try:
            return bool(await alive(redis, "scribe") and await alive(redis, "schedule"))
        except (RedisError, OSError):
            return False


def _dialled(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104


def _note(path: Path, facts: Facts) -> None:
    """For ``njia phone``: where the gateway is. Holds the channels' tokens, so it is its owner's only."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(facts, file)
