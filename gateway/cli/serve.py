"""``njia serve``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gateway.cli.common import Command, print_json, shared

SERVE = """Serve clients: gateway processes and, beside them, the worker. Runs until SIGTERM or SIGINT (Ctrl-C).

A process that dies is started again. More load: --workers on this host, the same command on other hosts.

\b
  njia --home /etc/njia serve --workers 4
  njia serve --host 0.0.0.0 --port 80 --without-worker
"""


@click.command("serve", cls=Command, help=SERVE)
@click.option("--host", help="The address to listen on. [default: 127.0.0.1, or [web] host]")
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0: any free one. [default: 8384, or [web] port]")
@click.option("--workers", type=click.IntRange(1, 256), help="Gateway processes. [default: 1, or [web] workers]")
@click.option("--without-worker", is_flag=True, help="Only the gateway; njia worker runs elsewhere.")
def serve(host: str | None, port: int | None, workers: int | None, without_worker: bool) -> None:
    from gateway.cli.house import Plan, keep  # noqa: PLC0415

    given = {"web.host": host, "web.port": port, "web.workers": workers}
    flags = {key: str(value) for key, value in given.items() if value is not None}
    keep(Plan(flags, worker=not without_worker), _announce)


def _announce(facts: dict[str, Any], processes: Mapping[str, int]) -> None:
    if shared().json:
        print_json({"url": facts["url"], "processes": dict(processes)})
    else:
        click.echo(f"Serving at {facts['url']}, {len(processes)} processes. Stop with Ctrl-C.")
