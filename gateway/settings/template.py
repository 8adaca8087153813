"""The njia.toml that ``njia init`` writes: every setting that there is, with its help, most of them commented out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
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
# The provider that carries the calls.
adapter = "ussd/africastalking"
# What clients dial. Your provider tells you the number that is yours.
service_codes = ["{service_code}"]
# The provider's addresses, from which alone calls are taken; without this line: any.
# allow = ["203.0.113.0/24"]

# Text messages.
[channels.sms]
# sms/console sends none: it shows them on the phones of the demonstration. For real: sms/africastalking
adapter = "sms/console"

# How clients pay.
# [payments.simulated]
# This wallet is a simulated one, to try things out with, never for live clients.
# adapter = "payments/simulated"

# Where accounts are kept.
[bank]
# banks/local are our own books; banks/fineract is Apache Fineract or Mifos.
adapter = "banks/local"
"""


def njia_toml(given: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The whole file. ``given``: the settings of the institution, and ``service_code``; all others are defaults."""
    parts = [HEAD]
    for name, cls in SECTIONS.items():
        if name != "demo":
            parts += ["", *_section(name, cls, given if name == "institution" else {})]
    return "\n".join(parts) + "\n" + CHANNELS.format(service_code=given.get("service_code", "*384*7#"))


def _section(name: str, cls: type, given: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    kinds = get_type_hints(cls, include_extras=True)
    for one in fields(cls):
        kind = kinds[one.name]
        if is_dataclass(kind) and isinstance(kind, type):
            inner = ", ".join(f'{key.name} = "{key.default}"' for key in fields(kind))
            yield from ("# The reserved keys, equal in every language.", f"# {one.name} = {{ {inner} }}")
            continue
        yield f"# {kind.__metadata__[0].help}"
        sign = "" if one.name in given else "# "
        yield f"{sign}{one.name} = {_toml(given.get(one.name, one.default))}"


def _toml(value: Any) -> str:
    if value is None:
        return '{ env = "…" }'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
