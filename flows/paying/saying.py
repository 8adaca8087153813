"""What became of a payment, in the words of its history: staff read them."""

from __future__ import annotations

from flows.paying import facts as f
from flows.paying.facts import Fact


def why(fact: Fact) -> str:
    """A few words for what was learned; nothing personal is in them."""
    match fact:
        case f.NotTaken(reason) | f.NotPaid(reason):
            return f"the wallet said no: {reason}"
        case f.Paid(receipt):
            return f"the wallet took it: {receipt}"
        case f.Posted(ref) if ref:
            return f"the bank posted it: {ref}"
        case f.PostRefused(because):
            return f"the bank refused: {because}"
        case f.Decided(way, who, because):
            return f"{who} decided “{way}”: {because}"
        case _:
            return _WORDS[type(fact)]


_WORDS: dict[type, str] = {
    f.SessionOver: "the session is over",
    f.SessionOpen: "the session is still open",
    f.Acknowledged: "the wallet has the request",
    f.StillOpen: "the wallet has not decided",
    f.Busy: "the phone is busy",
    f.NoAnswer: "the wallet did not answer",
    f.NotThere: "the wallet does not know it",
    f.Posted: "the bank posted it",
    f.AwaitsApproval: "somebody at the bank must approve it",
    f.PostUnanswered: "the bank did not answer",
}
