"""The fetcher against a real server on loopback, and every way in which a service fails."""

import asyncio
import gzip
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from email.message import Message

import pytest
from aiohttp import test_utils, web

from adapters.sources.fetcher import Fetcher
from adapters.sources.introduction import user_agent
from bot.errors import SourceError
from tests.fakes.service import serving

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]
ServeBytes = Callable[[bytes], Awaitable[str]]


class Pauses(list[float]):
    """A sleep that takes no time and remembers how long it would have been."""

    async def sleep(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def fetcher(pauses: Pauses) -> AsyncIterator[Fetcher]:
    async with Fetcher("alice@example.org", sleep=pauses.sleep) as made:
        yield made


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve every path with a handler; the result is the address."""
    async with AsyncExitStack() as running:

        async def start(handler: Handler) -> str:
            app = web.Application()
            app.router.add_get("/{path:.*}", handler)
            server = await running.enter_async_context(test_utils.TestServer(app, host="127.0.0.1"))
            return str(server.make_url("/"))

        yield start


@pytest.fixture
async def serve_bytes() -> AsyncIterator[ServeBytes]:
    """Answer every connection with these bytes and close it."""
    async with AsyncExitStack() as running:

        async def start(answer: bytes) -> str:
            async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
                writer.close()

            server = await running.enter_async_context(await asyncio.start_server(speak, "127.0.0.1", 0))
            return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

        yield start


def json_answer(body: bytes | str, **headers: str) -> web.Response:
    encoded = body.encode() if isinstance(body, str) else body
    return web.Response(body=encoded, content_type="application/json", headers=headers)


async def failure(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(SourceError) as caught:
        await fetcher.json(url, {})
    message = str(caught.value)
    assert "127.0.0.1" in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


async def test_an_answer_is_read_and_we_say_who_asks(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request)
        return json_answer('[{"title": "Größe"}]')

    assert await fetcher.json(await serve(handler), {"date": "2025-06-12", "p": "0"}) == [{"title": "Größe"}]
    assert dict(asked[0].query) == {"date": "2025-06-12", "p": "0"}
    assert asked[0].headers["Accept"] == "application/json"
    introduction = asked[0].headers["User-Agent"]
    assert re.fullmatch(r"paperround/\S+ \((\+https://\S+; )?mailto:alice@example\.org\)", introduction)


async def test_a_packed_answer_is_unpacked(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return json_answer(gzip.compress(b"[1]"), **{"Content-Encoding": "gzip"})

    assert await fetcher.json(await serve(handler), {}) == [1]


def test_the_contact_is_optional_and_never_breaks_the_header() -> None:
    assert "mailto" not in user_agent(None)
    for contact in ("alice@example.org\r\nX-Evil: 1", "a b", "", "x)y", "ä@example.org"):
        with pytest.raises(ValueError, match="email address"):
            user_agent(contact)


def test_the_release_and_its_site_are_the_installed_package_s(monkeypatch: pytest.MonkeyPatch) -> None:
    package = Message()
    package["Version"] = "1.2.3"
    package["Project-URL"] = "Changelog, https://example.org/changes"
    package["Project-URL"] = "Homepage, https://example.org/paperround"
    monkeypatch.setattr("importlib.metadata.metadata", lambda _: package)
    assert user_agent("a@b.org") == "paperround/1.2.3 (+https://example.org/paperround; mailto:a@b.org)"
    assert user_agent(None) == "paperround/1.2.3 (+https://example.org/paperround)"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "is empty"),
        ('[{"title": "Atten', "is cut off"),
        ("[1, 2", "is cut off"),
        ("[1, oops, 2]", r"is not JSON \(line 1, column 5\)"),
        ("[" * 100_000, "is nested too deeply"),
        (b'["\xff"]', "is not UTF-8 text"),
        (f"[{'9' * 5_000}]", "holds a number that is too long"),
    ],
)
async def test_what_is_not_json_is_refused(fetcher: Fetcher, serve: Serve, body: bytes | str, why: str) -> None:
    async def handler(_: web.Request) -> web.Response:
        return json_answer(body)

    assert re.search(why, await failure(fetcher, await serve(handler)))


async def test_a_web_page_with_status_200_is_no_answer(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="[]", content_type="text/html")

    assert "answered with text/html, not JSON" in await failure(fetcher, await serve(handler))


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 (Not Found)"), (400, "400 (Bad Request)"), (299, "299"), (204, "204 (No")]
)
async def test_another_status_is_a_failure_at_once(
    fetcher: Fetcher, serve: Serve, pauses: Pauses, status: int, words: str
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, body=b"[]", content_type="application/json")

    assert f"answered {words}" in await failure(fetcher, await serve(handler))
    assert pauses == []


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_busy_service_is_asked_three_times_with_growing_pauses(
    fetcher: Fetcher, serve: Serve, pauses: Pauses, status: int
) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status)

    assert f"answered {status} (" in await failure(fetcher, await serve(handler))
    assert len(asked) == 3
    first, second = pauses
    assert 0.5 <= first <= 1.5
    assert 2 <= second <= 6


async def test_a_service_that_wants_fewer_questions_is_not_asked_again(
    fetcher: Fetcher, serve: Serve, pauses: Pauses
) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=429)

    assert "answered 429 (" in await failure(fetcher, await serve(handler))
    assert (len(asked), pauses) == (1, [])


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("7", 7),
        ("0", 0),
        ("30", 30),
        ("Mon, 02 Jun 2025 08:00:12 GMT", 12),
        ("Mon, 02 Jun 2025 07:00:00 GMT", 0),
    ],
)
async def test_it_waits_as_long_as_the_service_asks(
    fetcher: Fetcher, serve: Serve, pauses: Pauses, asked: str, waited: float
) -> None:
    clock = {"Date": "Mon, 02 Jun 2025 08:00:00 GMT", "Retry-After": asked}
    answers = [web.Response(status=429, headers=clock), json_answer("[]")]

    async def handler(_: web.Request) -> web.Response:
        return answers.pop(0)

    assert await fetcher.json(await serve(handler), {}) == []
    assert pauses == [waited]


async def test_it_gives_up_where_the_service_asks_for_too_long(fetcher: Fetcher, serve: Serve, pauses: Pauses) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    message = await failure(fetcher, await serve(handler))
    assert "429 (Too Many Requests) and asks us to wait 120 seconds" in message
    assert pauses == []


@pytest.mark.parametrize("asked", ["soon", "-5", "1e3", "9" * 5_000, "Mon, 99 Jun 2025 08:00:12 GMT"])
async def test_a_senseless_retry_after_is_ignored(fetcher: Fetcher, serve: Serve, pauses: Pauses, asked: str) -> None:
    answers = [web.Response(status=503, headers={"Retry-After": asked}), json_answer("[]")]

    async def handler(_: web.Request) -> web.Response:
        return answers.pop(0)

    assert await fetcher.json(await serve(handler), {}) == []
    assert 0.5 <= pauses[0] <= 1.5


async def test_a_refused_connection_is_told(fetcher: Fetcher, unused_tcp_port: int) -> None:
    assert "refused the connection" in await failure(fetcher, f"http://127.0.0.1:{unused_tcp_port}/")


async def test_a_service_without_encryption_is_not_trusted(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(_: web.Request) -> web.Response:
        return json_answer("[]")

    plain = await serve(handler)
    assert "can't be trusted" in await failure(fetcher, plain.replace("http://", "https://"))


async def test_a_service_that_never_answers_is_left(serve: Serve) -> None:
    over = asyncio.Event()

    async def handler(_: web.Request) -> web.Response:
        await over.wait()
        return json_answer("[]")

    url = await serve(handler)
    async with Fetcher(timeout=0.05) as impatient:
        assert "did not answer within 0.05 seconds" in await failure(impatient, url)
    over.set()


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_without_end_is_left_while_it_is_read(serve: Serve, packed: bool) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        response.content_type = "application/json"
        if packed:
            response.enable_compression(web.ContentCoding.gzip)
        await response.prepare(request)
        try:
            while sent < 500:
                await response.write(b" " * 100_000)
                sent += 1
        except ConnectionError:
            pass
        return response

    async with Fetcher(most_bytes=200_000) as careful:
        assert "sends more than 200000 bytes" in await failure(careful, await serve(handler))


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "closed the connection before it answered"),
        (OK + b"Content-Length: 9\r\n\r\n[1,", "broke its answer off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\n[1,", "broke its answer off"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "is not HTTP"),
        (OK + b"Content-Encoding: gzip\r\n\r\nplain", "broke its answer off"),
        (OK + b"\r\n[1,", "is cut off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "is not HTTP"),
    ],
)
async def test_a_broken_answer_is_told(fetcher: Fetcher, serve_bytes: ServeBytes, answer: bytes, why: str) -> None:
    assert why in await failure(fetcher, await serve_bytes(answer))


async def test_a_redirect_on_the_same_site_is_followed(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/new":
            return json_answer('["here"]')
        return web.Response(status=308, headers={"Location": "/new"})

    assert await fetcher.json(await serve(handler), {"p": "0"}) == ["here"]


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("https://evil.example/", "redirects elsewhere: evil.example."),
        ("http://localhost:1/", "redirects elsewhere: localhost:1."),
        ("//169.254.169.254/latest", "redirects elsewhere: 169.254.169.254."),
        ("file:///etc/passwd", "redirects elsewhere"),
        ("ftp://127.0.0.1/", "redirects to an address without https."),
        ("http://[", "redirects to what is no web address."),
        ("", "redirects without saying where to."),
        ("/again", "redirects in circles."),
    ],
)
async def test_other_redirects_are_refused(fetcher: Fetcher, serve: Serve, location: str, why: str) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    assert why in await failure(fetcher, await serve(handler))


@pytest.mark.parametrize("url", ["huggingface.co/api", "ftp://huggingface.co/", "https://", "http://[", ""])
async def test_what_is_no_web_address_is_never_asked(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(SourceError, match="is no web address"):
        await fetcher.json(url, {})


async def test_what_is_sent_is_sent_once_and_to_nobody_else(fetcher: Fetcher) -> None:
    seen: list[tuple[str, str, object]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path, await request.json()))
        if request.path == "/moved":
            return web.Response(status=307, headers={"Location": "/login"})
        return web.json_response({"token": "t"})

    async with serving(answer) as url:
        login = fetcher.sending({"id": "ada"})
        assert await login.json(f"{url}login", {}) == {"token": "t"}
        with pytest.raises(SourceError, match=r"redirects what is sent to it; nothing is sent elsewhere\.$"):
            await login.json(f"{url}moved", {})
    assert seen == [("POST", "/login", {"id": "ada"}), ("POST", "/moved", {"id": "ada"})]


async def test_a_fetcher_that_was_never_asked_has_nothing_to_close() -> None:
    async with Fetcher():
        pass
