"""What services answer when they do not give what was asked for, and bodies that are meant to do harm."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web

from adapters.sources.fetcher import Fetcher
from adapters.sources.formats import XML
from adapters.sources.refusals import AbsentError, BusyError
from bot.errors import SourceError
from tests.fakes.service import serving

FEED_ERROR = """<?xml version="1.0"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" version="2.0"><channel>
<title>Feed error for query: http://rss.arxiv.org/rss/cs.ZZ</title><link>http://rss.arxiv.org/rss/cs.ZZ</link>
<description>Bad subject class 'ZZ' &amp; more.</description></channel></rss>"""
ENTRY_ERROR = """<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">ArXiv Query: id_list=abc</title>
<entry><title>Error</title><summary>incorrect id format for abc</summary></entry></feed>"""
LOST = """<feed><title>Papers</title><entry><title>Error</title><summary>On errors.</summary></entry>
<entry><title>Feed error for query: a study</title><summary>Of feeds.</summary></entry></feed>"""


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher() as made:
        yield made


async def asked(fetcher: Fetcher, answer: web.Response) -> bytes:
    async def handler(_: web.Request) -> web.Response:
        return answer

    async with serving(handler) as url:
        return await fetcher.xml(url, {})


@pytest.mark.parametrize(
    "content_type",
    ["application/atom+xml", "application/rss+xml", "application/rdf+xml", "application/xml", "text/xml", "Text/XML"],
)
async def test_xml_is_taken_under_each_of_its_names(fetcher: Fetcher, content_type: str) -> None:
    assert await asked(fetcher, web.Response(body=b"<a/>", content_type=content_type)) == b"<a/>"


@pytest.mark.parametrize(
    "content_type",
    ["text/html", "application/xhtml+xml", "application/json", "text/plain", "image/svg+xml", "text/xmlx"],
)
async def test_a_web_page_and_all_else_is_no_xml(fetcher: Fetcher, content_type: str) -> None:
    with pytest.raises(SourceError, match="not XML"):
        await asked(fetcher, web.Response(body=b"<a/>", content_type=content_type))


@pytest.mark.parametrize("status", [200, 400, 403, 429])
@pytest.mark.parametrize("content_type", ["text/plain", "application/atom+xml"])
async def test_rate_exceeded_means_busy_whatever_comes_with_it(
    fetcher: Fetcher, status: int, content_type: str
) -> None:
    with pytest.raises(BusyError) as caught:
        await asked(fetcher, web.Response(status=status, body=b"Rate exceeded.\n", content_type=content_type))
    assert ("asked too often" in str(caught.value)) == (status < 429)


@pytest.mark.parametrize("status", [200, 400])
async def test_a_feed_that_says_it_is_an_error_is_one_in_its_own_words(fetcher: Fetcher, status: int) -> None:
    with pytest.raises(
        SourceError, match=r"^127.0.0.1:\d+ refuses what it was asked: Bad subject class 'ZZ' & more\.$"
    ):
        await asked(fetcher, web.Response(status=status, text=FEED_ERROR, content_type="application/rss+xml"))


async def test_an_entry_called_error_tells_why_a_question_is_refused(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match=r"refuses what it was asked: incorrect id format for abc\.$"):
        await asked(fetcher, web.Response(status=400, text=ENTRY_ERROR, content_type="application/atom+xml"))


async def test_papers_may_be_called_what_errors_are_called(fetcher: Fetcher) -> None:
    assert await asked(fetcher, web.Response(text=LOST, content_type="application/atom+xml")) == LOST.encode()


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_not_there_can_be_told_from_a_failure(fetcher: Fetcher, status: int) -> None:
    with pytest.raises(AbsentError, match=f"answered {status}"):
        await asked(fetcher, web.Response(status=status, text="Resource not found."))


async def test_a_refusal_without_end_is_read_no_further_than_it_tells_something(fetcher: Fetcher) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(status=403)
        await response.prepare(request)
        with suppress(ConnectionError):
            while sent < 1_000:
                await response.write(b" " * 65_536)
                sent += 1
        return response

    async with serving(handler) as url:
        with pytest.raises(SourceError, match="403"):
            await fetcher.xml(url, {})
    assert sent < 1_000


async def test_a_refusal_that_breaks_off_is_told_all_the_same(fetcher: Fetcher) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=403, headers={"Content-Length": "99"})
        await response.prepare(request)
        await response.write(b"No")
        assert request.transport
        request.transport.close()
        return response

    async with serving(handler) as url:
        with pytest.raises(SourceError, match="403"):
            await fetcher.xml(url, {})


def bombs() -> list[tuple[str, bytes]]:
    """Return bodies of some kilobytes that unpack to a gigabyte, or a quarter of one."""
    return [
        ("gzip", gzip.compress(bytes(2**26)) * 16),
        ("gzip", gzip.compress(bytes(2**28), 1)),
        ("deflate", zlib.compress(bytes(2**28), 1)),
    ]


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_bomb_is_left_at_the_limit_and_never_fills_the_memory(which: int) -> None:
    encoding, body = bombs()[which]

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/xml", headers={"Content-Encoding": encoding})

    async with serving(handler) as url, Fetcher(most_bytes=2**20) as fetcher:
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match=r"sends more than 1 MB\.$"):
                await fetcher.xml(url, {})
            assert tracemalloc.get_traced_memory()[1] < 2**24
        finally:
            tracemalloc.stop()


async def test_a_body_that_comes_byte_by_byte_is_left_when_the_time_is_over() -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "text/xml"})
        await response.prepare(request)
        with suppress(ConnectionError):
            while sent < 1_000:
                await response.write(b" ")
                sent += 1
                await asyncio.sleep(0.01)
        return response

    async with serving(handler) as url, Fetcher(timeout=0.2) as fetcher:
        with pytest.raises(SourceError, match=r"did not answer within 0\.2 seconds\.$"):
            await fetcher.body(url, {}, XML)
    assert 0 < sent < 1_000


async def test_redirects_share_one_time_limit() -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        await asyncio.sleep(0.06)
        return web.Response(status=302, headers={"Location": f"/{len(asked)}"})

    async with serving(handler) as url, Fetcher(timeout=0.15) as fetcher:
        with pytest.raises(SourceError, match="did not answer within"):
            await fetcher.xml(url, {})
    assert len(asked) <= 3
