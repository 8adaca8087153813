"""What was done on ``njia phone``, kept as a conversation file."""

from __future__ import annotations

from pathlib import Path

import click

from flows.people import People, load_people
from gateway.home import Home
from gateway.playing.transcripts import Said, caller, saved
from gateway.settings import load_or_sample


class Saving:
    """Collects what is typed and shown, for ``file``, which is not there yet."""

    def __init__(self, file: Path, number: str) -> None:
        """Raises click.BadParameter for a file that is there, and for a number that no test can begin with."""
        if file.exists():
            raise click.BadParameter(f"{file} is there already; choose another name", param_hint="--save")
        settings = load_or_sample()
        source = Home(settings.home).file("people.yaml")
        people = load_people(source, settings.institution.currency)[0] if source else People()
        person = caller(people.people, number)
        if person is None:
            names = ", ".join(f"{one.short_name} {one.phone}" for one in people.people)
            raise click.BadParameter(f"a test begins with one of the sample people: {names}", param_hint="--as")
        self._file, self._person = file, person
        self._language = person.language or settings.institution.languages[0]
        self._said: list[Said] = []

    def heard(self, typed: str, shown: str) -> None:
        self._said.append(Said(typed, shown))

    def write(self, channel: str) -> None:
        """``channel`` is its kind: ussd. Raises click.FileError."""
        text = saved(self._person, channel, self._language, self._said)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise click.FileError(str(self._file), error.strerror or "it cannot be written") from None
        click.echo(f"saved: {self._file}\nNext: njia flows test {self._file} --update", err=True)
