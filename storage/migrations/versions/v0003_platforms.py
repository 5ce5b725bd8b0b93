"""What chat platforms need: events that count once, and teams' encrypted secrets. It only adds."""

import sqlalchemy as sa
from alembic import op

from storage.texts import Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "arrivals",
        sa.Column("platform", Text, nullable=False),
        sa.Column("event", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "event", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_at"), "arrivals", ["at"])
    op.create_table(
        "secrets",
        sa.Column("platform", Text, nullable=False),
        sa.Column("team", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("sealed", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "team", "name", name=op.f("pk_secrets")),
    )
