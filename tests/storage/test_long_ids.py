"""An id that is longer than any real one is no id: it must not cost the papers that came with it."""

import datetime as dt
import random
import string
from typing import Any

import pytest

from adapters.sources import arxiv_entries, semantic_scholar
from adapters.sources.entries import DamagedError, doi, doi_if_any, referred
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.references import parse_reference
from storage.database import SqlStore

NOW = dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC)


def long_doi(length: int) -> str:
    """Return a DOI of so many characters, that nothing can compress."""
    letters = random.Random(length).choices(string.ascii_lowercase + string.digits, k=length - len("10.5555/"))
    return f"10.5555/{''.join(letters)}"


def told(number: int, **ids: str) -> dict[str, Any]:
    """Return a paper as Semantic Scholar tells of it."""
    return {"paperId": f"{number:040x}", "externalIds": ids, "title": f"Doves {number}"}


async def test_one_endless_doi_does_not_cost_the_other_papers(store: SqlStore) -> None:
    answer = [told(1, ArXiv="2506.00001", DOI=long_doi(5_000)), told(2, DOI=long_doi(5_001)), told(3, DOI="10.5555/3")]
    batch = semantic_scholar.parse_papers(answer, "an answer")
    assert (await ingest(store, "semanticscholar", batch, NOW)).new == 3
    async with store.read() as session:
        papers = await session.papers.get_many([paper.id for paper in batch.papers])
    assert [[*map(str, paper.names)] for paper in papers if paper.id.scheme != "web"] == [
        ["arxiv:2506.00001"],
        ["doi:10.5555/3"],
    ]
    assert [paper.title for paper in papers] == ["Doves 1", "Doves 2", "Doves 3"]


async def test_a_longer_one_that_was_stored_before_is_read_and_found(store: SqlStore) -> None:
    paper = Paper(PaperId.parse(f"doi:{long_doi(1_500)}"), "Doves")
    async with store.write() as session:
        await session.papers.save([paper], NOW)
    typed = parse_reference(str(paper.id))
    assert typed is not None
    async with store.read() as session:
        found = await session.papers.get(typed.id)
    assert found is not None
    assert found.id == paper.id


@pytest.mark.parametrize(("length", "taken"), [(71, True), (500, True), (501, False), (1_900, False), (5_000, False)])
def test_every_way_in_knows_what_is_too_long(length: int, taken: bool) -> None:
    told = long_doi(length)
    assert bool(doi_if_any(f"https://doi.org/{told.upper()}")) is taken
    assert bool(referred(f"doi:{told}")) is taken
    assert arxiv_entries.dois(f"{told} 10.5555/b")[0].value == (told if taken else "10.5555/b")
    if not taken:
        with pytest.raises(DamagedError, match="DOI is not one"):
            doi(told)
        assert referred(f"https://aclanthology.org/2025.{'a' * length}-long.1") is None
