"""All words of a release, in all its languages, compiled once: rendering is one look-up and filling in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flows.values import Value
from flows.words.printing import Printer
from flows.words.templates import BadText, Template, compile_text

SYSTEM = ""  # the "flow" of the words that the engine itself says


class MissingWords(KeyError):
    """No language of this release has these words."""

    def __init__(self, language: str, flow: str, key: str) -> None:
        super().__init__(f"no words for {key!r} of {flow or 'the system'}, asked for in {language!r}")
        self.language, self.flow, self.key = language, flow, key

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Source:
    """The words quoted in one flow: the language they are in, and the text of each ``step[.key[.subkey]]``."""

    language: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Translation:
    """One text in another language. ``from_text`` is what was translated: if the flow says something else, it is stale.

    A stale translation is still shown (its placeholders hold), as a person who reads no English is not helped by it.
    ``line``: where it stands in its file.
    """

    from_text: str
    to: str
    reviewed: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """How the institution writes: its languages (the first is the fallback), its country, its own currency signs."""

    languages: Sequence[str] = ("en",)
    country: str = ""
    signs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unlawful:
    """A translation that is not used, since it cannot be filled in as its source is."""

    language: str
    flow: str
    key: str
    reason: str


Translations = Mapping[str, Mapping[str, Mapping[str, Translation]]]  # language -> flow -> key
_Entry = tuple[Template, Printer]


class Words:
    """Words by language, flow and key.

    A text falls back from the client's language to the language that the flow was written in; the system's own words
    to the institution's languages in their order, then to any. ``unlawful`` lists the translations left out: those
    that cannot be compiled, or that have other names between braces than their source. Raises BadText for a source.
    """

    def __init__(
        self,
        setting: Setting,
        flows: Mapping[str, Source],
        translations: Translations,
        system: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._fallback = setting.languages[0]
        self._printers = {
            language: _printer(language, setting, system)
            for language in [*setting.languages, *system, *translations, *(flow.language for flow in flows.values())]
        }
        self._entries: dict[tuple[str, str, str], _Entry] = {}
        self.unlawful: list[Unlawful] = []
        self._add_system([*setting.languages, *sorted(system)], system)
        for name, source in flows.items():
            self._add_flow(name, source, translations)

    def render(
        self, language: str, flow: str, key: str, values: Mapping[str, Value], today: dt.date | None = None
    ) -> str:
        """The words ``key`` of ``flow`` (``""``: the system's), with ``values`` printed in the language they are in.

        ``values`` is nested: ``{"account": {"nickname": "Biashara"}}``. Raises MissingWords, Unprintable.
        """
        template, printer = self._entry(language, flow, key)
        return template.source if template.compiled is None else template.render(values, printer, today)

    def fix(self, names: Mapping[str, Value]) -> dict[tuple[str, str], frozenset[str]]:
        """Fills in ``names``, which are the same at every turn: where they are all that a text needs, it is done.

        By flow and key, what each text still needs: the first parts of its names.
        """
        needs: dict[tuple[str, str], frozenset[str]] = {}
        for place, (template, printer) in self._entries.items():
            roots = frozenset(name.partition(".")[0] for name in template.names)
            if template.compiled is not None and roots <= names.keys():
                self._entries[place] = (template.filled(names, printer), printer)
            still = roots if self._entries[place][0].compiled is not None else frozenset[str]()
            needs[place[1:]] = needs.get(place[1:], frozenset()) | still
        return needs

    def show(self, language: str, value: Value, today: dt.date | None = None) -> str:
        """``value`` alone, as it is printed in ``language``. Raises Unprintable."""
        printer = self._printers.get(language) or self._printers[self._fallback]
        return printer.show(value, today)

    def names(self, language: str, flow: str, key: str) -> tuple[str, ...]:
        """The names that these words are filled in with. Raises MissingWords."""
        return self._entry(language, flow, key)[0].names

    def has(self, flow: str, key: str) -> bool:
        return (self._fallback, flow, key) in self._entries

    def _entry(self, language: str, flow: str, key: str) -> _Entry:
        entry = self._entries.get((language, flow, key)) or self._entries.get((self._fallback, flow, key))
        if entry is None:
            raise MissingWords(language, flow, key)
        return entry

    def _add_flow(self, flow: str, source: Source, translations: Translations) -> None:
        for key, text in source.texts.items():
            made = {of: flows[flow][key].to for of, flows in translations.items() if key in flows.get(flow, {})}
            self._add((flow, key), source.language, {**made, source.language: text})

    def _add_system(self, order: Sequence[str], system: Mapping[str, Mapping[str, str]]) -> None:
        for key in dict.fromkeys(_keys(order, system)):
            first = next(language for language in order if key in system.get(language, {}))
            self._add((SYSTEM, key), first, {of: texts[key] for of, texts in system.items() if key in texts})

    def _add(self, place: tuple[str, str], language: str, texts: Mapping[str, str]) -> None:
        """One text in every language that has it; the others get the original, printed in its own ``language``."""
        original = compile_text(texts[language])
        for of, printer in self._printers.items():
            template = self._lawful((of, *place), texts[of], original) if texts.get(of, "").strip() else None
            own = template is not None or not original.has_words  # figures alone are everybody's language
            self._entries[of, *place] = (template or original, printer if own else self._printers[language])

    def _lawful(self, place: tuple[str, str, str], text: str, original: Template) -> Template | None:
        """The compiled translation, unless it would need what its source does not have."""
        try:
            template = compile_text(text)
        except BadText as bad:
            self.unlawful.append(Unlawful(*place, str(bad)))
            return None
        odd = sorted(set(template.names) ^ set(original.names))
        if odd:
            names = ", ".join(f"{{{name}}}" for name in odd)
            self.unlawful.append(Unlawful(*place, f"{names} stands only here, or only in what it was made from."))
            return None
        return template


def _keys(order: Sequence[str], system: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for language in order:
        yield from system.get(language, {})


def _printer(language: str, setting: Setting, system: Mapping[str, Mapping[str, str]]) -> Printer:
    words = system.get(language, {})
    entries = {key.removeprefix("entry_"): text for key, text in words.items() if key.startswith("entry_")}
    called = {key: text for key, text in words.items() if key.startswith(("entry_", "case_", "media_"))}
    yes, no = words.get("yes", "Yes"), words.get("no", "No")
    return Printer(language, setting.country, yes, no, setting.signs, entries, called)
