"""Files written as one: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

MAY_BE_THERE = {".git", ".DS_Store", "desktop.ini"}  # in a folder that is empty to whoever looks into it


class CannotWrite(Exception):
    """The home was not written, and nothing of it is there: why, and what to do."""


def lay(folder: Path, files: Mapping[str, str]) -> None:
    """Writes ``files`` into ``folder``, which is made or is empty. Raises CannotWrite."""
    refuse(folder)
    made = next((one for one in reversed([folder, *folder.parents]) if not one.exists()), None)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _together(folder, files)
    except OSError as error:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
        why = error.strerror or type(error).__name__
        raise CannotWrite(
            f"{folder} cannot be written ({why}). Nothing of it was kept. Name another folder."
        ) from error


def refuse(folder: Path) -> None:
    """Raises CannotWrite for a folder that is not empty."""
    there = _there(folder)
    if there:
        shown = ", ".join(there[:3]) + (f" and {len(there) - 3} more" if len(there) > 3 else "")
        raise CannotWrite(f"{folder} is not empty: it has {shown}. Nothing was written. Name a new folder.")


def _there(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.name not in MAY_BE_THERE)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise CannotWrite(f"{folder} cannot be read ({error.strerror}). Name another folder.") from error


def _together(folder: Path, files: Mapping[str, str]) -> None:
    """All are written beside one another first, so that a full disk or a kill leaves no half of a home."""
    scratch = Path(tempfile.mkdtemp(prefix=".njia-", dir=folder))
    done: list[Path] = []
    try:
        for name, text in files.items():
            (scratch / name).parent.mkdir(parents=True, exist_ok=True)
            (scratch / name).write_text(text, encoding="utf-8", newline="\n")
        for path in sorted(scratch.iterdir()):
            done.append(path.rename(folder / path.name))
    except OSError:
        for path in done:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
