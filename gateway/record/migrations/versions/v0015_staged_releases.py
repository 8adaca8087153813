"""A release can be staged: to staff, then to a share of the clients, before it is everybody's."""

import sqlalchemy as sa
from alembic import op

revision = "v0015"
down_revision = "v0014"


def upgrade() -> None:
    op.create_table(
        "staged_release",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=80), server_default="", nullable=False),
        sa.Column("why", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted", sa.JSON(), nullable=False),
        sa.Column("played", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), server_default="", nullable=False),
        sa.Column("ended_why", sa.Text(), server_default="", nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["release"], ["release.hash"], name=op.f("fk_staged_release_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staged_release")),
        sa.UniqueConstraint("in_force", name=op.f("uq_staged_release_in_force")),
    )
