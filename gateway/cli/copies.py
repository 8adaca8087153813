"""``njia flows export | import``: a release as one file, for another computer."""

from __future__ import annotations

import asyncio
import difflib
import importlib.metadata
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import Command, Problem, counted, print_json, shared

if TYPE_CHECKING:
    from flows.faults import Fault
    from gateway.cli.opened import OpenedReleases
    from gateway.copying.form import Copy
    from gateway.copying.laying import Change, Plan

EXPORT = """Write a release into one file: its flows, words, fields, products and kinds, as a home has them.

RELEASE is a number or the beginning of a name, also of an old one; without it, the current release. The same release
gives the same file, byte for byte. Nothing of clients, no secret and no channel is in it.

\b
  njia flows export
  njia flows export 3 --to before-the-new-fee.zip
"""
IMPORT = """Lay an exported release into a home: --into, else the home of the settings. It is not published by that.

Everything is looked at before anything is written. Files that would change are shown, and only changed with --yes.

\b
  njia flows import release-3.zip --into my-institution
  njia --home my-institution flows import release-3.zip --yes
"""
LINES = 40  # of each changed file that are shown
SHOWN = 12  # names of other files
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("export", cls=Command, help=EXPORT)
@click.argument("release", required=False, default="")
@click.option("--to", "target", type=FILE, metavar="FILE", help="The file; else release-NUMBER-NAME.zip, here.")
def export(release: str, target: Path | None) -> None:
    done = asyncio.run(_export(release, target))
    if shared().json:
        print_json(done)
        return
    click.echo(f"{done['file']}: release {done['number']} ({done['release'][:12]}), {counted(done['files'], 'file')}.")
    if not done["at_home"]:
        click.echo("Conversations are not in it: they lie in a home, and the home is another release now.")


@click.command("import", cls=Command, help=IMPORT)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="The home; a new one too."
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def import_(file: Path, into: Path | None, dry_run: bool) -> None:
    from gateway.copying.laying import write  # noqa: PLC0415

    copy, folder = _read(file), _home(into)
    made = _planned(copy, folder)
    writes = not dry_run and (shared().yes or not made.changed)
    if writes:
        try:
            write(made)
        except OSError as error:
            raise Problem(f"{folder} could not be written ({error.strerror}): nothing was changed.") from error
    after = _after(folder) if writes else {}
    _tell(copy, made, after, writes)
    if not (writes or dry_run):
        raise SystemExit(Problem.exit_code)


async def _export(wanted: str, target: Path | None) -> dict[str, Any]:
    from gateway.cli.opened import opened_releases  # noqa: PLC0415
    from gateway.copying.form import FORM, Manifest  # noqa: PLC0415
    from gateway.copying.packing import lying_beside, pack  # noqa: PLC0415
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import decode, gather  # noqa: PLC0415

    async with opened_releases() as kept:
        name = await _named(kept, wanted)
        data, first, settings = await kept.kept.get(name), await kept.kept.first(name), kept.stores.settings
    sources = decode(data or b"")
    at_home = gather(Home(settings.home), institution(settings)).hash == name
    about = Manifest(
        form=FORM,
        njia=_version(),
        release=name,
        number=first.number,
        at=first.at.isoformat(),
        who=first.who,
        why=first.reason.why,
        institution={},
        files={},
    )
    packed = pack(about, sources, lying_beside(settings.home) if at_home else {})
    file = target or Path(f"release-{first.number}-{name[:12]}.zip")
    _put(file, packed)
    return {
        "file": str(file),
        "release": name,
        "number": first.number,
        "files": len(about.files),
        "bytes": len(packed),
        "at_home": at_home,
    }


def _version() -> str:
    try:
        return importlib.metadata.version("njia")
    except importlib.metadata.PackageNotFoundError:  # run from its folder, not installed
        return "unreleased"


async def _named(kept: OpenedReleases, wanted: str) -> str:
    from gateway.cli.released import meant  # noqa: PLC0415

    name = await meant(kept, wanted) if wanted else await kept.kept.current()
    if not name:
        raise Problem("Nothing is published yet. Publish first: njia flows publish")
    if not await kept.kept.numbers([name]):
        raise Problem(f"Release {name[:12]} was never published: the home that it lay in is all there is of it.")
    return name


def _put(file: Path, data: bytes) -> None:
    """Under another name first, so that a copy is whole or not there."""
    if not file.parent.is_dir():
        raise click.UsageError(f"There is no folder {file.parent}.")
    if file.exists() and not shared().yes and file.read_bytes() != data:
        raise click.UsageError(f"{file} is there already. Choose another name, or add --yes to write over it.")
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(file)
    except OSError as error:
        raise Problem(f"{file} could not be written ({error.strerror}).") from error
    finally:
        beside.unlink(missing_ok=True)


