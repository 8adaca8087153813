"""The database holds the ledger to its promises: postings sum to zero and are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"

UNBALANCED = "SELECT count(*) FROM (SELECT 1 FROM ledger GROUP BY key, currency HAVING sum(minor) <> 0) AS wrong"

# Both databases: a posting is taken only when the legs that are there by then make one.
HOLDS = """
    NEW.legs > 1
    AND NEW.legs = (SELECT count(*) FROM ledger WHERE key = NEW.key)
    AND NOT EXISTS (SELECT 1 FROM ledger WHERE key = NEW.key AND minor = 0)
    AND NOT EXISTS (SELECT 1 FROM ledger WHERE key = NEW.key GROUP BY currency HAVING sum(minor) <> 0)
"""

# SQLite has one writer, so what a trigger sees is what will be committed. The leg is refused AFTER its insertion: a
# BEFORE trigger would also fire for the first leg of a posting that is there already, which is no error (ON CONFLICT).
SQLITE = (
    f"""CREATE TRIGGER posting_holds BEFORE INSERT ON posting WHEN NOT ({HOLDS})
    BEGIN SELECT RAISE(ABORT, 'the legs of a posting sum to zero'); END""",
    """CREATE TRIGGER ledger_sealed AFTER INSERT ON ledger
    WHEN EXISTS (SELECT 1 FROM posting WHERE key = NEW.key)
    BEGIN SELECT RAISE(ABORT, 'nothing is added to a posting'); END""",
    *(
        f"""CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
    BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END"""
        for table in ("ledger", "posting")
        for verb in ("UPDATE", "DELETE")
    ),
)

# PostgreSQL has many writers: legs that another one adds at this moment are seen by neither's BEFORE trigger. So the
# same is asked again of every leg at the commit, in one statement, which sees the posting with all its legs or without
# any: whoever commits last is refused.
POSTGRESQL = (
    f"""CREATE FUNCTION posting_holds() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT ({HOLDS}) THEN
        RAISE EXCEPTION 'the legs of a posting sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
    END $$""",
    """CREATE FUNCTION ledger_sealed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM posting WHERE posting.key = NEW.key
        AND posting.legs = (SELECT count(*) FROM ledger WHERE ledger.key = NEW.key)
    ) THEN
        RAISE EXCEPTION 'nothing is added to a posting' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
    END $$""",
    """CREATE FUNCTION ledger_unchanged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'the ledger is never changed' USING ERRCODE = 'restrict_violation';
    END $$""",
    "CREATE TRIGGER posting_holds BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION posting_holds()",
    """CREATE CONSTRAINT TRIGGER ledger_sealed AFTER INSERT ON ledger DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_sealed()""",
    *(
        f"""CREATE TRIGGER {table}_unchanged BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_unchanged()"""
        for table in ("ledger", "posting")
    ),
)


def upgrade() -> None:
    if op.get_bind().scalar(sa.text(UNBALANCED)):
        raise ValueError("the ledger has postings that do not sum to zero: have them looked at before the upgrade")
    op.create_table(
        "posting",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_posting")),
    )
    op.execute("INSERT INTO posting (key, legs) SELECT key, count(*) FROM ledger GROUP BY key")
    with op.batch_alter_table("ledger") as ledger:
        ledger.create_foreign_key(
            op.f("fk_ledger_key"), "posting", ["key"], ["key"], deferrable=True, initially="DEFERRED"
        )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
