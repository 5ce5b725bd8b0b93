"""The yardstick of searching: tantivy on our index and sqlite3 on our database, asked by hand, with nothing around."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tantivy

from adapters.cli.bench.search_queries import Asked
from bot import text
from bot.names import fold_name

_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_Clause = tuple[tantivy.Occur, tantivy.Query]


class RawSearch:
    """Asks the files of a store for the ten best papers. Blocks; close it after use."""

    def __init__(self, data_dir: Path) -> None:
        (current,) = data_dir.glob("index/*/current")
        index = tantivy.Index.open(str(current.parent / current.read_text().split()[1]))
        self._schema, self._searcher = index.schema, index.searcher()
        self._database = sqlite3.connect(data_dir / "paperround.db")

    def find(self, asked: Asked) -> tuple[list[tuple[Any, ...]], int]:
        """Return the rows of the ten best papers and of their listings, and how many papers there are in all."""
        query = tantivy.Query.boolean_query(list(self._clauses(asked)))
        if asked.words:
            found = self._searcher.search(query, 10)
        else:
            found = self._searcher.search(query, 10, order_by_field="newest")
        keys = [self._searcher.doc(address)["key"][0] for _, address in found.hits]
        total: int = found.count  # type: ignore[attr-defined]  # tantivy 0.27's stub leaves `count` out
        return self._rows(keys), total

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _rows(self, keys: list[str]) -> list[tuple[Any, ...]]:
        places = ", ".join("?" * len(keys))
        rows = self._database.execute(f"SELECT * FROM papers WHERE key IN ({places})", keys).fetchall()
        places, ids = ", ".join("?" * len(rows)), [row[0] for row in rows]
        listings = self._database.execute(f"SELECT * FROM listings WHERE paper IN ({places})", ids)
        return [*rows, *listings.fetchall()]

    def _clauses(self, asked: Asked) -> Iterator[_Clause]:
        parts = [" ".join(asked.words)] if asked.phrase else asked.words
        yield from ((_MUST, self._in_text(text.stems(part))) for part in parts)
        for name, value in (("category", asked.category), ("author", asked.author and fold_name(asked.author))):
            if value:
                yield _MUST, tantivy.Query.term_query(self._schema, name, value, "basic")
        if asked.without:
            yield _MUST_NOT, self._in_text(text.stems(asked.without))
        if asked.after:
            day = asked.after.toordinal()
            yield _MUST, tantivy.Query.range_query(self._schema, "date", tantivy.FieldType.Unsigned, day, None)

    def _in_text(self, stems: list[str]) -> tantivy.Query:
        title, abstract = (self._run(name, stems) for name in ("title", "abstract"))
        return tantivy.Query.boolean_query([(_SHOULD, tantivy.Query.boost_query(title, 3.0)), (_SHOULD, abstract)])

    def _run(self, name: str, stems: list[str]) -> tantivy.Query:
        if len(stems) == 1:
            return tantivy.Query.term_query(self._schema, name, stems[0], "freq")
        return tantivy.Query.phrase_query(self._schema, name, list(stems))
