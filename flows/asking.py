"""Questions and their answers: which keys a screen offers, what each says, and what a typed text means there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from itertools import count, islice
from typing import TypeVar

from flows import frames
from flows.answers import Miss, Reader, lies_within, read, sent
from flows.answers import pick as pick_key
from flows.events import Choice, Words
from flows.model import Answer, Ask, Choose, Flow, Menu
from flows.money import exponent
from flows.phones import e164
from flows.release import Release
from flows.talk import Talk, lookup
from flows.values import Absent, Kind, Media, Place, Value

T = TypeVar("T")


class _TypeIt(Enum):
    TYPE_IT = "type it"


TYPE_IT = _TypeIt.TYPE_IT
_SKIPPED_BY_KEY = (
    Kind.TEXT,
    Kind.NAME,
    Kind.PHONE,
    Kind.DATE,
    Kind.PLACE,
    Kind.MEDIA,
)  # no such answer is one key; many phones send no nothing
_NO_KEY = (*_SKIPPED_BY_KEY, Kind.YES_NO, Kind.CHOICE, Kind.CHOICES)  # no reserved key answers these


def numbers(talk: Talk, how_many: int) -> tuple[str, ...]:
    """The keys of a list: 1, 2, 3 … without those that are reserved."""
    return numbers_of(talk.release.reserved, how_many)


@lru_cache(1024)
def numbers_of(reserved: frozenset[str], how_many: int) -> tuple[str, ...]:
    """The same, by the keys that a release has reserved."""
    free = (str(n) for n in count(1) if str(n) not in reserved)
    return tuple(islice(free, how_many))


def listed(talk: Talk, menu: str) -> dict[str, Flow]:
    """The flows that a menu offers to this person, by the key to press: the shortcut, where there is one."""
    return listed_in(talk.release, menu, bool(talk.session.person.clients))


@lru_cache(1024)
def listed_in(release: Release, menu: str, known: bool) -> dict[str, Flow]:
    """The same, for a number that is known or for one that is not."""
    flows = [f for f in release.menus.get(menu, ()) if frames.is_for(f, known)]
    taken = {str(f.starts.shortcut) for f in flows}
    free = (n for n in numbers_of(release.reserved, len(flows) + len(taken)) if n not in taken)
    keyed = {str(f.starts.shortcut) if f.starts.shortcut else next(free): f for f in flows}
    return dict(sorted(keyed.items(), key=lambda pair: int(pair[0])))


def start_label(talk: Talk, flow: Flow) -> Words:
    """What a menu calls a flow."""
    return talk.said(flow.name, "starts.as")


def lines(talk: Talk, step: Menu) -> tuple[Choice, ...]:
    """What a menu offers. Lines that are the same for everybody are made once."""
    flow, known = talk.session.frames[-1].flow, bool(talk.session.person.clients)
    fixed = _fixed(talk.release, flow, step.name, known)
    return fixed or tuple(Choice(key, talk.said(*place)) for key, place in _places(talk.release, flow, step, known))


def _places(release: Release, flow: str, step: Menu, known: bool) -> list[tuple[str, tuple[str, str]]]:
    """For each line of a menu its key, and the flow and the key of its words."""
    if step.lists is not None:
        return [(key, (listed.name, "starts.as")) for key, listed in listed_in(release, step.lists, known).items()]
    keys = numbers_of(release.reserved, len(step.options))
    return [(key, (flow, option.label.key)) for key, option in zip(keys, step.options, strict=True)]


@lru_cache(4096)
def _fixed(release: Release, flow: str, name: str, known: bool) -> tuple[Choice, ...]:
    """The lines of a menu, if all of them are the same for everybody; else none."""
    step = release.flows[flow].steps[name]
    places = _places(release, flow, step, known) if isinstance(step, Menu) else []
    if not all(place in release.fixed for _, place in places):
        return ()
    return tuple(Choice(key, release.fixed[place]) for key, place in places)


def pick(talk: Talk, typed: str, offered: Mapping[str, T], label: Callable[[T], Words]) -> str | None:
    """The key that was meant: the key itself, or the words beside it, which ``label`` gives."""
    key = pick_key(typed, offered)
    if key is not None or typed.isdecimal():
        return key
    said = typed.casefold().rstrip(".!")
    return next((k for k, one in offered.items() if _rendered(talk, label(one)).casefold() == said), None)


def _rendered(talk: Talk, label: Words) -> str:
    return talk.release.words.render(talk.person.language, label.flow, label.key, label.values).strip()


def item_line(talk: Talk, step: Choose, item: dict[str, Value]) -> Words:
    """What a list shows of one of its items. What this one lacks (savings have no due) is left out of its line."""
    if None in item.values():
        item = {name: "" if value is None else value for name, value in item.items()}
    return talk.words(step.show, {step.item: item})


def yes_no(talk: Talk) -> tuple[Choice, Choice]:
    return Choice("1", talk.system("yes")), Choice("2", talk.system("no"))


def choices(talk: Talk, step: Ask) -> tuple[Choice, ...]:
    """The lines under a question: yes and no, fixed options, or amounts on offer."""
    if step.answer.kind is Kind.YES_NO:
        return yes_no(talk)
    if step.offer and not talk.frame.typing:
        return _offers(talk, step)
    if _has_skip(step):
        return (Choice(numbers(talk, 1)[0], talk.system("skip")),)
    labels = [talk.words(label) for _, label in step.answer.options]
    return tuple(Choice(k, label) for k, label in zip(numbers(talk, len(labels)), labels, strict=True))


def _has_skip(step: Ask) -> bool:
    return not step.answer.required and step.answer.kind in _SKIPPED_BY_KEY


def _offers(talk: Talk, step: Ask) -> tuple[Choice, ...]:
    """What is known and would be taken. Where that is nothing, the answer is simply typed."""
    names, bounds = talk.names(), _bounds(talk, step)
    known = [(offer, lookup(names, offer.value)) for offer in step.offer if offer.value != "other"]
    shown = [(offer, value) for offer, value in known if lies_within(bounds, value)]
    if not shown:
        return ()
    shown += [(offer, None) for offer in step.offer if offer.value == "other"]
    keys = numbers(talk, len(shown))
    return tuple(Choice(key, talk.words(offer.label), value) for key, (offer, value) in zip(keys, shown, strict=True))


def answer(talk: Talk, step: Ask, typed: str) -> Value | Miss | _TypeIt:
    """What ``typed`` means as the answer to this question."""
    shown = choices(talk, step)
    key = pick(talk, typed, {c.key: c.label for c in shown}, lambda label: label) if shown and typed else None
    if step.answer.kind is Kind.YES_NO and typed:
        said = key or _yes_or_no(talk, typed)
        return Miss("help_yes_no", {}) if said is None else said == "1"
    keys = tuple(c.key for c in shown)
    if key is not None and not step.offer and _has_skip(step):
        return Absent.REFUSED
    if key is not None and step.answer.kind is not Kind.CHOICES:
        return _picked(talk, step, keys.index(key), shown)
    return read(_bounds(talk, step), typed, reader(talk, keys))


def answer_sent(talk: Talk, step: Ask, what: Place | Media) -> Value | Miss:
    """What a position or a file means as the answer to this question."""
    return sent(_bounds(talk, step), what)


def _picked(talk: Talk, step: Ask, at: int, shown: tuple[Choice, ...]) -> Value | _TypeIt:
    if step.offer and not talk.frame.typing:
        return TYPE_IT if shown[at].value is None else shown[at].value
    return step.answer.options[at][0]


def _yes_or_no(talk: Talk, typed: str) -> str | None:
    said = typed.casefold().rstrip(".!")
    for key, words in (("1", "yes_words"), ("2", "no_words")):
        if said in _rendered(talk, talk.system(words)).casefold().split():
            return key
    return None


def _bounds(talk: Talk, step: Ask) -> Answer:
    """The answer's type with its named bounds filled in."""
    answer = step.answer
    if not (isinstance(answer.min, str) or isinstance(answer.max, str)):
        return answer
    return replace(answer, min=_bound(talk, answer.min), max=_bound(talk, answer.max))


def _bound(talk: Talk, bound: Value) -> Value:
    found = lookup(talk.names(), bound) if isinstance(bound, str) else bound
    return None if isinstance(found, Absent) else found


def reader(talk: Talk, keys: tuple[str, ...] = ()) -> Reader:
    institution = talk.release.institution
    return Reader(
        institution.currency,
        exponent(institution.currency),
        talk.today,
        lambda typed: e164(typed, institution.country),
        keys,
    )


def lawful(talk: Talk, step: Ask, key: str) -> bool:
    """Whether a reserved key is itself an answer: 0 where no children is meant, but not to a question for words. A
    PIN may have any figures."""
    if step.answer.kind in _NO_KEY or (key.startswith("0") and len(key) > 1 and step.answer.kind is not Kind.SECRET):
        return False
    return not isinstance(read(_bounds(talk, step), key, reader(talk)), Miss)
