"""Papers that turn out to be one work, what happens to them, and how a wrong merge is undone."""

import datetime as dt
import random
from dataclasses import replace
from itertools import combinations
from typing import cast

import pytest
import sqlalchemy as sa

from bot.digest import Composed, Digest, DigestItem, DigestSettings
from bot.errors import UserError
from bot.ingest import ingest
from bot.merging import AUTHORITY, EventKind, PaperEvent
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, web_id
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


async def test_of_any_two_sources_one_is_believed_whoever_speaks_last(store: SqlStore) -> None:
    pairs = [pair for pair in combinations(AUTHORITY, 2) if pair != ("biorxiv", "medrxiv")]  # which share no paper
    for number, (one, other) in enumerate(pairs):
        name = PaperId.parse(f"arxiv:2506.{number:05}")
        spoken = [(one, told(name, f"One title {number}", one)), (other, told(name, f"Other title {number}", other))]
        for source, paper in spoken * 2:
            await take(store, paper, source)
        settled = await get(store, name)
        for source, paper in spoken:
            await take(store, paper, source)
            assert await get(store, name) == settled, (one, other)


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


async def test_a_preprints_own_doi_is_no_publication_and_the_journals_is(store: SqlStore) -> None:
    preprint = PaperId.parse("doi:10.1101/2025.06.01.123456")
    await take(store, told(preprint, source="biorxiv"), "biorxiv")
    await take(store, told(preprint, source="biorxiv", also=(DOI,)), "biorxiv")
    async with store.read() as session:
        (event,) = await session.events.of([preprint], NOW)
    assert (event.kind, event.detail) == ("published", "10.1000/one")


async def test_a_feed_that_one_team_named_lists_others_papers_and_says_nothing_of_them(store: SqlStore) -> None:
    await take(store, told(ARXIV, "Preprint of pigeons"))
    await take(store, told(DOI, "As published", "crossref"), "crossref")
    rumour = replace(
        told(ARXIV, "Buy pigeons", "feed", also=(DOI, ACL)), code_url="https://evil.example", venue="Mine", version=9
    )
    await take(store, rumour, "feed", NOW + HOUR)
    paper = await get(store, ARXIV)
    assert await count(store) == 2, "nor does it join two papers"
    assert (paper.title, paper.code_url, paper.venue, paper.other_ids) == ("Preprint of pigeons", None, None, ())
    assert [listing.source for listing in paper.listings] == ["arxiv", "feed"]
    assert await happened(store) == []
    own = replace(told(PaperId.parse("web:0123456789abcdef"), "A page of its own", "feed"), listings=())
    await take(store, own, "feed")
    await take(store, replace(own, title="A page, corrected"), "feed")
    assert (await get(store, own.id)).title == "A page, corrected"


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


SECOND, SECOND_ACL = map(PaperId.parse, ("arxiv:2506.00002", "acl:2025.acl-long.2"))


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


async def test_a_doi_that_two_new_preprints_name_in_one_batch_makes_them_no_one_work(store: SqlStore) -> None:
    both = (told(ARXIV, "One work", also=(DOI,)), told(SECOND, "Another work", also=(DOI,)))
    for _ in range(2):
        await ingest(store, "arxiv", Batch("a day", both, {}), NOW)
        assert [(await get(store, name)).title for name in (ARXIV, SECOND)] == ["One work", "Another work"]
        assert (await get(store, DOI)).id == ARXIV, "the name stays with whoever had it first"


async def test_whoever_names_two_preprints_as_one_again_and_again_makes_them_no_one_work(store: SqlStore) -> None:
    await take(store, told(ARXIV, "One work", also=(DOI,)))
    await take(store, told(SECOND, "Another work"))
    for hours in range(3):
        await take(store, told(DOI, "One of them", "dblp", also=(SECOND, ARXIV)), "dblp", NOW + hours * HOUR)
    assert [(await get(store, name)).title for name in (ARXIV, SECOND)] == ["One work", "Another work"]
    assert SECOND not in (await get(store, ARXIV)).names


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (told(ARXIV, also=(DOI,)), told(DOI, "Other words", "dblp", also=(SECOND,))),
        (told(ARXIV, also=(ACL,)), told(ARXIV, "Other words", "dblp", also=(SECOND_ACL,))),
    ],
    ids=["another preprint", "another publication"],
)
async def test_a_source_that_is_wrong_about_another_name_takes_nothing_from_a_paper(
    store: SqlStore, first: Paper, then: Paper
) -> None:
    await take(store, first)
    await take(store, then, "dblp")
    paper = await get(store, ARXIV)
    assert (paper.id, paper.title, paper.names) == (ARXIV, TITLE, first.names)
    assert [listing.source for listing in paper.listings] == ["arxiv", "dblp"]
    assert await count(store) == 1


