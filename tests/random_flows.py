"""Flows that nobody would write: every kind of step in any order, most of it sensible, some of it wrong.

Most of their words are there in Swahili and French too, some of them missing, stale or wrong. A drawn house is what
is shipped with the flows ``drawn`` (in the main menu, shortcut 9) and ``inner`` (run by it) laid over it. What is
written down here knows nothing of what the check knows: it keeps a rough list of the names that may be there by now,
and breaks a rule now and then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

from flows import actions, sources
from flows.actions import Action
from flows.loading import SourceFile
from flows.values import Kind

Draw = Callable[[st.SearchStrategy[Any]], Any]
LAST = ("bye", "sorry")  # every flow ends with these two
SENTENCES = (
    "Hello.",
    "How much?",
    "Please choose",
    "Your officer will call you soon",
    "Ñandú, ça va? Ça ira très bien",
)
TRANSLATED = ("Habari.", "Kiasi gani?", "Tafadhali chagua", "Asante sana kwa kusubiri nasi leo", "C'est où? Très bien")
OTHERS = (*SENTENCES, "One two three four five six seven eight nine ten eleven twelve thirteen fourteen. " * 3, "Ξ ώρα")
NUMBERS = ("0", "1", "5", "100", "1000000")
TYPED = (
    "text",
    "name",
    "number",
    "money",
    "date",
    "phone",
    "yes_no",
    "rating",
    "choice",
    "choices",
    "secret",
    "place",
    "media",
)
LISTS = {name: source for name, (source, _) in sources.catalogue().items()}
DONE: dict[str, Action] = {
    name: action
    for name, (action, _) in actions.catalogue().items()
    if name not in ("collect", "begin invitation", "identify")
}
LITERALS = {Kind.TEXT: ("drawn", "feedback"), Kind.CHOICE: ("call_back", "question"), Kind.YES_NO: ("yes", "no")}
WORDS = ("call_back", "complaint", "survey", "feedback", "drawn", "yes", "5")  # what an input may be given as it stands
ORDERS = ("at least 5", "less than 1", "more than 100", "between 1 and 5", "is 5")
TESTS = {
    **dict.fromkeys((Kind.NUMBER, Kind.RATING, Kind.MONEY), ORDERS),
    Kind.CHOICE: ("is a", "is not a", "is a or b"),
    Kind.YES_NO: ("is yes", "is no"),
    Kind.CHOICES: ("has a", "has b"),
    Kind.TEXT: ("is drawn", "is not drawn"),
    Kind.DATE: ("more than 2026-01-31",),
}


@dataclass
class Writing:
    """One flow in the making: ``names`` that may be known by now, with their kinds where that is clear."""

    draw: Draw
    count: int
    names: dict[str, Kind] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    at: int = 0
    who: str = "anyone"

    def chance(self, one_in: int) -> bool:
        return bool(self.one([False] * (one_in - 1) + [True]))

    def one(self, of: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(list(of)))

    def target(self) -> str:
        """Mostly further down; now and then back, or nowhere."""
        if self.chance(60):
            return "nowhere"
        lowest = 0 if self.chance(10) else self.at + 1
        return str(self.one([f"s{n}" for n in range(lowest, self.count)] + list(LAST)))

    def name(self, *kinds: Kind) -> str | None:
        fit = [name for name, kind in self.names.items() if not kinds or kind in kinds]
        return self.one(fit) if fit else None

    def shown(self) -> str | None:
        if self.chance(40):
            return "nothing_of_the_kind"
        return self.name(*(kind for kind in Kind if kind not in (Kind.RECORD, Kind.SECRET, Kind.LIST)))

    def words(self, short: bool = False) -> str:
        said = self.one(SENTENCES[:3] if short else OTHERS if self.chance(12) else SENTENCES)
        name = self.shown() if not short and self.chance(3) else None
        return json.dumps(f"{said} {{{name}}}" if name else said, ensure_ascii=False)

    def write(self, line: str) -> None:
        self.lines.append(f"    {line}")


def _say(flow: Writing) -> None:
    flow.write(f"say: {flow.words()}")


def _menu(flow: Writing) -> None:
    names = ["a", "b", "c", "d", "e", "f"][: flow.draw(st.integers(1, 6))]
    alike = flow.chance(25)
    options = ", ".join(f'{name}: "Way {"a" if alike else name}"' for name in names)
    flow.write(f"menu: {flow.words()}")
    flow.write(f"options: {{{options}}}")
    if flow.chance(2):
        leads = ", ".join(f"{name}: {flow.target()}" for name in names if flow.chance(2))
        flow.write(f"go to: {{{leads}}}")
    flow.names[f"s{flow.at}"] = Kind.CHOICE


def _ask(flow: Writing) -> None:
    kind = flow.one(TYPED)
    flow.write(f"ask: {flow.words()}")
    flow.write(f"answer: {{{', '.join([f'type: {kind}', *_bounds(flow, kind)])}}}")
    if kind == "money" and (name := flow.name(Kind.MONEY)) and flow.chance(2):
        flow.write(f'offer: {{{name}: "This", other: "Another"}}')
    if kind == "yes_no" and flow.chance(2):
        flow.write(f"go to: {{no: {flow.target()}}}")
    flow.names[f"s{flow.at}"] = Kind(kind)


def _bounds(flow: Writing, kind: str) -> list[str]:
    said = []
    if kind == "rating":
        said = ["min: 1", f"max: {flow.one(('3', '5', '10'))}"]
    elif kind in ("choice", "choices"):
        said = ['options: {a: "One", b: "Two"}']
    elif kind in ("money", "number"):
        said = [
            f"{end}: {flow.name(Kind(kind.lower())) or flow.one(NUMBERS)}" for end in ("min", "max") if flow.chance(3)
        ]
    elif kind == "secret":
        said = ["digits: 4"]
    elif kind == "media":
        said = [f"of: [{flow.one(('photo', 'voice', 'file', 'photo, voice'))}]"]
    return said + (["required: no"] if kind != "secret" and flow.chance(4) else [])


def _choose(flow: Writing) -> None:
    name = flow.one(list(LISTS))
    source, flow_names = LISTS[name], flow.names
    shown = flow.one(list(source.fields))
    flow.write(f"choose: {flow.words(short=True)}")
    flow.write(f"from: {name}")
    flow.write(f'show: "{{{source.item}.{shown}}}"')
    flow.write(f"none: {flow.target()}")
    if flow.chance(2):
        flow.write(f"unavailable: {flow.target()}")
    for known in (source.item, f"s{flow.at}"):
        flow_names[known] = Kind.RECORD
        flow_names.update({f"{known}.{field}": kind for field, kind in source.fields.items()})


def _set(flow: Writing) -> None:
    value = flow.one(WORDS) if flow.chance(2) else flow.name() or "5"
    flow.write(f"set: {{own: {value}}}")
    flow.names["own"] = flow.names.get(value, Kind.TEXT)


def _do(flow: Writing) -> None:
    able = [name for name, action in DONE.items() if all(_can_give(flow, need.kind) for need in action.inputs.values())]
    name = flow.one(list(DONE) if flow.chance(15) else able)
    action = DONE[name]
    flow.write(f"do: {name}")
    given = {
        need: _given(flow, wants.kind) for need, wants in action.inputs.items() if wants.required or flow.chance(3)
    }
    if given:
        flow.write(f"with: {{{', '.join(f'{need}: {value}' for need, value in given.items())}}}")
    on = f"s{flow.at + 1}" if flow.at + 1 < flow.count else "bye"
    for exit_ in action.exits:
        if not flow.chance(60):
            flow.write(f"{exit_}: {on if exit_ == action.exits[0] else flow.target()}")
    flow.names.update({f"s{flow.at}.{out}": kind for out, kind in action.outputs.items()})


def _can_give(flow: Writing, kind: Kind) -> bool:
    return kind in LITERALS or flow.name(kind) is not None


def _given(flow: Writing, kind: Kind) -> str:
    return flow.name(kind) or flow.one(LITERALS.get(kind, WORDS))


def _pay(flow: Writing) -> None:
    """A confirmation with the payment below it, in one step's place; sometimes only one of the two."""
    amounts = [name for name, kind in flow.names.items() if kind is Kind.MONEY and "." not in name]
    amount = flow.one(amounts) if amounts else flow.name(Kind.MONEY) or "amount"
    account = flow.name(Kind.RECORD) or "account"
    if not flow.chance(8):
        flow.write(f'confirm: "Pay {{{amount}}} to {{payee}}? Fee {{fee}}."')
        flow.write(f"payment: {{collect: {amount}, for: {account}, wallet: this phone}}")
        flow.write(f"no: {flow.target()}")
        flow.lines.append(f"  pay{flow.at}:")
    flow.write("do: collect")
    for exit_ in ("asked", "already asked", "unavailable"):
        closes = exit_ == "asked" and not flow.chance(6)  # the call must end there
        flow.write(f"{exit_}: {'bye' if closes else flow.target()}")
    flow.write(f'later: {{paid: "{{{amount}}} came.", not paid: "Not paid.", unknown: "We do not know yet."}}')


