"""``njia flows draw``: a flow as a picture, and as an outline to be read aloud."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import Command, Problem, print_json, shared

if TYPE_CHECKING:
    from flows.drawing import Picture
    from flows.model import Flow, Text
    from flows.words.book import Translation
    from gateway.publishing import Sources

DRAW = """FLOW as an outline: each step, what is said there, and where each answer leads. With --svg as a picture.

\b
  njia flows draw repay
  njia flows draw repay --svg repay.svg
  njia flows draw repay --language sw --json
"""


@click.command("draw", cls=Command, help=DRAW)
@click.argument("flow")
@click.option(
    "--svg", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="As SVG; - for stdout."
)
@click.option("--language", default="", metavar="LANG", help="The words in this language. [default: the flow's own]")
def draw(flow: str, file: Path | None, language: str) -> None:
    picture = _picture(flow, language)
    if file is not None:
        _save(picture, file)
    elif shared().json:
        print_json(picture.as_json())
    else:
        from flows.drawing import outline  # noqa: PLC0415

        click.echo(outline(picture), nl=False)


def _save(picture: Picture, file: Path) -> None:
    from flows.drawing import svg  # noqa: PLC0415

    drawn = svg(picture)
    if str(file) == "-":
        click.echo(drawn, nl=False)
        return
    if not file.parent.is_dir():
        raise click.UsageError(f"There is no folder {file.parent}.")
    if file.exists() and not shared().yes:
        raise click.UsageError(f"{file} is there already. Choose another name, or add --yes to write over it.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(drawn, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Problem(f"{file} cannot be written ({error.strerror}).") from error
    if shared().json:
        print_json({"file": str(file), **picture.as_json()})
    else:
        click.echo(f"{file}: {len(picture.boxes)} steps.")


def _picture(name: str, language: str) -> Picture:
    """Of a flow that can be read, whatever is wrong with others. Raises UsageError, Problem."""
    from flows import actions  # noqa: PLC0415
    from flows.drawing import picture  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import gather  # noqa: PLC0415
    from gateway.settings import load_or_sample  # noqa: PLC0415
    from gateway.wording.entries import read_flows  # noqa: PLC0415

    settings = load_or_sample()
    sources = gather(Home(settings.home), institution(settings))
    flows, faults = read_flows(sources, institution(settings))
    spoken = {flow.language for flow in flows.values()} | {
        file.path.split("/")[1] for file in sources.below("messages")
    }
    if language and language not in spoken:
        raise click.UsageError(f"There are no words in {language} here. There are: {', '.join(sorted(spoken))}.")
    if name not in flows:
        from flows.faults import suggest  # noqa: PLC0415

        if found := [fault for fault in faults if fault.flow == name]:
            raise Problem("\n".join(["This flow cannot be read:", *map(str, found)]))
        raise click.UsageError(f"There is no flow {name} here. {suggest(name, flows)}")
    known = {action: declared for action, (declared, _) in actions.catalogue().items()}
    translated = _translations(sources, flows, language)

    def say(flow: Flow, text: Text) -> str:
        made = translated.get(flow.name, {}).get(text.key)
        return made.to if made is not None and language != flow.language else text.source

    return picture(flows[name], flows, known, say, language)


def _translations(sources: Sources, flows: dict[str, Flow], language: str) -> dict[str, dict[str, Translation]]:
    from flows.loading import load_translations  # noqa: PLC0415

    files = [file for file in sources.below(f"messages/{language}") if file.name in flows] if language else []
    return load_translations(files, flows)[0].get(language, {})
