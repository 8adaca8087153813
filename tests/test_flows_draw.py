"""``njia flows draw``: nothing on a drawing lies on anything else, nothing in it can run, and it can be read aloud."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import Browser, browser, in_chromium
from checking import HOUSE, laid_over, shipped
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_flows import drawn

from flows import actions
from flows.drawing import Picture, outline, picture, svg
from flows.drawing.layout import Layout, lay_out
from flows.drawing.measuring import width, wrapped
from flows.drawing.picture import Arrow, Box
from flows.loading import SourceFile
from flows.model import Flow
from gateway.cli import njia
from gateway.publishing import Sources
from gateway.wording.entries import read_flows

HERE = Path(__file__).parent
ROOT = HERE.parent
ACTIONS = {name: action for name, (action, _) in actions.catalogue().items()}
SHIPPED = sorted(path.stem for path in (ROOT / "flows/definitions/flows").glob("*.yaml"))
NAMESPACE = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> ]]> & "quoted" \' {x} \x07 \u202e\u0627\u0644 ' + "W" * 300


def flows_of(sources: Sources) -> dict[str, Flow]:
    return read_flows(sources, HOUSE)[0]


def picture_of(name: str, flows: dict[str, Flow]) -> Picture:
    return picture(flows[name], flows, ACTIONS, lambda flow, text: text.source)


@pytest.fixture(scope="module")
def house() -> dict[str, Flow]:
    return flows_of(shipped())


def draw(*words: str) -> Result:
    return CliRunner().invoke(njia, ["flows", "draw", *words], prog_name="njia")


# -- geometry ---------------------------------------------------------------------------------------------------------


def wrong_in(layout: Layout) -> Iterator[str]:
    """Whatever lies on something else, or sticks out."""
    shapes = [*layout.boxes, *layout.labels]
    for one, other in combinations(shapes, 2):
        if one.x < other.x + other.wide and other.x < one.x + one.wide:  # noqa: SIM102
            if one.y < other.y + other.high and other.y < one.y + one.high:
                yield f"{one.name or one.lines} lies on {other.name or other.lines}"
    for shape in shapes:
        if shape.x < 0 or shape.y < 0 or shape.x + shape.wide > layout.wide or shape.y + shape.high > layout.high:
            yield f"{shape.name or shape.lines} sticks out of the picture"
        for line in shape.lines:
            left = line.x - line.wide / 2 if line.middle else line.x
            if left < shape.x or left + line.wide > shape.x + shape.wide + 0.1:
                yield f"{line.text} is wider than {shape.name or 'its label'}"
            if not shape.y < line.y - 0.7 * line.size < line.y < shape.y + shape.high:
                yield f"{line.text} is above or below {shape.name or 'its label'}"
        for above, below in pairwise([line for line in shape.lines if line.part != "mark"]):
            if below.y - above.y < 0.9 * below.size:
                yield f"{below.text} lies on {above.text}"
    yield from _wrong_lines(layout)


def _wrong_lines(layout: Layout) -> Iterator[str]:
    for path in layout.paths:
        for (x, y), (to_x, to_y) in pairwise(path.points):
            if abs(x - to_x) > 0.7 and abs(y - to_y) > 0.7:
                yield f"{path.step} to {path.target} is not drawn across or down"
            for box in layout.boxes:
                inside = max(x, to_x) > box.x + 1 and min(x, to_x) < box.x + box.wide - 1
                if inside and max(y, to_y) > box.y + 1 and min(y, to_y) < box.y + box.high - 1:
                    yield f"{path.step} to {path.target} goes through {box.name}"
            for label in layout.labels:  # its own stands on its line, which goes straight down there
                inside = max(x, to_x) > label.x and min(x, to_x) < label.x + label.wide
                if inside and label.y < y < label.y + label.high and abs(y - to_y) < 0.1:
                    yield f"{path.step} to {path.target} goes across {label.lines}"
    for path in layout.paths:
        target = next(box for box in layout.boxes if box.name == path.target)
        x, y = path.points[-1]
        if path.arrow and not (abs(y - target.y) < 0.2 and target.x <= x <= target.x + target.wide):
            yield f"{path.step} to {path.target} does not end there"


@pytest.mark.parametrize("name", SHIPPED)
def test_nothing_of_a_shipped_flow_lies_on_anything_else(name: str, house: dict[str, Flow]) -> None:
    drawing = lay_out(picture_of(name, house))
    assert list(wrong_in(drawing)) == []
    assert [box.name for box in drawing.boxes] == ["", *house[name].steps]


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # to make one smaller takes minutes
    suppress_health_check=list(HealthCheck),
)
@given(drawn())
def test_nor_of_any_flow_that_can_be_read(files: tuple[SourceFile, ...]) -> None:
    flows = flows_of(laid_over(*files))
    for name in {"drawn", "inner"} & flows.keys():
        found = picture_of(name, flows)
        assert list(wrong_in(lay_out(found))) == []
        ElementTree.fromstring(svg(found))
        assert outline(found).count("\n  1. ") == 1


texts = st.sampled_from(["", "Yes", "a long answer that takes some lines on its arrow", "ጤና ይስጥልኝ", "W" * 90])


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Any boxes, with arrows from any to any: loops, crowds, steps that nothing leads to."""
    names = [f"s{n}" for n in range(draw(st.integers(1, 14)))]
    boxes = [
        Box(name, "menu", draw(texts), marks=tuple(draw(st.lists(st.sampled_from(["money", "PIN"]), max_size=2))))
        for name in names
    ]
    pairs = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), unique=True, max_size=40))
    arrows = [
        Arrow("", names[0]),
        *(Arrow(one, other, tuple(draw(st.lists(texts, max_size=3)))) for one, other in pairs),
    ]
    return Picture("any", "en", ("For anyone",), (), tuple(boxes), tuple(arrows), ())


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(pictures())
def test_nor_of_any_picture(found: Picture) -> None:
    layout = lay_out(found)
    assert list(wrong_in(layout)) == []
    drawn_ways = {(path.step, path.target) for path in layout.paths}
    assert drawn_ways == {(arrow.step, arrow.target) for arrow in found.arrows if arrow.step != arrow.target}


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(pictures())
def test_no_two_lines_across_lie_on_one_another(found: Picture) -> None:
    """(But those that come back to the same step, which are one.)"""
    across = []
    for path in lay_out(found).paths:
        for (x, y), (to_x, to_y) in pairwise(path.points):
            if abs(y - to_y) < 0.05:
                across.append((min(x, to_x), max(x, to_x), y, (path.target if path.back else path)))
    for (low, high, y, one), (left, right, other_y, other) in combinations(across, 2):
        assert one == other or abs(y - other_y) > 1 or high <= left or right <= low


