"""Our own ledger as tables: legs, and the postings that seal them.

The database itself holds what the books promise, whoever writes: by the triggers of migration v0007 the legs of a
posting sum to zero in each currency, and nothing is changed, deleted or added afterwards. Within one transaction the
legs are written first and their posting last; legs without one are refused at the commit.
"""

from __future__ import annotations

import sqlalchemy as sa

from gateway.record.schema import Utc, metadata

posting = sa.Table(
    "posting",
    metadata,
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("legs", sa.Integer, nullable=False),  # how many it has, and ever will have
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column(
        "key",
        sa.String(120),
        sa.ForeignKey("posting.key", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    sa.Column("leg", sa.Integer, primary_key=True),
    sa.Column("book", sa.String(80), nullable=False, index=True),
    sa.Column("account", sa.String(40), index=True),  # the account a book belongs to, if any
    sa.Column("minor", sa.BigInteger, nullable=False),  # debit positive, credit negative
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("provider_ref", sa.String(80), nullable=False, server_default=""),
    sa.Column("at", Utc, nullable=False),
)
