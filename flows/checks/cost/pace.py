"""How long people read, think and type: the model by which seconds are counted.

- Reading: 238 words a minute, silently (Brysbaert 2019, a review of 190 studies); 100, the slowest groups in them;
  45, the least at which a text is still understood by those who learned to read late (Abadzi 2008).
- Thinking before an answer: 1.35 seconds (Card, Moran & Newell 1983). A key: 0.39 (Holleis and others 2007).
- Letters on twelve keys: 27 words a minute at best (Silfverberg and others 2000), 8 without practice (James & Reischl
  2001). What a slow person needs more than that is our own guess, and so is what the network adds to our answer.

A word is six characters when it is read, with its space, and five when it is typed, as those studies count it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one person. ``words`` a minute are read, ``typed`` a minute are typed; the others are seconds."""

    words: float
    typed: float
    key: float
    think: float
    network: float

    def reading(self, characters: int) -> float:
        return characters / 6 / self.words * 60

    def answering(self, keys: float, letters: float) -> float:
        """To think, to press ``keys`` and to write ``letters``."""
        return self.think + keys * self.key + letters / 5 / self.typed * 60


QUICK: Final = Pace(words=238, typed=27, key=0.39, think=1.35, network=0.5)
USUAL: Final = Pace(words=100, typed=8, key=0.78, think=1.35, network=1.5)
SLOW: Final = Pace(words=45, typed=5, key=1.56, think=2.7, network=4)
