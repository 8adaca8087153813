"""Steps about lists and money: ``choose``, ``confirm`` and ``split``."""

from __future__ import annotations

import re
from typing import Any

from flows.loading import take
from flows.loading.answers import read_answer
from flows.loading.draft import NAME, At
from flows.loading.nodes import Node, Scalar
from flows.loading.report import Report
from flows.loading.shape import PAYMENT, WALLETS
from flows.model import Answer, Choose, Confirm, From, Split
from flows.values import Kind

Common = dict[str, Any]
_FROM = re.compile(r"([a-z_]+(?:\.[a-z_]+)*)(?: where (.+?) is (.+))?")


def read_from(node: Node | None, what: str, report: Report) -> From | None:
    """``my.groups where my role is leader or treasurer``."""
    text = take.word(node, what, report)
    if text is None or node is None:
        return None
    found = _FROM.fullmatch(text)
    if found is None:
        fix = 'Write a list, such as "my.accounts", or "my.groups where my role is leader".'
        report.error(node.line, "source.unreadable", f'"{text}" does not say which list.', fix)
        return None
    where = (found[2].strip(), tuple(part.strip() for part in found[3].split(" or "))) if found[2] else None
    return From(found[1], where)


def read_choose(at: At, common: Common) -> Choose | None:
    """``item`` is filled in when the source is looked up."""
    text, show = at.words("choose"), at.words("show", "show")
    source = read_from(at.table.items.get("from"), "from", at.report)
    none, unavailable = at.target("none"), at.target("unavailable")
    if not (text and show and source and none):
        return None
    return Choose(**common, text=text, source=source, show=show, item="", none=none, unavailable=unavailable)


def read_confirm(at: At, common: Common) -> Confirm | None:
    text, no = at.words("confirm"), at.target("no")
    payment = _payment(at)
    if not (text and no and payment):
        return None
    return Confirm(**common, text=text, payment=payment, no=no)


def _payment(at: At) -> tuple[tuple[str, str], ...]:
    """``{collect: amount, for: account, wallet: this phone}``; another phone is named by the answer that has it."""
    table = at.sub("payment")
    if table is None:
        return ()
    take.check_keys(table, PAYMENT, (), "this payment", at.report)
    collect = at.use(table.items.get("collect"), "collect", Kind.MONEY)
    whom = at.use(table.items.get("for"), "for", Kind.RECORD, Kind.LIST)
    wallet = _wallet(at, table.items.get("wallet"))
    if not (collect and whom and wallet):
        return ()
    return (("collect", collect), ("for", whom), ("wallet", wallet))


def _wallet(at: At, node: Node | None) -> str | None:
    if isinstance(node, Scalar) and node.text not in WALLETS and NAME.fullmatch(node.text):
        return at.use(node, "wallet", Kind.PHONE)
    return take.one_of(node, WALLETS, "wallet", at.report)


def read_split(at: At, common: Common) -> Split | None:
    texts = {key: at.words(key, "" if key == "split" else key) for key in ("split", "show", "change", "done")}
    names = {key: at.word(key) for key in ("over", "each", "amount")}
    starts_at = at.use(at.table.items.get("starts at"), "starts at", Kind.MONEY)
    answer = read_answer(at)
    if answer and answer.kind is not Kind.MONEY:
        at.report.error(at.table.at("answer"), "split.answer", "Only amounts can be split.", "Write type: money.")
        answer = Answer(Kind.MONEY)
    if not (answer and starts_at and all(texts.values()) and all(names.values())):
        return None
    found: dict[str, Any] = {**texts, **names, "text": texts.pop("split")}
    return Split(**common, **{k: v for k, v in found.items() if k != "split"}, starts_at=starts_at, answer=answer)
