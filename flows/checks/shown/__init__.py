"""What clients are shown, said by the engine itself with the largest plausible values and with usual ones."""

from flows.checks.shown.screens import Pushed, Screen, Shows, shows

__all__ = ["Pushed", "Screen", "Shows", "shows"]
