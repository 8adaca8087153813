"""``njia phone``: a phone in the terminal. It plays the provider over HTTP to a gateway that runs."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    import asyncio

    from gateway.cli.saving import Saving
    from gateway.web.handsets import Call, Exchange, Line

EXAMPLES = """Dials a gateway that runs, as its provider would: one answer per line, each reply as it came.

\b
  njia phone --dial '*384*7#' --as +254700000001
  printf '1\\n2468\\n' | njia phone --dial '*384*7#' --as +254700000001 --channel ussd
  njia phone --dial '*384*7#' --as +254700000001 --save conversations/balance/mine.txt
"""
NOT_RUNNING = "Nothing is running here that can be dialled. Start it with: make demo"


@click.command("phone", help=EXAMPLES)
@click.option("--dial", "code", required=True, metavar="CODE", help="What to dial; '*384*7*1#' dials into a flow.")
@click.option("--as", "number", required=True, metavar="PHONE", help="The number that calls, with its country code.")
@click.option("--channel", metavar="NAME", help="The channel's name in njia.toml; else the one that serves the code.")
@click.option("--url", metavar="URL", help="The gateway's address, where it is not the one written down in --data.")
@click.option("--data", type=click.Path(path_type=Path), help="The data folder of the gateway that runs.")
@click.option(
    "--save", "file", type=click.Path(path_type=Path), help="Write what is done into this new file, as a test."
)
def phone(code: str, number: str, channel: str | None, url: str | None, data: Path | None, file: Path | None) -> None:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise click.BadParameter("write it with its country code, such as +254700000001", param_hint="--as")
    saving = _saving(file, number) if file else None
    line = _line(_running(_folder(data), url), channel, code)
    import asyncio  # noqa: PLC0415 - `njia --help` must not wait for it

    with asyncio.Runner() as runner:
        ended = _talk(runner, line, number, code, saving)
    if saving:
        saving.write(line.adapter.partition("/")[0])
    sys.exit(ended)


def _saving(file: Path, number: str) -> Saving:
    from gateway.cli.saving import Saving  # noqa: PLC0415 - only where something is to be saved

    return Saving(file, number)


def _folder(data: Path | None) -> Path:
    """The data folder, chosen as ``gateway.settings`` chooses it."""
    home = click.get_current_context().find_root().params.get("home") or os.environ.get("NJIA_HOME")
    home = home or ("." if Path("njia.toml").is_file() else None)
    chosen = data or os.environ.get("NJIA_DATA") or (Path(home) / "data" if home else ".njia")
    return Path(chosen)


def _running(folder: Path, url: str | None) -> dict[str, Any]:
    """What the gateway wrote down of itself when it started."""
    try:
        running: dict[str, Any] = json.loads((folder / "running.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        _fail(NOT_RUNNING)
    return running | {"url": url} if url else running


def _line(running: dict[str, Any], channel: str | None, code: str) -> Line:
    """The channel that was asked for, by the longest of its service codes that begins what is dialled."""
    from gateway.web.handsets import lines  # noqa: PLC0415 - `njia --help` must not wait for aiohttp

    found = [line for line in lines(running) if channel in (None, line.name)]
    if not found:
        names = ", ".join(sorted({line.name for line in lines(running)})) or "none"
        raise click.BadParameter(f"no channel of this name can be dialled; there are: {names}", param_hint="--channel")
    serving = [line for line in found if line.serves(code)]
    if not serving:
        codes = ", ".join(line.service_code for line in found)
        raise click.BadParameter(f"{code} is not served here; there is: {codes}", param_hint="--dial")
    return max(serving, key=lambda line: len(line.service_code))


def _talk(runner: asyncio.Runner, line: Line, number: str, code: str, saving: Saving | None) -> int:
    """Dials and answers until the session is over; whatever happens, the provider's end notice is posted."""
    import aiohttp  # noqa: PLC0415

    from gateway.web.handsets import Call, NoAnswer  # noqa: PLC0415

    async def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    http = runner.run(session())
    try:
        call = Call(http, line, number)
        exchange = runner.run(call.dial(code))
        try:
            return _listen(runner, call, code, exchange, saving)
        finally:
            runner.run(call.hang_up())
    except NoAnswer:
        _fail(NOT_RUNNING)
    finally:
        runner.run(http.close())


def _listen(runner: asyncio.Runner, call: Call, typed: str, exchange: Exchange, saving: Saving | None) -> int:
    while True:
        click.echo(exchange.got.body.decode(errors="replace"))
        if exchange.reply is None:
            click.echo(f"The network would show an error here: status {exchange.got.status}.", err=True)
            return 1
        if saving:
            saving.heard(typed, exchange.reply.text)
        answer = _typed() if exchange.reply.more else None
        if answer is None:
            return 0
        typed = answer
        exchange = runner.run(call.type(typed))


def _typed() -> str | None:
    """One line of standard input, None at its end. Read as it is, so that nothing keeps a history of PINs."""
    if sys.stdin.isatty():
        click.echo("> ", nl=False, err=True)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return None
    return line.rstrip("\r\n") if line else None


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(1)
