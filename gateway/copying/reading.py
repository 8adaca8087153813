"""Reading a copy that somebody sent: nothing in it is believed before it was looked at, and nothing is written here."""

from __future__ import annotations

import io
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import msgspec

from flows.faults import Fault
from flows.model import Institution, Keys
from gateway.copying.form import FORM, LONGEST, MANIFEST, MOST_BYTES, MOST_FILES, Copy, Manifest, digest, is_place
from gateway.home import LARGEST

PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError)
AGAIN = "Export it again, and send it as it is."
WHOLE = "A copy is what njia flows export writes, unchanged. To change a release, import it and change the home."


class NotACopy(Exception):
    """This file cannot be taken; ``faults`` say why and what to do."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(f"{fault.file}: {fault.message} {fault.fix}" for fault in faults))
        self.faults = faults


def read(path: Path) -> Copy:
    """The copy in this file. Raises NotACopy, OSError."""
    return unpack(_bytes(path), path.name)


def unpack(data: bytes, name: str) -> Copy:
    """The copy in these bytes; ``name`` is what they are called in what is said of them. Raises NotACopy."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except DAMAGED as error:
        raise NotACopy([_fault(name, "no_zip", "This is no zip file, or it is damaged.", AGAIN)]) from error
    with archive:
        entries = [one for one in archive.infolist() if not _is_folder(one)]
        _raise(_too_much(entries, name) or [fault for one in entries for fault in _entry(one)] or _twice(entries))
        texts, faults = {}, []
        for one in entries:
            try:
                texts[one.filename] = _text(archive, one)
            except NotACopy as fault:
                faults += fault.faults
    _raise(faults)
    manifest = _manifest(texts.pop(MANIFEST, None), name)
    found = Copy(manifest, texts)
    _raise(_changed(found) or _not_itself(found))
    return found


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        message = f"It is larger than {MOST_BYTES >> 20} MiB."
        raise NotACopy([_fault(path.name, "too_large", message, "No copy is: look what it is.")])
    return data


def _is_folder(entry: zipfile.ZipInfo) -> bool:
    """Other programs write the folders down too: harmless where a home has such folders."""
    name = entry.orig_filename
    return name.endswith("/") and any(
        is_place(f"{name}x{ending}") or is_place(f"{name}x/x{ending}") for ending in _ENDS
    )


_ENDS = (".yaml", ".txt")


def _too_much(entries: list[zipfile.ZipInfo], name: str) -> list[Fault]:
    if len(entries) > MOST_FILES:
        return [_fault(name, "too_many", f"It holds more than {MOST_FILES} files.", "No copy does: look what it is.")]
    if sum(one.file_size for one in entries) > MOST_BYTES:
        message = f"Unpacked it is larger than {MOST_BYTES >> 20} MiB."
        return [_fault(name, "too_large", message, "No copy is: look what it is.")]
    return []


def _entry(entry: zipfile.ZipInfo) -> list[Fault]:
    """What is wrong with a file before it is read."""
    name, mode = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if name != MANIFEST and not is_place(name):
        return [_fault(name, "not_ours", "A home has no such file.", WHOLE)]
    if mode not in (0, stat.S_IFREG):
        kind = "a link" if mode == stat.S_IFLNK else "no plain file"
        return [_fault(name, "no_file", f"It is {kind}.", WHOLE)]
    if entry.flag_bits & 1:
        return [_fault(name, "locked", "It is locked with a password.", AGAIN)]
    if entry.compress_type not in PACKED:
        return [_fault(name, "packed", "It is packed in a way that not every computer knows.", AGAIN)]
    if entry.file_size > LARGEST:
        return [_fault(name, "too_large", f"It is larger than {LARGEST >> 10} KiB.", "No file of a home is.")]
    return []


def _twice(entries: list[zipfile.ZipInfo]) -> list[Fault]:
    """Names that are one on some computers count as one."""
    names = Counter(unicodedata.normalize("NFC", one.filename).casefold() for one in entries)
    return [
        _fault(one.filename, "twice", "It is there twice, or another file is called nearly the same.", WHOLE)
        for one in entries
        if names[unicodedata.normalize("NFC", one.filename).casefold()] > 1
    ]


def _text(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """Raises NotACopy. What is said of the size in the zip may be a lie, so no more is read than a file may have."""
    try:
        with archive.open(entry) as file:
            data = file.read(LARGEST + 1)
    except DAMAGED as error:
        raise NotACopy([_fault(entry.filename, "damaged", "It is damaged.", AGAIN)]) from error
    if len(data) > LARGEST:
        message = f"It is larger than {LARGEST >> 10} KiB."
        raise NotACopy([_fault(entry.filename, "too_large", message, "No file of a home is.")])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise NotACopy([_fault(entry.filename, "encoding", "It is not UTF-8.", AGAIN, line)]) from error


def _manifest(text: str | None, name: str) -> Manifest:
    """Raises NotACopy."""
    if text is None:
        raise NotACopy([_fault(name, "no_copy", f"It is no copy of a release: it has no {MANIFEST}.", WHOLE)])
    try:
        about = msgspec.json.decode(text, type=dict[str, object])
        form, njia = about.get("form"), _plain(str(about.get("njia")))
        if isinstance(form, int) and form > FORM:
            message = f"Njia {njia} wrote it, in form {form}; this version knows the forms up to {FORM}."
            raise NotACopy([_fault(name, "newer", message, "Bring this installation up to date first.")])
        made = msgspec.convert(about, Manifest)
        msgspec.convert({**made.institution, "keys": msgspec.convert(made.institution["keys"], Keys)}, Institution)
    except (msgspec.MsgspecError, KeyError, RecursionError) as error:
        raise NotACopy([_fault(MANIFEST, "unreadable", "It does not say what a copy says.", AGAIN)]) from error
    if made.form != FORM:
        raise NotACopy([_fault(MANIFEST, "unreadable", f"There is no form {made.form} of copies.", AGAIN)])
    return made


def _changed(copy: Copy) -> list[Fault]:
    """Files that are not what was exported."""
    said, there = copy.manifest.files, copy.files
    gone = [_fault(path, "missing", "It is missing.", AGAIN) for path in sorted(said.keys() - there.keys())]
    more = [_fault(path, "added", "It came after the export.", WHOLE) for path in sorted(there.keys() - said.keys())]
    other = [path for path in sorted(there.keys() & said.keys()) if digest(there[path]) != said[path]]
    return [*gone, *more, *(_fault(path, "changed", "It was changed after the export.", WHOLE) for path in other)]


def _not_itself(copy: Copy) -> list[Fault]:
    found, said = copy.sources.hash, copy.manifest.release
    if found == said:
        return []
    return [_fault(MANIFEST, "hash", f"It says release {said[:12]}, and what is here is {found[:12]}.", AGAIN)]


def _raise(faults: list[Fault]) -> None:
    if faults:
        raise NotACopy(sorted(faults))


def _fault(file: str, name: str, message: str, fix: str, line: int = 1) -> Fault:
    return Fault(_plain(file), line, "error", f"copy.{name}", message, fix)


def _plain(text: str) -> str:
    """Strangers' words on a terminal: nothing that could move its cursor."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:LONGEST])
