"""The house itself: names, layout, licence, and the sizes that keep it readable."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "adapters", "gateway", "worker")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def functions() -> Iterator[tuple[str, int]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("package", PACKAGES)
def test_the_four_names_are_ours(package: str) -> None:
    """PyPI has strangers of these names: installed beside us, one would take our place.

    An editable installation claims no name; that the wheel does is asked in test_wheel.py.
    """
    assert set(packages_distributions().get(package, [])) <= {PROJECT["name"]}
    (place,) = importlib.import_module(package).__path__
    assert Path(place) == ROOT / package


def test_tests_are_no_packages_and_shadow_none() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
    assert [path for path in (ROOT / "tests").rglob("*") if path.is_dir() and path.name in PACKAGES] == []


def test_templates_hold_no_code() -> None:
    assert list((ROOT / "templates").rglob("*.py")) == []


def test_files_and_functions_are_small() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in sources()}
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}
    assert statistics.median(lengths.values()) <= 100
    assert [place for place, length in functions() if length > 50] == []
    assert statistics.median(length for _, length in functions()) <= 8


def test_the_licence_is_the_one_that_is_named() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert PROJECT["license"] == "Apache-2.0"
    assert "Apache License\n" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_make_has_the_four_targets_and_ci_runs_check() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(targets) == {"demo", "test", "check", "bench"}
    ci = ROOT / ".ci" / "run"
    assert "make check" in ci.read_text() and ci.stat().st_mode & 0o111
