"""``njia channels``: the addresses that providers call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, print_json, print_table, shared

if TYPE_CHECKING:
    from gateway.settings import Settings

CHANNELS = """Show the path that each provider must call, to be entered in its dashboard behind your own host's name.
One that ends in /status is for delivery reports.

The last part of a path is secret: who knows it can pose as a caller. With NAME, print that path alone.

\b
  njia --home my-institution channels
  curl "http://127.0.0.1:8384$(njia channels ussd)" --data-urlencode 'text='
"""


@click.command("channels", cls=Command, help=CHANNELS)
@click.argument("name", default="")
def channels(name: str) -> None:
    from gateway.settings import load  # noqa: PLC0415

    settings = load()
    found = _paths(settings)
    if name and name not in found:
        raise click.UsageError(f"There is no channel {name}. There are: {', '.join(found) or 'none'}.")
    if name:
        click.echo(found[name])
    elif shared().json:
        print_json({one: {"path": path, "adapter": settings.channels[one].adapter} for one, path in found.items()})
    else:
        print_table([(one, settings.channels[one].adapter, path) for one, path in found.items()])


def _paths(settings: Settings) -> dict[str, str]:
    """Of the channels that are called by their provider and answer it."""
    from adapters import discover  # noqa: PLC0415
    from gateway.secrets import channel_path, load_keys  # noqa: PLC0415

    keys = load_keys(settings.data, settings.security.secret)
    made = {name: discover.channel(one) for name, one in settings.channels.items()}
    paths = {name: channel_path(keys, name) for name, channel in made.items() if hasattr(channel, "answer")}
    reports = {name: f"{channel_path(keys, name)}/status" for name, one in made.items() if getattr(one, "reported", 0)}
    return {name: (paths | reports)[name] for name in made if name in paths or name in reports}