@pytest.mark.parametrize("text", ["a few words", "W" * 200, "", "one\ntwo", "ጤና ይስጥልኝ " * 9, "e\u0301" * 40])
@pytest.mark.parametrize("lines", [1, 3])
def test_words_are_wrapped_within_their_room(text: str, lines: int) -> None:
    found = wrapped(text, 12, 100, lines)
    assert len(found) <= lines
    assert all(width(line, 12) <= 100 for line in found)
    whole = "".join(text.split())
    assert "".join("".join(found).split()).rstrip("…") == whole[: len("".join("".join(found).split()).rstrip("…"))]


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_same_flow_is_drawn_in_the_same_bytes() -> None:
    code = "from gateway.cli import main; main()"
    made = [
        subprocess.run(
            [sys.executable, "-c", code, "flows", "draw", "repay", "--svg", "-"],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1]
    assert made[0].startswith(b"<svg ")


def test_hostile_words_are_only_words() -> None:
    box = Box("<b>", "menu", HOSTILE, HOSTILE, ("money",), (HOSTILE,), (HOSTILE,))
    found = Picture(HOSTILE, 'en" onload="x', (HOSTILE,), (), (box,), (Arrow("", "<b>", (HOSTILE,)),), ())
    root = ElementTree.fromstring(svg(found))
    kinds = {element.tag.removeprefix(NAMESPACE) for element in root.iter()}
    assert kinds == {"svg", "title", "desc", "style", "g", "rect", "path", "text"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in names if name.startswith("on") or "href" in name}
    assert "url(" not in svg(found) and "@import" not in svg(found)
    assert list(wrong_in(lay_out(found))) == []
    assert any("<script>" in (element.text or "") for element in root.iter(f"{NAMESPACE}text"))


def test_a_drawing_says_what_it_is(house: dict[str, Flow]) -> None:
    root = ElementTree.fromstring(svg(picture_of("repay", house)))
    assert root.findtext(f"{NAMESPACE}title") == "The flow repay"
    said = root.findtext(f"{NAMESPACE}desc") or ""
    assert said.startswith("25 steps from the top down;") and "dashed lines lead back up" in said
    groups = [element.get("aria-label") for element in root.iter(f"{NAMESPACE}g") if element.get("role") == "group"]
    assert groups[:3] == ["the beginning", "step account, list", "step amount, question"]
    words = " ".join(element.text or "" for element in root.iter(f"{NAMESPACE}text"))
    for said in ("Pay which one?", "only if way is mine", "already asked", "Without", "money", "secret", "PIN"):
        assert said.lower() in words.lower()


@in_chromium
@pytest.mark.parametrize("name", ["repay", "my_requests"])
async def test_a_browser_shows_it_in_light_and_dark(name: str, house: dict[str, Flow], tmp_path: Path) -> None:
    file = tmp_path / "flow.svg"
    file.write_text(svg(picture_of(name, house)), encoding="utf-8")
    async with browser(tmp_path) as window:
        for dark in (False, True):
            await window.look(1400, 900, dark=dark)
            await window.open(file.as_uri())
            assert await window.run(OUTSIDE) == []
            assert await window.run(PALE) == []
            assert await _paper(window) == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")


async def _paper(window: Browser) -> str:
    return str(await window.run("return getComputedStyle(document.documentElement).backgroundColor"))


OUTSIDE = """
return [...document.querySelectorAll("g")].flatMap((group) => {
  const rect = group.querySelector("rect");
  if (!rect) return [];
  const room = rect.getBBox();
  return [...group.querySelectorAll("text")].filter((text) => {
    const box = text.getBBox();
    return box.x < room.x - 0.5 || box.x + box.width > room.x + room.width + 0.5;
  }).map((text) => text.textContent);
});
"""
PALE = """
const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
return [...document.querySelectorAll("text")].filter((text) => {
  const mark = text.classList.contains("mark") ? text.previousElementSibling : text.parentNode.querySelector("rect");
  const [ink, paper] = [text, mark].map((one) => light(getComputedStyle(one).fill));
  return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) < 4.5;
}).map((text) => text.textContent);
"""


# -- the outline, and the command -------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["my_requests", "loan_feedback"])
def test_the_outline_is_as_it_was_read_before(name: str, here: Path) -> None:
    found = draw(name)
    assert (found.exit_code, found.output) == (0, (HERE / f"drawing/{name}.txt").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_step_of_an_outline_has_its_number_and_leads_to_one(name: str, house: dict[str, Flow]) -> None:
    text = outline(picture_of(name, house))
    numbers = dict(re.findall(r"^ *(\d+)\. (\w+):", text, re.MULTILINE))
    assert list(numbers.values()) == list(house[name].steps)
    leads = re.findall(r"> .*?(?:on to|back to|here again:|to) (\d+) (\w+)$", text, re.MULTILINE)
    assert all(numbers[number] == step for number, step in leads)
    assert all(len(line) < 400 for line in text.splitlines())


def test_the_words_may_be_those_of_another_language(here: Path) -> None:
    assert '"Unalipia ipi?"' in draw("repay", "--language", "sw").output
    assert "Unalipia ipi?" in draw("repay", "--language", "sw", "--svg", "-").output
    assert '"Pay which one?"' in draw("repay", "--language", "en").output


def test_a_tool_reads_steps_and_edges(here: Path) -> None:
    found = json.loads(draw("repay", "--json").output)
    steps = {step["name"]: step for step in found["steps"]}
    assert (found["flow"], found["language"], found["marks"], len(steps)) == ("repay", "en", ["PIN"], 25)
    assert steps["agree"] == {
        "name": "agree",
        "kind": "confirmation",
        "words": "Pay {amount} to {payee} for {account.nickname}? Fee {fee}.",
        "only_if": None,
        "marks": ["money"],
        "lines": [],
        "details": [],
    }
    edges = [edge for edge in found["edges"] if edge["step"] == "agree"]
    assert {(edge["how"], edge["target"]) for edge in edges} == {
        ("yes", "pay"),
        ("no", "cancelled"),
        ("third miss", None),
    }


def test_a_file_is_written_and_not_over_another(here: Path) -> None:
    first = draw("register", "--svg", "a.svg")
    assert (first.exit_code, first.output) == (0, "a.svg: 6 steps.\n")
    ElementTree.parse("a.svg")
    again = draw("register", "--svg", "a.svg")
    assert (again.exit_code, "a.svg is there already" in again.output) == (2, True)
    assert draw("register", "--svg", "a.svg", "--yes").exit_code == 0
    assert [path.name for path in here.iterdir()] == ["a.svg"]


@pytest.mark.parametrize(
    ("given_words", "says"),
    [
        ("repya", 'There is no flow repya here. Did you mean "repay"?'),
        ("repay --language fr", "There are no words in fr here. There are: en, sw."),
        ("repay --svg nowhere/a.svg", "There is no folder nowhere."),
    ],
)
def test_wrong_usage_is_exit_2(given_words: str, says: str, here: Path) -> None:
    found = draw(*given_words.split())
    assert (found.exit_code, says in found.output) == (2, True), found.output


def test_a_flow_that_cannot_be_read_says_why_and_others_are_drawn(here: Path) -> None:
    (here / "flows").mkdir()
    (here / "njia.toml").write_text('[institution]\nname = "Jamii MFI"\n')
    (here / "flows/visit.yaml").write_text('flow: visit\nwords: en\nsteps:\n  a: {end: "Hm}\n')
    found = draw("visit")
    assert (found.exit_code, "This flow cannot be read:\nflows/visit.yaml, line 4" in found.output) == (1, True)
    assert draw("register").exit_code == 0