def _read(file: Path) -> Copy:
    from gateway.copying.reading import NotACopy, read  # noqa: PLC0415

    try:
        return read(file)
    except NotACopy as wrong:
        _refuse(wrong.faults)
    except OSError as error:
        raise Problem(f"{file} cannot be read ({error.strerror}).") from error
    raise SystemExit(Problem.exit_code)


def _refuse(faults: list[Fault]) -> None:
    if shared().json:
        print_json([fault.as_json() for fault in faults])
        return
    for fault in islice(faults, LINES):
        line = f", line {fault.line}" if fault.line > 1 else ""
        click.echo(f"{fault.file}{line}: {fault.message} {fault.fix}")
    if len(faults) > LINES:
        click.echo(f"… and {len(faults) - LINES} more.")
    click.echo("Nothing was written.")


def _home(into: Path | None) -> Path:
    from gateway.settings import load  # noqa: PLC0415

    folder = into or load().home
    if folder is None:
        raise click.UsageError("Say where: --into DIR, or --home DIR.")
    return folder


def _planned(copy: Copy, folder: Path) -> Plan:
    from gateway.copying.laying import SETTINGS, InTheWay, plan  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    has_settings = (folder / SETTINGS).is_file()
    try:
        return plan(copy, folder, institution(load(folder)) if has_settings else None)
    except InTheWay as error:
        raise Problem(str(error)) from error
    except OSError as error:
        raise Problem(f"{folder} cannot be read ({error.strerror}).") from error


def _after(folder: Path) -> dict[str, Any]:
    """What the home is now."""
    from gateway.home import Home  # noqa: PLC0415
    from gateway.institution import institution  # noqa: PLC0415
    from gateway.publishing import check, gather  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    sources = gather(Home(folder), institution(load(folder)))
    levels = [fault.level for fault in check(sources)[1]]
    return {"release": sources.hash, "errors": levels.count("error"), "warnings": levels.count("warning")}


def _tell(copy: Copy, made: Plan, after: dict[str, Any], written: bool) -> None:
    if shared().json:
        lists = {"new": [one.path for one in made.new], "changed": [one.path for one in made.changed]}
        more = {name: getattr(made, name) for name in ("same", "shipped", "others", "settings")}
        about = {"release": copy.manifest.release, "number": copy.manifest.number, "into": str(made.folder)}
        print_json({**about, **lists, **more, "written": written, "after": after or None})
        return
    for line in _said(copy, made, after, written):
        click.echo(line)


def _said(copy: Copy, made: Plan, after: dict[str, Any], written: bool) -> Iterator[str]:
    manifest, many = copy.manifest, counted(len(copy.files), "file")
    yield f"Release {manifest.number} ({manifest.release[:12]}), {many}, into {made.folder}:"
    for change in made.new:
        yield f"  new: {change.path}"
    for change in made.changed:
        yield f"  changed: {change.path}"
        yield from () if written else _difference(change)
    there = f"{len(made.same)} lie there already, {len(made.shipped)} are shipped with Njia"
    yield f"  {there}."
    if made.others:
        yield f"  not in it, and untouched: {_some(made.others)}"
    if made.settings:
        yield f"  settings of this home that are others, and untouched: {_some(made.settings)}"
    yield from _end(made, after, manifest.release) if written else _open(made)


def _end(made: Plan, after: dict[str, Any], release: str) -> Iterator[str]:
    same = after["release"] == release
    done = "Written." if made.changes else "There was nothing to write."
    yield done + (
        " The home is that release now." if same else " The home is another release than that, as told above."
    )
    if after["errors"] or after["warnings"]:
        told = f"{counted(after['errors'], 'error')}, {counted(after['warnings'], 'warning')}"
        yield f"It has {told}: njia --home {made.folder} flows check"


def _open(made: Plan) -> Iterator[str]:
    if made.changed:
        yield f"Nothing was written. {counted(len(made.changed), 'file')} would change: add --yes to have it so."
    else:
        yield "Nothing was written."


def _difference(change: Change) -> Iterator[str]:
    before, after = (change.before or "").splitlines(), change.after.splitlines()
    lines = list(difflib.unified_diff(before, after, lineterm="", n=1))[2:]
    for line in lines[:LINES]:
        yield "    " + "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)
    if len(lines) > LINES:
        yield f"    … {len(lines) - LINES} lines more"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
