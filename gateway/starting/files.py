"""Every file of a new home, by its path in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Template

import yaml

from flows.schema import SCHEMAS
from gateway.cli.schemas import file_of, written
from gateway.home import Home
from gateway.settings.template import njia_toml
from gateway.starting.places import phones
from gateway.starting.wanted import Wanted

SAMPLE = Path(__file__).parent.parent / "sample" / "home"
IGNORED = "# Clients' data and secrets never belong into a repository.\ndata/\n.njia/\n.env\n*.secret\n*.key\n*.pem\n"
RECOMMENDED = {"recommendations": ["redhat.vscode-yaml", "tamasfe.even-better-toml"]}
BESIDE = ("keywords", "nickname", "label", "typed")  # of the example's words: what is no text of the flow
SHORTCUT = 4
Words = dict[str, str]


def home_files(wanted: Wanted) -> dict[str, str]:
    """What ``njia init`` writes."""
    names = _names(wanted)
    spoken = [language for language in wanted.languages if language in example_words()]
    return {
        "njia.toml": njia_toml(_settings(wanted)),
        "README.md": _filled("README.md", {"name": wanted.name}),
        ".gitignore": IGNORED,
        "kinds.yaml": _shipped("kinds.yaml"),
        **{path: _filled(path, names) for path in ("people.yaml", "flows/visit.yaml", "products/school.yaml")},
        "fields/visit.yaml": _text("fields/visit.yaml"),
        **{f"messages/{one}/visit.yaml": _translation(source(wanted), one) for one in spoken if one != source(wanted)},
        **dict(_conversations(wanted, spoken)),
        **{file_of(name): written(name) for name in SCHEMAS},
        ".vscode/settings.json": _json({"yaml.schemas": _editor()}),
        ".vscode/extensions.json": _json(RECOMMENDED),
    }


def source(wanted: Wanted) -> str:
    """The language that the example is written in: the first that we have its words in."""
    return next((language for language in wanted.languages if language in example_words()), "en")


@cache
def example_words() -> dict[str, Words]:
    words: dict[str, Words] = yaml.safe_load(_text("words.yaml"))
    return words


def _settings(wanted: Wanted) -> dict[str, object]:
    keys = ("name", "country", "currency", "languages", "timezone", "phone", "wallet", "paybill", "notice_url")
    return {key: getattr(wanted, key) for key in keys} | {"short_name": "", "service_code": wanted.service_code}


def _names(wanted: Wanted) -> Words:
    """What the templates leave open."""
    words = example_words()[source(wanted)]
    keywords = [example_words()[one]["keywords"] for one in wanted.languages if one in example_words()]
    first, second = wanted.languages[0], wanted.languages[min(1, len(wanted.languages) - 1)]
    return {
        **_flat(words),
        "source": source(wanted),
        "keywords": ", ".join(keywords or [words["keywords"]]),
        "language_1": first,
        "language_2": second,
        **{f"phone_{n}": phone for n, phone in enumerate(phones(wanted.country, 3), start=1)},
    }


def _flat(words: Words) -> Words:
    return {key.replace(".", "_"): text for key, text in words.items()}


def _translation(of: str, to: str) -> str:
    """``messages/<language>/visit.yaml``."""
    here, there = example_words()[of], example_words()[to]
    head = "# One entry for each text of the flow: what was translated, and what is said. Sign what you read with\n"
    head += "# reviewed: {by: Your name, on: 2026-01-31}\n"
    entries = (f'{key}:\n  from: "{here[key]}"\n  to: "{there[key]}"\n' for key in here if key not in BESIDE)
    return head + "".join(entries)


def _conversations(wanted: Wanted, spoken: list[str]) -> Iterator[tuple[str, str]]:
    """Of the first language every way; of another one, the longer of them."""
    main = wanted.languages[0]
    for name in ("something-else", "record-down"):
        yield f"conversations/visit/{name}.txt", _conversation(name, "Amina", main, wanted)
    for language in spoken:
        if language != main:
            path = f"conversations/visit/something-else-{language}.txt"
            yield path, _conversation("something-else", "Grace", language, wanted)


def _conversation(name: str, person: str, language: str, wanted: Wanted) -> str:
    words = example_words()[language if language in example_words() else source(wanted)]
    told = re.sub(r"\{case\.\w+\}", "…", words["told"])  # a day and a number, which are others every time
    later = words["later"].replace("{institution.phone}", wanted.phone).rstrip()
    dialled = f"{wanted.service_code.rstrip('#')}*{SHORTCUT}#"
    more = {"person": person, "language": language, "dialled": dialled, "back": _back(language, wanted)}
    return _filled(f"conversations/{name}.txt", {**_flat(words), **more, "told": told, "later": later})


def _back(language: str, wanted: Wanted) -> str:
    """What the engine calls the key that goes back, in this language or the one that is used instead."""
    home = Home()
    shipped = home.folders("messages")
    of = next(one for one in (language, *wanted.languages, *shipped) if one in shipped)
    system = next(file for file in home.files(f"messages/{of}") if file.name == "system")
    return str(yaml.safe_load(system.text)["back"])


def _editor() -> dict[str, list[str]]:
    return {f"./{file_of(name)}": [f"/{files}"] for name, (_, files) in SCHEMAS.items()}


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _shipped(name: str) -> str:
    file = Home().file(name)
    assert file is not None  # noqa: S101 - it is in the package
    return file.text


def _text(path: str) -> str:
    return (SAMPLE / path).read_text(encoding="utf-8")


def _filled(path: str, names: Words) -> str:
    return Template(_text(path)).substitute(names)
