"""What sources and channels' choices need beside v0003. It only adds."""

import sqlalchemy as sa
from alembic import op

from storage.texts import Text, code

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them."""
    # Older processes still add digests, and know nothing of it.
    op.add_column("digests", sa.Column("abstracts", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("digests", sa.Column("mention", Text))
    op.create_table(
        "remembered",
        sa.Column("platform", Text, nullable=False),
        sa.Column("team", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("text", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", "team", "name", name=op.f("pk_remembered")),
    )
    op.create_index(op.f("ix_remembered_at"), "remembered", ["at"])
    op.create_table(
        "source_gates",
        sa.Column("name", Text, nullable=False),
        sa.Column("last_start", sa.DateTime(timezone=True)),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("reason", Text),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_gates")),
    )
    op.create_table(
        "source_validators",
        sa.Column("key", Text, nullable=False),
        sa.Column("etag", Text),
        sa.Column("last_modified", Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_source_validators")),
    )
    op.create_index(op.f("ix_source_validators_at"), "source_validators", ["at"])
    # Older processes still store papers, and know nothing of it.
    op.add_column("papers", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("papers", sa.Column("told_by", code(40)))
    op.create_index("ix_digest_items_paper", "digest_items", ["paper"])
    op.drop_index(op.f("ix_papers_title_key"), "papers")
    op.create_index("ix_papers_title_start", "papers", [sa.text("substr(replace(title_key, ' ', ''), 1, 28)")])
    op.create_table(
        "paper_events",
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("kind", code(10), nullable=False),
        sa.Column("detail", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name=op.f("fk_paper_events_paper"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("paper", "kind", "detail", name=op.f("pk_paper_events")),
    )
    op.create_index(op.f("ix_paper_events_at"), "paper_events", ["at"])
    op.create_table(
        "merges",
        sa.Column("key", Text, nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name=op.f("fk_merges_paper"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_paper"), "merges", ["paper"])
    op.create_table(
        "kept_apart",
        sa.Column("key", Text, nullable=False),
        sa.Column("other", Text, nullable=False),
        sa.PrimaryKeyConstraint("key", "other", name=op.f("pk_kept_apart")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "organisation_names",
        sa.Column("key", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organisation_names")),
    )
    op.add_column("source_runs", sa.Column("next_poll", sa.DateTime(timezone=True)))
    op.add_column("source_runs", sa.Column("idle", Text))
    op.add_column("source_runs", sa.Column("read_to", sa.Date()))
    op.add_column("source_runs", sa.Column("backfill_since", sa.Date()))
    op.add_column("source_runs", sa.Column("backfill_next", sa.Date()))
    named = sa.text("replace(rule, 'cat:', '') <> rule")
    op.create_index("ix_follows_categories", "follows", ["id"], sqlite_where=named, postgresql_where=named)
    op.create_index("ix_digests_categories", "digests", ["id"], sqlite_where=named, postgresql_where=named)
    op.create_table(
        "team_feeds",
        sa.Column("team", sa.Integer(), nullable=False),
        sa.Column("url", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", Text),
        sa.ForeignKeyConstraint(["team"], ["teams.id"], name=op.f("fk_team_feeds_team"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team", "url", name=op.f("pk_team_feeds")),
        sa.UniqueConstraint("team", "name", name=op.f("uq_team_feeds_team_name")),
    )
    op.create_index(op.f("ix_team_feeds_url"), "team_feeds", ["url"])
    op.create_index(op.f("ix_team_feeds_read_at"), "team_feeds", ["read_at"])
