"""Small flows played to the engine alone, line by line: tests/engine/*.yaml."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from scripted import ALL_ACTIONS, ALL_SOURCES, TODAY, Player, Stand, institution, release_of

from flows import actions, sources

CASES = [
    pytest.param(topic, case, id=f"{path.stem}: {case['it']}")
    for path in sorted(Path(__file__).with_name("engine").glob("*.yaml"))
    for topic in [yaml.safe_load(path.read_text(encoding="utf-8"))]
    for case in topic["scripts"]
]

AKINYI = {"id": "akinyi", "number": "C-1001", "name": "Akinyi Odhiambo", "short_name": "Akinyi", "has_pin": True}
OTIENO = {"id": "otieno", "number": "C-1002", "name": "Otieno Ouma", "short_name": "Otieno", "has_pin": True}
NEKESA = {**AKINYI, "id": "nekesa", "has_pin": False}
PEOPLE = {"akinyi": AKINYI, "otieno": OTIENO, "nekesa": NEKESA}


@pytest.fixture(autouse=True)
def more_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "catalogue", lambda: ALL_ACTIONS)
    monkeypatch.setattr(sources, "catalogue", lambda: ALL_SOURCES)


@pytest.mark.parametrize(("topic", "case"), CASES)
def test_script(topic: dict[str, Any], case: dict[str, Any]) -> None:
    who = {**topic.get("who", {}), **case.get("who", {})}
    release = release_of({**topic["flows"], **case.get("flows", {})}, institution(**who.pop("institution", {})))
    clients = [PEOPLE[name] for name in who.pop("clients", "").split()]
    silent = who.pop("silent", None)
    seen = TODAY - dt.timedelta(days=silent) if silent else None
    Player(Stand(release, clients=clients, seen=seen, **who), topic.get("screens")).play(case["script"])


ANSWERS = yaml.safe_load(Path(__file__).with_name("engine").joinpath("answers.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("step", "typed", "known"), [(a, b, str(c)) for a, b, c in ANSWERS["answers"]])
def test_an_answer_is_read_as_people_type_it(step: str, typed: str, known: str) -> None:
    release = release_of(ANSWERS["flows"], institution())
    key = [option.name for option in release.flows["main"].steps["what"].options].index(step) + 1  # type: ignore[union-attr]
    player = Player(Stand(release))
    for mark, line in (("@", "dial"), (">", str(key)), (">", typed)):
        player.hear(mark, line)
    if known.startswith("?"):
        assert player.shown[0] == known[2:]
        assert step not in player.talk.frame.known
    else:
        assert player.shown == ["Taken.", "(end: completed)"]
        assert player.known(step) == known
