"""The JSON Schemas say what the loader does: on what is shipped, on the broken files, on files with one slip each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import test_broken
import yaml
from editing import slips, tree

from flows import actions, sources
from flows.faults import Fault
from flows.loading import SourceFile, load_fields, load_flows, load_kinds, load_translations
from flows.model import Institution
from flows.people import load_people
from flows.products.reading import load_products
from flows.schema import SCHEMAS, schema
from gateway.home import Home

JAMII = Institution(name="Jamii MFI", short_name="Jamii", languages=("en", "sw"))
HERE = Path(__file__).parent

# What a schema cannot know: quotes, names, targets, types, what other files say, what the file looks like.
BEYOND = (
    r"quotes\..*|names\..*|condition\.(?!too_long).*|text\.same_key|words\..*|system\.(unknown_key|placeholders|missing)|yaml\..*|"
    r"file\..*|payment\.(who|unconfirmed|name)|confirm\..*|later\..*|saves\..*|safety\..*|structure\..*|"
    r"action\.(near_name|input_type|unknown_later|two_meanings|unknown_word)|answer\.bound|field\.(bound|twice)|"
    r"menu\.no_flows|ask\.offer_media|flow\.(circle|falls_off|name|no_end|unknown|needed)|kinds\.unknown_party|"
    r"starts\.(every|opt_out_word|reserved_key|same_.*|time|unknown_menu|menu_off|number_keyword|keyword)|"
    r"step\.(go_to|hides_name|on_timeout|redial|unknown_answer|unknown_target)|product\.(name|quotes|rate|equal|grace|extra)"
)


def named() -> dict[str, Any]:
    return {
        "actions": {name: action for name, (action, _) in actions.catalogue().items()},
        "sources": sources.catalogue(),
    }


@cache
def validator(name: str, tested: bool = False) -> Callable[[Any], Any]:
    """``tested``: with the actions and lists of tests/loading."""
    catalogue = dict(zip(("actions", "sources"), test_broken.catalogue(), strict=True)) if tested else named()
    found: Callable[[Any], Any] = fastjsonschema.compile(schema(name, **(catalogue if name == "flow" else {})))
    return found


def refusal(name: str, text: str, tested: bool = False) -> str:
    """Why an editor marks the file; nothing if it does not."""
    try:
        validator(name, tested)(tree(text))
    except fastjsonschema.JsonSchemaException as refused:
        return str(refused) or "refused"
    return ""


def shipped() -> dict[str, tuple[str, str]]:
    """Every shipped file an author could write, by its path: the schema that it goes by, and its text."""
    home = Home()
    folders = {"flows": "flow", "fields": "fields", "products": "product"}
    folders |= {f"messages/{language}": "words" for language in home.folders("messages")}
    found = {file.path: (name, file.text) for folder, name in folders.items() for file in home.files(folder)}
    for path in ("kinds.yaml", "people.yaml"):
        file = home.file(path)
        assert file
        found[path] = (path.removesuffix(".yaml"), file.text)
    return found


SHIPPED = shipped()


@pytest.mark.parametrize("path", SHIPPED)
def test_what_is_shipped_is_as_the_schema_says(path: str) -> None:
    assert not refusal(*SHIPPED[path])


@pytest.mark.parametrize("path", sorted((HERE / "loading/good").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_the_loader_takes_is_as_the_schema_says(path: Path) -> None:
    assert not refusal("flow", path.read_text(), tested=True)


BROKEN = [path for path in test_broken.FILES if path.parent.name in ("flow", "words", "system", "fields", "kinds")]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_broken_shape_is_refused(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    codes = [line.split(": ")[2] for line in text.splitlines() if line.startswith("# expect: ")]
    if all(re.fullmatch(BEYOND, code) for code in codes):
        return
    name = {"system": "words"}.get(path.parent.name, path.parent.name)
    try:
        assert refusal(name, text, tested=True)
    except yaml.YAMLError:
        assert path.stem == "everything"


# -- the same verdict on any slip -----------------------------------------------------------------------------------


@cache
def declared() -> Any:
    return load_fields([SourceFile("fields/loan.yaml", (HERE / "loading/fields.yaml").read_text())], "KES")[0]


def of_flow(path: str, text: str) -> list[Fault]:
    return load_flows([SourceFile(path, text)], JAMII, declared(), *test_broken.catalogue())[1]


@cache
def translated() -> Any:
    home = Home()
    return load_flows(home.files("flows"), JAMII, load_fields(home.files("fields"), "KES")[0])[0]


def of_words(path: str, text: str) -> list[Fault]:
    return load_translations([SourceFile(path, text)], translated())[1]


LOADERS: dict[str, Callable[[str, str], list[Fault]]] = {
    "flow": of_flow,
    "words": of_words,
    "fields": lambda path, text: load_fields([SourceFile(path, text)], "KES")[1],
    "product": lambda path, text: load_products([SourceFile(path, text)], "KES")[1],
    "kinds": lambda path, text: load_kinds(SourceFile(path, text))[1],
    "people": lambda path, text: load_people(SourceFile(path, text), "KES")[1],
}
SLIPPED = {
    path: SHIPPED[path] for path in ("fields/feedback.yaml", "kinds.yaml", "people.yaml", "messages/sw/pin.yaml")
}
SLIPPED |= {path: found for path, found in SHIPPED.items() if path.startswith("products/")}
SLIPPED |= {f"flows/{path.name}": ("flow", path.read_text()) for path in sorted((HERE / "loading/good").glob("*.yaml"))}


@pytest.mark.parametrize("path", SLIPPED)
def test_loader_and_schema_agree_on_every_slip(path: str) -> None:
    name, text = SLIPPED[path]
    wrong = []
    for what, slipped in slips(text, 1000 if name == "flow" else 3):
        codes = {fault.code for fault in LOADERS[name](path, slipped) if fault.level == "error"}
        shape = {code for code in codes if not re.fullmatch(BEYOND, code)}
        refused = refusal(name, slipped, tested=True)
        if (shape and not refused) or (refused and not codes):
            wrong.append(f"{what}: the loader finds {sorted(codes)}, the schema: {refused or 'nothing'}")
    assert not wrong, "\n".join(wrong)


# -- what it is for -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_guide_has_it(name: str) -> None:
    """(njia flows schema … says the same, with the actions and lists that are installed.)"""
    told = (HERE.parent / f"docs/{name}.schema.json").read_text()
    assert json.loads(told) == schema(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_has_a_hint(name: str) -> None:
    assert [where for where, one in keys(schema(name, **(named() if name == "flow" else {}))) if not hinted(one)] == []


def keys(part: Any, where: str = "") -> list[tuple[str, Any]]:
    if isinstance(part, list):
        return [key for n, one in enumerate(part) for key in keys(one, f"{where}/{n}")]
    if not isinstance(part, dict):
        return []
    own = [(f"{where}/{key}", one) for key, one in part.get("properties", {}).items()]
    conditions = ("if", "then", "else")  # these describe nothing
    return own + [key for name, one in part.items() if name not in conditions for key in keys(one, f"{where}/{name}")]


def hinted(one: Any) -> bool:
    return (
        isinstance(one, dict) and len(one.get("description", "")) > 8 and one["description"].endswith(".")
    ) or "$ref" in one
