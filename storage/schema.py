"""The tables, for SQLite and PostgreSQL alike."""

import datetime as dt
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, MetaData, Table, Time
from sqlalchemy.types import JSON, TypeDecorator

from bot.query import Kind
from storage.texts import Text, code


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware time, stored as UTC and read back aware; SQLite itself would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Refuse a naive time: nobody knows what it means."""
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"a stored time needs its offset from UTC, and {value!r} has none")
        return value and value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """Return what was stored, aware, in UTC."""
        return value and (value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC))


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _owner(name: str, table: str, primary_key: bool = False, index: bool = False) -> Column[int]:
    """A reference to what the row is part of: it goes when that goes."""
    target = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(name, Integer, target, primary_key=primary_key, index=index, nullable=False)


# One row. `last_change` is the newest number of the papers' change sequence: every save raises it first, and
# so (on PostgreSQL) waits there for the save before it; no number becomes visible after a higher one.
store_meta = Table(
    "store_meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("store_id", code(36), nullable=False),
    Column("last_change", Integer, nullable=False),
    Column("restored_at", UtcDateTime),
)

title_starts: Final[sa.ColumnElement[str]] = sa.literal_column("substr(replace(title_key, ' ', ''), 1, 28)")
"""What a title begins with, as an index has it (`bot.same_work.title_start`)."""

# `id` is the first change number that the paper was given: it is unique and known before the insert.
papers = Table(
    "papers",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("key", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("title_key", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("published", Date),
    Column("categories", JSON, nullable=False),
    Column("other_ids", JSON, nullable=False),
    Column("version", Integer),
    Column("venue", Text),
    Column("comment", Text),
    Column("code_url", Text),
    Column("project_url", Text),
    Column("video_url", Text),
    Column("models", Integer),
    Column("first_seen", UtcDateTime),
    Column("withdrawn", Boolean, nullable=False, server_default=sa.false()),  # an older version writes none
    Column("told_by", code(40)),
    Column("sequence", Integer, nullable=False, unique=True),
    Index("ix_papers_title_start", title_starts),
)

# Every name that leads to a paper, its main one included.
paper_ids = Table(
    "paper_ids",
    metadata,
    Column("key", Text, primary_key=True),
    _owner("paper", "papers"),
    sqlite_with_rowid=False,
)

listings = Table(
    "listings",
    metadata,
    _owner("paper", "papers", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("votes", Integer),
    Column("comments", Integer),
    Column("submitter", Text),
    Column("organisation", Text, index=True),
    Column("stars", Integer),
    Column("summary", Text),
    Column("keywords", JSON, nullable=False),
    Column("listed_at", UtcDateTime),
    Column("first_seen", UtcDateTime),
    Column("url", Text),
    Index(None, "day", "paper"),
)

# The votes' history: a row when a listing's votes are first seen, and whenever they have changed.
vote_counts = Table(
    "vote_counts",
    metadata,
    _owner("paper", "papers", primary_key=True),
    Column("day", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("votes", Integer, nullable=False),
)

# What happened to a paper after it was first seen: each once.
paper_events = Table(
    "paper_events",
    metadata,
    _owner("paper", "papers", primary_key=True),
    Column("kind", code(10), primary_key=True),
    Column("detail", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# Papers that were taken for one work, as they were before: so that it can be undone. `kept_apart`: since it was.
merges = Table(
    "merges",
    metadata,
    Column("key", Text, primary_key=True),
    _owner("paper", "papers", index=True),
    Column("source", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("before", JSON, nullable=False),
    Column("told", JSON, nullable=False),
)

kept_apart = Table(
    "kept_apart",
    metadata,
    Column("key", Text, primary_key=True),
    Column("other", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# How an operator wants organisations to be called, by the folded words of a spelling.
organisation_names = Table(
    "organisation_names",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

author_names = Table(
    "author_names",
    metadata,
    Column("block_key", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    sqlite_with_rowid=False,
)

teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("key", Text, nullable=False),
    sa.UniqueConstraint("platform", "key"),
    sqlite_autoincrement=True,
)

# The feeds that teams name; `read_at` is 1970 before the first time.
team_feeds = Table(
    "team_feeds",
    metadata,
    _owner("team", "teams", primary_key=True),
    Column("url", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime, nullable=False, index=True),
    Column("failure", Text),
    sa.UniqueConstraint("team", "name"),
    Index(None, "url"),
)

channels = Table(
    "channels",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("team", "teams"),
    Column("key", Text, nullable=False),
    Column("zone", Text),
    sa.UniqueConstraint("team", "key"),
    sqlite_autoincrement=True,
)

# `last_follow` only rises, so that the number of a deleted follow never means another one.
people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("last_follow", Integer, nullable=False),
    sqlite_autoincrement=True,
)

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("team", "teams"),
    _owner("person", "people", index=True),
    Column("key", Text, nullable=False),
    Column("folded_key", Text, nullable=False),
    Column("zone", Text),
    sa.UniqueConstraint("team", "key"),
    Index(None, "team", "folded_key"),
    sqlite_autoincrement=True,
)

# Which rules name something that sources are asked for: those are looked through again and again. In these very words,
# or SQLite does not see the index.
NAMES: Final = {
    kind: sa.text(f"replace(rule, '{kind}:', '') <> rule")
    for kind in (Kind.CATEGORY, Kind.AUTHOR, Kind.VENUE, Kind.PAPER)
}


def _naming(table: str) -> list[Index]:
    """The indexes by which rules that name something are found."""
    things = {Kind.CATEGORY: "categories", Kind.AUTHOR: "authors", Kind.VENUE: "venues", Kind.PAPER: "papers"}
    return [
        Index(f"ix_{table}_{thing}", "id", sqlite_where=NAMES[kind], postgresql_where=NAMES[kind])
        for kind, thing in things.items()
    ]


follows = Table(
    "follows",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("person", "people"),
    Column("number", Integer, nullable=False),
    Column("stance", code(10), nullable=False),
    Column("rule", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sa.UniqueConstraint("person", "number"),
    *_naming("follows"),
    sqlite_autoincrement=True,
)


def _opinions(name: str) -> Table:
    """A table of what members think of papers: who, which, since when."""
    return Table(
        name,
        metadata,
        _owner("member", "members", primary_key=True),
        _owner("paper", "papers", primary_key=True, index=True),
        Column("at", UtcDateTime, nullable=False),
    )


team_votes = _opinions("team_votes")
saves = _opinions("saves")

# A digest that is neither blocked nor paused for ever; in these very words, or SQLite does not see the index.
COMES: Final = sa.text("blocked IS NULL AND (NOT paused OR paused_until IS NOT NULL)")

# When a digest that comes is due: one that is paused for a while, not before that is over.
comes_at: Final = sa.literal_column(
    "(CASE WHEN paused AND paused_until > next_due_at THEN paused_until ELSE next_due_at END)", UtcDateTime
)

# An id is never used again, because the ledger goes on naming it when the digest is gone. `created_by` is a
# member's id, but no foreign key: the digest outlives its maker. `blocked` says why nothing can be posted;
# `quiet_rule` is the rule of which its maker was told that it brings nothing.
digests = Table(
    "digests",
    metadata,
    Column("id", Integer, primary_key=True),
    _owner("channel", "channels"),
    Column("name", Text, nullable=False),
    Column("time", Time, nullable=False),
    Column("zone", Text, nullable=False),
    Column("days", JSON, nullable=False),
    Column("top", Integer, nullable=False),
    Column("rule", Text),
    Column("created_by", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("since", Date, nullable=False),
    Column("next_due_at", UtcDateTime, nullable=False),
    Column("last_slot", Date),
    Column("paused", Boolean, nullable=False),
    Column("paused_until", UtcDateTime),
    Column("blocked", Text),
    Column("quiet_rule", Text),
    Column("abstracts", Boolean, nullable=False, server_default=sa.false()),  # an older version writes none
    Column("mention", Text),
    sa.UniqueConstraint("channel", "name"),
    Index("ix_digests_due", comes_at, sqlite_where=COMES, postgresql_where=COMES),
    *_naming("digests"),
    sqlite_autoincrement=True,
)

# A paper reaches a channel once, whichever of its digests brought it. The rows keep the digest's name, not
# its id: what a channel has had is remembered when the settings are gone.
digest_items = Table(
    "digest_items",
    metadata,
    _owner("channel", "channels", primary_key=True),
    _owner("paper", "papers", primary_key=True),
    Column("digest_name", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("votes", Integer),
    Column("why", JSON, nullable=False),
    Column("composed_at", UtcDateTime, nullable=False),
    Index("ix_digest_items_paper", "paper"),
)

digest_slots = Table(
    "digest_slots",
    metadata,
    _owner("digest", "digests", primary_key=True),
    Column("slot", Text, primary_key=True),
    Column("composed_at", UtcDateTime, nullable=False),
    Index(None, "digest", "composed_at"),
)

OPEN: Final = sa.text("state IN ('pending', 'sending')")
"""Rows of the ledger that are not settled; in these very words, or SQLite does not see that its index fits."""

AUDITED: Final = sa.text("audit_at IS NOT NULL")
"""Rows of the ledger that are to be read back; in these very words, too."""

SENT: Final = sa.text("state = 'sent'")
"""Rows of the ledger that are done; in these very words, too."""

UNTOLD: Final = sa.text("state IN ('blocked', 'parked') AND told_at IS NULL")
"""Rows of the ledger that need somebody, who was not told; in these very words, too."""

# `digest` is no foreign key: what was posted stays in the ledger when the digest is removed. `told_at` is when
# whoever set the digest up was told that the row is blocked or parked.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", code(36), primary_key=True),
    Column("digest", Integer, nullable=False),
    Column("slot", Text, nullable=False),
    Column("part", Integer, nullable=False),
    _owner("channel", "channels", index=True),
    Column("platform", Text, nullable=False),
    Column("state", code(10), nullable=False),
    Column("uncertain", Boolean, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("first_try_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("message_id", Text),
    Column("last_error", Text),
    Column("audit_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    Column("told_at", UtcDateTime),
    sa.UniqueConstraint("digest", "slot", "part"),
    Index(None, "digest", "due_at"),
    Index("ix_deliveries_open", "due_at", sqlite_where=OPEN, postgresql_where=OPEN),
    Index("ix_deliveries_audit", "audit_at", sqlite_where=AUDITED, postgresql_where=AUDITED),
    Index("ix_deliveries_sent", "settled_at", sqlite_where=SENT, postgresql_where=SENT),
    Index("ix_deliveries_untold", "settled_at", sqlite_where=UNTOLD, postgresql_where=UNTOLD),
)

source_runs = Table(
    "source_runs",
    metadata,
    Column("source", Text, primary_key=True),
    Column("last_success", UtcDateTime),
    Column("last_failure", UtcDateTime),
    Column("failure", Text),
    Column("newest_day", Date),
    Column("next_poll", UtcDateTime),
    Column("idle", Text),
    Column("read_to", Date),
    Column("backfill_since", Date),
    Column("backfill_next", Date),
)

# When a source last granted a wish: something that rules name, and that it is asked for; see `bot.wishes`.
granted_wishes = Table(
    "granted_wishes",
    metadata,
    Column("source", code(40), primary_key=True),
    Column("wish", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# How politely the sources' services are asked: when last, and from when on again; see `bot.gates`. Who is asking
# now holds a lease.
source_gates = Table(
    "source_gates",
    metadata,
    Column("name", Text, primary_key=True),
    Column("last_start", UtcDateTime),
    Column("not_before", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("reason", Text),
)

# By which services tell whether an answer has changed since it was last taken in; the key stands for the question.
source_validators = Table(
    "source_validators",
    metadata,
    Column("key", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# Who does what only one process may do at a time: a source's poll, a request to a source, the housekeeping.
leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

# What platforms sent: each event counts once.
arrivals = Table(
    "arrivals",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# Teams' tokens, encrypted. No foreign key: an app is installed before its team turns up.
secrets = Table(
    "secrets",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# What a platform has no room for: long commands of buttons, for example. No foreign key: some are no team's.
remembered = Table(
    "remembered",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)
