"""All recorded papers through all of their ways into one store: each work is there once, with what each way told."""

import gzip
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.cli.sources import SOURCES
from adapters.sources import json_facts as facts
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

DATA = Path(__file__).parents[3] / "shared" / "data"
BULK = DATA / "bulk" / "arxiv_papers_50k.jsonl.gz"
AT_ONCE = 1_000


def bulk() -> Iterator[Batch]:
    """Yield the recorded papers of arXiv as pages of OAI-PMH bring them."""
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        papers = map(_paper, map(json.loads, lines))
        while page := tuple(islice(papers, AT_ONCE)):
            yield Batch("bulk", page, {})


def _paper(told: dict[str, object]) -> Paper:
    comment, categories = told["comment"], told["categories"]
    authors = told["authors"]
    assert isinstance(categories, list)
    assert isinstance(authors, list)
    return Paper(
        PaperId(Scheme.ARXIV, str(told["id"])),
        facts.line(told["title"], 2_000) or "",
        tuple(authors),
        facts.paragraphs(told["abstract"], 20_000) or "",
        published=facts.date(told["date"]),
        categories=tuple(categories),
        comment=facts.line(comment, 4_000),
    )


def recorded() -> Iterator[tuple[str, Batch]]:
    """Yield every recorded answer that is one, with its source."""
    for batch in bulk():
        yield "arxiv", batch
    for source, folder, name in (("huggingface", "hf_daily", "*.json"), ("arxiv", "arxiv", "*/*.xml")):
        for path in sorted((DATA / folder).glob(name)):
            try:
                yield source, SOURCES[source].read_file(path)
            except SourceError:
                continue


async def test_all_recorded_papers_are_as_many_as_arxiv_has_ids_for_them(tmp_path: Path) -> None:
    if not BULK.exists():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    clock = SystemClock()
    ids: dict[PaperId, set[str]] = {}
    sorted_by_arxiv: set[PaperId] = set()
    async with open_world(Settings(data_dir=tmp_path, database_url=""), clock, index_later=True) as world:
        for source, batch in recorded():
            for paper in batch.papers:
                ids.setdefault(paper.id, set()).add(source)
                sorted_by_arxiv |= {paper.id} if paper.categories else set()
            await ingest(world.store, source, batch, clock.now())
        async with world.store.read() as session:
            count = await session.papers.count()
            both = [paper_id for paper_id, sources in ids.items() if len(sources) > 1]
            stored = await session.papers.get_many(both)
    assert len(ids) > 56_000
    assert count == len(ids), "fewer would be works taken for one, more one work twice"
    assert len(stored) == len(both) > 50
    assert all(paper.listings for paper in stored), "Hugging Face told it"
    assert all(paper.categories for paper in stored if paper.id in sorted_by_arxiv), "arXiv told it"
