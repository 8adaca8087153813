"""How long it takes to prove a flow before it is published, as the flow grows: CPU seconds of each family."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import replace

from bench.ground import Ground
from bench.houses import HOME
from bench.measuring import Effort, Note
from bench.table import Found, Table
from flows.checks import FAMILIES, Subject
from flows.loading import SourceFile
from gateway.home import Home
from gateway.institution import institution
from gateway.publishing import Sources, gather, subject
from gateway.settings import load

STEPS = (125, 250, 500)
LANGUAGES = ("en", "sw", "fr")
SCREENS = (140, 150, 160, 170, 182)  # GSM-7 characters of five channels
TIMES = 3
GROUP = """\
  say{n}: {{only if: client.stage is active, say: "Number {n}: {{client.name}}."}}
  menu{n}: {{menu: "Which of these {n}?", options: {{a: "One", b: "Two", c: "Three"}}}}
  ask{n}: {{ask: "How much {n}?", answer: {{type: money, min: 10, max: 90000}}}}
  told{n}: {{say: "That is {{ask{n}}}."}}
  yes{n}: {{ask: "Is it so {n}?", answer: {{type: yes_no}}}}
"""
HEAD = 'flow: large\nwords: en\nstarts: {menu: main, as: "Large"}\nwho: client\nsteps:\n'


def checks(ground: Ground, effort: Effort, note: Note) -> Found:
    """A flow of more and more steps, in three languages, on five channels."""
    del ground
    found = {str(steps): _measured(steps, min(effort.rounds, TIMES), note) for steps in STEPS}
    rows = [_row(steps, figures) for steps, figures in found.items()]
    head = ("", "CPU s in all", *FAMILIES)
    return Found({"seconds": found}, [Table("checks", "Proving a flow before it is published", head, rows)])


def _measured(steps: int, times: int, note: Note) -> dict[str, float]:
    note(f"  {steps} steps …")
    rounds = [_timed(_subject(steps)) for _ in range(times)]
    return {family: round(statistics.median(each[family] for each in rounds), 3) for family in FAMILIES}


def _timed(made: Subject) -> dict[str, float]:
    taken = {}
    for family, (findings, _) in FAMILIES.items():
        begun = time.process_time()
        list(findings(made))
        taken[family] = time.process_time() - begun
    return taken


def _subject(steps: int) -> Subject:
    """Read anew, so that nothing is remembered of the round before."""
    house = replace(institution(load(HOME, environment={})), languages=LANGUAGES)
    sources = gather(Home(None), house)
    groups = "".join(GROUP.format(n=n) for n in range((steps - 1) // 5))
    large = SourceFile("flows/large.yaml", f'{HEAD}{groups}  bye: {{end: "Goodbye."}}\n')
    subject_of, faults = subject(Sources(sources.institution, {**sources.files, large.path: large.text}))
    assert subject_of is not None, faults
    ussd = subject_of.profiles["ussd/africastalking"]
    return replace(subject_of, profiles={f"bench/{size}": replace(ussd, gsm7=size) for size in SCREENS})


def _row(steps: str, figures: Mapping[str, float]) -> tuple[str, ...]:
    return (f"{steps} steps", *(f"{seconds:.2f}" for seconds in (sum(figures.values()), *figures.values())))
