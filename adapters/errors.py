"""The closed set of ways that sending can fail. A class's docstring is its message to the operator.

SendError
├── Retry            try again later
│   ├── Throttled    … and not before so many seconds
│   └── Uncertain    it may have gone out: wait for a report before trying again
├── Refused          this message will never go
│   └── OptedOut     the person asked the provider for no more
└── Misconfigured    nothing will go until somebody mends the settings
"""

from __future__ import annotations


class SendError(Exception):
    """The message was not sent."""

    retry = False

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(f"{type(self).__doc__} {reason}".strip())


class Retry(SendError):
    """The provider could not take the message now; it will be tried again."""

    retry = True


class Throttled(Retry):
    """The provider asks for fewer messages at a time; it will be tried again."""

    def __init__(self, reason: str = "", seconds: int = 0) -> None:
        super().__init__(reason)
        self.seconds = seconds  # not to be tried again before so long; 0: the provider does not say


class Uncertain(Retry):
    """The provider did not answer, so the message may have gone out; it is not sent again without a report."""

    retry = False


class Refused(SendError):
    """The provider will never deliver this message."""


class OptedOut(Refused):
    """This person has asked the provider to stop messages; they are now marked as opted out."""


class Misconfigured(SendError):
    """The provider refuses our account or sender: check the channel's settings."""