async def test_three_of_one_batch_that_are_one_work_lose_nothing(store: SqlStore) -> None:
    page = web_id("https://journal.example/7")
    await take(store, told(ARXIV))
    batch = (
        told(ARXIV, source="huggingface"),
        told(page, "A page", "feed"),
        told(DOI, "As published", "crossref", also=(ARXIV, page)),
    )
    await ingest(store, "arxiv", Batch("a day", batch, {}), NOW)
    paper = await get(store, page)
    assert await count(store) == 1
    assert (paper.id, set(paper.other_ids)) == (ARXIV, {DOI, page})
    assert {listing.source for listing in paper.listings} == {"arxiv", "huggingface", "crossref", "feed"}


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_articles_whose_links_are_one_page_stay_as_many_as_their_dois(store: SqlStore, together: bool) -> None:
    page = web_id("https://journal.example/issue/7")
    other = PaperId.parse("doi:10.1000/two")
    both = (told(DOI, "One article", "feed", (page,)), told(other, "Another article", "feed", (page,)))
    for batch in [both] if together else [both[:1], both[1:], both]:
        await ingest(store, "feed", Batch("an issue", batch, {}), NOW)
    assert [(await get(store, name)).title for name in (DOI, other)] == ["One article", "Another article"]


async def test_a_reason_of_any_length_is_kept_as_an_event(store: SqlStore) -> None:
    letters = random.Random(1).choices([chr(0x4E00 + each) for each in range(20_000)], k=4_000)  # not to be compressed
    await take(store, told(ARXIV))
    await take(store, replace(told(ARXIV), withdrawn=True, comment="".join(letters)))
    [(kind, detail)] = await happened(store)
    assert kind == "withdrawn"
    assert detail.startswith("".join(letters[:200]))


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
        (ARXIV, "2506.00001 .*was not merged into another paper; try doi:10.1000/one, which was"),
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


async def test_what_a_newer_version_noted_of_a_paper_is_left_to_that(store: SqlStore) -> None:
    await take(store, told(ARXIV))
    later = PaperEvent(ARXIV, cast(EventKind, "retracted"), "as a newer version beside this one notes it", NOW)
    async with store.write() as session:
        await session.events.add([later, PaperEvent(ARXIV, "version", "v2", NOW)])
    assert await happened(store) == [("version", "v2")]


async def test_of_the_papers_that_cite_one_the_newest_stands_for_all_since_a_day(store: SqlStore) -> None:
    await take(store, told(ARXIV, also=(DOI,)))
    names = [f"arxiv:2506.0{number:04}" for number in range(10, 15)]
    cited = [PaperEvent(ARXIV, "cited", name, NOW + DAY * (place // 2)) for place, name in enumerate(names)]
    async with store.write() as session:
        await session.events.add([*cited, PaperEvent(ARXIV, "version", "v2", NOW), PaperEvent(ARXIV, "code", "x", NOW)])
    async with store.read() as session:
        for since, more, others in ((NOW, 4, ["version", "code"]), (NOW + DAY, 2, []), (NOW + 2 * DAY, 0, [])):
            newest, *rest = await session.events.of([ARXIV], since)
            assert newest == PaperEvent(ARXIV, "cited", names[4], NOW + 2 * DAY, more)
            assert [event.kind for event in rest] == others
        both = await session.events.of([ARXIV, DOI], NOW + DAY)
        assert sorted((str(event.paper), event.detail, event.more) for event in both) == [
            (str(ARXIV), names[4], 2),
            (str(DOI), names[4], 2),
        ]
        assert await session.events.of([ARXIV], NOW + 3 * DAY) == []
