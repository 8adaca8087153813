"""One secret, held outside the database, and the keys derived from it.

It lives in ``<data>/secret``, made at first use and readable by its owner only, or where ``[security] secret`` says.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import NamedTuple

from gateway.settings.hidden import Hidden, SettingsError

FEWEST = 32  # characters of a secret that somebody else chose


class Keys(NamedTuple):
    """Each for one purpose, so that none can stand for another. 32 bytes each."""

    position: bytes  # hashes where a session stands, as its text may hold a PIN
    token: bytes  # makes the unguessable part of a channel's address
    pepper: bytes  # joins every PIN before it is hashed


def load_keys(data: Path, chosen: Hidden | None = None) -> Keys:
    """The keys of this installation. Raises SettingsError when the secret is missing, weak or open to others."""
    secret = _chosen(chosen) if chosen is not None else _kept(data)
    return Keys(*(hashlib.blake2b(key=secret, person=purpose, digest_size=32).digest() for purpose in _PURPOSES))


def channel_token(keys: Keys, name: str) -> str:
    """The unguessable part of the channel's address: 26 letters and digits (130 bits), the same at every start."""
    digest = hashlib.blake2b(name.encode(), key=keys.token, digest_size=32).digest()
    return base64.b32encode(digest).decode().lower()[:26]


def channel_path(keys: Keys, name: str) -> str:
    """Where the channel's provider calls."""
    return f"/channels/{name}/{channel_token(keys, name)}"


_PURPOSES = (b"njia.position", b"njia.token", b"njia.pepper")


def _chosen(chosen: Hidden) -> bytes:
    text = chosen.reveal()
    if len(text) < FEWEST:
        raise SettingsError([f"{chosen.label}: a secret needs {FEWEST} characters or more."])
    return hashlib.blake2b(text.encode(), digest_size=32).digest()


def _kept(data: Path) -> bytes:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / "secret"
    folder = os.open(data, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # of two processes at their first start, one makes it
        if not path.exists():
            _make(path)
    finally:
        os.close(folder)
    return _read(path)


def _make(path: Path) -> None:
    """Writes it beside and moves it into place, so that a crash leaves all of it or nothing."""
    beside = path.with_name("secret.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise SettingsError([f"{path} can be read by others. Close it with: chmod 600 {path}"])
    text = path.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise SettingsError([f"{path} is damaged: it must hold 64 hexadecimal digits. Put it back from a backup."])
    return bytes.fromhex(text)
