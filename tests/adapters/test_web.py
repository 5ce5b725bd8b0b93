"""The service's web side: its health, its address, and its end."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.cli.clock import SystemClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.web.server import WebError, parted, serving
from bot.ports import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(Settings(data_dir=tmp_path, database_url=""), SystemClock()) as opened:
        yield opened


async def get(url: str) -> tuple[int, object]:
    """Return status and JSON of an answer."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def test_the_health_says_what_is_served(world: World) -> None:
    async with serving("127.0.0.1:0", [], world, lambda: ["terminal", "slack (HTTP)"]) as address:
        status, told = await get(f"{address}/health")
    assert (status, told) == (200, {"state": "ok", "serves": ["terminal", "slack (HTTP)"], "open_deliveries": 0})


async def test_a_store_out_of_reach_is_no_health(world: World, tmp_path: Path) -> None:
    async with serving("127.0.0.1:0", [], world) as address:
        with closing(sqlite3.connect(tmp_path / "paperround.db")) as database:
            database.execute("DROP TABLE deliveries")
        status, told = await get(f"{address}/health")
    assert status == 503
    assert isinstance(told, dict)
    assert (told["state"], bool(told["store"])) == ("fail", True)


async def test_an_address_in_use_is_told_in_one_line_that_names_the_setting(world: World) -> None:
    async with serving("127.0.0.1:0", [], world) as address:
        with pytest.raises(WebError, match=r"^Nothing can be served at 127.*: Address already in use; .*HTTP_BIND"):
            async with serving(address.removeprefix("http://"), [], world):
                pass


async def test_a_request_in_hand_is_answered_before_the_end(world: World) -> None:
    began = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        began.set()
        await asyncio.sleep(0.3)
        return web.json_response({"done": True})

    async with serving("127.0.0.1:0", [web.get("/slow", slow)], world) as address:
        asked = asyncio.create_task(get(f"{address}/slow"))
        await began.wait()
    assert await asked == (200, {"done": True})


@pytest.mark.parametrize(
    ("bind", "means"), [("127.0.0.1:8585", ("127.0.0.1", 8585)), ("[::1]:80", ("::1", 80)), ("papers:1", ("papers", 1))]
)
def test_an_address_is_host_and_port(bind: str, means: tuple[str, int]) -> None:
    assert parted(bind) == means


@pytest.mark.parametrize("bind", ["8585", ":8585", "host:", "host:http", "host:70000"])
def test_what_is_no_address_is_refused(bind: str) -> None:
    with pytest.raises(WebError, match="write host:port"):
        parted(bind)
