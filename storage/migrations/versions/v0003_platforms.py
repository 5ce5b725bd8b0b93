"""What chat platforms need: events that count once, and teams' encrypted secrets. It only adds."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add two tables."""
    op.create_table(
        "arrivals",
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("event", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "event", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_at"), "arrivals", ["at"])
    op.create_table(
        "secrets",
        sa.Column("platform", TEXT, nullable=False),
        sa.Column("team", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sealed", TEXT, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "team", "name", name=op.f("pk_secrets")),
    )
