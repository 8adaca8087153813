"""Releases are numbered, and each publication says why, what was accepted with it, and what was played before."""

import sqlalchemy as sa
from alembic import op

revision = "v0014"
down_revision = "v0013"


def upgrade() -> None:
    op.add_column("release", sa.Column("number", sa.Integer(), nullable=True))
    op.execute(
        'UPDATE "release" SET number = (SELECT counted.number FROM'
        " (SELECT begun.hash, row_number() OVER (ORDER BY begun.at, begun.id) AS number FROM"
        ' (SELECT "release" AS hash, min(at) AS at, min(id) AS id FROM publication GROUP BY "release") begun) counted'
        ' WHERE counted.hash = "release".hash)'
    )
    op.create_index("ix_release_number", "release", ["number"], unique=True)
    op.add_column("publication", sa.Column("why", sa.Text(), server_default="", nullable=False))
    op.add_column("publication", sa.Column("accepted", sa.JSON(), nullable=True))
    op.add_column("publication", sa.Column("played", sa.Integer(), nullable=True))
