"""What happens in the life of a client that a flow may wait for (``event:``). The record notes these and no others."""

from __future__ import annotations

LOAN, ACCOUNT = "loan disbursed", "account opened"
STAGES = ("prospect", "applicant", "active", "in_arrears", "dormant", "exited")


def became(stage: str) -> str:
    """A client came to this stage."""
    return f"became {stage.replace('_', ' ')}"


HAPPENINGS = (LOAN, ACCOUNT, *map(became, STAGES))
