"""From files to a release: gather what is shipped and what the institution laid over it, compile it, prove it, name it.

What was published once is only compiled ever after: a check that has become stricter since takes nobody's release away,
and no turn waits for a proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, lru_cache

import msgspec
import yaml

from adapters import discover
from flows import actions
from flows import sources as listable
from flows.checks import Subject, prove
from flows.comparing import Edition
from flows.faults import BrokenDefinitions, Fault
from flows.loading import (
    Kinds,
    SourceFile,
    check_languages,
    load_fields,
    load_flows,
    load_kinds,
    load_spoken,
    load_translations,
)
from flows.model import Flow, Institution, Keys
from flows.products.reading import load_products
from flows.release import Release
from flows.screens.profile import Profile, profile_from
from flows.words.book import Setting, Translation, Words
from flows.words.quoted import quoted
from flows.words.templates import compile_text
from gateway.home import Home

FOLDERS = ("flows", "fields", "products")
KINDS = "kinds.yaml"


class Sources(msgspec.Struct, frozen=True):
    """Everything a release is made of. Its bytes are the same on every host, and so is its hash."""

    institution: dict[str, object]
    files: dict[str, str]  # path in a home -> text

    def encode(self) -> bytes:
        return msgspec.msgpack.encode(self, order="deterministic")

    @property
    def hash(self) -> str:
        return hashlib.blake2b(self.encode(), digest_size=16).hexdigest()

    def below(self, folder: str) -> list[SourceFile]:
        return [SourceFile(path, text) for path, text in self.files.items() if path.startswith(f"{folder}/")]


def decode(data: bytes) -> Sources:
    return msgspec.msgpack.decode(data, type=Sources)


def gather(home: Home, institution: Institution) -> Sources:
    """The sources as they lie on the disk now. Raises UnreadableHome."""
    files = [file for folder in FOLDERS for file in home.files(folder)]
    for language in home.folders("messages"):
        files += home.files(f"messages/{language}")
    if kinds := home.file(KINDS):
        files.append(kinds)
    return Sources(asdict(institution), {file.path: file.text for file in sorted(files, key=lambda f: f.path)})


@dataclass(frozen=True, slots=True, eq=False)
class Definitions:
    """What sources say. ``subject`` and ``release`` are there only if nothing of them is at fault."""

    faults: list[Fault]
    subject: Subject | None = None
    release: Release | None = None


def check(sources: Sources) -> tuple[Release | None, list[Fault]]:
    """The release that may be published of these sources, if one may, and everything that is to be said of them."""
    found = read(sources)
    faults = sorted([*found.faults, *_proved(sources.encode())])
    return (None if _errors(faults) else found.release), faults


def checked(sources: Sources) -> Release:
    """The release, to be published. Raises BrokenDefinitions with every error, what cannot be proved among them."""
    release, faults = check(sources)
    if release is None:
        raise BrokenDefinitions(_errors(faults))
    return release


def compiled(sources: Sources) -> Release:
    """The release, as it was published once. Raises BrokenDefinitions with every error."""
    found = read(sources)
    if found.release is None:
        raise BrokenDefinitions(_errors(found.faults))
    return found.release


def subject(sources: Sources) -> tuple[Subject | None, list[Fault]]:
    """What the checks look at, if it can be read, and what is to be said of the reading."""
    found = read(sources)
    return found.subject, found.faults


def read(sources: Sources) -> Definitions:
    """Everything that stands in the sources, with the faults of reading it."""
    return _read(sources.encode())


@lru_cache(maxsize=8)  # a release never changes, and proving one may take seconds
def _proved(data: bytes) -> tuple[Fault, ...]:
    found = _read(data)
    return tuple(prove(found.subject)) if found.subject else ()


@lru_cache(maxsize=8)  # and compiling one a tenth of a second
def _read(data: bytes) -> Definitions:
    sources = decode(data)
    institution = _institution(sources.institution)
    fields, faults = load_fields(sources.below("fields"), institution.currency)
    own = frozenset(path for path, text in sources.files.items() if _shipped().get(path) != text)
    flows, more = load_flows(sources.below("flows"), institution, fields, own=own)
    products, still = load_products(sources.below("products"), institution.currency)
    broken = {file.name for file in sources.below("flows")} - set(flows)
    translations, wordy = load_translations(_word_files(sources), flows, institution.languages, broken, own)
    wordy += check_languages(
        (path for path in sources.files if path.startswith("messages/")), institution.languages, own
    )
    spoken, unsaid = load_spoken(_system_files(sources))
    unsaid = [f for f in unsaid if f.code != "system.missing" or f.language in institution.languages]
    system = {language: {key: text.source for key, text in texts.items()} for language, texts in spoken.items()}
    kinds, unkind = load_kinds(SourceFile(KINDS, sources.files[KINDS])) if KINDS in sources.files else (Kinds(), [])
    faults = sorted([*faults, *more, *still, *wordy, *unsaid, *unkind])
    if _errors(faults):
        return Definitions(faults)
    setting = Setting(institution.languages, institution.country)
    words = Words(setting, {flow.name: quoted(flow) for flow in flows.values()}, translations, system)
    release = Release(sources.hash, flows, words, institution, products)
    return Definitions(
        faults,
        Subject(
            flows=flows,
            words=words,
            translations=translations,
            system=system,
            institution=institution,
            fields=fields,
            kinds=kinds,
            products=products,
            actions={name: action for name, (action, _) in actions.catalogue().items()},
            sources={name: source for name, (source, _) in listable.catalogue().items()},
            profiles=profiles(),
            own=own,
            spoken=spoken,
        ),
        release,
    )


def edition(sources: Sources) -> Edition:
    """The sources as they are compared with others."""
    found, institution = read(sources), _institution(sources.institution)
    if found.release is None or found.subject is None:
        return Edition(sources.files, institution)
    return Edition(sources.files, institution, found.release, found.subject.translations)


@cache
def _shipped() -> Mapping[str, str]:
    """The text of each file that is shipped, by its path in a home. Raises UnreadableHome."""
    return gather(Home(), Institution(name="", short_name="")).files


def _errors(faults: list[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.level == "error"]


@cache
def profiles() -> dict[str, Profile]:
    """What each channel's screens hold, by the adapter's name: a flow must fit all that it may be heard on."""
    return {name: profile_from(yaml.safe_load(text)) for name, text in discover.profile_texts().items()}


def _institution(plain: Mapping[str, object]) -> Institution:
    """The institution as it stood when the release was made."""
    return msgspec.convert({**plain, "keys": msgspec.convert(plain["keys"], Keys)}, Institution)


def _languages(sources: Sources) -> list[str]:
    return sorted({path.split("/")[1] for path in sources.files if path.startswith("messages/")})


def _word_files(sources: Sources) -> list[SourceFile]:
    return [file for file in sources.below("messages") if file.name != "system"]


def _system_files(sources: Sources) -> dict[str, SourceFile]:
    return {
        language: SourceFile(path, sources.files[path])
        for language in _languages(sources)
        if (path := f"messages/{language}/system.yaml") in sources.files
    }


def completeness(sources: Sources) -> list[dict[str, object]]:
    """For each language of the institution: how many texts there are, translated, stale, reviewed."""
    institution = _institution(sources.institution)
    fields, _ = load_fields(sources.below("fields"), institution.currency)
    flows, _ = load_flows(sources.below("flows"), institution, fields)
    translations, _ = load_translations(_word_files(sources), flows, institution.languages)
    texts = {(flow.name, key): text for flow in flows.values() for key, text in quoted(flow).texts.items()}
    asked = {place: text for place, text in texts.items() if compile_text(text).has_words}
    return [_counted(language, asked, flows, translations.get(language, {})) for language in institution.languages]


def _counted(
    language: str,
    texts: Mapping[tuple[str, str], str],
    flows: Mapping[str, Flow],
    translated: Mapping[str, Mapping[str, Translation]],
) -> dict[str, object]:
    own = [place for place in texts if flows[place[0]].language == language]
    found = {p: translated.get(p[0], {}).get(p[1]) for p in texts if p not in own}
    made = {place: one for place, one in found.items() if one is not None}
    stale = sum(one.from_text != texts[place] for place, one in made.items())
    reviewed = sum(one.reviewed for one in made.values())
    return {
        "language": language,
        "texts": len(texts),
        "translated": len(own) + len(made),
        "stale": stale,
        "reviewed": len(own) + reviewed,
    }
