"""Of a client's phones one has a survey at a time, and requests that came more than once are counted."""

import sqlalchemy as sa
from alembic import op

revision = "v0013"
down_revision = "v0012"


def upgrade() -> None:
    op.create_table(
        "answering",
        sa.Column("client", sa.String(length=32), nullable=False),
        sa.Column("flow", sa.String(length=60), nullable=False),
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("client", "flow", name=op.f("pk_answering")),
    )
    op.create_table(
        "repeat",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation", sa.String(length=32), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeat")),
    )
    op.create_index(op.f("ix_repeat_conversation"), "repeat", ["conversation"])
