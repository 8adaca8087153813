"""Requests as providers send them, as nobody should, and drawn from both: the front answers them as aiohttp does."""

from __future__ import annotations

from typing import Any

from fronts import FORM, PATH, body, request
from hypothesis import strategies as st

from gateway.web.app import LIMIT

SENT = body("1")
LENGTH = f"Content-Length: {len(SENT)}"


def raw(*lines: str, start: str = f"POST {PATH} HTTP/1.1", sent: bytes = SENT) -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode("latin-1") + sent


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SENT), SENT)
SMUGGLED = {
    "two lengths": raw("Host: a", FORM, LENGTH, "Content-Length: 5"),
    "one length twice": raw("Host: a", FORM, LENGTH, LENGTH),
    "two lengths in one": raw("Host: a", FORM, f"{LENGTH}, 5"),
    "a length and chunks": raw("Host: a", FORM, LENGTH, "Transfer-Encoding: chunked", sent=CHUNKED),
    "a length and odd chunks": raw("Host: a", FORM, LENGTH, "Transfer-Encoding : chunked", sent=CHUNKED),
    "chunks by another name": raw("Host: a", FORM, "Transfer-Encoding: xchunked", LENGTH),
    "a length with a sign": raw("Host: a", FORM, f"Content-Length: +{len(SENT)}"),
    "a length in blanks": raw("Host: a", FORM, f"Content-Length: {len(SENT)} 0"),
    "a length in other figures": raw("Host: a", FORM, "Content-Length: \xb2\xb3"),
    "a length below nothing": raw("Host: a", FORM, "Content-Length: -1"),
    "an empty length": raw("Host: a", FORM, "Content-Length:"),
    "a blank before the colon": raw("Host: a", FORM, f"Content-Length : {len(SENT)}"),
    "a folded line": raw("Host: a", FORM, "X-A: 1", " Content-Length: 3", LENGTH),
    "a line folded by a tab": raw("Host: a", FORM, "X-A: 1", "\t2", LENGTH),
    "a NUL": raw("Host: a", FORM, "X-A: 1\0", LENGTH),
    "a bare line feed": raw("Host: a", FORM, f"X-A: 1\n{LENGTH}"),
    "a bare carriage return": raw("Host: a", FORM, f"X-A: 1\r{LENGTH}"),
    "a name that is none": raw("Host: a", FORM, "X(A): 1", LENGTH),
    "no name": raw("Host: a", FORM, ": 1", LENGTH),
    "no colon": raw("Host: a", FORM, "X-A", LENGTH),
    "a blank before everything": raw(" Host: a", FORM, LENGTH),
    "two hosts": raw("Host: a", "Host: b", FORM, LENGTH),
    "an address with a blank": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} /x HTTP/1.1"),
    "two blanks": raw("Host: a", FORM, LENGTH, start=f"POST  {PATH} HTTP/1.1"),
    "another version": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} HTTP/1.2"),
    "a version of two figures": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} HTTP/1.10"),
    "another protocol": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} ICE/1.1"),
}
UNUSUAL = {
    "no host": raw(FORM, LENGTH),
    "no length": raw("Host: a", FORM, sent=b""),
    "another method": raw("Host: a", FORM, LENGTH, start=f"PUT {PATH} HTTP/1.1"),
    "a method in small letters": raw("Host: a", FORM, LENGTH, start=f"post {PATH} HTTP/1.1"),
    "a query": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}?a=b HTTP/1.1"),
    "a whole address": raw("Host: a", FORM, LENGTH, start=f"POST http://a{PATH} HTTP/1.1"),
    "a coded address": raw("Host: a", FORM, LENGTH, start="POST /channels/ussd/%74oken HTTP/1.1"),
    "an address below": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}/more HTTP/1.1"),
    "a slash at the end": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}/ HTTP/1.1"),
    "another channel": raw("Host: a", FORM, LENGTH, start="POST /channels/sms/token HTTP/1.1"),
    "another token": raw("Host: a", FORM, LENGTH, start="POST /channels/ussd/tokem HTTP/1.1"),
    "a page": raw("Host: a", start="GET /healthz HTTP/1.1", sent=b""),
    "chunks": raw("Host: a", FORM, "Transfer-Encoding: chunked", sent=CHUNKED),
    "a packed body": raw("Host: a", FORM, LENGTH, "Content-Encoding: gzip"),
    "an expectation": raw("Host: a", FORM, LENGTH, "Expect: something"),
    "another protocol to go on with": raw("Host: a", FORM, LENGTH, "Connection: Upgrade", "Upgrade: websocket"),
    "more than one wish for the connection": raw("Host: a", FORM, LENGTH, "Connection: keep-alive, TE", "TE: trailers"),
    "letters beyond ASCII": raw("Host: a", FORM, LENGTH, "X-A: \xe9"),
    "an old web socket": raw("Host: a", FORM, LENGTH, "Sec-WebSocket-Key1: 1"),
    "many lines": raw("Host: a", FORM, LENGTH, *[f"X-{n}: 1" for n in range(100)]),
    "too many lines": raw("Host: a", FORM, LENGTH, *[f"X-{n}: 1" for n in range(200)]),
    "a long line": raw("Host: a", FORM, LENGTH, f"X-A: {'1' * 8000}"),
    "too long a line": raw("Host: a", FORM, LENGTH, f"X-A: {'1' * 9000}"),
    "an address without an end": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}{'1' * 9000} HTTP/1.1"),
    "more behind the last request": request("1", "Connection: close") + SENT,
    "too long a body": raw("Host: a", FORM, f"Content-Length: {LIMIT + 1}", sent=b"x" * (LIMIT + 1)),
}  # fmt: skip
USUAL = {
    "a provider's": request("1"),
    "through a proxy": request("1", "X-Forwarded-For: 1.2.3.4", "X-Real-IP: 1.2.3.4", "Connection: close"),
    "as HTTP/1.0": request("1", version="1.0"),
    "no blank after the colon": raw("Host:a", FORM, LENGTH.replace(": ", ":")),
    "more blanks after the colon": raw("Host: \t a  ", FORM, LENGTH.replace(": ", ":  \t")),
    "a length with noughts": raw("Host: a", FORM, LENGTH.replace(": ", ": 000")),
    "an empty line of nothing": raw("Host: a", FORM, LENGTH, "X-A:"),
    "names in capitals": raw("HOST: a", FORM.upper(), LENGTH.upper()),
    "no type": raw("Host: a", LENGTH),
    "another type": raw("Host: a", LENGTH, "Content-Type: application/json"),
    "no body": raw("Host: a", FORM, "Content-Length: 0", sent=b""),
    "a body that is no form": raw("Host: a", FORM, "Content-Length: 4", sent=b"\xff\0%="),
}


