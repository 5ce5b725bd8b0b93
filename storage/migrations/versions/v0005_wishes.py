"""What wishes need beside v0004. It only adds."""

import sqlalchemy as sa
from alembic import op

from storage.texts import Text, code

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "granted_wishes",
        sa.Column("source", code(40), nullable=False),
        sa.Column("wish", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "wish", name=op.f("pk_granted_wishes")),
    )
    op.create_index(op.f("ix_granted_wishes_at"), "granted_wishes", ["at"])
    for facet, things in (("author", "authors"), ("venue", "venues"), ("paper", "papers")):
        named = sa.text(f"replace(rule, '{facet}:', '') <> rule")
        for table in ("follows", "digests"):
            op.create_index(f"ix_{table}_{things}", table, ["id"], sqlite_where=named, postgresql_where=named)
