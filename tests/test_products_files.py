"""Product files: what the shipped ones say, and what an author of a wrong one is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.loading.source import SourceFile
from flows.products.reading import load_products
from flows.products.terms import agreed

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "flows" / "definitions" / "products"
BROKEN = yaml.safe_load((HERE / "banks" / "broken_products.yaml").read_text())


def shipped() -> list[SourceFile]:
    return [SourceFile(f"products/{path.name}", path.read_text()) for path in sorted(SHIPPED.glob("*.yaml"))]


def test_the_shipped_products() -> None:
    products, faults = load_products(shipped(), "KES")
    assert faults == []
    assert {name: product.features.names for name, product in products.items()} == {
        "akiba": ("savings",),
        "amana": ("savings",),
        "biashara": ("credit",),
        "chama": ("credit", "savings"),
        "kilimo": ("credit",),
        "umoja": ("shares",),
    }


def test_words_kept_with_an_account_say_the_same() -> None:
    products, _ = load_products(shipped(), "KES")
    assert {name: agreed(p.words, "KES") for name, p in products.items()} == {
        n: p.features for n, p in products.items()
    }


@pytest.mark.parametrize("case", BROKEN, ids=[case["says"][17:70] for case in BROKEN])
def test_a_broken_product(case: dict[str, Any]) -> None:
    products, faults = load_products([SourceFile("products/p.yaml", case.get("file") or _loan(case["credit"]))], "KES")
    assert [str(fault) for fault in faults] == [case["says"]]
    assert products == {}


def _loan(terms: dict[str, Any]) -> str:
    lines = [f"    {key}: {value}" for key, value in terms.items()]
    return "\n".join(['product: p\nlabel: "Loan"\nmade of:\n  credit:', *lines]).replace("{'form': '50'}", "{form: 50}")


def test_all_faults_of_all_files_at_once() -> None:
    broken = [SourceFile(f"products/{n}.yaml", 'product: x\nlabel: "X"\nmade of: {boat: {}}\n') for n in ("a", "b")]
    products, faults = load_products([*broken, *shipped()], "KES")
    assert [fault.file for fault in faults] == ["products/a.yaml"] * 2 + ["products/b.yaml"] * 2
    assert len(products) == 6
