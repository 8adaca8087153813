"""What the family of fit says is what clients would see; and that it stays quick. One fault each: broken/fit."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from checking import HOUSE, subject_of

from flows import showing
from flows.checks import Subject, cost, fit
from flows.checks.shown import Shows
from flows.checks.shown.screens import is_shown_on
from flows.checks.shown.stage import Stage
from flows.checks.shown.values import Sizes
from flows.events import Say
from flows.loading import SourceFile
from flows.model import Ask, Choose, Confirm, Menu
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.session import LIMIT, encode
from flows.values import Kind, Money, Name, Phone, Value
from gateway.publishing import profiles
from gateway.telling import tell

BROKEN = sorted((Path(__file__).parent / "broken").glob("[fs]*/*.yaml"))
USSD = profiles()["ussd/africastalking"]


def said(subject: Subject) -> list[str]:
    return [f"{f.flow} {f.step} {f.language} {f.channel}: {f.code}: {f.message}" for f in fit.findings(subject)]


def on(subject: Subject, *channels: Profile) -> Subject:
    return replace(subject, profiles={f"test/{n}": profile for n, profile in enumerate(channels)})


def test_what_is_shipped_fits_everywhere() -> None:
    assert said(subject_of()) == []
    assert {profile.kind for profile in subject_of().profiles.values()} == {"ussd", "sms", "whatsapp"}


@pytest.mark.parametrize("language", HOUSE.languages)
@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("channel", sorted(profiles()))
def test_pages_are_those_of_the_gateway(language: str, largest: bool, channel: str) -> None:
    """Where nothing is said before: exactly what a turn would answer."""
    subject, profile, compared = subject_of(), profiles()[channel], 0
    shows = Shows(subject)
    for screen in shows.screens:
        stage = shows.stages(language, largest)[screen.flow.name]
        here, offers = (screen.language, screen.largest) == (language, largest), isinstance(screen.step, Ask)
        if not here or screen.ends or (offers and screen.step.offer):  # type: ignore[union-attr]
            continue  # the largest offers are shown even where they would not be made
        talk, shown = stage.talk(screen.step), stage.shown(screen.step)
        result = showing.show(talk, screen.step)
        assert isinstance(result, Say)
        assert shown is not None
        reply = tell(talk, result, profile)
        assert shows.pages(replace(screen, shown=shown), profile) == (talk.session.pages or [reply.text])
        compared += 1
    assert compared > 40


@pytest.mark.parametrize("channel", sorted(profiles()))
def test_every_line_can_be_read_and_every_page_can_be_turned_to(channel: str) -> None:
    """By 98 from the first page to the last, and by 0 back; no line to choose has one of these keys."""
    shows, profile = Shows(subject_of()), profiles()[channel]
    keys = shows.subject.institution.keys
    for screen in shows.screens:
        pages = shows.pages(screen, profile) if is_shown_on(screen, profile) else []
        assert all(profile.fits(page) for page in pages)
        nav = shows.nav(screen.language, True)
        for at, page in enumerate(pages):
            lines = page.split("\n")
            assert (nav.more in lines) == (at + 1 < len(pages)), screen.step.name
            assert at == 0 or nav.back in lines, screen.step.name
        if pages:
            shown = "\n".join(pages).split("\n")
            for key, _ in screen.shown.lines:
                assert key not in (keys.back, keys.home, keys.more)
                assert any(line.startswith(f"{key} ") for line in shown), (screen.step.name, key)


class Drawn(Sizes):
    """Values that a record might hold."""

    def of(self, kind: Kind, low: Value = None, high: Value = None, options: tuple[str, ...] = ()) -> Value:
        draw = random.Random(f"{self.__dict__.get('seed')} {kind} {len(self.__dict__)}")
        match kind:
            case Kind.MONEY:
                most = high.minor if isinstance(high, Money) else 10**9
                return Money(draw.randint(1, most), self.currency)
            case Kind.DATE:
                return dt.date(2026, draw.randint(1, 12), draw.randint(1, 28))
            case Kind.NAME:
                return Name("".join(draw.choice("abcd éö") for _ in range(draw.randint(1, 30))))
            case Kind.TEXT:
                return "x" * draw.randint(1, 20)
            case Kind.PHONE:
                return Phone("+" + "1" * draw.randint(8, 15))
        return super().of(kind, low, high, options)


@pytest.mark.parametrize("seed", range(10))
def test_no_screen_is_longer_than_the_largest(seed: int) -> None:
    shows = Shows(subject_of())
    for screen in shows.screens:
        if not screen.largest or not isinstance(screen.step, Menu | Ask | Confirm):
            continue
        sizes = Drawn(shows.subject, screen.language, False)
        sizes.__dict__["seed"] = seed
        drawn = Stage(shows.release, screen.flow, sizes).shown(screen.step)
        if drawn is None:
            continue
        length = _length(drawn.text, *(label for _, label in drawn.lines))
        assert length <= _length(screen.shown.text, *(label for _, label in screen.shown.lines)), screen.step.name


def _length(*texts: str) -> int:
    return sum(gsm7.measure(text)[1] for text in texts)


def test_a_language_of_another_script_has_less_room() -> None:
    long = SourceFile(
        "flows/long.yaml",
        'flow: long\nwords: am\nstarts: {menu: main, as: "ረጅም"}\nsteps:\n  how:\n    menu: "'
        + "ሰላም " * 17
        + '"\n    options: {yes: "አዎ", no: "አይ"}\n  bye: {end: "ሰላም"}\n',
    )
    found = said(on(subject_of(long, house={"languages": ["en", "am"]}), USSD))
    assert [line for line in found if line.startswith("long how am")] == [
        "long how am ussd: fit.screens: With usual values this takes 2 screens, with what is said before it: 85 "
        "characters, and 70 fit on one. Many people do not turn pages."
    ]
    assert not any("fit.letter" in line for line in found if line.split()[2] == "am")


def test_a_list_of_a_chat_has_only_so_many_rows() -> None:
    options = ", ".join(f'{month}: "{month}"' for month in "abcdefghijk")
    months = file("months", f'how: {{menu: "Which?", options: {{{options}}}}}', "bye: {end: }")
    found = said(on(subject_of(months, house={"languages": ["en"]}), profiles()["whatsapp/cloud"]))
    assert found == [
        "months how en whatsapp: fit.rows: These are 11 options, and a list of this channel has 10 at most."
    ]


def file(name: str, *steps: str) -> SourceFile:
    head = f'flow: {name}\nwords: en\nstarts: {{menu: main, as: "It"}}\nsteps:\n'
    return SourceFile(f"flows/{name}.yaml", head + "\n".join(f"  {step}" for step in steps) + "\n")


def test_words_that_nobody_wrote_do_not_stop_it() -> None:
    few = [SourceFile(f"messages/{language}/system.yaml", f'yes: "{yes}"\n') for language, yes in
           (("en", "Yes"), ("sw", "Ndiyo"))]  # fmt: skip
    assert said(subject_of(*few)) == []


def test_keys_that_leave_no_room_for_words() -> None:
    tiny = Profile(kind="ussd", gsm7=40, ucs2=25, asks_secrets=True)
    assert said(on(subject_of(), tiny))
    path = "messages/sw/system.yaml"
    text = subject_of_text(path).replace('back: "Rudi"', 'back: "Rudi kwenye ukurasa uliopita"')
    found = said(on(subject_of(SourceFile(path, text)), tiny))
    assert [line for line in found if "None None sw" in line] == [
        'None None sw ussd: fit.no_room: The words of "back" and "more" fill a screen of this channel: none is left '
        "for what is said."
    ]


def subject_of_text(path: str) -> str:
    from checking import shipped

    return shipped().files[path]


def test_the_keys_and_words_of_a_channel_without_secrets() -> None:
    """What asks for a PIN is never measured where none may be asked."""
    shows, sms = Shows(subject_of()), profiles()["sms/console"]
    assert {s.flow.name for s in shows.screens if not is_shown_on(s, sms)} >= {"new_pin", "pin"}
    assert "balance" in {s.flow.name for s in shows.screens if is_shown_on(s, sms)}


def test_what_is_remembered_is_under_the_bound_where_nothing_is_found() -> None:
    """A session with everything that a shipped flow can know, its list and its pages."""
    shows = Shows(subject_of())
    for screen in shows.screens:
        if not screen.largest or not isinstance(screen.step, Choose):
            continue
        stage = shows.stages(screen.language, True)[screen.flow.name]
        talk = stage.talk(screen.step)
        result = showing.show(talk, screen.step)
        assert isinstance(result, Say)
        talk.frame.known = {}
        tell(talk, result, USSD)
        assert len(encode(talk.session)) < LIMIT


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_broken_elsewhere_does_not_stop_it(path: Path) -> None:
    if path.parent.name == "structure":
        text = path.read_text()
        name = next((line.split()[-1] for line in text.splitlines() if line.startswith("# as: ")), f"flows/{path.name}")
        subject = subject_of(SourceFile(name, text))
        assert isinstance([*fit.findings(subject), *cost.findings(subject)], list)


def large(steps: int) -> SourceFile:
    def lines() -> Iterator[str]:
        yield 'flow: large\nwords: en\nstarts: {menu: main, as: "Large"}\nwho: client with PIN\nsteps:'
        for n in range(0, steps - 1, 5):
            yield f'  say{n}: {{only if: client.stage is active, say: "Number {n}: {{client.name}}."}}'
            yield f'  menu{n}:\n    menu: "Which of these {n}?"\n    options: {{a: "One", b: "Two", c: "Three"}}'
            yield f'  ask{n}: {{ask: "How much {n}?", answer: {{type: money, min: 10, max: 90000}}}}'
            yield f'  list{n}: {{choose: "Which?", from: my.accounts, show: "{{account.nickname}}", none: bye}}'
            if n:
                yield f'  told{n}: {{say: "{{account.nickname}}: {{account.balance}}, {{ask{n}}}"}}'
        yield '  bye: {end: "Goodbye."}'

    return SourceFile("flows/large.yaml", "\n".join(lines()) + "\n")


def test_a_flow_of_500_steps_is_measured_in_seconds() -> None:
    """In three languages on five channels, and about linearly."""
    five = [replace(USSD, gsm7=size) for size in (140, 160, 182)] + [profiles()["sms/console"], *profiles().values()][
        :2
    ]
    taken = []
    for steps in (250, 500):
        subject = on(subject_of(large(steps), house={"languages": ["en", "sw", "fr"]}), *five)
        begun = time.process_time()
        assert isinstance([*fit.findings(subject), *cost.findings(subject)], list)
        taken.append(time.process_time() - begun)
    assert taken[1] < 20  # on a machine that does much else
    assert taken[1] < 4 * taken[0]
