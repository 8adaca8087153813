"""Homes to grow: the one that is measured, with more steps, more flows or more languages beside what is called."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.houses import HOME
from gateway.home import templates

LANGUAGES = ("en", "sw", "so", "am", "ha", "yo", "ig", "zu", "xh", "rw")
OTHERS = 'options: {savings: "Savings", loan: "Loan", other: "Other"}\n    go to: {savings: figures, loan: figures}'
STEP = '  more_{n}:\n    menu: "Step {n}"\n    options: {{on: "On", out: "Out"}}\n    go to: {{out: nothing}}\n'
FLOW = (
    'flow: more_{n}\nwords: en\nstarts: {{menu: settings, as: "More {n}", shortcut: {n}}}\npurpose: service\n'
    'who: client\nsteps:\n  here: {{menu: "More {n}", options: {{on: "On", out: "Out"}}}}\n  bye: {{end: "Bye."}}\n'
)
WALK = """\
flow: walk
words: en
starts: {menu: main, as: "Walk", shortcut: 11}
purpose: service
who: client
steps:
  here:
    menu: "Here"
    options: {on: "On", out: "Out"}
    go to: {out: bye}
  there:
    menu: "There"
    options: {on: "On", out: "Out"}
    go to: {on: here, out: bye}
  bye: {end: "Bye."}
"""


def copied(folder: Path) -> Path:
    """The home that is measured, to be changed."""
    home = folder / "home"
    shutil.copytree(HOME, home)
    return home


def steps(folder: Path, count: int) -> Path:
    """The flow that is called has ``count`` steps in all: half of the new ones before those that are walked."""
    home, more = copied(folder), max(0, count - 6)
    file = home / "flows" / "shown.yaml"
    text = file.read_text().replace('options: {savings: "Savings", loan: "Loan"}', OTHERS)
    made = [STEP.format(n=n) for n in range(more)]
    text = text.replace("  figures:\n", "".join(made[: more // 2]) + "  figures:\n" if more else "  figures:\n", 1)
    file.write_text(text.replace("  nothing:", "".join(made[more // 2 :]) + "  nothing:", 1))
    return home


def flows(folder: Path, count: int) -> Path:
    """``count`` flows beside those that are shipped; one of them is called."""
    home = copied(folder)
    for n in range(100, 99 + count):
        (home / "flows" / f"more_{n}.yaml").write_text(FLOW.format(n=n))
    return home


def languages(folder: Path, count: int) -> Path:
    """So many languages are on offer; those that are not shipped have the words of the second one."""
    home, spoken = copied(folder), LANGUAGES[:count]
    for language in spoken[2:]:
        shutil.copytree(templates() / "messages" / LANGUAGES[1], home / "messages" / language)
    named = ", ".join(f'"{language}"' for language in spoken)
    file = home / "njia.toml"
    file.write_text(file.read_text().replace('languages = ["en", "sw"]', f"languages = [{named}]"))
    return home


def walk(folder: Path, _: int) -> Path:
    """A call can go on for ever."""
    home = copied(folder)
    (home / "flows" / "walk.yaml").write_text(WALK)
    return home
