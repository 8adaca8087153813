"""The audit is found by what it is about: a client's time line shows who looked at it."""

from alembic import op

revision = "v0009"
down_revision = "v0008"


def upgrade() -> None:
    op.create_index(op.f("ix_audit_about"), "audit", ["about"])
