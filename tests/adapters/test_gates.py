"""How politely services are asked: over all their addresses, replicas and restarts, in a time of the test's own."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Coroutine

import pytest
from aiohttp import web
from yarl import URL

from adapters.cli.run import open_sources
from adapters.cli.settings import Settings
from adapters.sources.fetcher import Fetcher, Shared
from adapters.sources.gates import ARXIV, CROSSREF, HUGGING_FACE, ShutError, gate_of
from bot.errors import SourceError
from bot.gates import Gate
from storage.database import SqlStore, open_store
from tests.fakes.passing_time import PassingTime
from tests.fakes.service import AskedService, serving

LONG = 10_000.0


@pytest.fixture
def time() -> PassingTime:
    return PassingTime()


@pytest.fixture
def service(time: PassingTime) -> AskedService:
    return AskedService(time)


@pytest.fixture
async def url(service: AskedService) -> AsyncIterator[str]:
    async with service.served() as address:
        yield address


@pytest.fixture
async def fetcher(store: SqlStore, time: PassingTime) -> AsyncIterator[Fetcher]:
    async with Fetcher(shared=Shared(store, time), sleep=time.sleep) as made:
        yield made


@pytest.fixture
async def other_replica(store_url: str, store: SqlStore, time: PassingTime) -> AsyncIterator[Fetcher]:
    """A fetcher with a store of its own on the same database."""
    opened = await open_store(store_url)
    async with Fetcher(shared=Shared(opened, time), sleep=time.sleep) as made:
        yield made
    await opened.close()


async def failure(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(SourceError) as caught:
        await fetcher.json(url, {})
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def together(*questions: Coroutine[object, object, object]) -> None:
    """Ask all at once; where one fails, no other goes on."""
    async with asyncio.TaskGroup() as tasks:
        for question in questions:
            tasks.create_task(question)


@pytest.mark.parametrize("takes", [0.0, 5.0])
async def test_arxiv_is_asked_once_in_three_seconds_and_never_twice_at_once_over_everything(
    fetcher: Fetcher, other_replica: Fetcher, service: AskedService, time: PassingTime, takes: float
) -> None:
    service.takes = takes
    replicas = [each.through(ARXIV, patience=LONG) for each in (fetcher, other_replica)]
    async with service.served() as rss, service.served() as api, service.served() as oai:
        await together(*(replica.json(url, {}) for replica in replicas for url in (rss, api, oai)))
    assert len(service.starts) == 6
    assert min(service.gaps) >= 3
    assert service.most_at_once == 1


async def test_crossref_is_asked_ten_times_a_second_and_three_times_at_once(
    fetcher: Fetcher, other_replica: Fetcher, service: AskedService, url: str
) -> None:
    service.together, service.takes = 3, 0.5
    replicas = [each.through(CROSSREF, patience=LONG) for each in (fetcher, other_replica)]
    await together(*(replica.json(url, {"number": f"{number}"}) for replica in replicas for number in range(6)))
    assert len(service.starts) == 12
    assert service.most_at_once == 3
    assert min(service.starts[place + 10] - service.starts[place] for place in (0, 1)) >= dt.timedelta(seconds=1)


async def test_a_service_of_its_own_gate_is_not_held_up_by_another(
    fetcher: Fetcher, service: AskedService, url: str, time: PassingTime
) -> None:
    for gate in (ARXIV, HUGGING_FACE, Gate("another", dt.timedelta(seconds=9))):
        await fetcher.through(gate).json(url, {})
    assert time.slept == []


async def test_a_restart_does_not_shorten_the_three_seconds(
    store_url: str, store: SqlStore, service: AskedService, url: str, time: PassingTime
) -> None:
    for _ in range(3):
        opened = await open_store(store_url)
        async with Fetcher(shared=Shared(opened, time), sleep=time.sleep) as started_anew:
            await started_anew.through(ARXIV).json(url, {})
        await opened.close()
        time.pass_by(seconds=1)
    assert service.gaps == [3, 3]


async def test_a_redirect_is_a_request_like_any_other(fetcher: Fetcher, service: AskedService, url: str) -> None:
    service.answers = [web.Response(status=301, headers={"Location": "/new"}), web.json_response(["here"])]
    assert await fetcher.through(ARXIV).json(url, {}) == ["here"]
    assert service.gaps == [3]


async def test_a_short_wait_that_is_asked_for_is_kept_by_all_replicas(
    fetcher: Fetcher, other_replica: Fetcher, service: AskedService, url: str
) -> None:
    service.answers = [web.Response(status=429, headers={"Retry-After": "20"})]
    await together(*(each.through(ARXIV, patience=LONG).json(url, {}) for each in (fetcher, other_replica)))
    assert len(service.starts) == 3
    assert service.gaps[0] >= 20


async def test_waits_add_up_to_no_more_than_the_patience(
    fetcher: Fetcher, service: AskedService, url: str, time: PassingTime
) -> None:
    service.answers = [web.Response(status=503, headers={"Retry-After": "20"}) for _ in range(2)]
    assert "asks us to wait 20 seconds" in await failure(fetcher.through(ARXIV), url)
    assert service.gaps == [20]
    assert time.slept == [20]


async def test_a_long_wait_that_is_asked_for_outlives_a_restart_and_is_told(
    fetcher: Fetcher, store_url: str, service: AskedService, url: str, time: PassingTime
) -> None:
    service.answers = [web.Response(status=503, headers={"Retry-After": "1200"})]
    assert "answered 503 (Service Unavailable) and asks us to wait 1200 seconds." in await failure(
        fetcher.through(ARXIV), url
    )
    opened = await open_store(store_url)
    async with Fetcher(shared=Shared(opened, time), sleep=time.sleep) as started_anew:
        arxiv = started_anew.through(ARXIV)
        told = await failure(arxiv, url)
        assert told.startswith("arXiv is not asked before 2025-06-12 14:20 UTC: 127.0.0.1:")
        assert told.endswith("answered 503 (Service Unavailable) and asks us to wait 1200 seconds.")
        time.pass_by(seconds=1169)
        with pytest.raises(ShutError):
            await arxiv.json(url, {})
        assert len(service.starts) == 1
        time.pass_by(seconds=1)
        assert await arxiv.json(url, {}) == []
    await opened.close()
    assert service.gaps == [1200]
    assert time.slept == [30]


async def test_without_a_word_how_long_arxiv_is_left_alone_for_ten_minutes_then_twice_as_long(
    fetcher: Fetcher, service: AskedService, url: str, time: PassingTime
) -> None:
    arxiv = fetcher.through(ARXIV, patience=LONG)
    for status in (429, 503, 500):
        service.answers.append(web.Response(status=status))
        assert f"answered {status} (" in await failure(arxiv, url)
    await arxiv.json(url, {})
    service.answers.append(web.Response(status=429))
    assert "answered 429" in await failure(arxiv, url)
    await arxiv.json(url, {})
    first, second, third, apart, again = service.gaps
    assert 600 <= first <= 720
    assert 1200 <= second <= 1440
    assert 2400 <= third <= 2880
    assert apart == 3
    assert 600 <= again <= 720, "an answer makes up for what was"


async def test_a_hiccup_elsewhere_is_tried_again_in_seconds_and_then_left_alone(
    fetcher: Fetcher, service: AskedService, url: str
) -> None:
    service.answers = [web.Response(status=500) for _ in range(3)]
    hugging_face = fetcher.through(HUGGING_FACE)
    assert "answered 500" in await failure(hugging_face, url)
    assert len(service.starts) == 3
    assert "Hugging Face is not asked before" in await failure(hugging_face, url)
    assert len(service.starts) == 3
    first, second = service.gaps
    assert 0.5 <= first <= 2
    assert 2 <= second <= 7


async def test_where_rate_exceeded_comes_as_a_good_answer_arxiv_is_left_alone_too(
    fetcher: Fetcher, service: AskedService, url: str
) -> None:
    service.answers = [web.Response(text="Rate exceeded.")]
    assert "says that it was asked too often" in await failure(fetcher.through(ARXIV), url)
    assert "arXiv is not asked before" in await failure(fetcher.through(ARXIV), url)
    assert len(service.starts) == 1


async def test_another_failure_shuts_nothing(fetcher: Fetcher, service: AskedService, url: str) -> None:
    service.answers = [web.Response(status=404), web.Response(status=403)]
    arxiv = fetcher.through(ARXIV)
    assert "404" in await failure(arxiv, url)
    assert "403" in await failure(arxiv, url)
    assert await arxiv.json(url, {}) == []
    assert service.gaps == [3, 3]


async def test_a_request_of_a_process_that_died_counts_as_under_way_until_its_time_is_over(
    fetcher: Fetcher, store: SqlStore, service: AskedService, url: str, time: PassingTime
) -> None:
    async with store.write() as session:
        assert await session.gates.enter(ARXIV, "dead", time.now(), time.now() + dt.timedelta(seconds=90)) is None
    died = time.now()
    assert "arXiv has other questions of ours to answer first" in await failure(fetcher.through(ARXIV), url)
    assert service.starts == []
    await fetcher.through(ARXIV, patience=LONG).json(url, {})
    assert dt.timedelta(seconds=90) <= service.starts[0] - died < dt.timedelta(seconds=91)


async def test_a_request_that_is_cancelled_frees_its_place(fetcher: Fetcher, url: str, service: AskedService) -> None:
    asked = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(30)
        return web.Response()

    async with serving(hang) as hanging:
        task = asyncio.create_task(fetcher.through(ARXIV).json(hanging, {}))
        await asyncio.wait_for(asked.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await fetcher.through(ARXIV).json(url, {}) == []


async def test_whoever_is_in_a_hurry_does_not_queue_for_long(fetcher: Fetcher, service: AskedService) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: web.Request) -> web.Response:
        asked.set()
        await go_on.wait()
        return web.json_response([])

    async with serving(hold) as url:
        first = asyncio.create_task(fetcher.through(ARXIV).json(url, {}))
        await asyncio.wait_for(asked.wait(), 10)
        assert "try again in a minute" in await failure(fetcher.through(ARXIV, patience=0.01), url)
        go_on.set()
        assert await first == []


async def test_whoever_is_stopped_at_any_moment_leaves_the_gate(
    fetcher: Fetcher, store: SqlStore, service: AskedService, url: str
) -> None:
    for turns in range(0, 120, 3):
        asking = asyncio.create_task(fetcher.through(ARXIV, patience=LONG).json(url, {}))
        while turns and not asking.done():
            await asyncio.sleep(0.0002)
            turns -= 1
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        async with store.write() as session:
            assert await session.leases.take("gate arXiv 0", "somebody else", service.time.now(), service.time.now())
            await session.leases.give_back("gate arXiv 0", "somebody else")


async def test_the_sources_of_the_command_line_are_as_polite(store: SqlStore, service: AskedService, url: str) -> None:
    service.answers = [web.Response(status=429, headers={"Retry-After": "600"})]
    for told in ("asks us to wait 600 seconds", "Hugging Face is not asked before"):
        async with open_sources(Settings(hf_url=url), store) as sources:
            with pytest.raises(SourceError, match=told):
                _ = [batch async for batch in sources["huggingface"].daily(dt.date(2025, 6, 12))]
    assert len(service.starts) == 1


async def test_an_address_without_a_gate_of_its_own_is_asked_once_a_second(
    fetcher: Fetcher, other_replica: Fetcher, service: AskedService, url: str
) -> None:
    service.takes = 0.3
    await together(*(each.json(url, {}) for each in (fetcher, other_replica, fetcher)))
    assert min(service.gaps) >= 1
    assert service.most_at_once == 1


@pytest.mark.parametrize(
    ("address", "gate"),
    [
        ("https://rss.arxiv.org/atom/cs.CL", ARXIV),
        ("https://export.ARXIV.org./rss/cs.CL", ARXIV),
        ("https://arxiv.org/", ARXIV),
        ("https://api.crossref.org/works", CROSSREF),
        ("https://huggingface.co/blog/feed.xml", HUGGING_FACE),
        ("https://notarxiv.org/feed", Gate("notarxiv.org", dt.timedelta(seconds=1))),
        ("https://www.blog.example/feed", Gate("blog.example", dt.timedelta(seconds=1))),
        ("https://blog.example:443/feed", Gate("blog.example", dt.timedelta(seconds=1))),
    ],
)
def test_a_feed_that_somebody_names_goes_through_its_service_s_gate(address: str, gate: Gate) -> None:
    assert gate_of(URL(address)) == gate
