"""What a payment costs its payer: the bands, what they may look like, and one payment with a fee from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.paying.tariff import BadTariff, fee_of, read
from flows.values import Money
from gateway.home import Home
from gateway.playing.running import Repertoire, play_all
from gateway.settings import SAMPLE, load

BANDS = ("up to 100: 0", "Up To 2500 : 15.50", "above: 25")
FEES = {1: 0, 10_000: 0, 10_001: 1550, 250_000: 1550, 250_001: 2500, 10**12: 2500}

# what is written -> a part of what is said of it
WRONG = {
    ("up to 100: 0",): "the last band must say what is asked for more",
    ("above: 5", "up to 100: 0"): "the last band must say",
    ("above: 5", "above: 6"): "the bands must go up",
    ("up to 500: 0", "up to 100: 5", "above: 6"): "the bands must go up",
    ("up to 500: 0", "up to 500: 5", "above: 6"): "the bands must go up",
    ("up to 0: 0", "above: 6"): "nobody pays nothing",
    ("above: 1 %",): "is not an amount",
    ("above: -1",): "is not an amount",
    ("above: 0.505",): "more decimals than KES",
    ("up to : 1", "above: 6"): "is not an amount",
    ("5",): 'is no band: write bands such as "up to 500: 0"',
}


@pytest.mark.parametrize(("minor", "fee"), FEES.items())
def test_the_fee_of_an_amount(minor: int, fee: int) -> None:
    assert fee_of(read(BANDS, "KES"), Money(minor, "KES")) == Money(fee, "KES")


def test_without_a_tariff_nothing_costs_anything() -> None:
    assert read((), "KES") == ()
    assert fee_of((), Money(5, "UGX")) == Money(0, "UGX")


@pytest.mark.parametrize("lines", WRONG)
def test_what_is_no_tariff(lines: tuple[str, ...]) -> None:
    with pytest.raises(BadTariff) as bad:
        read(lines, "KES")
    assert WRONG[lines] in str(bad.value)


CALLS = [path.read_text() for path in sorted((Path(__file__).parent / "tariff").glob("*.txt"))]


@pytest.mark.parametrize("call", CALLS)
async def test_a_payment_with_a_fee(tmp_path: Path, call: str) -> None:
    bands = ", ".join(f'"{band}"' for band in BANDS)
    (tmp_path / "njia.toml").write_text(SAMPLE.read_text() + f"tariff = [{bands}]\n")
    folder = tmp_path / "conversations" / "repay"
    folder.mkdir(parents=True)
    (folder / "fee.txt").write_text(call)
    settings = load(tmp_path, flags={"demo.enabled": "true"}, environment={})
    (played,) = [one async for one in play_all(settings, Repertoire(Home(tmp_path), settings))]
    assert played.difference is None, str(played.difference)
