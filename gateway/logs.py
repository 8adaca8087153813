"""Logs without personal data: one line an event, phone numbers masked, of an exception only where and what kind.

What an exception says may quote what a client typed, so its words are left out unless the exception is one of ours,
whose texts never hold personal data. Of other libraries' records only the first line is kept.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Any, TextIO

from gateway.settings.sections import LogSection

request_id: ContextVar[str] = ContextVar("request_id", default="")

OURS = ("flows", "adapters", "gateway", "worker")
NUMBER = re.compile(r"(?P<id>(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z]))|\+?\d(?:[ \-]?\d){8,}")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
FRAMES = 6  # of a traceback: the innermost ones


def masked(text: str) -> str:
    """``text`` on one line, whatever could be a phone number replaced. Ids of 32 hexadecimal digits stay."""
    return NUMBER.sub(lambda found: found["id"] or "(number)", CONTROL.sub(" ", text))


def error(exception: BaseException) -> str:
    """What happened and where, without the values that it happened to."""
    parts = [_told(exception)]
    cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
    if cause is not None:
        parts.append(f"after {_told(cause)}")
    return ", ".join(parts)


def _told(exception: BaseException) -> str:
    kind = type(exception)
    words = f" ({masked(str(exception))})" if kind.__module__.partition(".")[0] in OURS and str(exception) else ""
    if isinstance(exception, ImportError):
        words = f" ({exception.name})"
    if isinstance(exception, OSError) and exception.strerror:
        words = f" ({exception.strerror})"
    return f"{kind.__name__}{words}{_place(exception.__traceback__)}"


def _place(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)[-FRAMES:]
    return "".join(f" < {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-3:])


class Plain(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        return self.line(_fields(record))

    def line(self, shown: dict[str, Any]) -> str:
        request = f" [{shown['request']}]" if "request" in shown else ""
        failed = f" | {shown['error']}" if "error" in shown else ""
        return f"{shown['at']} {shown['level']} {shown['from']}{request}: {shown['says']}{failed}"


_json = json.JSONEncoder(ensure_ascii=False).encode


class Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return self.line(_fields(record))

    def line(self, shown: dict[str, Any]) -> str:
        return _json(shown)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    shown = {
        "at": at(record.created),
        "level": record.levelname.lower(),
        "from": record.name,
        "says": _says(record),
    }
    if request_id.get():
        shown["request"] = request_id.get()
    if record.exc_info and record.exc_info[1] is not None:
        shown["error"] = error(record.exc_info[1])
    return shown


def _says(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except (TypeError, ValueError):
        text = str(record.msg)  # its arguments do not fit it
    ours = record.name.partition(".")[0] in (*OURS, "njia")
    return masked(text if ours else text.partition("\n")[0])


def at(now: float) -> str:
    """A moment in UTC, to the millisecond."""
    second = int(now)
    return f"{_second(second)}{_MILLIS[int((now - second) * 1000)]}"


_MILLIS = [f".{millis:03d}+00:00" for millis in range(1000)]  # a number with zeros costs more than all the rest of it


@lru_cache(1)
def _second(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")


class Stderr(logging.StreamHandler[TextIO]):
    """Standard error in our form. The lines of served requests are gathered and written once in a turn of the loop:
    who kills the process loses no more than those of the requests that were just answered."""

    def __init__(self, form: Plain | Json) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(form)
        self._form = form
        self._gathered: list[str] = []
        self._due = False  # whether the loop will write what is gathered

    def gather(self, request: str, says: str, now: float, loop: asyncio.AbstractEventLoop) -> None:
        """A line of ``njia.access`` for this request; nothing in it is masked. To be called in ``loop``, which runs."""
        line = self._form.line(
            {"at": at(now), "level": "info", "from": "njia.access", "says": says, "request": request}
        )
        self._gathered.append(line)  # first: another thread that writes now takes it, or says that nothing is due
        if not self._due:
            self._due = True
            loop.call_soon(self.flush)

    def flush(self) -> None:
        self.acquire()
        try:
            self._due = False
            lines = self._gathered[:]
            del self._gathered[: len(lines)]  # one that is gathered meanwhile stays
            if lines:
                lines.append("")
                self.stream.write("\n".join(lines))
            self.stream.flush()
        except (OSError, ValueError):  # a full disk, a stream that was closed: no reason to answer nobody
            pass
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        if self._gathered:
            self.flush()  # in the order in which things happened
        super().emit(record)


def configure(section: LogSection) -> None:
    """Sends every logger to standard error in our form, uncaught exceptions too."""
    handler = Stderr(Json() if section.form == "json" else Plain())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("njia").setLevel(section.level.upper())
    logging.raiseExceptions = False  # its report would print the record's arguments
    sys.excepthook = _uncaught


def _uncaught(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("njia").critical("stopped by an error", exc_info=(kind, value, trace))


def watch_loop(loop: asyncio.AbstractEventLoop) -> None:
    """What nobody awaited is logged in our form; asyncio's own report prints the values."""
    loop.set_exception_handler(_unawaited)


def _unawaited(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    logging.getLogger("njia.loop").error("%s", context.get("message", ""), exc_info=context.get("exception"))