def _run(flow: Writing) -> None:
    flow.write(f"run: {flow.one(('inner',) * 12 + ('language', 'drawn'))}")


def _end(flow: Writing) -> None:
    flow.write(f"end: {flow.words()}")


KINDS = (
    _say,
    _say,
    _menu,
    _menu,
    _menu,
    _ask,
    _ask,
    _ask,
    _ask,
    _choose,
    _choose,
    _set,
    _do,
    _do,
    _pay,
    _pay,
    _run,
    _run,
    _end,
)


@st.composite
def flow_texts(draw: Draw, name: str) -> str:
    """The file of one flow."""
    flow = Writing(draw, draw(st.integers(1, 7)))
    flow.who = flow.one(("client with PIN", "client with PIN", "client", "anyone"))
    for at in range(flow.count):
        flow.at = at
        flow.lines.append(f"  s{flow.at}:")
        if flow.chance(4) and (known := flow.name(*TESTS)):
            flow.write(f"only if: {known} {_test(flow, flow.names[known])}")
        flow.one([kind for kind in KINDS if _may(flow, name, kind)])(flow)
    return "\n".join([*_header(flow, name), "steps:", *flow.lines, *_last(flow), ""])


def _test(flow: Writing, kind: Kind) -> str:
    kind = flow.one(list(TESTS)) if flow.chance(20) else kind
    return str(flow.one((*TESTS[kind], "is empty", "is not empty")))


