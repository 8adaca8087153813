"""What to write where something may not be there. It differs by what the step is: who skips a question has no answer,
and who skips an end reads the step below it."""

from __future__ import annotations

from flows.model import AnyStep, Confirm, Do, End, Say, Set


def guard(step: AnyStep, name: str, shown: bool = True) -> str:
    """How this step is kept from those for whom ``name`` is empty; a sentence to follow "Or". ``shown``: its words
    name it; else the step itself cannot do without."""
    filled = only_if(step, f"{name} is not empty")
    other = f'{step.name}_else: {{end: "…"}}'
    if isinstance(step, Say | Set):
        return f'write "{filled}" here.'
    if isinstance(step, End):
        return f'write "{filled}" here, and right below it what the others read: {other}.'
    if isinstance(step, Do) and not shown:
        return f'write "{filled}" here, and right below it a step for the others, such as {other}.'
    if isinstance(step, Do):
        return f"say it without {{{name}}}: what is told later cannot be left out."
    if shown and not isinstance(step, Confirm):
        alone = f'{{say: "…", only if: {name} is not empty}}'
        return f"say it in a step of its own above, {alone}, and not in this question."
    return f'lead the others elsewhere before it, by a step {{end: "…", only if: {name} is empty}}.'


def only_if(step: AnyStep, test: str) -> str:
    """The whole line, with what stands there already."""
    if step.only_if is None:
        return f"only if: {test}"
    there = step.only_if.source
    return f"only if: ({there}) and {test}" if " or " in there else f"only if: {there} and {test}"


def sentence(said: str) -> str:
    return said[0].upper() + said[1:]
