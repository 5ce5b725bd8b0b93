"""What arXiv tells goes into the store: one paper, whichever way it was told, and nothing of a broken page."""

import datetime as dt
from pathlib import Path

import pytest

from adapters.sources.arxiv_announcements import parse_announcements
from adapters.sources.arxiv_files import parse_any, read_file
from adapters.sources.arxiv_oai import parse_oai
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId
from storage.database import SqlStore

DATA = Path(__file__).parents[1] / "data" / "arxiv"
NOW = dt.datetime(2025, 8, 20, 12, tzinfo=dt.UTC)
DAY = dt.date(2025, 8, 20)


async def stored(store: SqlStore, key: str) -> Paper:
    async with store.read() as session:
        [paper] = await session.papers.get_many([PaperId.parse(key)])
    return paper


async def test_announcements_records_and_answers_tell_of_one_paper(store: SqlStore) -> None:
    for file in ("announcements.xml", "announcements_rss.xml", "oai_raw.xml", "oai_last.xml", "api.xml"):
        await ingest(store, "arxiv", read_file(DATA / file), NOW)
    paper = await stored(store, "arxiv:2508.13003")
    assert [(listing.source, listing.day) for listing in paper.listings] == [("arxiv", DAY)]
    assert (paper.version, paper.published) == (1, dt.date(2025, 8, 18))
    assert paper.authors == ("Chen Wei", "Édgar Roldán")
    assert paper.comment == "7 pages. Code: https://gitlab.com/example/rd."


async def test_a_paper_without_a_listing_is_taken_in(store: SqlStore) -> None:
    report = await ingest(store, "arxiv", read_file(DATA / "oai_raw.xml"), NOW)
    assert (report.new, report.newest_day, dict(report.skipped)) == (3, None, {"deleted": 1})
    assert (await stored(store, "arxiv:math/0309136")).withdrawn


async def test_a_replacement_raises_the_version_and_is_listed_on_no_further_day(store: SqlStore) -> None:
    feed = (DATA / "announcements.xml").read_text("utf-8")
    first = (
        feed.replace("2508.13001v4", "2508.13001v1")
        .replace(">replace<", ">new<")
        .replace("2025-08-20T00", "2025-08-18T00")
    )
    await ingest(store, "arxiv", parse_announcements(first.encode(), "Monday"), NOW)
    await ingest(store, "arxiv", parse_announcements(feed.encode(), "Wednesday"), NOW)
    paper = await stored(store, "arxiv:2508.13001")
    assert paper.version == 4
    assert [listing.day for listing in paper.listings] == [dt.date(2025, 8, 18)]


async def test_a_later_announcement_without_a_comment_does_not_bring_a_withdrawn_paper_back(store: SqlStore) -> None:
    withdrawn = (DATA / "oai_raw.xml").read_text("utf-8").replace("7 pages.", "This paper has been withdrawn.")
    await ingest(store, "arxiv", parse_oai(withdrawn.encode(), "night").batch, NOW)
    await ingest(store, "arxiv", read_file(DATA / "announcements.xml"), NOW)
    assert (await stored(store, "arxiv:2508.13003")).withdrawn
    await ingest(store, "arxiv", read_file(DATA / "oai_raw.xml"), NOW)  # another comment
    assert not (await stored(store, "arxiv:2508.13003")).withdrawn


@pytest.mark.parametrize("file", ["announcements.xml", "oai_raw.xml", "api.xml"])
async def test_nothing_of_a_page_that_was_cut_off_is_stored(store: SqlStore, file: str) -> None:
    body = (DATA / file).read_bytes()
    with pytest.raises(SourceError, match="is cut off"):
        await ingest(store, "arxiv", parse_any(body[: body.rindex(b"</")], file), NOW)
    async with store.read() as session:
        assert await session.papers.last_change() == 0
