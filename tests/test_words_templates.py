"""Texts with names between braces: what is read, what is refused, and that a value is never interpreted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.values import Absent, Money, Name, Secret
from flows.words.printing import LONGEST_VALUE, Printer, Unprintable
from flows.words.templates import LONGEST, BadText, Template, compile_text, names

ENGLISH = Printer("en", "KE")


class Titled(Name):
    """As the engine's own {institution}: it prints itself, and has fields."""


def render(source: str, **values: Any) -> str:
    return compile_text(source).render(values, ENGLISH)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("Nothing to fill in.", ()),
        ("{a}", ("a",)),
        ("{a} {b.c} {a}", ("a", "b.c")),
        ("{account.due.date_2}\nnext line", ("account.due.date_2",)),
        (
            "{keys.home} {items} {loop} {account.items} {a.if} {if}",
            ("keys.home", "items", "loop", "account.items", "a.if", "if"),
        ),
        ("100 % # %", ()),
        ("{montant_dû}", ("montant_dû",)),
    ],
)
def test_names_are_found(source: str, found: tuple[str, ...]) -> None:
    assert names(source) == found


NOT_A_NAME = "is not a name. Write one name that this flow knows, such as {amount} or {account.nickname}."


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("Pay {amount", "words.open brace", "'{amount' opens a brace that is never closed. Add a }."),
        ("Pay amount}", "words.lone brace", "'Pay amount}' closes a brace that was never opened. Take the } out."),
        ("Pay {}", "words.empty braces", "There is no name between { and }. Write one name that this flow knows,"),
        ("Pay { }", "words.empty braces", "There is no name between { and }."),
        ("Pay { amount }", "words.space in braces", "{ amount } has a space inside its braces. Write {amount}."),
        ("{a|upper}", "words.not a name", f"{{a|upper}} {NOT_A_NAME}"),
        ("{a()}", "words.not a name", f"{{a()}} {NOT_A_NAME}"),
        ("{a[0]}", "words.not a name", f"{{a[0]}} {NOT_A_NAME}"),
        ("{a.0}", "words.not a name", f"{{a.0}} {NOT_A_NAME}"),
        ("{a + b}", "words.not a name", f"{{a + b}} {NOT_A_NAME}"),
        ("{-a}", "words.not a name", f"{{-a}} {NOT_A_NAME}"),
        ("{'x'}", "words.not a name", f"{{'x'}} {NOT_A_NAME}"),
        ("{12}", "words.not a name", f"{{12}} {NOT_A_NAME}"),
        ("{true}", "words.not a name", f"{{true}} {NOT_A_NAME}"),
        ("{not}", "words.not a name", f"{{not}} {NOT_A_NAME}"),
        ("{self}", "words.not a name", f"{{self}} {NOT_A_NAME}"),
        ("{a..b}", "words.not a name", f"{{a..b}} {NOT_A_NAME}"),
        ("{a.__class__}", "words.not a name", f"{{a.__class__}} {NOT_A_NAME}"),
        ("{% if a %}", "words.not a name", f"{{% if a %}} {NOT_A_NAME}"),
        ("{# note #}", "words.not a name", f"{{# note #}} {NOT_A_NAME}"),
        ("Ring\x07", "words.hidden", "This text has a hidden character, U+0007. Type it anew."),
        ("a\tb\r\n\x01b", "words.hidden", "This text has a hidden character, U+0001, U+0009, U+000D. Type it anew."),
        ("a" * 4001, "words.long", "This text has 4001 characters. Keep it under 4000."),
    ],
)
def test_anything_else_is_refused(source: str, code: str, message: str) -> None:
    with pytest.raises(BadText) as caught:
        compile_text(source)
    assert str(caught.value).startswith(message)
    assert caught.value.troubles[0].code == code


def test_all_troubles_are_told_at_once() -> None:
    with pytest.raises(BadText) as caught:
        names("{{a}} {} {b|c} \x00")
    assert [trouble.code for trouble in caught.value.troubles] == [
        "words.hidden",
        "words.open brace",
        "words.lone brace",
        "words.empty braces",
        "words.not a name",
    ]


def test_filled_in_by_type() -> None:
    account = {"nickname": "Biashara", "due": Money(150000, "KES"), "items": "3"}
    assert (
        render("{account.nickname}: {account.due}, {account.items}!\n", account=account) == "Biashara: KES 1,500, 3!\n"
    )


def test_a_name_that_has_more_to_tell() -> None:
    institution = Titled("Jamii")
    vars(institution)["phone"] = "0700"
    assert render("{institution} {institution.phone}", institution=institution) == "Jamii 0700"


@pytest.mark.parametrize(
    "evil", ["{a}", "{{a}}", "{% for x in y %}", "{# x #}", "{a.__class__}", "}{", "{", "\x01b a b\x01"]
)
def test_a_value_is_never_interpreted(evil: str) -> None:
    assert render("<{a}> <{b.c}>", a=evil, b={"c": Name(evil)}).startswith(f"<{evil}> <")


def known(template: Template) -> dict[str, Titled]:
    """A value for every name of the template; each has those below it as fields."""
    known: dict[str, Any] = {}
    for name in template.names:
        fields = known
        for part in name.split("."):
            fields = vars(fields.setdefault(part, Titled("V")))
    return known


@given(st.text(st.sampled_from("{}{}%#|ab.()\x01bc \n"), max_size=40))
def test_no_text_does_more_than_fill_in(source: str) -> None:
    try:
        template = compile_text(source)
    except BadText:
        return
    assert template.render(known(template), ENGLISH) == re.sub(r"\{[^}]*\}", "V", source)


@given(st.text(max_size=LONGEST_VALUE))
def test_any_text_comes_through_unchanged(value: str) -> None:
    assert render("<{a}>", a=value) == f"<{value}>"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("{a} {nowhere}", "nowhere"),
        ("{a} {nowhere.deep.down}", "nowhere.deep.down"),
        ("{a} {record.nothing}", "record.nothing"),
        ("{a} {record}", "record"),
        ("{a} {record.keys}", "record.keys"),
        ("{a} {none}", None),
        ("{a} {skipped}", "skipped"),
        ("{a} {pin}", "pin"),
        ("{a} {amount.minor}", "amount.minor"),
        ("{a.title}", "a.title"),
    ],
)
def test_what_cannot_be_printed_is_named_and_not_shown(source: str, name: str | None) -> None:
    values = {
        "a": "text",
        "record": {"x": 1},
        "skipped": Absent.SKIPPED,
        "pin": Secret("48151"),
        "amount": Money(1, "KES"),
    }
    if name is None:
        with pytest.raises(BadText):
            compile_text(source)
        return
    with pytest.raises(Unprintable) as caught:
        compile_text(source).render(values, ENGLISH)
    assert caught.value.name == name
    assert "48151" not in str(caught.value) and caught.value.__suppress_context__


def test_output_is_bounded() -> None:
    assert len(render("{a}" * 100, a="b" * 1000)) == LONGEST


def test_each_text_is_compiled_once() -> None:
    assert compile_text("Once {a}") is compile_text("Once {a}")
