"""The loader: the three flows of the flow language, what it makes of them, and that no input at all breaks it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.actions import Action
from flows.faults import Fault
from flows.loading import (
    Field,
    SourceFile,
    load_conversations,
    load_fields,
    load_flows,
    load_kinds,
    load_system,
    load_translations,
)
from flows.loading.conversations import Happens, Shown, Sms, Typed
from flows.loading.shape import ANSWERS, COMMON, HEADER, HEADER_MAY, PAYMENT, STARTS, STEPS
from flows.model import Ask, Choose, Do, Flow, Institution, Menu, Split
from flows.sources import Source
from flows.values import Kind, Money
from flows.words.quoted import quoted

HERE = Path(__file__).parent
DATA = HERE / "loading"
JAMII = Institution(name="Jamii MFI", short_name="Jamii", languages=("en", "sw"))


def source(path: Path, name: str = "") -> SourceFile:
    return SourceFile.from_bytes(name or path.name, path.read_bytes())


@cache
def catalogue() -> tuple[dict[str, Action], dict[str, Source]]:
    data = yaml.safe_load((DATA / "catalogue.yaml").read_text())
    return msgspec.convert(data["actions"], dict[str, Action]), msgspec.convert(data["sources"], dict[str, Source])


@cache
def fields() -> dict[str, Field]:
    found, faults = load_fields([source(DATA / "fields.yaml")], "KES")
    assert faults == []
    return found


@cache
def good() -> dict[str, Flow]:
    files = [source(path, f"flows/{path.name}") for path in sorted((DATA / "good").glob("*.yaml"))]
    flows, faults = load_flows(files, JAMII, fields(), *catalogue())
    assert faults == []
    return flows


def load(text: str, name: str = "one", institution: Institution = JAMII) -> tuple[dict[str, Flow], list[Fault]]:
    return load_flows([SourceFile(f"flows/{name}.yaml", text)], institution, fields(), *catalogue())


def one(steps: str, institution: Institution = JAMII) -> Flow:
    text = f"flow: one\nwords: en\nwho: anyone\nsteps:\n{steps}\n  bye: {{end: }}\n"
    flows, faults = load(text, institution=institution)
    assert faults == []
    return flows["one"]


# -- what the three flows become ------------------------------------------------------------------------------------


def test_a_payment() -> None:
    flow = good()["repay"]
    assert (flow.who, flow.purpose, flow.redial, flow.language) == ("client with PIN", "service", "restart", "en")
    assert (flow.starts.menu, flow.starts.shortcut, flow.starts.keywords) == ("main", 1, ("PAY", "LIPA"))
    assert list(flow.order)[-1] == "cancelled"
    assert flow.order["account"] == "amount"
    assert flow.order["cancelled"] is None
    choose, amount = flow.steps["account"], flow.steps["amount"]
    assert isinstance(choose, Choose)
    assert isinstance(amount, Ask)
    assert (choose.item, choose.fields) == ("account", ("ref", "nickname", "due", "payoff"))
    assert (amount.answer.min, amount.answer.max) == (Money(1000, "KES"), "account.payoff")
    assert [offer.value for offer in amount.offer] == ["account.due", "account.payoff", "other"]


def test_a_payment_says() -> None:
    texts = quoted(good()["repay"]).texts
    assert list(texts)[:4] == ["starts.as", "account", "account.show", "amount"]
    assert texts["amount.account.due"] == "Due now"
    assert texts["pay.not paid"] == "Your payment of {amount} was not made. To try again dial {code}."


def test_a_survey() -> None:
    flow = good()["loan_feedback"]
    starts = flow.starts
    assert (starts.event, starts.after, starts.between) == ("loan disbursed", "3 days", "10:00 and 18:00")
    assert (starts.remind, starts.closes) == ("once, after 2 days", "after 7 days")
    assert starts.to == (("share", "30 %"), ("each client", "once in 60 days"))
    assert flow.hidden_from == ("officer", "branch")
    full, why, more = flow.steps["full"], flow.steps["why"], flow.steps["more"]
    assert isinstance(full, Menu)
    assert [option.name for option in full.options] == ["yes", "less", "more"]
    assert why.only_if is not None
    assert why.only_if.holds({"full": "less"})
    assert not why.only_if.holds({"full": "yes"})
    assert isinstance(more, Ask)
    assert (more.answer.required, more.on_timeout) == (False, None)


def test_one_pays_for_five() -> None:
    flow = good()["group_pay"]
    assert flow.acting_for is not None
    assert (flow.acting_for.source, flow.acting_for.where) == ("my.groups", ("my role", ("leader", "treasurer")))
    shares, pay = flow.steps["shares"], flow.steps["pay"]
    assert isinstance(shares, Split)
    assert (shares.over, shares.each, shares.amount, shares.starts_at) == (
        "group.members",
        "member",
        "share",
        "member.expected",
    )
    assert isinstance(pay, Do)
    assert [name for name, _ in pay.later] == ["paid", "paid each member", "not paid", "unknown"]


def test_words_that_plain_yaml_would_lose() -> None:
    flow = one("  a: {set: {one: 0712, two: no, three: 10:30, four: '*384*7#', five: ~, six: 1e3}}")
    assert dict(flow.steps["a"].values) == {  # type: ignore[union-attr]
        "one": "0712",
        "two": "no",
        "three": "10:30",
        "four": "*384*7#",
        "five": "~",
        "six": "1e3",
    }


def test_a_block_of_words() -> None:
    flow = one("  a:\n    say: |\n      Hello.\n      How are you?")
    assert quoted(flow).texts["a"] == "Hello.\nHow are you?"


@pytest.mark.parametrize(
    ("answer", "least", "currency"),
    [
        ("type: money, min: 10", Money(1000, "KES"), "KES"),
        ("type: money, min: 10", Money(10, "UGX"), "UGX"),
        ("type: money, min: 0.50", Money(50, "KES"), "KES"),
        ("type: date, min: 2026-01-31", dt.date(2026, 1, 31), "KES"),
        ("type: number, min: -3", -3, "KES"),
        ("type: number, min: contact.quiet_days", "contact.quiet_days", "KES"),
    ],
)
def test_bounds(answer: str, least: object, currency: str) -> None:
    institution = Institution(name="J", short_name="J", currency=currency)
    step = one(f'  a: {{ask: "How much?", answer: {{{answer}}}}}', institution).steps["a"]
    assert isinstance(step, Ask)
    assert step.answer.min == least


def test_ways_by_answer() -> None:
    flow = one('  a: {ask: "Sure?", answer: {type: yes_no}, go to: {no: bye}}\n  b: {say: "Good."}')
    step = flow.steps["a"]
    assert isinstance(step, Ask)
    assert step.ways == (("no", "bye"),)


def test_a_secret_of_so_many_digits() -> None:
    step = one('  a: {ask: "PIN?", answer: {type: secret, digits: 4 to 8}}').steps["a"]
    assert isinstance(step, Ask)
    assert (step.answer.kind, step.answer.digits) == (Kind.SECRET, (4, 8))


def test_what_another_flow_chose_is_kept_for_its_caller() -> None:
    caller = (
        "flow: one\nwords: en\nsteps:\n  which: {run: pick}\n"
        '  told: {end: "{which.account.due}", only if: which.account.features has credit}\n  bye: {end: }\n'
    )
    files = [source(DATA / "good/pick.yaml", "flows/pick.yaml"), SourceFile("flows/one.yaml", caller)]
    flows, faults = load_flows(files, JAMII, {}, *catalogue())
    assert faults == []
    step = flows["pick"].steps["account"]
    assert isinstance(step, Choose)
    assert step.fields == ("nickname", "features", "due")


def test_a_broken_flow_does_not_take_the_others_along() -> None:
    files = [source(DATA / "good/pick.yaml", "flows/pick.yaml"), SourceFile("flows/one.yaml", "flow: two\n")]
    flows, faults = load_flows(files, JAMII, {}, *catalogue())
    assert list(flows) == ["pick"]
    assert {fault.file for fault in faults} == {"flows/one.yaml"}


def test_too_large() -> None:
    _, faults = load("# much\n" * 20_000)
    assert [fault.code for fault in faults] == ["file.too_large"]


def test_too_many_faults_to_list() -> None:
    _, faults = load("a: b\n" * 2_000)
    assert len(faults) == 501
    assert "file.too_many_faults" in {fault.code for fault in faults}


def test_windows_lines_and_byte_order_mark() -> None:
    text = (DATA / "good/call_me.yaml").read_text().replace("\n", "\r\n")
    file = SourceFile.from_bytes("flows/call_me.yaml", b"\xef\xbb\xbf" + text.encode())
    flows, faults = load_flows([file], JAMII, {}, *catalogue())
    assert faults == []
    assert flows["call_me"].steps == good()["call_me"].steps


def test_faults_sort_with_and_without_a_step() -> None:
    place = ("a.yaml", 1, "error", "x.y", "Wrong.", "Mend it.")
    plain, stepped = Fault(*place), Fault(*place, step="a")  # type: ignore[arg-type]
    assert sorted([stepped, plain]) == [plain, stepped]


# -- the files beside the flows -------------------------------------------------------------------------------------


def test_translations() -> None:
    found, faults = load_translations([source(DATA / "repay.sw.yaml", "messages/sw/repay.yaml")], good())
    assert {fault.code for fault in faults} == {"words.missing"}
    assert {fault.level for fault in faults} == {"warning"}
    assert "account.show" not in " ".join(fault.message for fault in faults)  # nothing there but names
    entry = found["sw"]["repay"]["amount.account.due"]
    assert (entry.from_text, entry.to, entry.reviewed) == ("Due now", "Deni la sasa", False)


def test_a_reviewed_translation() -> None:
    text = 'bye: {from: "Goodbye.", to: "Kwaheri.", reviewed: {by: Wanjiru, on: 2026-01-31}}\n'
    found, _ = load_translations([SourceFile("messages/sw/call_me.yaml", text)], good())
    assert found["sw"]["call_me"]["bye"].reviewed


def test_a_stale_translation_is_kept() -> None:
    text = 'bye: {from: "Bye.", to: "Kwaheri."}\n'
    found, faults = load_translations([SourceFile("messages/sw/call_me.yaml", text)], good())
    assert "words.stale" in {fault.code for fault in faults}
    assert found["sw"]["call_me"]["bye"].to == "Kwaheri."


def test_a_language_without_words() -> None:
    _, faults = load_translations([], {"pick": good()["pick"]}, ("en", "sw"))
    assert [(fault.code, fault.level, fault.file) for fault in faults] == [
        ("words.missing_file", "warning", "messages/sw/pick.yaml")
    ]


def test_words_of_a_broken_flow_are_left_alone() -> None:
    assert load_translations([SourceFile("messages/sw/odd.yaml", "a: b\n")], good(), known=["odd"]) == ({}, [])


def test_system_words() -> None:
    files = {"en": SourceFile("messages/en/system.yaml", 'back: "Back"\nno: "No"\n')}
    assert load_system(files) == ({"en": {"back": "Back", "no": "No"}}, [])


def test_fields() -> None:
    ease = fields()["loan.ease"]
    assert (ease.kind, ease.min, ease.max, ease.sensitive, ease.keep) == (Kind.RATING, 1, 5, False, "5 years")
    assert ease.label == "How easy was getting the loan?"
    assert fields()["loan.asked_for_money"].sensitive


def test_a_field_in_two_files() -> None:
    files = [SourceFile(f"fields/{name}.yaml", 'loan.ease: {type: number, label: "Ease"}\n') for name in "ab"]
    _, faults = load_fields(files, "KES")
    assert [(fault.file, fault.code) for fault in faults] == [("fields/b.yaml", "field.twice")]


def test_kinds() -> None:
    text = 'parties: {group: "Group"}\nroles: {next of kin: {label: "Next of kin", of: [client, group]}}\n'
    kinds, faults = load_kinds(SourceFile("kinds.yaml", text))
    assert faults == []
    assert kinds.parties == {"group": "Group"}
    assert kinds.roles["next of kin"].of == ("client", "group")


def test_a_conversation() -> None:
    (found,), faults = load_conversations([source(DATA / "two-accounts.txt")], ["Akinyi"], ["en"])
    assert faults == []
    assert (found.person, found.channel, found.language) == ("Akinyi", "ussd", "en")
    assert found.turns[0] == Typed(3, "*384*7*1#")
    assert found.turns[2] == Typed(5, "", "PIN")
    screen = Shown(6, ("Pay which one?", "1 Biashara KES 1,500", "2 Akiba KES 200", "0 Back"))
    assert found.turns[3] == screen
    assert found.turns[-2:] == (
        Happens(22, "wallet", "paid SJK7TEST01"),
        Sms(23, "KES 1,500 received, ref SJK7TEST01. Thank you."),
    )


def test_a_conversation_of_somebody_unknown() -> None:
    file = SourceFile("a.txt", "Somebody, ussd, en\n> *384*7#\nWelcome.\n")
    assert load_conversations([file], ["Akinyi"], ["en"])[1] == []


# -- the guide says what the loader does ----------------------------------------------------------------------------


def test_the_grammar_page_names_every_key() -> None:
    page = (HERE.parent / "docs/flow-grammar.md").read_text()
    keys = {*HEADER, *HEADER_MAY, *STARTS, *PAYMENT, *COMMON, *STEPS, *(kind.value for kind in ANSWERS)}
    keys |= {key for shape in STEPS.values() for key in (*shape.needs, *shape.may)}
    assert [key for key in sorted(keys) if f"`{key}" not in page] == []


# -- nothing breaks it ----------------------------------------------------------------------------------------------

LOADS = {
    "flow": lambda file: load_flows([file], JAMII, fields(), *catalogue())[1],
    "words": lambda file: load_translations([SourceFile("messages/sw/repay.yaml", file.text)], good())[1],
    "system": lambda file: load_system({"en": file})[1],
    "fields": lambda file: load_fields([file], "KES")[1],
    "kinds": lambda file: load_kinds(file)[1],
    "conversation": lambda file: load_conversations([file], ["Akinyi"], ["en"])[1],
}
MARKS = "abc:{}[]|>-#&*!%@'\"\\,?\n\t .0123456789=\u200b\x00"
KEYS = st.sampled_from([*HEADER, *HEADER_MAY, *STARTS, *STEPS, *COMMON, *PAYMENT, "answer", "type", "offer", "a", "b"])
LEAVES = st.one_of(
    st.sampled_from(["a", "b", "{a}", "{a.b}", "my.accounts", "money", "open case", "*384#", "", "a is b", "10", "no"]),
    st.text(max_size=20),
)
TREES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4), max_leaves=15
)


def check(kind: str, file: SourceFile) -> None:
    for fault in LOADS[kind](file):
        assert fault.line >= 1
        assert fault.message
        assert fault.fix
        assert fault.code.count(".") == 1


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(LOADS)), data=st.binary(max_size=200))
def test_any_bytes(kind: str, data: bytes) -> None:
    check(kind, SourceFile.from_bytes("flows/one.yaml", data))


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(LOADS)),
    text=st.text("abc:{}[]|>-#&*!%@'\"\\,?\n\t .0123456789=\u200b\x00", max_size=120),
)
def test_any_marks(kind: str, text: str) -> None:
    check(kind, SourceFile("flows/one.yaml", text))


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(sorted(LOADS)), tree=TREES, style=st.sampled_from(["", '"', "'"]))
def test_any_tree(kind: str, tree: object, style: str) -> None:
    check(kind, SourceFile("flows/one.yaml", yaml.safe_dump(tree, default_style=style or None, allow_unicode=True)))


@settings(max_examples=200, deadline=None)
@given(name=st.sampled_from(["repay", "loan_feedback", "group_pay"]), at=st.floats(0, 1), put=st.text(max_size=3))
def test_any_slip(name: str, at: float, put: str) -> None:
    """A good flow with a few letters put in somewhere."""
    text = (DATA / f"good/{name}.yaml").read_text()
    place = int(at * len(text))
    check("flow", SourceFile(f"flows/{name}.yaml", text[:place] + put + text[place + len(put) :]))
