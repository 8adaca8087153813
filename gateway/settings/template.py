"""The njia.toml that ``njia init`` writes: every setting that there is, with its help, most of them commented out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from gateway.settings.sections import SECTIONS

HEAD = """\
# The settings of this institution. Every line that begins with # is a default; remove the # to change it.
# Any of them can also be set in the environment, as NJIA_<SECTION>__<KEY>: NJIA_WEB__PORT=8000.
# Secrets do not belong here: write { env = "NAME" } or { file = "path" }.
# See what is in force with: njia config show
"""

CHANNELS = """
# One section for each channel. Its name stands in its address: /channels/ussd/…
[channels.ussd]
adapter = "ussd/africastalking"
service_codes = ["*384*7#"]
# allow = ["203.0.113.0/24"]          # the provider's addresses; empty: any

[channels.sms]
adapter = "sms/console"               # the inbox of the demonstration's phones only; for real: sms/africastalking

[bank]
adapter = "banks/local"               # our own books
"""

FIRST = {"name", "short_name", "country", "currency", "languages", "timezone"}  # what every institution sets

README = """\
# This institution

What lies in this folder is laid, file by file, over what Njia ships: a file `flows/balance.yaml` here takes the place
of the shipped flow of that name.

| folder or file | what it holds |
|---|---|
| `njia.toml` | the settings; secrets stay outside, as `{ env = … }` or `{ file = … }` |
| `flows/` | what happens in a conversation, one file each |
| `messages/<language>/` | the words, translated |
| `fields/` | the data dictionary |
| `products/` | loans, savings and what else accounts are made of |
| `conversations/<flow>/` | transcripts that are played as tests |
| `kinds.yaml`, `people.yaml` | kinds of parties and roles; sample people for the transcripts |
| `data/` | written by the program; keep it private, back it up, never commit it |

    njia --home . flows check .
    njia --home . doctor
    njia --home . serve
"""


def njia_toml() -> str:
    """The whole file; read back unchanged it gives the defaults and one channel of each kind."""
    parts = [HEAD]
    for name, cls in SECTIONS.items():
        if name != "demo":
            parts += ["", *_section(name, cls)]
    return "\n".join(parts) + "\n" + CHANNELS


def _section(name: str, cls: type) -> Iterator[str]:
    yield f"[{name}]"
    kinds = get_type_hints(cls, include_extras=True)
    for one in fields(cls):
        kind = kinds[one.name]
        if is_dataclass(kind) and isinstance(kind, type):
            inner = ", ".join(f'{key.name} = "{key.default}"' for key in fields(kind))
            yield from ("# The reserved keys, equal in every language.", f"# {one.name} = {{ {inner} }}")
            continue
        yield f"# {kind.__metadata__[0].help}"
        sign = "" if name == "institution" and one.name in FIRST else "# "
        yield f"{sign}{one.name} = {_toml(one.default)}"


def _toml(value: Any) -> str:
    if value is None:
        return '{ env = "…" }'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, int) else f'"{value}"'
