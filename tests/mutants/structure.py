"""Faults of structure: steps that nobody comes to, circles, doors that do not open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mutants.ground import Entry, everywhere, flows, whole, words_of
from mutants.judging import Mutant, Says, broken, follows, kind, near, untold
from mutants.places import falls, flow_of, step_of, steps, targets, words

from flows.model import Ask, Confirm, Menu, Run

ASKS = (Menu, Ask, Confirm)
LEFT = "structure.unreachable"  # where a way was bent, what it led to may be come to by no other


@kind("structure", "a step that asks nothing leads to itself")
def itself() -> Iterator[Mutant]:
    for entry in targets():
        if entry.step and not isinstance(step_of(entry), ASKS):
            also = [follows(entry.file, f"{LEFT} structure.no_way_out meaning.* safety.*")]
            codes = "structure.never_waits payment.unconfirmed"  # to be asked for twice, with one yes
            yield broken(entry, entry.instead(entry.step), codes, also=also)


@kind("structure", "an end has become words that lead to themselves")
def end_to_itself() -> Iterator[Mutant]:
    for entry in _ends():
        says = [near(entry, "structure.never_waits"), follows(entry.file, "flow.no_end")]
        also = [follows(entry.file, f"{LEFT} structure.no_way_out meaning.*")]
        change = [entry.renamed("say"), _beside(entry, f"go to: {entry.step}")]
        yield broken(entry, change, "", also=also).found_by(*says)


def _ends() -> Iterator[Entry]:
    return (entry for entry in words() if entry.step and entry.path[2:] == ("end",) and "\n" not in entry.text)


def _beside(entry: Entry, pair: str) -> tuple[int, int, str]:
    """Another pair below this one."""
    if entry.inside.flow_style:
        return entry.end, entry.end, f", {pair}"
    column = int(entry.key.start_mark.column)
    return entry.end, entry.end, f"\n{' ' * column}{pair}"


@kind("structure", "an end has become a question that only leads to itself")
def end_to_question() -> Iterator[Mutant]:
    for entry in _ends():
        pair = f'options: {{again: "Once more"}}, go to: {{again: {entry.step}}}'
        if not entry.inside.flow_style:
            pair = pair.replace("}, go to", "}\n    go to")
        change = [entry.renamed("menu"), _beside(entry, pair)]
        says = [near(entry, "structure.no_way_out structure.cannot_leave"), follows(entry.file, "flow.no_end")]
        also = [follows(entry.file, "meaning.*"), _untranslated(entry)]
        yield broken(entry, change, "", also=also).found_by(*says)


def _untranslated(entry: Entry) -> Says:
    return untold(entry.file)


@kind("structure", "a step is gone that others lead to")
def step_gone() -> Iterator[Mutant]:
    for step in steps():
        leads = [entry for entry in targets() if entry.file is step.file and entry.text == step.name]
        if leads and any(entry.step != step.name for entry in leads):
            says = follows(step.file, "step.unknown_target", f'"{step.name}"')
            also = [follows(step.file, "names.unknown condition.unknown_name action.input_type", step.name)]
            also.append(follows(step.file, "flow.falls_off"))
            yield broken(step, step.removed(), "", also=also).found_by(says)


@kind("structure", "a step is written that nothing leads to")
def stray() -> Iterator[Mutant]:
    for step in steps():
        edit = (
            _until(step),
            _until(step),
            '  stray:\n    say: "Nobody sees it."\n    go to: stray_end\n  stray_end: {end: }\n',
        )
        if not falls(step):
            says = follows(step.file, "structure.unreachable", "stray", steps=("stray",))
            yield broken(step, edit, "", also=[_missing(step, "stray")]).found_by(says)


def _until(step: Entry) -> int:
    ends = step.file.text.find("\n", step.end)
    return len(step.file.text) if ends < 0 else ends + 1


def _missing(step: Entry, name: str) -> Says:
    return untold(step.file)


@kind("structure", "nothing stands below the last step")
def falls_off() -> Iterator[Mutant]:
    for file in flows():
        says = follows(file, "flow.falls_off", steps=("too_far",))
        yield broken(file.steps[-1], file.last('  too_far: {say: "And now?"}\n'), "").found_by(says)


@kind("structure", "a flow runs itself")
def runs_itself() -> Iterator[Mutant]:
    for entry in _runs():
        yield broken(entry, entry.instead(entry.file.name), "flow.circle", entry.file.name)


@kind("structure", "two flows run one another")
def circle() -> Iterator[Mutant]:
    for entry in _runs():
        other = next(file for file in flows() if file.name == entry.text)
        edit = other.before(other.steps[0].name, f"  back_again: {{run: {entry.file.name}}}\n")
        first = other.steps[0]
        says = Says(("flow.circle",), other.path, (first.line,), ("back_again",), (entry.file.name,))
        also = [
            Says(("flow.circle",), f"flows/{name}.yaml") for name in (entry.file.name, "change_pin", "pin", "new_pin")
        ]
        yield broken(first, edit, "", also=also, among=frozenset({entry.file.name})).found_by(says)


def _runs() -> Iterator[Entry]:
    return (e for e in everywhere() if e.step and e.name == "run" and isinstance(step_of(e), Run))


def _started() -> Iterator[Entry]:
    return (entry for entry in everywhere() if entry.path == ("starts", "shortcut"))


@kind("structure", "two flows of a menu have the same shortcut")
def same_shortcut() -> Iterator[Mutant]:
    for entry in _started():
        menu = whole().flows[entry.file.name].starts.menu
        for other in whole().flows.values():
            if other.starts.menu == menu and other.starts.shortcut and other.name != entry.file.name:
                yield _clash(entry, str(other.starts.shortcut), "starts.same_shortcut", other.name)
                break


@kind("structure", "two flows have the same keyword")
def same_keyword() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("starts", "keywords"):
            other = next(f for f in whole().flows.values() if f.starts.keywords and f.name != entry.file.name)
            yield _clash(entry, f"[{other.starts.keywords[0]}]", "starts.same_keyword", other.name)


def _clash(entry: Entry, raw: str, code: str, other: str) -> Mutant:
    """Whichever of the two files comes later is told, and it names the other one."""
    here, word = whole().flows[entry.file.name], raw.strip("[]")
    there = whole().flows[other]
    says = [Says((code,), here.file, (entry.line,), (), (word, f'"{other}"'))]
    says.append(Says((code,), there.file, (), (), (word, f'"{here.name}"')))
    return broken(entry, entry.instead(raw), "", among=frozenset({other})).found_by(*says)


@kind("structure", "a keyword is one that ends all messages")
def opt_out() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("starts", "keywords"):
            for word in ("STOP", "acha", "End"):
                yield broken(entry, entry.instead(f"[{word}]"), "starts.opt_out_word", f'"{word}"')


@kind("structure", "a keyword is a number")
def number() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("starts", "keywords"):
            yield broken(entry, entry.instead("[PAY2, 22]"), "starts.number_keyword", '"22"')


@kind("structure", "a shortcut is the key for back, home or more")
def reserved() -> Iterator[Mutant]:
    for entry in _started():
        yield broken(entry, entry.instead("98"), "starts.reserved_key", '"98"')


@kind("structure", "a flow starts from a menu that is not there")
def no_such_menu() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("starts", "menu"):
            among = frozenset(flow.name for flow in whole().flows.values() if flow.starts.menu == entry.text)
            change = entry.instead(f"{entry.text}s")
            yield broken(entry, change, "starts.unknown_menu", f'"{entry.text}s"', among=among)


@kind("structure", "a menu lists flows that are not there")
def empty_menu() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.step and entry.name == "lists":
            wrong = f"{entry.text}x"
            among = frozenset(flow.name for flow in whole().flows.values() if flow.starts.menu == entry.text)
            yield broken(entry, entry.instead(wrong), "structure.empty_menu menu.*", f'"{wrong}"', among=among)


@kind("structure", "a menu lists itself")
def menu_circle() -> Iterator[Mutant]:
    for entry in everywhere():
        starts = flow_of(entry).starts
        if entry.step and entry.name == "lists" and starts.menu:
            menu = entry.file.at("starts", "menu")
            assert menu is not None
            yield broken(entry, menu.instead(entry.text), "structure.menu_circle", entry.file.name)


@kind("structure", "a flow that everybody needs is not for everybody")
def narrowed() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("who",) and entry.file.name in ("main", "call_me"):
            for who in ("client", "client with PIN", "unknown number"):
                says = follows(entry.file, "structure.main_who structure.help_who", who)
                yield broken(
                    entry, entry.instead(who), "", also=[follows(entry.file, "structure.empty_menu")]
                ).found_by(says)


@kind("structure", "a flow is run that is never for who comes there")
def never_for_them() -> Iterator[Mutant]:
    for entry in _runs():
        other = next(file for file in flows() if file.name == entry.text)
        who = other.at("who")
        if who and flow_of(entry).who.startswith("client"):
            says = follows(entry.file, "structure.never_for_them", entry.text, steps=(entry.step,))
            also = [Says(("structure.never_for_them", "safety.authority"), f.path) for f in flows()]
            made = broken(who, who.instead("unknown number"), "", also=also, among=frozenset({entry.file.name}))
            yield made.found_by(says)


@kind("structure", "nothing opens a flow")
def never_opened() -> Iterator[Mutant]:
    for entry in everywhere():
        run = any(f"run: {entry.file.name}" in file.text for file in flows())
        if entry.path == ("starts",) and not run and entry.file.name not in ("main", "call_me"):
            says = [follows(entry.file, "structure.never_opened")]
            says += [Says(("names.unknown",), f.path, (), (), (f'"{entry.file.name}"',)) for f in flows()]
            menu = flow_of(entry).starts.menu
            among = frozenset(flow.name for flow in whole().flows.values() if menu and flow.starts.menu == menu)
            also = [Says(("structure.empty_menu",), file.path, (), (), (f'"{menu}"',)) for file in flows()]
            made = broken(entry, entry.removed(), "", blocks=False, among=among, also=also).found_by(*says)
            words = words_of(entry.file.name)
            if words:
                gone = [top.removed() for top in words.under() if top.name.startswith("starts.")]
                made = replace(made, files={**made.files, words.path: words.changed(*gone)})
            yield made


@kind("structure", "the flow that calls begin with is gone, or the one that helps")
def gone() -> Iterator[Mutant]:
    for name, code in (("main", "structure.no_main"), ("call_me", "structure.no_help")):
        files = {f"flows/{name}.yaml": None, f"messages/sw/{name}.yaml": None}
        says = Says((code,), "njia.toml", (), (), (f'"{name}"',))
        also = [Says(("names.unknown",), f.path, (), (), (name,)) for f in flows()]
        also += [Says(("words.unknown_flow",), f"messages/sw/{name}.yaml")]
        also += [Says(("starts.unknown_menu",), f.path, (), (), ('"main"',)) for f in flows() if name == "main"]
        yield Mutant(f"flows/{name}.yaml", files, (says, *also), also=tuple(also))


@kind("structure", "more actions follow one another than one turn may do")
def long_walk() -> Iterator[Mutant]:
    for step in steps():
        reads = "".join(
            f"  read{n}:\n    do: last answered\n    with: {{flow: feedback}}\n"
            f"    answered: {_next(n, step)}\n    never: {_next(n, step)}\n    unavailable: {_next(n, step)}\n"
            for n in range(25)
        )
        if flow_of(step).who.startswith("client") and step is step.file.steps[0]:
            says = follows(step.file, "structure.long_walk")
            also = [Says(("structure.long_walk",), file.path) for file in flows()]  # of those that run it
            yield broken(step, step.file.before(step.name, reads), "", also=also).found_by(says)


def _next(n: int, step: Entry) -> str:
    return f"read{n + 1}" if n < 24 else step.name


@kind("structure", "who has no PIN is led nowhere any more")
def without_pin() -> Iterator[Mutant]:
    for entry in everywhere():
        if entry.path == ("without PIN",):
            flow = flow_of(entry)
            says = Says(("structure.unreachable",), entry.file.path, (flow.steps[entry.text].line,), (entry.text,))
            others = any(other.text == entry.text for other in targets() if other.file is entry.file and other.step)
            harmless = "other ways lead there too" if others else ""
            yield broken(entry, entry.removed(), "", also=[], harmless=harmless).found_by(
                Says(says.codes, says.path, (says.lines[0] - 1,), says.steps)
            )
