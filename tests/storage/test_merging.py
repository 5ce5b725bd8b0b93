"""Papers that turn out to be one work, what happens to them, and how a wrong merge is undone."""

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.digest import Composed, Digest, DigestItem, DigestSettings
from bot.errors import UserError
from bot.ingest import ingest
from bot.merging import EventKind
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.reply import DigestPost
from bot.team import Caller
from bot.unmerging import unmerge
from storage.database import SqlStore
from storage.schema import kept_apart, paper_ids, papers

NOW = dt.datetime(2025, 6, 12, 7, 30, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MONDAY = dt.date(2025, 6, 9)
ARXIV, DOI, ACL = map(PaperId.parse, ("arxiv:2506.00001", "doi:10.1000/one", "acl:2025.acl-long.1"))
TITLE = "Homing pigeons as couriers"


def told(name: PaperId, title: str = TITLE, source: str = "arxiv", also: tuple[PaperId, ...] = ()) -> Paper:
    """Return a paper as a source tells of it, listed on Monday."""
    listing = Listing(source, MONDAY, votes=3 if source == "huggingface" else None)
    return Paper(
        name, title, ("Ada Lovelace",), "About pigeons.", dt.date(2025, 6, 1), other_ids=also, listings=(listing,)
    )


async def take(store: SqlStore, paper: Paper, source: str = "arxiv", now: dt.datetime = NOW) -> None:
    await ingest(store, source, Batch("a day", (paper,), {}), now)


async def get(store: SqlStore, name: PaperId) -> Paper:
    async with store.read() as session:
        paper = await session.papers.get(name)
    assert paper is not None
    return paper


async def count(store: SqlStore) -> int:
    async with store.read() as session:
        return await session.papers.count()


async def happened(store: SqlStore, since: dt.datetime = NOW) -> list[tuple[EventKind, str]]:
    async with store.read() as session:
        return [(event.kind, event.detail) for event in await session.events.of([ARXIV], since)]


# --- Which source is believed ----------------------------------------------------------------------------------------


async def test_the_title_of_where_the_authors_put_it_stands_whoever_speaks_last(store: SqlStore) -> None:
    await take(store, told(ARXIV, "Homing pigeons", "huggingface"), "huggingface")
    await take(store, told(ARXIV, "Homing Pigeons as Couriers"))
    await take(store, told(ARXIV, "Homing pigeons", "huggingface"), "huggingface")
    paper = await get(store, ARXIV)
    assert (paper.title, paper.told_by) == ("Homing Pigeons as Couriers", "arxiv")
    assert [listing.source for listing in paper.listings] == ["arxiv", "huggingface"]


async def test_two_sources_that_take_turns_change_nothing_any_more(store: SqlStore) -> None:
    ours = replace(told(ARXIV), code_url="https://example.org/in-the-text")
    theirs = replace(told(ARXIV, "Pigeons", "huggingface"), code_url="https://example.org/repository")
    for _ in range(2):
        await take(store, ours)
        await take(store, theirs, "huggingface")
    settled = await get(store, ARXIV)
    async with store.read() as session:
        before = await session.papers.last_change()
    await take(store, ours)
    await take(store, theirs, "huggingface")
    async with store.read() as session:
        assert await session.papers.last_change() == before
    assert settled.code_url == "https://example.org/repository", "where the paper's own page says that it is"


async def test_what_the_better_source_leaves_out_the_other_one_tells(store: SqlStore) -> None:
    await take(store, replace(told(ARXIV, source="huggingface"), published=dt.date(2025, 5, 31)), "huggingface")
    await take(store, replace(told(ARXIV), abstract="", authors=()))
    paper = await get(store, ARXIV)
    assert (paper.abstract, paper.authors, paper.published) == (
        "About pigeons.",
        ("Ada Lovelace",),
        dt.date(2025, 6, 1),
    )


# --- What happens to a paper ------------------------------------------------------------------------------------------


async def test_what_happens_to_a_paper_is_noted_once(store: SqlStore) -> None:
    await take(store, replace(told(ARXIV), version=1))
    assert await happened(store) == [], "its first appearance is none"
    later = replace(told(ARXIV), version=2, code_url="https://example.org/code", venue="ACL 2025")
    await take(store, later, now=NOW + HOUR)
    await take(store, later, now=NOW + 2 * HOUR)
    gone = replace(later, version=3, withdrawn=True, comment="withdrawn by the authors")
    await take(store, gone, now=NOW + DAY)
    assert await happened(store) == [
        ("withdrawn", "withdrawn by the authors"),
        ("version", "v3"),
        ("version", "v2"),
        ("published", "ACL 2025"),
        ("code", "https://example.org/code"),
    ]
    assert [kind for kind, _ in await happened(store, NOW + DAY)] == ["withdrawn", "version"]


async def test_a_doi_of_a_publisher_is_a_publication_and_arxivs_own_is_none(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    await take(store, told(ARXIV, also=(PaperId.parse("doi:10.48550/arxiv.2506.00001"),)))
    assert await happened(store) == []
    await take(store, told(DOI, source="crossref"), "crossref")
    assert await happened(store) == [("published", "10.1000/one")]


async def test_a_withdrawn_paper_stays_so_for_a_source_that_knows_less(store: SqlStore) -> None:
    await take(store, replace(told(ARXIV), withdrawn=True))
    await take(store, told(ARXIV, source="huggingface"), "huggingface")
    assert (await get(store, ARXIV)).withdrawn
    await take(store, told(ARXIV))
    assert (await get(store, ARXIV)).withdrawn, "an announcement brings no comment, which is where it says so"
    await take(store, replace(told(ARXIV), comment="9 pages, with a new proof"))
    assert not (await get(store, ARXIV)).withdrawn


# --- Two stored papers that are one -----------------------------------------------------------------------------------


async def apart(store: SqlStore) -> None:
    """Store a preprint and its publication under another title, as two papers."""
    await take(store, told(ARXIV, "Preprint of pigeons", "huggingface"), "huggingface")
    await take(store, told(DOI, "As published", "crossref"), "crossref")
    assert await count(store) == 2


async def test_two_stored_papers_that_a_source_names_as_one_become_one(store: SqlStore, alice: Caller) -> None:
    await apart(store)
    async with store.write() as session:
        await session.opinions.vote(alice, DOI, NOW)
        await session.opinions.save(alice, DOI, NOW)
        await session.opinions.save(alice, ARXIV, NOW)
    await take(store, told(ACL, "As printed", "acl", also=(DOI, ARXIV)), "acl")
    paper = await get(store, DOI)
    assert await count(store) == 1
    assert (paper.id, set(paper.other_ids), paper.title) == (ARXIV, {DOI, ACL}, "As printed")
    assert {listing.source for listing in paper.listings} == {"huggingface", "crossref", "acl"}
    async with store.read() as session:
        assert await session.opinions.votes(alice.team.id, [ARXIV]) == {ARXIV: 1}
        assert [saved.paper for saved in await session.opinions.saved(alice)] == [ARXIV]
        assert len(await session.papers.vote_history([ARXIV])) == 1


SECOND = PaperId.parse("arxiv:2506.00002")


@pytest.mark.parametrize("turned", [False, True])
async def test_a_doi_that_two_preprints_name_makes_them_no_one_work(store: SqlStore, turned: bool) -> None:
    both = [told(ARXIV, "One work", also=(DOI,)), told(SECOND, "Another work", also=(DOI,))]
    for paper in (*(reversed(both) if turned else both), *both):
        await take(store, paper)
    assert await count(store) == 2
    assert [(await get(store, name)).title for name in (ARXIV, SECOND)] == ["One work", "Another work"]
    first = both[turned].id
    assert (await get(store, DOI)).id == first, "the name stays with whoever had it first"
    await take(store, told(DOI, "One of them", "crossref", also=(ARXIV, SECOND)), "crossref")
    assert await count(store) == 2


async def test_a_channel_that_had_the_one_has_had_the_other(store: SqlStore, digest: DigestSettings) -> None:
    await apart(store)
    item = DigestItem(DOI, "main", 1, None, ("No. 1",))
    composed = Composed(digest, "2025-06-10", Digest(DigestPost("Daily papers", (), 0, "daily"), (item,)))
    async with store.write() as session:
        await session.digests.compose([composed], NOW)
    await take(store, told(ACL, "As printed", "acl", also=(DOI, ARXIV)), "acl")
    async with store.read() as session:
        assert ARXIV in await session.digests.posted(digest.channel_id, [ARXIV])


# --- A merge that was wrong -------------------------------------------------------------------------------------------


async def test_a_wrong_merge_is_undone_and_stays_so(store: SqlStore, alice: Caller) -> None:
    await take(store, replace(told(ARXIV), comment="9 pages"))
    theirs = replace(told(DOI, source="crossref"), venue="Journal of Birds", abstract="Another work altogether.")
    await take(store, theirs, "crossref")
    assert (await get(store, DOI)).venue == "Journal of Birds"
    async with store.write() as session:
        await session.opinions.vote(alice, ARXIV, NOW)
    left, gone = await unmerge(store, DOI, NOW + DAY)
    for _ in range(2):
        assert await count(store) == 2
        ours, other = await get(store, ARXIV), await get(store, DOI)
        assert (ours.venue, ours.other_ids, [each.source for each in ours.listings]) == (None, (), ["arxiv"])
        assert (other.venue, other.abstract) == ("Journal of Birds", "Another work altogether.")
        assert [each.source for each in other.listings] == ["crossref"]
        await take(store, theirs, "crossref", NOW + 2 * DAY)
        printed = replace(told(ACL, "As printed", "acl", also=(DOI, ARXIV)), abstract="", listings=())
        await take(store, printed, "acl", NOW + 2 * DAY)
    assert (left.id, gone.id) == (ARXIV, DOI)
    async with store.read() as session:
        assert await session.opinions.votes(alice.team.id, [ARXIV, DOI]) == {ARXIV: 1}


async def test_papers_that_a_source_named_as_one_can_be_parted_again(store: SqlStore) -> None:
    await apart(store)
    before = await get(store, ARXIV), await get(store, DOI)
    await take(store, told(ARXIV, "Preprint of pigeons", also=(DOI,)))
    assert await count(store) == 1
    await unmerge(store, DOI, NOW + DAY)
    ours, other = await get(store, ARXIV), await get(store, DOI)
    assert (ours.title, other.title) == (before[0].title, before[1].title)
    assert other.listings == before[1].listings
    await take(store, told(ARXIV, "Preprint of pigeons", also=(DOI,)), now=NOW + 2 * DAY)
    assert await count(store) == 2


async def test_the_change_sequence_tells_of_both_when_papers_are_parted(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    await take(store, told(DOI, source="crossref"), "crossref")
    async with store.read() as session:
        reached = await session.papers.last_change()
    await unmerge(store, DOI, NOW)
    async with store.read() as session:
        assert {paper.id for _, paper in await session.papers.changed_since(reached, 10)} == {ARXIV, DOI}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (ACL, "no paper is known as acl:2025.acl-long.1"),
        (ARXIV, "arxiv:2506.00001 was not merged into another paper; of this one's names, try doi:10.1000/one"),
    ],
)
async def test_what_was_not_merged_is_not_parted(store: SqlStore, name: PaperId, said: str) -> None:
    await take(store, told(ARXIV))
    await take(store, told(DOI, source="crossref"), "crossref")
    with pytest.raises(UserError, match=said):
        await unmerge(store, name, NOW)
    assert await count(store) == 1


async def test_nothing_is_kept_of_a_join_but_one_row_and_its_names(store: SqlStore) -> None:
    await apart(store)
    await take(store, told(ARXIV, also=(DOI,)))
    async with store.read() as session:
        rows = (await session.connection.execute(sa.select(papers.c.id))).scalars().all()
        owners = (await session.connection.execute(sa.select(paper_ids.c.key, paper_ids.c.paper))).all()
        assert (await session.connection.execute(sa.select(kept_apart))).all() == []
    assert {row.paper for row in owners} == set(rows)
    assert {row.key for row in owners} == {str(ARXIV), str(DOI)}
