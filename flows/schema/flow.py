"""``flows/<flow>.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from flows.actions import Action
from flows.conditions import WORDS
from flows.life import HAPPENINGS
from flows.loading.doing import OF_THE_CONTACT
from flows.loading.header import LANGUAGE, PERSON
from flows.loading.shape import (
    ANSWER_NEEDS,
    ANSWERS,
    BY_ITSELF,
    COMMON,
    HEADER,
    HEADER_MAY,
    HIDDEN_FROM,
    NO_GO_TO,
    PAYMENT,
    PURPOSE,
    REDIAL,
    STARTS,
    STEPS,
    WHO,
)
from flows.loading.starts import OPT_OUT
from flows.loading.steps import MOST
from flows.schema import about
from flows.schema.parts import (
    CLOCK,
    LENGTH,
    NAME,
    Schema,
    count,
    each,
    one_of,
    ref,
    said,
    several,
    table,
    text,
    word,
    yes_no,
)
from flows.values import MEDIA, Kind

STEP = r"[A-Za-z][A-Za-z0-9_]{0,39}"
OPTION = r"[A-Za-z0-9_]{1,40}"
LIST = r"[a-z_]+(\.[a-z_]+)*"
_WHERE = r"( where .+ is .+)?"
_DAYS = "day|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
TIMES = {
    "after": LENGTH,
    "between": f"{CLOCK} and {CLOCK}",
    "remind": f"(once|twice), after {LENGTH}",
    "closes": f"after {LENGTH}",
    "every": f"({_DAYS}|{LENGTH}|month on ([1-9]|1[0-9]|2[0-8])) at {CLOCK}",
    "share": r"[0-9]{1,3} ?%",
    "each client": f"once( in {LENGTH})?",
}


def flow(actions: Mapping[str, Action] | None = None, sources: Iterable[str] | None = None) -> Schema:
    """``actions`` and ``sources``: what a flow may name; None: any name."""
    found = {key: _header(key) for key in (*HEADER, *HEADER_MAY)}
    switched_off = {"properties": {"off": {"const": "yes"}}, "required": ["off"]}
    more = {"if": switched_off, "else": {"required": list(HEADER)}, "definitions": _definitions(actions, sources)}
    return {"title": "A flow", **table(found, ("flow",), "What happens in a conversation, step by step.", **more)}


def _header(key: str) -> Schema:
    said_of = about.HEADER[key]
    match key:
        case "flow":
            return text(said_of, r"[a-z][a-z0-9_]{0,39}")
        case "words":
            return text(said_of, LANGUAGE.pattern)
        case "purpose" | "who" | "redial":
            return one_of(said_of, {"purpose": PURPOSE, "who": WHO, "redial": REDIAL}[key])
        case "off":
            return yes_no(said_of)
        case "acting for":
            return text(said_of, f"(members of )?{LIST}{_WHERE}")
        case "hidden from":
            who = rf"{'|'.join(HIDDEN_FROM)}|{PERSON.pattern}"
            return several(said_of, text("A role: officer, branch.", who), who)
        case "steps":
            names = {"pattern": f"^{STEP}$", "not": {"enum": sorted(WORDS)}}
            return each(ref("a step"), said_of, minProperties=1, maxProperties=MOST, propertyNames=names)
    return ref("starts" if key == "starts" else "step", said_of)


def _definitions(actions: Mapping[str, Action] | None, sources: Iterable[str] | None) -> dict[str, Schema]:
    steps = {kind: _step(kind, sources) for kind in STEPS if kind != "do"}
    doing = [_do()] if actions is None else [_do(name, one) for name, one in actions.items() if not one.builtin]
    return {
        "words": said("What a client reads, in double quotes or after |. {names} in braces are filled in."),
        "step": text("The name of a step of this flow.", STEP),
        "name": text("The name of something known: amount, account.due.", NAME),
        "options": each(ref("words"), about.KEYS["options"], OPTION, minProperties=1),
        "starts": _starts(),
        "answer": {"description": about.KEYS["answer"], "oneOf": [_answer(kind) for kind in ANSWERS]},
        "a step": {"oneOf": [*steps.values(), *doing]},
    }


def _starts() -> Schema:
    together: dict[str, object] = {"as": ["menu"], "shortcut": ["menu"], "menu": ["as"]}
    together |= {"event": ["invite"], "every": ["invite"]}
    by_itself = {"anyOf": [{"required": ["event"]}, {"required": ["every"]}]}
    together |= dict.fromkeys(BY_ITSELF, by_itself)
    found = {key: _start(key) for key in STARTS}
    return table(found, about=about.HEADER["starts"], dependencies=together)


def _start(key: str) -> Schema:
    said_of = about.STARTS[key]
    if key in TIMES:
        return text(said_of, TIMES[key])
    match key:
        case "as" | "invite":
            return ref("words", said_of)
        case "event":
            return one_of(said_of, HAPPENINGS)
        case "shortcut":
            return count(said_of, 1, 999)
        case "keywords":
            refused = {"enum": sorted(OPT_OUT)}
            return several(
                said_of, text("One word of letters and digits.", r"(?!\d+$)[^\s_]{1,20}", **{"not": refused})
            )
        case "to":
            keys = {name: text(about.STARTS[name], TIMES[name]) for name in ("share", "each client")}
            return table(keys, about=said_of)
    return text(said_of)


def _step(kind: str, sources: Iterable[str] | None) -> Schema:
    shape = STEPS[kind]
    keys = [*shape.needs, *shape.may, *(key for key in COMMON if not (key == "go to" and kind in NO_GO_TO))]
    found = {kind: _own(kind), **{key: _key(kind, key, sources) for key in keys}}
    more = {"oneOf": [{"required": ["options"]}, {"required": ["lists"]}]} if kind == "menu" else {}
    return table(found, (kind, *shape.needs), about.STEPS[kind], **more)


def _own(kind: str) -> Schema:
    """What stands at the first key of a step."""
    said_of = about.STEPS[kind]
    match kind:
        case "set":
            names = rf"[A-Za-z_][A-Za-z0-9_]*|{'|'.join(OF_THE_CONTACT)}"
            return each(word("A name of something known, or a word."), said_of, names, minProperties=1)
        case "run":
            return text(said_of)
        case "end":
            return {"description": said_of, "anyOf": [ref("words"), {"type": "null"}]}
    return ref("words", said_of)


def _key(kind: str, key: str, sources: Iterable[str] | None) -> Schema:
    said_of = about.HEADER["redial"] if key == "redial" else about.KEYS[key]
    match key:
        case "only if":
            return text(said_of, maxLength=500)
        case "redial":
            return one_of(said_of, REDIAL)
        case "go to":
            return _go_to(kind, said_of)
        case "options":
            return ref("options", said_of)
        case "answer":
            return {"description": said_of, **_answer(Kind.MONEY)} if kind == "split" else ref("answer", said_of)
        case "offer":
            return each(ref("words"), said_of, NAME, minProperties=1)
        case "from":
            return _from(said_of, sources)
        case "over":
            return text(said_of) if sources is None else one_of(said_of, sorted(sources))
        case "payment":
            return _payment(said_of)
        case "show" | "change" | "done":
            return ref("words", said_of)
        case "none" | "unavailable" | "no":
            return ref("step", said_of)
        case "saves" | "starts at":
            return ref("name", said_of)
    return text(said_of)


def _go_to(kind: str, said_of: str) -> Schema:
    if kind not in ("menu", "ask"):
        return ref("step", said_of)
    ways = each(ref("step"), "A step for each answer: {yes: more, no: bye}.")
    return {"description": said_of, "anyOf": [ref("step"), ways]}


def _from(said_of: str, sources: Iterable[str] | None) -> Schema:
    if sources is None:
        return text(said_of, LIST + _WHERE)
    names = sorted(sources)
    some = text("Some of the list only.", f"({'|'.join(map(re.escape, names))}) where .+ is .+")
    return {"description": said_of, "anyOf": [{"enum": names}, some]}


def _payment(said_of: str) -> Schema:
    phone = text(about.KEYS["wallet"], f"this phone|{NAME}")
    return table({key: phone if key == "wallet" else ref("name", about.KEYS[key]) for key in PAYMENT}, PAYMENT, said_of)


def _do(name: str = "", action: Action | None = None) -> Schema:
    """Any action, or this one, with what it takes and all the ways in which it ends."""
    keys = {key: _key("do", key, None) for key in ("only if", "redial")}
    if action is None:
        keys = {"do": text(about.STEPS["do"]), **keys, "with": _given(), "later": _later()}
        return {**table(keys, ("do",), about.STEPS["do"]), "additionalProperties": ref("step")}
    needs = ["do", *action.exits]
    keys = {"do": {"description": about.STEPS["do"], "const": name}, **keys}
    keys |= {way: ref("step", f"The step for when it ends so: {way}.") for way in action.exits}
    inputs = {} if action.collects else action.inputs
    if inputs:
        keys["with"] = table({one: word(f"What “{name}” takes as {one}.") for one in inputs}, about=about.KEYS["with"])
        if needed := [one for one, need in inputs.items() if need.required]:
            keys["with"]["required"] = needed
            needs.append("with")
    if action.laters:
        told = {way: ref("words", f"The SMS when it is “{way}”.") for way in (*action.laters, *action.laters_of_split)}
        keys["later"] = table(told, action.laters, about.KEYS["later"])
        needs.append("later")
    return table(keys, needs, about.STEPS["do"])


def _given() -> Schema:
    return each(word("A name of something known, or a word."), about.KEYS["with"])


def _later() -> Schema:
    return each(ref("words"), about.KEYS["later"])


def _answer(kind: Kind) -> Schema:
    keys: dict[str, Schema] = {"type": {"description": about.ANSWER["type"], "const": kind.value}}
    keys |= {key: _answer_key(key) for key in ANSWERS[kind]}
    return table(keys, ("type", *ANSWER_NEEDS.get(kind, ())))


def _answer_key(key: str) -> Schema:
    said_of = about.ANSWER[key]
    match key:
        case "required" | "letters":
            return yes_no(said_of)
        case "options":
            return ref("options", said_of)
        case "of":
            several_of = several(said_of, one_of("What may be sent.", MEDIA), "|".join(MEDIA))
            several_of["anyOf"][0]["minItems"] = 1
            return several_of
        case "digits":
            return {"description": said_of, "type": ["integer", "string"], "pattern": r"^\d{1,2}( to \d{1,2})?$"}
    return word(said_of)