def _may(flow: Writing, name: str, kind: Callable[[Writing], None]) -> bool:
    if kind is _run and name == "inner":
        return False
    if flow.chance(25):
        return True
    if kind is _pay:
        return flow.who != "anyone" and Kind.MONEY in flow.names.values() and Kind.RECORD in flow.names.values()
    return kind is not _choose or flow.who == "client with PIN"


def _header(flow: Writing, name: str) -> list[str]:
    starts = ['starts: {menu: main, as: "Drawn", shortcut: 9}'] if name == "drawn" else []
    redial = [f"redial: {flow.one(('restart', 'continue', 'ask', 'expire'))}"]
    return [f"flow: {name}", "words: en", *starts, f"who: {flow.who}", *redial]


def _last(flow: Writing) -> list[str]:
    sorry = ['  sorry: {end: "Please try again later."}']
    return [f"  bye: {{end: {flow.words()}}}", *(sorry if any("sorry" in line for line in flow.lines) else [])]


@st.composite
def drawn(draw: Draw) -> tuple[SourceFile, ...]:
    """The files to be laid over what is shipped."""
    files = [SourceFile(f"flows/{name}.yaml", draw(flow_texts(name))) for name in ("drawn", "inner")]
    words = [draw(word_files(language, file)) for language in ("sw", "fr") for file in files]
    return (*files, *(file for file in words if file))


@st.composite
def word_files(draw: Draw, language: str, flow: SourceFile) -> SourceFile | None:
    """Its words in another language: most of them translated, some missing, some of an older text, a few wrong."""
    lines = []
    for key, text in _texts(flow):
        fate = draw(st.sampled_from(["good"] * 18 + ["missing", "missing", "stale"]))
        names = " ".join(re.findall(r"\{[^{}]*\}", text))
        said = f"{draw(st.sampled_from(TRANSLATED if draw(st.integers(0, 9)) else OTHERS))} {names}".strip()
        said = "Hakuna {kitu}" if draw(st.integers(0, 150)) == 0 else said
        made_from = f"{text} (old)" if fate == "stale" else text
        if fate != "missing":
            lines.append(f"{key}: {{from: {_quoted(made_from)}, to: {_quoted(said)}}}")
    path = f"messages/{language}/{flow.name}.yaml"
    return SourceFile(path, "\n".join([*lines, ""])) if lines and draw(st.integers(0, 4)) else None


def _texts(flow: SourceFile) -> list[tuple[str, str]]:
    """The keys and words of its steps, options among them."""
    steps = yaml.load(flow.text, Loader=yaml.BaseLoader)["steps"]
    found = []
    for name, step in steps.items():
        found += [(name, step[kind]) for kind in ("say", "menu", "ask", "choose", "confirm", "end") if step.get(kind)]
        options = step.get("options") or step.get("answer", {}).get("options", {})
        inner = {**options, **step.get("offer", {}), **step.get("later", {})}
        found += [(f"{name}.{key}", text) for key, text in inner.items()]
        found += [(f"{name}.show", step["show"])] if "show" in step else []
    return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
