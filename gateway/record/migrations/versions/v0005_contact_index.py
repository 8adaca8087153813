"""The index of open contacts begins with the address: who dials is found by it, whatever statistics there are."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"


def upgrade() -> None:
    op.drop_index("uq_contact_open", "contact")
    op.create_index(
        "uq_contact_open",
        "contact",
        ["address", "client", "kind"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
