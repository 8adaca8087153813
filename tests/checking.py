"""Subjects for the tests of the checks: what is shipped, with further files laid over it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from flows.checks import Subject, prove
from flows.faults import Fault
from flows.loading import SourceFile
from flows.model import Institution
from gateway.home import Home
from gateway.publishing import Sources, gather, subject

HOUSE = Institution(
    name="Jamii Microfinance",
    short_name="Jamii",
    languages=("en", "sw"),
    phone="+254711000000",
    notice_url="jamii.example/notice",
    wallet="M-PESA",
    paybill="123456",
)


@cache
def shipped() -> Sources:
    return gather(Home(), HOUSE)


def laid_over(*files: SourceFile, house: dict[str, Any] | None = None) -> Sources:
    """What is shipped, with ``files`` in place of those of the same path, in a ``house`` that differs in these."""
    texts = {**shipped().files, **{file.path: file.text for file in files}}
    return Sources({**shipped().institution, **(house or {})}, texts)


def subject_of(*files: SourceFile, house: dict[str, Any] | None = None) -> Subject:
    """Raises AssertionError, with the faults, where the files do not load."""
    found, faults = subject(laid_over(*files, house=house))
    assert found is not None, faults
    return found


def proved(path: Path) -> list[Fault]:
    """What is to be said of ``flows/<name>.yaml`` among what is shipped.

    Lines in the file may change this: ``# as: PATH`` stands for another file, ``# house: {key: value}`` for another
    institution.
    """
    text = path.read_text()
    called = re.search(r"^# as: (\S+)$", text, re.MULTILINE)
    house = re.search(r"^# house: (.+)$", text, re.MULTILINE)
    source = SourceFile(called[1] if called else f"flows/{path.name}", text)
    return prove(subject_of(source, house=yaml.safe_load(house[1]) if house else None))


__all__ = ["HOUSE", "laid_over", "proved", "shipped", "subject_of"]
