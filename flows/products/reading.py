"""Product files: ``products/<name>.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.faults import Fault, suggest
from flows.loading import take
from flows.loading.header import LANGUAGE
from flows.loading.nodes import Scalar, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.products.features import Product
from flows.products.terms import as_words, features

KEYS = ("product", "words", "label", "made of", "extra")


def load_products(files: Iterable[SourceFile], currency: str) -> tuple[dict[str, Product], list[Fault]]:
    """Every product by its name, and all faults of all files. ``currency`` is the institution's: amounts are in it."""
    products: dict[str, Product] = {}
    faults: list[Fault] = []
    for file in files:
        report = Report(file.path)
        product = _product(file, currency, report)
        faults += report.faults
        if product is not None:
            products[product.name] = product
    return products, sorted(faults)


def _product(file: SourceFile, currency: str, report: Report) -> Product | None:
    table = read_table(file, report)
    if table is None:
        return None
    for key in table.items:
        if key not in KEYS:
            report.error(table.at(key), "product.key", f'"{key}" is not known in a product file.', suggest(key, KEYS))
    name = _one(table, "product", report)
    if name is not None and name != file.name:
        report.error(
            table.at("product"), "product.name", f'The file is named "{file.name}".', "Give both the same name."
        )
    label = _one(table, "label", report)
    language = take.word(table.items.get("words"), "words", report)
    if language is not None and not LANGUAGE.fullmatch(language):
        fix = 'Write its code: "en" for English, "sw" for Swahili.'
        report.error(table.at("words"), "product.language", f'"{language}" is not the code of a language.', fix)
    found = features(table, currency, report)
    if found is None or report.faults:
        return None
    words: dict[str, Any] = {key: as_words(table.items[key]) for key in ("made of", "extra") if key in table.items}
    return Product(file.name, label or file.name, found, words, file.path)


def _one(table: Table, key: str, report: Report) -> str | None:
    node = table.items.get(key)
    if not isinstance(node, Scalar) or node.empty:
        report.error(table.at(key), "product.missing", f'A product file says its "{key}".', f'Write a line "{key}: …".')
        return None
    if key == "label" and node.style != "double":
        report.error(node.line, "product.quotes", "Clients read the label.", "Put it in double quotes.")
    return node.text
