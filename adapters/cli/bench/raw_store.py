"""The yardstick's store: what a plain script does with sqlite3 and json, and no more."""

import datetime as dt
import json
import sqlite3
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE papers (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, title TEXT NOT NULL, abstract TEXT NOT NULL,
    authors TEXT NOT NULL, published TEXT, code TEXT, project TEXT);
CREATE TABLE paper_ids (key TEXT PRIMARY KEY, paper INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE listings (paper INTEGER NOT NULL, day TEXT NOT NULL, votes INTEGER, comments INTEGER, submitter TEXT,
    organisation TEXT, stars INTEGER, summary TEXT, keywords TEXT, listed_at TEXT, PRIMARY KEY (paper, day));
CREATE INDEX listings_by_day ON listings (day, paper);
CREATE TABLE authors (name TEXT NOT NULL, paper INTEGER NOT NULL, PRIMARY KEY (name, paper)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(title, abstract);
"""

_PAPER = """
INSERT INTO papers (key, title, abstract, authors, published, code, project) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET title = excluded.title, abstract = excluded.abstract, authors = excluded.authors,
    published = excluded.published, code = excluded.code, project = excluded.project
RETURNING id
"""
_LISTING = """
INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (paper, day) DO UPDATE SET votes = excluded.votes, comments = excluded.comments,
    submitter = excluded.submitter, organisation = excluded.organisation, stars = excluded.stars,
    summary = excluded.summary, keywords = excluded.keywords, listed_at = excluded.listed_at
"""
_DAY = """
SELECT papers.key, title, authors, abstract, votes, comments, organisation, summary
FROM listings JOIN papers ON papers.id = listings.paper WHERE day = ? ORDER BY votes DESC, papers.key
"""


class RawStore:
    """A store of papers, listings, ids, authors and a full text index, written with the same durability as ours."""

    def __init__(self, path: Path) -> None:
        is_new = not path.exists()
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        if is_new:
            self.connection.executescript(_TABLES)

    def ingest(self, path: Path) -> None:
        """Insert or update the papers of a recorded answer in one transaction."""
        items = json.loads(path.read_bytes())
        if isinstance(items, dict):
            items = items["data"]
        self.connection.execute("BEGIN IMMEDIATE")
        for item in items:
            if isinstance(item, dict):
                self._put(item, path.stem)
        self.connection.execute("COMMIT")

    def day(self, day: dt.date) -> list[tuple[Any, ...]]:
        """Return the papers of a day by votes, their authors as lists."""
        rows = self.connection.execute(_DAY, (str(day),))
        return [(key, title, json.loads(authors), *others) for key, title, authors, *others in rows]

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        found: int = self.connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        return found

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _put(self, item: dict[str, Any], day: str) -> None:
        paper, run = item["paper"], self.connection.execute
        names = [author["name"] for author in paper.get("authors", ()) if not author.get("hidden")]
        key, title, abstract = paper["id"], paper["title"], paper.get("summary") or ""
        before = run("SELECT title, abstract FROM papers WHERE key = ?", (key,)).fetchone()
        published, code, project = paper.get("publishedAt"), paper.get("githubRepo"), paper.get("projectPage")
        facts = (key, title, abstract, json.dumps(names), published, code, project)
        (row,) = run(_PAPER, facts).fetchone()
        run(_LISTING, _listing(item, row, day))
        run("INSERT OR IGNORE INTO paper_ids VALUES (?, ?)", (key, row))
        self.connection.executemany("INSERT OR IGNORE INTO authors VALUES (?, ?)", [(name, row) for name in names])
        if before != (title, abstract):
            run("INSERT OR REPLACE INTO words (rowid, title, abstract) VALUES (?, ?, ?)", (row, title, abstract))


def _listing(item: dict[str, Any], row: int, day: str) -> tuple[Any, ...]:
    paper = item["paper"]
    submitter = (paper.get("submittedOnDailyBy") or {}).get("user")
    organisation = (paper.get("organization") or item.get("organization") or {}).get("fullname")
    listed_at = paper.get("submittedOnDailyAt")
    keywords = json.dumps(paper.get("ai_keywords"))
    return (row, listed_at[:10] if listed_at else day, paper.get("upvotes"), item.get("numComments"), submitter,
            organisation, paper.get("githubStars"), paper.get("ai_summary"), keywords, listed_at)  # fmt: skip