PLAIN = (
    "Host: a",
    "host:b",
    FORM,
    LENGTH,
    "Content-Length: 5",
    "content-length: 0",
    "X-A: 1",
    "Content-Type: text/plain",
)
WISHES = ("Connection: close", "Connection: keep-alive", "Connection: x", "Expect: 100-continue", "Upgrade: h2c")
STRANGE = (
    "Transfer-Encoding: chunked",
    "Content-Encoding: identity",
    "X-A",
    " X: 2",
    "Sec-A: b",
    "X: \xe9",
    "X: \x01",
    "",
)
LINES = st.sampled_from((*PLAIN, *WISHES, *STRANGE))
STARTS = st.sampled_from(
    [f"POST {PATH} HTTP/1.1"] * 5
    + [f"POST {PATH} HTTP/1.0", f"GET {PATH} HTTP/1.1", "POST /channels/ussd/x HTTP/1.1", f"POST {PATH}# HTTP/1.1"]
)


@st.composite
def odd(draw: Any) -> bytes:
    """A request made of lines as they come, or a good one in which some bytes are others."""
    if draw(st.booleans()):
        return raw(*draw(st.lists(LINES, max_size=6)), start=draw(STARTS))
    sent = bytearray(draw(st.sampled_from(list(USUAL.values()))))
    for _ in range(draw(st.integers(1, 2))):
        sent[draw(st.integers(0, len(sent) - 1))] = draw(st.sampled_from(b"\r\n\t\0 :,;=%&+-0159azAZ\x7f\xff"))
    return bytes(sent)
