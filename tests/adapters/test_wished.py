"""Sources that are asked for what rules name: authors, venues, and who cites a followed paper."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.cli.by_wish import AT_ONCE
from adapters.cli.clock import SetClock
from adapters.cli.polls import Poll
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.cli.wished import Wished
from adapters.sources.dblp import Dblp
from adapters.sources.fetcher import Fetcher, Shared
from adapters.sources.openalex import OpenAlex
from adapters.sources.openreview import Login, OpenReview
from adapters.sources.semantic_scholar import SemanticScholar
from bot.commands.dispatch import answer
from bot.errors import SourceError
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, World
from bot.query import Kind, Term
from bot.reply import Reply
from bot.store_sources import SourceRun
from bot.team import Who
from tests.fakes.bibliographies import Bibliographies, Work, bibliographies
from tests.fakes.passing_time import PassingTime

NOW = dt.datetime(2025, 6, 12, 9, tzinfo=dt.UTC)
ADA = Who("test", "lab", "#papers", "ada", may_configure=True)
YEAR = dt.timedelta(days=365)
NOBODY = "nobody wants it: follow somebody"
LOGIN = Login("ada@example.org", "swordfish")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(Settings(data_dir=tmp_path / "data", database_url=""), SetClock(NOW)) as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[Bibliographies]:
    with bibliographies() as served:
        yield served


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """A fetcher that waits for nobody."""
    async with Fetcher() as opened:
        yield opened


@dataclass(slots=True)
class Oracle:
    """A source that can be asked for authors, in DBLP's place; some questions fail."""

    name: str = "dblp"
    kinds: frozenset[Kind] = frozenset({Kind.AUTHOR})
    lists: bool = True
    failing: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
        self.asked.append(wish.value)
        if wish.value in self.failing:
            raise SourceError(f"Nobody knows {wish.value}.")
        yield Batch(f"{wish} since {since}", (), {})


def wished(world: World, source: Oracle | Dblp | OpenAlex | OpenReview | SemanticScholar, **more: list[Term]) -> Wished:
    kinds = () if more else source.kinds
    return Wished(source, world.store, world.clock, YEAR, NOBODY, kinds, **more)


def pass_time(world: World, **how_much: float) -> None:
    assert isinstance(world.clock, SetClock)
    world.clock.time += dt.timedelta(**how_much)


async def say(world: World, line: str) -> Reply:
    await world.index.catch_up()
    return await answer(world, ADA, line)


async def follow(world: World, *rules: str) -> None:
    for rule in rules:
        await say(world, f"follow exactly {rule}")


async def diary(world: World, source: str) -> SourceRun:
    async with world.store.read() as session:
        run = await session.source_runs.of(source)
    assert run
    return run


async def mine(world: World) -> list[str]:
    return [paper.title for paper in (await say(world, "mine")).papers or ()]


async def test_what_nobody_names_is_not_asked_for_and_status_says_what_to_do(world: World) -> None:
    oracle = Oracle()
    await Poll(world, wished(world, oracle))()
    assert oracle.asked == []
    assert (await diary(world, "dblp")).idle == NOBODY
    await follow(world, "author:Ada")
    pass_time(world, minutes=10)
    await Poll(world, wished(world, oracle))()
    assert oracle.asked == ["Ada"]
    assert (await diary(world, "dblp")).idle is None


async def test_each_wish_is_granted_once_a_day_and_a_new_one_within_ten_minutes(world: World) -> None:
    oracle = Oracle()
    poll = Poll(world, wished(world, oracle))
    await follow(world, "author:Ada,Bob", "owls author:ada", "-author:Cem doves")
    for _ in range(6 * 12):
        await poll()
        pass_time(world, minutes=10)
    assert oracle.asked == ["Ada", "Bob"]
    await follow(world, "author:Dan")
    for _ in range(6 * 14):
        await poll()
        pass_time(world, minutes=10)
    assert oracle.asked == ["Ada", "Bob", "Dan", "Ada", "Bob"]


