"""HTML forms as providers post them. Everything odd is refused with a reason that holds nothing of what was sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from adapters.channel import Rejected, Request

BODY_LIMIT = 65_536  # bytes: a full session's typed text and our last screen, percent-encoded, with room to spare
FIELDS = 64
CHARSETS = {"utf-8", "us-ascii", "iso-8859-1", "windows-1252"}  # the last two: Java and .NET stacks say them by habit
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{1,70}")  # RFC 2046, section 5.1.1
TWICE = "a field is given more than once"  # which one is meant?
DIGITS = "0123456789abcdefABCDEF"
CODED = {high + low: chr(int(high + low, 16)) for high in "01234567" for low in DIGITS}  # ASCII, by what follows a %
DISPOSITION = re.compile(rb'\r\ncontent-disposition:[ \t]*form-data;[^\r\n]*?\bname="([^"\r\n]{1,200})"', re.IGNORECASE)


def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that was posted. Raises Rejected: 405, 413, 415, or 400 for what cannot be read."""
    if request.method != "POST" and request.method.upper() != "POST":
        raise Rejected("this address takes POST only", status=405)
    if len(request.body) > BODY_LIMIT:
        raise Rejected(f"the request is longer than {BODY_LIMIT} bytes", status=413)
    kind, charset, boundary = _typed(request.headers.get("Content-Type") or _content_type(request))
    try:
        if kind == "multipart/form-data":
            return _once(_parts(request.body, boundary, charset))
        return _fields(request.body.decode(charset), charset)
    except UnicodeError:
        raise Rejected("the request is not in the character set that it claims") from None


def _content_type(request: Request) -> str:
    """The type where a plain mapping spells the name of the header otherwise, or "" where there is none."""
    return next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")


@lru_cache(256)  # a provider says the same at every request
def _typed(header: str) -> tuple[str, str, str]:
    """Media type, character set and boundary. A missing type is taken for a form: small HTTP stacks leave it out."""
    kind, *rest = (part.strip() for part in header.split(";"))
    kind = kind.lower() or "application/x-www-form-urlencoded"
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Rejected("the request must be a form: application/x-www-form-urlencoded or multipart/form-data", 415)
    options = dict(part.split("=", 1) for part in rest if "=" in part)
    options = {name.strip().lower(): value.strip().strip('"') for name, value in options.items()}
    charset = options.get("charset", "utf-8").lower()
    if charset not in CHARSETS:
        raise Rejected("this character set is not taken: send UTF-8", status=415)
    return kind, charset, options.get("boundary", "")


def _fields(text: str, charset: str) -> dict[str, str]:
    """The fields of a URL-encoded form, the empty ones too."""
    # The signs of every hop, in all fields at once: none of them divides fields, or is part of another code.
    text = text.replace("+", " ").replace("%2A", "*").replace("%2B", "+").replace("%23", "#")
    pairs = text.split("&")
    if len(pairs) > FIELDS:
        raise Rejected(f"the form has more than {FIELDS} fields")
    fields, coded = {}, "%" in text
    for pair in pairs:
        if pair:
            name, _, value = pair.partition("=")
            if coded:
                name, value = _plain(name, charset), _plain(value, charset)
            fields[name] = value
    if len(fields) + pairs.count("") < len(pairs):
        raise Rejected(TWICE)
    return fields


def _plain(text: str, charset: str) -> str:
    """``text`` without its codes. Raises UnicodeError."""
    first, *rest = text.split("%")
    if not rest:
        return first
    try:
        return first + "".join([CODED[part[:2]] + part[2:] for part in rest])
    except KeyError:  # a character beyond ASCII, or a sign that codes nothing
        return unquote(text, charset, "strict")


def _parts(body: bytes, boundary: str, charset: str) -> Iterable[tuple[str, str]]:
    """The parts of a multipart form (RFC 7578): each a name and a text."""
    if not BOUNDARY.fullmatch(boundary):
        raise Rejected("the multipart form has no usable boundary")
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if not parts or not parts.pop().startswith(b"--") or len(parts) > FIELDS:
        raise Rejected("the multipart form is cut short or has too many parts")
    for part in parts:
        head, found, text = part.partition(b"\r\n\r\n")
        name = DISPOSITION.search(head)
        if not found or name is None:
            raise Rejected("a part of the multipart form has no name")
        yield name[1].decode(charset), text.decode(charset)


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs as fields. Raises Rejected for a field given twice: which one is meant?"""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise Rejected(TWICE)
        fields[name] = value
    return fields


def need(fields: dict[str, str], name: str) -> str:
    """The field of this name, which may be empty. Raises Rejected if it is missing or holds a NUL (SQL refuses it)."""
    must_have(fields, (name,))
    return fields[name]


def must_have(fields: dict[str, str], names: Iterable[str]) -> None:
    """Raises Rejected if a field of these names is missing or holds a NUL; each may be empty."""
    for name in names:
        if name not in fields:
            raise Rejected(f"{name} is missing")
        if "\0" in fields[name]:
            raise Rejected(f"{name} holds a NUL character")
