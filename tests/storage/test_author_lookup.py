"""Who an author's name means is looked up once, until the index takes in something new."""

import datetime as dt
from pathlib import Path

from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.query_parser import parse_rules
from storage.database import SqlStore
from storage.search_index import TantivyIndex

NOON = dt.datetime(2025, 6, 12, 12, tzinfo=dt.UTC)


async def write(store: SqlStore, number: int, author: str) -> None:
    paper = Paper(PaperId.parse(f"arxiv:2506.{number:05}"), "A paper", (author,))
    async with store.write() as session:
        await session.papers.save([paper], NOON)


async def test_a_spelling_that_comes_later_is_found_after_the_next_catch_up(store: SqlStore, tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path / "index", store)
    query = parse_rules('author:"Yann LeCun"')
    await write(store, 1, "Yann LeCun")
    await index.catch_up()
    assert (await index.search(query)).total == 1
    await write(store, 2, "Y. LeCun")
    assert (await index.search(query)).total == 1
    await index.catch_up()
    assert (await index.search(query)).total == 2