async def test_the_diary_tells_when_the_next_wish_is_due(world: World) -> None:
    oracle = Oracle()
    await follow(world, "author:Ada")
    poll = Poll(world, wished(world, oracle))
    await poll()
    assert (await diary(world, "dblp")).next_poll == NOW + dt.timedelta(days=1)
    pass_time(world, minutes=10)
    with capture_logs() as logs:
        await poll()  # looks into the store only, which is no news
    assert logs == []
    assert (await diary(world, "dblp")).next_poll == NOW + dt.timedelta(days=1)
    assert (await diary(world, "dblp")).last_success == NOW


async def test_digests_and_settings_wish_as_well_and_paused_follows_do_not(world: World) -> None:
    oracle = Oracle()
    await say(world, "digest on exactly 09:00 UTC -- author:Eve")
    await follow(world, "author:Fay")
    await say(world, "pause 1")
    await Poll(world, wished(world, oracle))()
    assert oracle.asked == ["Eve"]
    by_settings = [Term(Kind.AUTHOR, "Gus")]
    await Poll(world, wished(world, other := Oracle("openalex"), by_settings=by_settings))()
    assert other.asked == ["Gus"]


async def test_so_many_wishes_are_granted_in_turns_those_first_that_wait_longest(world: World) -> None:
    oracle = Oracle()
    names = [f"A{number:03}" for number in range(AT_ONCE + 20)]
    poll = Poll(world, wished(world, oracle, by_settings=[Term(Kind.AUTHOR, name) for name in names]))
    await poll()
    assert oracle.asked == names[:AT_ONCE]
    pass_time(world, minutes=1)
    await poll()
    assert oracle.asked == names
    pass_time(world, days=1)
    await poll()
    assert oracle.asked[len(names) :] == names[:AT_ONCE]


async def test_a_wish_that_fails_keeps_no_other_one_waiting(world: World) -> None:
    oracle = Oracle(failing={"Ada", "Bob"})
    poll = Poll(world, wished(world, oracle))
    await follow(world, "author:Ada,Bob", "author:Cem,Dan")
    await poll()
    assert oracle.asked == ["Ada", "Bob"]  # twice in a row: it may be away
    assert (await diary(world, "dblp")).failure == "Nobody knows Ada."
    pass_time(world, minutes=15)
    await poll()
    assert oracle.asked[2:] == ["Cem", "Dan"]
    oracle.failing = {"Ada"}
    pass_time(world, hours=1)
    await poll()
    assert oracle.asked[4:] == ["Ada", "Bob"]
    await follow(world, "author:Eve")
    pass_time(world, minutes=10)  # one alone that fails is no reason to leave the source alone
    await poll()
    assert oracle.asked[6:] == ["Eve"]
    line = next(line for line in (await say(world, "status")).status or () if line.what == "source dblp")
    assert "Nobody knows Ada" in line.detail
    oracle.failing.clear()
    pass_time(world, minutes=50)
    await poll()
    assert oracle.asked[7:] == ["Ada"]


async def test_after_the_clock_was_put_back_wishes_are_due_again(world: World) -> None:
    oracle = Oracle()
    await follow(world, "author:Ada")
    pass_time(world, days=400)
    await Poll(world, wished(world, oracle))()
    pass_time(world, days=-400)
    async with world.store.write() as session:
        await session.leases.prune(NOW + dt.timedelta(days=500), 100)
    await Poll(world, wished(world, oracle))()
    assert oracle.asked == ["Ada", "Ada"]


class Ticking(SetClock):
    """A clock that goes on between two looks, as real ones do."""

    def now(self) -> dt.datetime:
        self.time += dt.timedelta(milliseconds=1)
        return self.time


async def test_while_the_clock_goes_on_what_is_due_is_due(tmp_path: Path) -> None:
    oracle = Oracle()
    async with open_world(Settings(data_dir=tmp_path / "data", database_url=""), Ticking(NOW)) as world:
        await follow(world, "author:Ada")
        await Poll(world, wished(world, oracle))()
    assert oracle.asked == ["Ada"]


async def test_one_replica_asks_and_the_other_knows(world: World) -> None:
    oracle = Oracle()
    await follow(world, "author:Ada")
    for _ in range(3):
        await Poll(world, wished(world, oracle))()
        pass_time(world, minutes=11)
    assert oracle.asked == ["Ada"]


