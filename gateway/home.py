"""The institution's folder, laid file by file over what is shipped. Everything that is read from a disk is read here.

A file ``<home>/flows/balance.yaml`` takes the place of the shipped one of that name; the others stay. Paths are given
as they stand in a home (``flows/balance.yaml``), wherever the file was found, so that a release has the same content
hash on every host.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

from flows.loading.source import SourceFile

FOLDERS = {"flows": ".yaml", "fields": ".yaml", "products": ".yaml", "messages": ".yaml", "conversations": ".txt"}
ALONE = ("kinds.yaml", "people.yaml")
NOT_READ = {"njia.toml", "README.md", "data"}  # in a home, and not ours to lay over anything
LARGEST = 1024 * 1024  # bytes of one definition file


class UnreadableHome(Exception):
    """A file of the institution's folder cannot be read: which, why, and what to do."""

    def __init__(self, path: Path, why: str, fix: str) -> None:
        super().__init__(f"{path} {why}. {fix}")
        self.path, self.why, self.fix = path, why, fix


def is_home(path: Path) -> bool:
    """Whether this folder is an institution's, or may become one: it is empty."""
    return any((path / name).exists() for name in (*FOLDERS, *ALONE, "njia.toml")) or not any(path.iterdir())


def place_of(path: Path) -> str:
    """Where a file that is looked at alone would lie in a home; a flow, unless its folders say something else."""
    above = path.resolve().parent
    if above.name in ("fields", "products"):
        return f"{above.name}/{path.name}"
    if above.parent.name in ("messages", "conversations"):
        return f"{above.parent.name}/{above.name}/{path.name}"
    return path.name if path.name in ALONE else f"flows/{path.name}"


def templates() -> Path:
    """The folder of words and pages: inside the package when installed, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    return next(place for place in (here / "templates", here.parent / "templates") if place.is_dir())


def definitions() -> Path:
    """The folder of the shipped flows, fields, products, conversations, kinds and people."""
    return Path(str(resources("flows") / "definitions"))


class Home:
    """What is shipped, and over it the institution's folder at ``path`` (None: only what is shipped)."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path

    def files(self, folder: str) -> list[SourceFile]:
        """The files of ``flows``, ``fields``, ``products``, ``messages/<language>`` or ``conversations/<flow>``.

        In order of their names. Raises UnreadableHome.
        """
        ending = FOLDERS[folder.partition("/")[0]]
        found: dict[str, Path] = {}
        for root in self._roots(folder):
            found |= {path.name: path for path in _listed(root / folder, ending)}
        return [read(found[name], f"{folder}/{name}") for name in sorted(found)]

    def file(self, name: str) -> SourceFile | None:
        """One file that stands alone: ``kinds.yaml`` or ``people.yaml``. Raises UnreadableHome."""
        for root in reversed(self._roots(name)):
            if (root / name).is_file():
                return read(root / name, name)
        return None

    def folders(self, folder: str) -> list[str]:
        """The names below ``messages`` (languages) or ``conversations`` (flows), in order."""
        roots = [root / folder for root in self._roots(folder)]
        found = {path.name for root in roots if root.is_dir() for path in root.iterdir() if path.is_dir()}
        return sorted(name for name in found if name[0] not in "._")

    def strangers(self) -> list[str]:
        """What lies in the institution's folder and will never be read, as sentences: mostly a misspelt name."""
        return list(_strangers(self.path)) if self.path else []

    def _roots(self, name: str) -> list[Path]:
        shipped = templates() if name.startswith("messages") else definitions()
        return [shipped, self.path] if self.path else [shipped]


def _listed(folder: Path, ending: str) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.suffix == ending and path.name[0] not in "._" and path.is_file()]


def read(path: Path, shown: str) -> SourceFile:
    """One file, called ``shown`` in what is said of it. Raises UnreadableHome."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableHome(path, f"is larger than {LARGEST // 1024} KiB", "Split it into several files.")
        return SourceFile.from_bytes(shown, path.read_bytes())
    except OSError as error:
        fix = "Check who owns it and its permissions."
        raise UnreadableHome(path, f"cannot be read ({error.strerror})", fix) from error


def _strangers(home: Path) -> Iterator[str]:
    for path in sorted(home.iterdir()):
        if path.name[0] in "._" or path.name in NOT_READ or path.name in ALONE:
            continue
        if path.name not in FOLDERS or not path.is_dir():
            yield f"{path.name} is not read. A home holds: {', '.join([*FOLDERS, *ALONE])}."
            continue
        ending = FOLDERS[path.name]
        for file in sorted(path.rglob("*")):
            if file.is_file() and file.name[0] not in "._" and file.suffix != ending:
                yield f"{file.relative_to(home)} is not read, as its name does not end in {ending}."
