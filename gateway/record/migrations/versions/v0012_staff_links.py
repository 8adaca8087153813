"""Staff choose their password themselves, by a link that works once."""

import sqlalchemy as sa
from alembic import op

revision = "v0012"
down_revision = "v0011"


def upgrade() -> None:
    op.add_column("staff", sa.Column("link", sa.String(64), server_default="", nullable=False))
    op.add_column("staff", sa.Column("link_until", sa.DateTime(timezone=True), nullable=True))
