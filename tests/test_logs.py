"""Logs: one line each, and nothing in them that a person typed or is reached by."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from gateway.logs import Json, Plain, configure, error, masked, request_id, watch_loop
from gateway.settings.sections import LogSection

PHONE = "+254700000001"


@pytest.mark.parametrize(
    "text",
    [PHONE, "254700000001", "0700 000 001", "+254-700-000-001", "%2B254700000001", "tel:0700000001x", "٠٧٠٠٠٠٠٠٠٠١"],
)
def test_whatever_may_be_a_phone_number_is_masked(text: str) -> None:
    assert "(number)" in masked(f"from {text} at once")
    assert not any(part in masked(text) for part in ("700000", "700 000", "700-000", "٧٠٠"))


@pytest.mark.parametrize(
    "text", ["0193b5e0a7c17f3a9d2f123456789012", "port 8384", "2026-11-23", "took 12.5 ms", "10.0.0.1"]
)
def test_what_is_no_number_stays(text: str) -> None:
    assert masked(text) == text


def test_a_line_stays_one_line() -> None:
    assert masked("one\r\n2026 forged line\u2028x\x1b[31m") == "one 2026 forged line x [31m"


def log_line(formatter: logging.Formatter, name: str, text: str, *words: object, **more: object) -> str:
    record = logging.LogRecord(name, logging.INFO, "f.py", 1, text, words, more.get("exc_info"))  # type: ignore[arg-type]
    return formatter.format(record)


def test_a_record_as_json_and_for_people() -> None:
    token = request_id.set("abc123")
    try:
        line = json.loads(log_line(Json(), "njia.turn", "told %s", PHONE))
        plain = log_line(Plain(), "njia.turn", "told %s", PHONE)
    finally:
        request_id.reset(token)
    assert line | {"at": ""} == {
        "at": "",
        "level": "info",
        "from": "njia.turn",
        "says": "told (number)",
        "request": "abc123",
    }
    assert plain.endswith("info njia.turn [abc123]: told (number)")


def test_an_exception_tells_its_kind_and_place_and_no_value() -> None:
    pin = "4729"
    try:
        try:
            int(f"{pin}!")
        except ValueError as inner:
            raise KeyError(pin) from inner
    except KeyError as outer:
        line = log_line(Plain(), "njia.turn", "failed", exc_info=(KeyError, outer, outer.__traceback__))
        assert pin not in line
        assert "KeyError" in line and "after ValueError" in line and "test_logs.py" in line
    assert (
        error(FileNotFoundError(2, "No such file or directory", "/x"))
        == "FileNotFoundError (No such file or directory)"
    )


def test_other_libraries_say_their_first_line_only() -> None:
    assert "2468" not in log_line(Plain(), "asyncio", "Task failed\nfuture: <Task exception=ValueError('2468')>")
    assert "badly formed" in log_line(Plain(), "somebody", "badly formed %d", "x")


def test_what_nobody_awaited_is_logged_without_its_values(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogSection(form="json"))

    async def failing() -> None:
        raise ValueError("2468")

    async def main() -> None:
        watch_loop(asyncio.get_running_loop())
        task = asyncio.ensure_future(failing())
        await asyncio.wait([task])
        del task

    asyncio.run(main())
    import gc

    gc.collect()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["from"] for line in lines] == ["njia.loop"]
    assert lines[0]["error"].startswith("ValueError") and "2468" not in json.dumps(lines)
