"""Answers go to Slack over connections that are kept for a while, and closed at the end."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.error import BoltError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import make_app
from adapters.slack.responding import Respond, connections
from adapters.slack.serve import Door
from tests.adapters.slack.conftest import Office
from tests.fakes.slack_door import served
from tests.fakes.slack_people import SECRET


@dataclass
class Answered:
    """What reached an address: the answers, and over which connections they came."""

    address: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    cookies: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.answers.append(await request.json())
        self.connections.add(request.transport)
        self.cookies += request.cookies
        return web.Response(text="ok", headers={"Set-Cookie": "workspace=T1"})


@pytest.fixture
async def answered() -> AsyncIterator[Answered]:
    """An address that takes answers."""
    taken = Answered()
    app = web.Application()
    app.add_routes([web.post("/{key}", taken.take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    assert host == "127.0.0.1"
    taken.address = f"http://localhost:{port}"  # a cookie of a bare address would not be kept anyway
    yield taken
    await runner.cleanup()


async def test_answers_share_a_connection_and_no_cookie(answered: Answered) -> None:
    async with connections() as session:
        for number in range(3):
            await Respond(f"{answered.address}/{number}", session)(f"Answer {number}", response_type="ephemeral")
    assert [answer["text"] for answer in answered.answers] == ["Answer 0", "Answer 1", "Answer 2"]
    assert len(answered.connections) == 1
    assert answered.cookies == []


async def test_an_answer_says_what_it_is_told_and_nothing_else(answered: Answered) -> None:
    block = {"type": "divider"}
    async with connections() as session:
        await Respond(f"{answered.address}/1", session)("Words", blocks=[block], replace_original=False)
        await Respond(f"{answered.address}/1", session)("Words", blocks=[])
    assert answered.answers == [
        {"text": "Words", "blocks": [block], "replace_original": False},
        {"text": "Words"},
    ]


async def test_without_shared_connections_an_answer_has_its_own(answered: Answered) -> None:
    await Respond(f"{answered.address}/1", None)("Words")
    assert answered.answers == [{"text": "Words"}]


async def test_where_slack_gave_no_address_nothing_can_be_answered() -> None:
    with pytest.raises(BoltError, match="no address"):
        await Respond(None, None)("Words")


async def test_what_people_type_is_answered_over_kept_connections(office: Office) -> None:
    asked: list[str] = []

    async def note(_: object, __: object, request: aiohttp.TraceRequestStartParams) -> None:
        asked.append(request.url.path)

    tracing = aiohttp.TraceConfig()
    tracing.on_request_start.append(note)
    async with aiohttp.ClientSession(trace_configs=[tracing]) as session:
        client = AsyncWebClient(base_url=office.fake.api_url, session=session, retry_handlers=[])
        async with served(Door(make_app(replace(office.slack, client=client)), SECRET)) as url:
            assert (await replace(office, url=url).asks("today"))["blocks"]
    assert "/response" in {path.rpartition("/")[0] for path in asked}
