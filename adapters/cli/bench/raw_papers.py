"""The yardstick's store for big corpora: the tables of `raw_store`, filled with papers in bulk, and asked by FTS5."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from adapters.cli.bench.raw_store import RawStore
from bot.paper import Listing, Paper

_INSERTS = {
    "papers": "INSERT INTO papers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "paper_ids": "INSERT INTO paper_ids VALUES (?, ?)",
    "listings": "INSERT INTO listings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "authors": "INSERT OR IGNORE INTO authors VALUES (?, ?)",
    "words": "INSERT INTO words (rowid, title, abstract) VALUES (?, ?, ?)",
}
_BEST = """
SELECT papers.* FROM papers JOIN
    (SELECT rowid AS found, bm25(words, 3.0, 1.0) AS score FROM words WHERE words MATCH ? ORDER BY score LIMIT 10)
ON papers.id = found ORDER BY score
"""


class RawPapers:
    """Papers in SQLite with an FTS5 index of titles and abstracts. Blocks; close it after use."""

    def __init__(self, path: Path) -> None:
        self._store = RawStore(path)
        self._run = self._store.connection.execute
        (self._rows,) = self._run("SELECT coalesce(max(id), 0) FROM papers").fetchone()

    def insert(self, papers: Sequence[Paper]) -> None:
        """Insert papers that are not there, in one transaction."""
        numbered = list(enumerate(papers, start=self._rows + 1))
        self._rows += len(numbered)
        values = {
            "papers": (_paper(row, paper) for row, paper in numbered),
            "paper_ids": ((paper.id.value, row) for row, paper in numbered),
            "listings": (_listing(row, listing) for row, paper in numbered for listing in paper.listings),
            "authors": ((name, row) for row, paper in numbered for name in paper.authors),
            "words": ((row, paper.title, paper.abstract) for row, paper in numbered),
        }
        self._run("BEGIN IMMEDIATE")
        for table, rows in values.items():
            self._store.connection.executemany(_INSERTS[table], rows)
        self._run("COMMIT")

    def optimise(self) -> None:
        """Merge the FTS5 index into one piece, in which it searches fastest."""
        self._run("INSERT INTO words (words) VALUES ('optimize')")

    def best(self, match: str) -> list[tuple[Any, ...]]:
        """Return the ten papers that an FTS5 query finds, best first by bm25, the title counting three times."""
        return self._run(_BEST, (match,)).fetchall()

    def author_names(self) -> list[str]:
        """Return every author's name, once."""
        return [name for (name,) in self._run("SELECT DISTINCT name FROM authors")]

    def titles(self) -> list[str]:
        """Return every paper's title."""
        return [title for (title,) in self._run("SELECT title FROM papers")]

    def close(self) -> None:
        """Close the file."""
        self._store.close()


def _paper(row: int, paper: Paper) -> tuple[Any, ...]:
    published = str(paper.published) if paper.published else None
    return (row, paper.id.value, paper.title, paper.abstract, json.dumps(paper.authors), published, paper.code_url,
            paper.project_url)  # fmt: skip


def _listing(row: int, listing: Listing) -> tuple[Any, ...]:
    return (row, str(listing.day), listing.votes, listing.comments, listing.submitter, listing.organisation,
            listing.stars, listing.summary, json.dumps(listing.keywords), None)  # fmt: skip
