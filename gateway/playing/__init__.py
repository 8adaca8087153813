"""Plays conversation files: through the real adapter, engine, words and stores, on a clock that stands still."""

from gateway.playing.player import Difference, play
from gateway.playing.theatre import Theatre

__all__ = ["Difference", "Theatre", "play"]