async def test_an_author_s_new_paper_comes_on_the_day_when_dblp_has_it(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"Ada Byron"')
    site.works = [
        Work("Old tides", "10.5555/1", day="2019-01-01"),
        Work("Tides of ponds", "10.5555/2"),
        Work("Not hers", "10.5555/3", authors=("Bob Ox",)),
    ]
    poll = Poll(world, wished(world, Dblp(fetcher, site.url)))
    await poll()
    assert await mine(world) == []  # it was there before: no news
    found = await say(world, "search tides")
    assert [paper.title for paper in found.papers or ()] == ["Tides of ponds"]  # since last year
    site.works.append(Work("Depths of ponds", "10.5555/4", day="2025-01-01"))
    pass_time(world, days=1)
    await poll()
    assert await mine(world) == ["Depths of ponds"]
    popular = Paper(
        PaperId.parse("arxiv:2506.00001"), "Popular", listings=(Listing("huggingface", dt.date(2025, 6, 13)),)
    )
    await ingest(world.store, "huggingface", Batch("a day", (popular,), {}), world.clock.now())
    assert [paper.title for paper in (await say(world, "today")).papers or ()] == ["Popular"]  # what was picked out
    assert [paper.title for paper in (await say(world, "today source:dblp")).papers or ()] == ["Depths of ponds"]
    assert set(site.asked) == {"/search/publ/api q=author:Ada_Byron: format=json h=500 f=0 c=0"}


async def test_a_pass_over_a_few_days_leaves_the_rest_of_the_window_a_backlog(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"Ada Byron"')
    site.works = [Work("Tides of ponds", "10.5555/2"), Work("Depths of ponds", "10.5555/4", day="2025-06-12")]
    source = wished(world, OpenAlex(fetcher, "key", site.url))
    batches = [batch async for batch in source.daily(NOW.date())]
    assert [(len(batch.papers), batch.backlog) for batch in batches] == [(1, True)]
    assert [batch.backlog async for batch in source.daily(NOW.date() - YEAR)] == [True]
    assert [batch.backlog async for batch in source.daily(NOW.date())] == [False]


async def test_what_only_semantic_scholar_told_of_is_still_new(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"Ada Byron"')
    poll = Poll(world, wished(world, Dblp(fetcher, site.url)))
    await poll()
    recommended = Paper(PaperId.parse("doi:10.5555/2"), "Tides of ponds", ("Ada Byron",))
    await ingest(world.store, "semanticscholar", Batch("recommended", (recommended,), {}), NOW)
    site.works = [Work("Tides of ponds", "10.5555/2")]
    pass_time(world, days=1)
    await poll()
    assert await mine(world) == ["Tides of ponds"]


async def test_a_venue_is_asked_for_and_a_known_paper_that_appears_there_is_published(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    preprint = Paper(PaperId.parse("arxiv:2506.01234"), "Tides of ponds", ("Ada Byron",))
    await ingest(world.store, "arxiv", Batch("a day", (preprint,), {}), NOW)
    await follow(world, "venue:POND", "paper:2506.01234")
    site.works = [Work("Tides of ponds", "10.5555/2", day="2025-01-01")]
    await Poll(world, wished(world, Dblp(fetcher, site.url)))()
    told = (await say(world, "mine")).notice
    assert told is not None
    assert told.endswith("“Tides of ponds” (2506.01234): published: POND (Thu 12 Jun 2025)")


async def test_a_name_that_can_t_be_asked_for_is_granted_with_nothing(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"!!!"')
    for source in (Dblp(fetcher, site.url), OpenAlex(fetcher, "key", site.url)):
        by_settings = [Term(Kind.AUTHOR, " : ")]
        await Poll(world, wished(world, source, by_settings=by_settings))()
        assert not (await diary(world, source.name)).fails
    assert site.asked == []


async def test_openalex_is_asked_for_authors_with_the_key(world: World, site: Bibliographies, fetcher: Fetcher) -> None:
    await follow(world, 'author:"Ada Byron"')
    poll = Poll(world, wished(world, OpenAlex(fetcher, "secret", site.url)))
    await poll()
    site.works = [Work("Tides of ponds", "https://doi.org/10.5555/2", day="2025-06-13")]
    pass_time(world, days=1)
    await poll()
    assert await mine(world) == ["Tides of ponds"]
    assert "api_key=secret" in site.asked[0]
    assert "raw_author_name.search:Ada Byron,from_publication_date:2024-06-12" in site.asked[0]


async def test_who_cites_a_followed_paper_is_told_the_newest_by_title_the_others_by_number(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, "paper:1706.03762")
    site.citing["ARXIV:1706.03762"] = [
        Work("Long ago", "10.5555/1", day="2025-01-07"),
        Work("Last week", "10.5555/2", day="2025-06-10"),
    ]
    poll = Poll(world, wished(world, SemanticScholar(fetcher, "key", site.url)))
    await poll()
    told = (await say(world, "mine")).notice
    assert told == (
        "News of papers that you follow:\n"
        "“A followed paper” (1706.03762): cited by “Last week” (doi:10.5555/2) (Tue 10 Jun 2025)"
    )
    site.citing["ARXIV:1706.03762"] += [Work(f"Later {n}", f"10.5555/1{n}", day="2025-05-20") for n in range(3)]
    pass_time(world, days=7, hours=1)
    await poll()
    told = (await say(world, "mine")).notice
    assert told is not None
    assert "(1706.03762): cited by “Later " in told
    assert told.endswith(" and 2 more papers (Thu 19 Jun 2025)")
    card = (await say(world, "show 1706.03762")).notice
    assert card is not None
    assert card.endswith("and 4 more papers (Thu 19 Jun 2025)")
    assert card.startswith("Cited by “Later ")
    pass_time(world, days=30)
    await poll()
    assert "and 4 more papers" in ((await say(world, "show 1706.03762")).notice or "")  # each was told once


async def test_papers_that_cite_a_followed_one_are_no_news_by_themselves(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, "paper:1706.03762", "tides")
    site.citing["ARXIV:1706.03762"] = []
    poll = Poll(world, wished(world, SemanticScholar(fetcher, "key", site.url)))
    await poll()
    site.citing["ARXIV:1706.03762"] = [Work("Tides that cite", "10.5555/1", day="2025-05-20")]
    pass_time(world, days=1)
    await poll()
    assert await mine(world) == []
    card = await say(world, "show doi:10.5555/1")  # but they can be looked at
    assert card.card
    assert card.card.line.title == "Tides that cite"


async def test_a_paper_that_semantic_scholar_does_not_know_or_has_no_names_for_is_no_failure(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, "paper:2506.99999", "paper:openreview:abc123")
    await Poll(world, wished(world, SemanticScholar(fetcher, "key", site.url)))()
    run = await diary(world, "semanticscholar")
    assert (run.failure, run.last_success) == (None, NOW)
    assert len(site.asked) == 1


async def test_a_paper_never_cites_itself(world: World) -> None:
    paper = Paper(PaperId.parse("arxiv:1706.03762"), "Itself", other_ids=(PaperId.parse("doi:10.5555/9"),))
    again = Paper(PaperId.parse("doi:10.5555/9"), "Itself")
    await ingest(world.store, "arxiv", Batch("a day", (paper,), {}), NOW)
    await ingest(world.store, "semanticscholar", Batch("citations", (again,), {}, cites=paper.id), NOW)
    async with world.store.read() as session:
        assert await session.events.of([paper.id], NOW - YEAR) == []


async def test_openreview_is_asked_for_the_venues_of_the_settings_with_a_login(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    venue = "POND.cc/2025/Conference"
    site.works = [Work("Tides of ponds", "", venue=venue), Work("Elsewhere", "", venue="other")]
    source = OpenReview(fetcher, LOGIN, site.url)
    poll = Poll(world, wished(world, source, by_settings=[Term(Kind.VENUE, venue)]))
    await poll()
    assert [paper.title for paper in (await say(world, "search tides")).papers or ()] == ["Tides of ponds"]
    site.token = "token-2"  # the first one has expired
    pass_time(world, days=1)
    await poll()
    assert (await diary(world, "openreview")).failure is None
    assert site.logins == 2
    site.token, asked = "", len(site.asked)  # nobody is let in any more, and is not asked again and again
    pass_time(world, days=1)
    await poll()
    assert (await diary(world, "openreview")).fails
    assert len(site.asked) == asked + 2


async def test_a_wrong_login_is_told_with_what_to_do_and_not_shown(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    site.password = "another"
    source = OpenReview(fetcher, LOGIN, site.url)
    assert "swordfish" not in repr(LOGIN)
    with capture_logs() as logs:
        await Poll(world, wished(world, source, by_settings=[Term(Kind.VENUE, "POND")]))()
    failure = (await diary(world, "openreview")).failure
    assert failure is not None
    assert failure.startswith(
        "OpenReview lets nobody in; look at PAPERROUND_OPENREVIEW_USER and PAPERROUND_OPENREVIEW_PASSWORD."
    )
    assert "swordfish" not in failure + str(logs)


@pytest.mark.parametrize("token", ["", "no token", "two\nlines"])
async def test_a_login_that_gives_no_token_is_a_failure(site: Bibliographies, fetcher: Fetcher, token: str) -> None:
    site.token = token
    with pytest.raises(SourceError, match=r"^OpenReview's login gave no token\.$"):
        await OpenReview(fetcher, LOGIN, site.url).by_id(PaperId.parse("openreview:n0"))


async def test_a_service_that_is_busy_at_the_login_says_nothing_of_the_login(
    site: Bibliographies, fetcher: Fetcher
) -> None:
    site.troubles["/login"] = 429
    with pytest.raises(SourceError, match=r"answered 429 \(Too Many Requests\)\.$"):
        await OpenReview(fetcher, LOGIN, site.url).by_id(PaperId.parse("openreview:n0"))


async def test_who_asks_for_what_came_before_the_window_gets_a_backlog_and_no_news(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"Ada Byron"')
    source = wished(world, Dblp(fetcher, site.url))
    await Poll(world, source)()
    site.works = [Work("Old tides", "10.5555/1", day="2001-01-01"), Work("Tides of ponds", "10.5555/2")]
    async for batch in source.granting(Term(Kind.AUTHOR, "Ada Byron"), dt.date(2000, 1, 1)):
        await ingest(world.store, "dblp", batch, NOW)
    assert [paper.title for paper in (await say(world, "search old tides")).papers or ()] == ["Old tides"]
    assert await mine(world) == ["Tides of ponds"]


async def test_who_cited_a_paper_before_the_window_is_no_news_either(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, "paper:1706.03762")
    site.citing["ARXIV:1706.03762"] = []
    source = wished(world, SemanticScholar(fetcher, "key", site.url))
    await Poll(world, source)()
    site.citing["ARXIV:1706.03762"] = [Work("Long ago", "10.5555/1", day="2020-01-07"), Work("New", "10.5555/2")]
    async for batch in source.granting(Term(Kind.PAPER, "1706.03762"), dt.date(2000, 1, 1)):
        await ingest(world.store, "semanticscholar", batch, NOW)
    told = (await say(world, "mine")).notice or ""
    assert told.endswith("cited by “New” (doi:10.5555/2) (Thu 12 Jun 2025)")


async def test_a_paper_that_was_shown_under_another_name_is_not_listed_once_more(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    shown = Paper(
        PaperId.parse("arxiv:2503.01234"),
        "Tides of ponds",
        ("Ada Byron",),
        published=dt.date(2025, 3, 3),
        listings=(Listing("arxiv", dt.date(2025, 3, 4)),),
    )
    await ingest(world.store, "arxiv", Batch("a day", (shown,), {}), NOW)
    await follow(world, 'author:"Ada Byron"')
    poll = Poll(world, wished(world, Dblp(fetcher, site.url)))
    await poll()
    site.works = [Work("Tides of Ponds", "10.5555/2", venue="Journal of Ponds")]
    pass_time(world, days=1)
    await poll()
    async with world.store.read() as session:
        stored = await session.papers.get(PaperId.parse("doi:10.5555/2"))
    assert stored
    assert (stored.id, [each.source for each in stored.listings]) == (shown.id, ["arxiv"])


@pytest.mark.parametrize(("first", "label"), [(0, "doi:10.5555/1"), (1, "2506.00001")])
async def test_one_that_cites_a_paper_is_told_once_whatever_it_is_called(world: World, first: int, label: str) -> None:
    cited = Paper(PaperId.parse("arxiv:1706.03762"), "A followed paper")
    doi = Paper(PaperId.parse("doi:10.5555/1"), "Tides that cite")
    named = Paper(PaperId.parse("arxiv:2506.00001"), "Tides that cite", other_ids=(doi.id,))
    await ingest(world.store, "arxiv", Batch("a day", (cited,), {}), NOW)
    for citing in ((doi, named)[first], (named, doi)[first]):
        batch = Batch("citations", (citing,), {}, cites=cited.id)
        await ingest(world.store, "semanticscholar", batch, world.clock.now())
        pass_time(world, days=1)
    card = await say(world, "show 1706.03762")
    assert card.notice == f"Cited by “Tides that cite” ({label}) (Thu 12 Jun 2025)"


async def test_who_follows_again_within_a_day_is_not_told_that_nobody_does(world: World) -> None:
    poll = Poll(world, wished(world, Oracle()))
    for line in ("follow exactly author:Ada", "unfollow 1", "follow exactly author:Ada"):
        await say(world, line)
        await poll()
        pass_time(world, minutes=10)
    run = await diary(world, "dblp")
    assert (run.idle, run.next_poll) == (None, NOW + dt.timedelta(days=1))


async def test_a_pass_ends_in_time_and_the_next_one_goes_on(world: World) -> None:
    @dataclass(slots=True)
    class Slow(Oracle):
        async def granting(self, wish: Term, since: dt.date) -> AsyncIterator[Batch]:
            pass_time(world, seconds=50)
            async for batch in Oracle.granting(self, wish, since):
                yield batch

    oracle = Slow()
    names = [f"A{number:02}" for number in range(20)]
    poll = Poll(world, wished(world, oracle, by_settings=[Term(Kind.AUTHOR, name) for name in names]))
    await poll()
    assert 5 < len(oracle.asked) < 11  # of ten minutes
    assert not (await diary(world, "dblp")).fails
    for _ in range(2):
        pass_time(world, minutes=1)
        await poll()
    assert oracle.asked == names


async def test_while_openreview_is_left_alone_nobody_is_sent_to_look_at_the_login(
    world: World, site: Bibliographies
) -> None:
    site.troubles["/notes"] = 503
    time = PassingTime(NOW)
    async with Fetcher(shared=Shared(world.store, time), sleep=time.sleep) as polite:
        source = OpenReview(polite, LOGIN, site.url)
        with pytest.raises(SourceError, match=r"answered 503"):
            await source.by_id(PaperId.parse("openreview:n0"))
        with pytest.raises(SourceError, match=r"^OpenReview is not asked before .* answered 503"):
            await source.by_id(PaperId.parse("openreview:n0"))


async def test_what_openalex_and_semantic_scholar_both_know_of_is_no_news_and_settles(
    world: World, site: Bibliographies, fetcher: Fetcher
) -> None:
    await follow(world, 'author:"Ada Byron"', "paper:1706.03762")
    site.works = [Work("Tides of ponds", "10.5555/2")]
    site.citing["ARXIV:1706.03762"] = [Work("Tides of Ponds", "10.5555/2")]
    sources = OpenAlex(fetcher, "key", site.url), SemanticScholar(fetcher, "key", site.url)
    polls = [Poll(world, wished(world, source)) for source in sources]
    for poll in polls:
        await poll()
    async with world.store.read() as session:
        settled = await session.papers.last_change()
    for _ in range(2):
        pass_time(world, days=1)
        for poll in polls:
            await poll()
    assert await mine(world) == []
    async with world.store.read() as session:
        assert await session.papers.last_change() == settled


async def test_whoever_follows_a_category_that_nobody_did_is_told_that_its_papers_are_on_their_way(
    world: World,
) -> None:
    coming = "What arXiv announced there in the last week comes within ten minutes."
    told = (await say(world, "follow cat:cs.RO owls")).notice
    assert told is not None
    assert told.endswith(coming)
    async with world.store.write() as session:
        await session.wishes.grant("arxiv", ["cat:cs"], NOW)
    for rule in ("cat:cs.CL", "cat:cs", "owls -cat:math", 'author:"Ada Byron"'):
        assert coming not in ((await say(world, f"follow {rule}")).notice or "")
    assert coming in ((await say(world, "follow cat:cs.AI,math.AG")).notice or "")
    unasked = replace(world, asks=frozenset())
    assert coming not in ((await say(unasked, "follow cat:hep-th")).notice or "")
