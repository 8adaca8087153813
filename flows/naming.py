"""What a step's file names: a value that is known, or the bare word itself; and what a person has shown."""

from __future__ import annotations

from flows.talk import Talk, lookup
from flows.values import Value


def allowed(talk: Talk, authority: tuple[str, ...]) -> bool:
    return any(
        need == "none" or need in talk.session.proofs or (need == "client" and talk.person.client) for need in authority
    )


def resolve(talk: Talk, right: str) -> Value:
    """A name that is known, or the bare word or number itself."""
    value = lookup(talk.names(), right)
    if value is not None:
        return value
    return int(right) if right.isdecimal() else right


def given(talk: Talk, right: str) -> Value:
    return talk.secrets.get(right) or resolve(talk, right)
