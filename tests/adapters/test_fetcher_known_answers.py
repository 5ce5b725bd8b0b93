"""An answer that was taken in is not sent again; one that was not taken in is."""

import contextlib
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from adapters.cli.housekeeping import keep_house
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.sources.answers import Answer
from adapters.sources.fetcher import Fetcher, Shared
from adapters.sources.formats import JSON, XML
from bot.errors import SourceError
from bot.gates import Gate
from bot.validators import Validators
from storage.database import SqlStore
from tests.fakes.passing_time import PassingTime
from tests.fakes.service import serving

ETAG, MODIFIED = 'W/"6849"', "Thu, 12 Jun 2025 04:00:00 GMT"


class Feed:
    """A document that changes when `etag` does; whoever has it already is told so."""

    def __init__(self) -> None:
        self.url = ""
        self.etag: str | None = ETAG
        self.modified: str | None = MODIFIED
        self.conditions: list[tuple[str | None, str | None]] = []

    async def answer(self, request: web.Request) -> web.Response:
        asked = request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")
        self.conditions.append(asked)
        if any(asked) and asked == (self.etag, self.modified):
            return web.Response(status=304)
        told = {"ETag": self.etag, "Last-Modified": self.modified}
        headers = {name: value for name, value in told.items() if value}
        return web.Response(body=b"<feed/>", content_type="application/atom+xml", charset="utf-8", headers=headers)


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    made = Feed()
    async with serving(made.answer) as url:
        made.url = url
        yield made


@pytest.fixture
async def fetcher(store: SqlStore) -> AsyncIterator[Fetcher]:
    time = PassingTime()
    async with Fetcher(shared=Shared(store, time), sleep=time.sleep) as made:
        yield made


async def ask(fetcher: Fetcher, feed: Feed, **params: str) -> Answer | None:
    """Ask, and take the answer in."""
    async with fetcher.asking(feed.url, params, XML) as answer:
        return answer


async def test_an_answer_that_was_taken_in_is_unchanged_the_next_time(fetcher: Fetcher, feed: Feed) -> None:
    first = await ask(fetcher, feed)
    assert first
    assert (first.body, first.url, first.charset) == (b"<feed/>", feed.url, "utf-8")
    assert await ask(fetcher, feed) is None
    assert await ask(fetcher, feed) is None, "nor is that forgotten"
    feed.etag = '"another"'
    assert await ask(fetcher, feed)
    assert feed.conditions == [(None, None), (ETAG, MODIFIED), (ETAG, MODIFIED), (ETAG, MODIFIED)]


async def test_an_answer_that_could_not_be_stored_is_asked_for_again(fetcher: Fetcher, feed: Feed) -> None:
    async def fail() -> None:
        async with fetcher.asking(feed.url, {}, XML):
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="full"):
        await fail()
    assert await ask(fetcher, feed)


async def test_an_answer_whose_reader_went_away_is_asked_for_again(fetcher: Fetcher, feed: Feed) -> None:
    async def batches() -> AsyncGenerator[bytes, None]:
        async with fetcher.asking(feed.url, {}, XML) as answer:
            if answer:
                yield answer.body

    async with contextlib.aclosing(batches()) as left:
        async for _ in left:
            break
    assert [batch async for batch in batches()] == [b"<feed/>"]
    assert [batch async for batch in batches()] == []


async def test_other_questions_are_other_answers(fetcher: Fetcher, feed: Feed) -> None:
    assert await ask(fetcher, feed)
    assert await ask(fetcher, feed, p="1")
    with pytest.raises(SourceError, match="not JSON"):
        async with fetcher.asking(feed.url, {}, JSON):
            pass
    assert await fetcher.xml(feed.url, {}) == b"<feed/>", "who does not say that it was taken in gets it whole"
    assert feed.conditions == [(None, None)] * 4


@pytest.mark.parametrize("etag", ["6849", '"ä"', f'"{"x" * 400}"', '"a" "b"'])
async def test_a_tag_that_is_none_is_not_sent_back(fetcher: Fetcher, feed: Feed, etag: str) -> None:
    feed.etag, feed.modified = etag, None
    assert await ask(fetcher, feed)
    assert await ask(fetcher, feed)
    assert feed.conditions == [(None, None)] * 2


async def test_an_answer_without_a_tag_takes_the_place_of_one_with(fetcher: Fetcher, feed: Feed) -> None:
    await ask(fetcher, feed)
    feed.etag = feed.modified = None
    assert await ask(fetcher, feed)
    feed.etag, feed.modified = ETAG, MODIFIED
    assert await ask(fetcher, feed), "the feed of before is new again"


async def test_unchanged_is_a_failure_where_nobody_asked_for_changes(fetcher: Fetcher) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=304)

    async with serving(answer) as url:
        with pytest.raises(SourceError, match="304"):
            await fetcher.xml(url, {})


async def test_a_key_goes_with_each_request_of_its_service_and_with_no_other(fetcher: Fetcher) -> None:
    keys: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers.get("x-api-key"))
        return web.json_response([])

    async with serving(answer) as url:
        with_key = fetcher.through(Gate("a service", dt.timedelta()), headers={"x-api-key": "k"})
        await with_key.json(url, {})
        await fetcher.json(url, {})
    assert keys == ["k", None]


async def test_answers_and_gates_are_forgotten_after_a_month(tmp_path: Path) -> None:
    time = PassingTime()
    gate, seen = Gate("a service", dt.timedelta()), Validators(ETAG)
    async with open_world(Settings(data_dir=tmp_path / "data", database_url=""), time) as world:
        async with world.store.write() as session:
            await session.known_answers.put("a", seen, time.now())
            await session.gates.enter(gate, "a", time.now(), time.now())
        for days, left in ((29, seen), (2, Validators())):
            time.pass_by(days=days)
            with capture_logs() as lines:
                await keep_house(world)
            async with world.store.read() as session:
                assert await session.known_answers.get("a") == left
        assert (lines[-1]["answers"], lines[-1]["gates"]) == (1, 1)


async def test_without_a_store_every_answer_is_a_new_one(feed: Feed) -> None:
    async with Fetcher() as fetcher:
        assert await ask(fetcher, feed)
        assert await ask(fetcher, feed)
