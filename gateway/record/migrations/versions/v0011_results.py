"""Results of surveys: which invitation an answer belongs to, and the questions that the uninvited reached."""

import sqlalchemy as sa
from alembic import op

revision = "v0011"
down_revision = "v0010"


def upgrade() -> None:
    _observation()
    _invitation()
    _reached()


def _observation() -> None:
    """Answers from before belong to the invitation of that client and flow that was open then."""
    op.add_column("observation", sa.Column("invitation", sa.String(length=32), server_default="", nullable=False))
    op.create_index("ix_observation_flow_at", "observation", ["flow", "at"])
    op.execute(
        "UPDATE observation SET invitation = coalesce((SELECT min(i.id) FROM invitation i"
        " WHERE i.client = observation.client AND i.flow = observation.flow AND i.begun_at <= observation.at"
        " AND (i.ended_at IS NULL OR observation.at <= i.ended_at)), '')"
        " WHERE flow IN (SELECT flow FROM invitation)"
    )


def _invitation() -> None:
    """It is hidden from whom its answers are."""
    op.add_column("invitation", sa.Column("hidden_from", sa.String(length=80), server_default="", nullable=False))
    op.create_index("ix_invitation_flow_due", "invitation", ["flow", "due_at"])
    op.execute(
        "UPDATE invitation SET hidden_from = coalesce("
        "(SELECT max(o.hidden_from) FROM observation o WHERE o.flow = invitation.flow), '')"
    )


def _reached() -> None:
    with op.batch_alter_table("reached") as table:
        table.add_column(sa.Column("flow", sa.String(length=60), server_default="", nullable=False))
        table.add_column(sa.Column("release", sa.String(length=64), server_default="", nullable=False))
        table.drop_constraint("pk_reached", type_="primary")
        table.create_primary_key("pk_reached", ["invitation", "flow", "step"])
    op.execute(
        "UPDATE reached SET flow = (SELECT i.flow FROM invitation i WHERE i.id = reached.invitation),"
        " release = (SELECT i.release FROM invitation i WHERE i.id = reached.invitation)"
        " WHERE invitation IN (SELECT id FROM invitation)"
    )
    op.create_index("ix_reached_flow_at", "reached", ["flow", "at"])
