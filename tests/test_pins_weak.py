"""Which PINs are refused as too easy to guess."""

from __future__ import annotations

import datetime as dt
from itertools import product
from pathlib import Path

import pytest
import yaml

from gateway.record.weak_pins import Holder, weak

AKINYI = Holder(dt.date(1985, 11, 23), ("+254700004826", "C-77031"))
NOBODY = Holder()
TABLE = yaml.safe_load((Path(__file__).parent / "pins/weak.yaml").read_text())


def pins(group: str) -> list[object]:
    return [pytest.param(pin, id=f"{why} {pin}") for why, found in TABLE[group].items() for pin in found]


@pytest.mark.parametrize("pin", pins("anybody"))
def test_weak_for_anybody(pin: str) -> None:
    assert weak(pin, NOBODY)


@pytest.mark.parametrize("pin", pins("akinyi"))
def test_weak_for_akinyi(pin: str) -> None:
    assert weak(pin, AKINYI)


@pytest.mark.parametrize("pin", TABLE["malformed"])
def test_not_four_to_six_figures(pin: str) -> None:
    assert weak(pin, NOBODY)


@pytest.mark.parametrize("pin", TABLE["good"])
def test_good_for_somebody_else(pin: str) -> None:
    assert not weak(pin, NOBODY)


def test_most_pins_can_be_chosen() -> None:
    """A client who is refused again and again gives up: at most one in twenty."""
    all_pins = ["".join(figures) for figures in product("0123456789", repeat=4)]
    assert sum(weak(pin, AKINYI) for pin in all_pins) < len(all_pins) / 20


def test_a_holder_shows_no_number() -> None:
    assert "4826" not in repr(AKINYI)
