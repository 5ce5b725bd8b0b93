"""What delivery needs: blocked digests, audits, leases, and when a backup was put back.

It only adds, so that a process of the version before goes on working beside one of this version.
"""

import sqlalchemy as sa
from alembic import op

from storage.texts import Text

revision = "0002"
down_revision = "0001"

COMES = sa.text("blocked IS NULL AND (NOT paused OR paused_until IS NOT NULL)")
COMES_AT = sa.text("(CASE WHEN paused AND paused_until > next_due_at THEN paused_until ELSE next_due_at END)")
AUDITED = sa.text("audit_at IS NOT NULL")
SENT = sa.text("state = 'sent'")
UNTOLD = sa.text("state IN ('blocked', 'parked') AND told_at IS NULL")


def upgrade() -> None:
    """Add columns, indexes and a table."""
    op.add_column("store_meta", sa.Column("restored_at", sa.DateTime(timezone=True)))
    op.add_column("digests", sa.Column("blocked", Text))
    op.add_column("digests", sa.Column("quiet_rule", Text))
    op.add_column("deliveries", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.drop_index(op.f("ix_digests_next_due_at"), "digests")
    op.create_index("ix_digests_due", "digests", [COMES_AT], sqlite_where=COMES, postgresql_where=COMES)
    op.create_index("ix_deliveries_audit", "deliveries", ["audit_at"], sqlite_where=AUDITED, postgresql_where=AUDITED)
    op.create_index("ix_deliveries_sent", "deliveries", ["settled_at"], sqlite_where=SENT, postgresql_where=SENT)
    op.create_index("ix_deliveries_untold", "deliveries", ["settled_at"], sqlite_where=UNTOLD, postgresql_where=UNTOLD)
    op.create_table(
        "leases",
        sa.Column("name", Text, nullable=False),
        sa.Column("holder", Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
