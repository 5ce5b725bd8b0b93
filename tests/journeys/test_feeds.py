"""A team's admin names a feed; it is read at once, and its papers are there for who looks for them."""

import asyncio
import datetime as dt
from dataclasses import replace

import pytest

from adapters.cli.feeds import FeedsOfTheWeb
from bot.commands import sources
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, web_id
from bot.ports import Batch
from tests.journeys.conftest import Scene

FEED = "https://www.nature.example/natmachintell.rss"


PAPERS = (
    Paper(
        PaperId.parse("doi:10.1038/s1"), "Pigeons that carry proofs", ("Ada Lovelace",), "In short.",
        listings=(Listing("feed", dt.date(2025, 6, 4)),),
    ),
    Paper(
        web_id("https://nature.example/2"), "A lighter loft", project_url="https://nature.example/2",
        listings=(Listing("feed", dt.date(2025, 6, 4)),),
    ),
)  # fmt: skip


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, Batch]:
    """What is on the web, by address."""
    feeds = {FEED: Batch("feed", PAPERS, {"no title": 1})}

    async def read(_: object, url: str) -> Batch:
        if url not in feeds:
            raise SourceError("there is no feed")
        return feeds[url]

    monkeypatch.setattr(FeedsOfTheWeb, "read", read)
    return feeds


async def test_a_feed_is_read_at_once_and_its_papers_are_found(scene: Scene, web: dict[str, Batch]) -> None:
    alice = scene.alice
    reply = await alice(f"source add {FEED} name:nature")
    assert reply.notice is not None
    assert reply.notice.startswith(
        "Reading nature from now on, once an hour: 2 papers in it (1 of its entries are none), 2 of them new here."
    )
    await scene.world.index.catch_up()
    found = (await alice("search pigeons source:feed")).papers
    assert [line.id for line in found or ()] == ["doi:10.1038/s1"]
    listed = await alice("source list")
    assert listed.heading == "Feeds of this team · 1 of 20"
    assert [(line.what, line.state) for line in listed.status or ()] == [("feed nature", "ok")]
    assert "feed nature" in [line.what for line in (await alice("status")).status or ()]
    undone = await alice(reply.actions[0].command)
    assert undone.notice == "nature is read no more; its papers stay."
    assert (await alice("source list")).notice == (
        "This team reads no feeds of its own. To add one: source add https://www.nature.com/natmachintell.rss"
    )


async def test_only_who_may_configure_names_feeds(scene: Scene, web: dict[str, Batch]) -> None:
    told = await scene.bob.wrong(f"source add {FEED}")
    assert told.endswith("ask one of them to type: source add")


async def test_another_team_sees_none_of_it(scene: Scene, web: dict[str, Batch]) -> None:
    await scene.alice(f"source add {FEED}")
    other = scene.person("alice", team="another")
    assert (await other("source list")).status is None
    assert [line.what for line in (await other("status")).status or () if "nature" in line.what] == []
    assert "reads no feed" in await other.wrong("source remove nature.example")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("source add", "Which feed? Give its address."),
        ("source add pigeons", "“pigeons” is no web address"),
        ("source add ftp://nature.example/feed", "is no web address"),
        ("source add https://elsewhere.example/feed", "That feed can't be read: there is no feed"),
        (f'source add {FEED} name:"a b"', "is no name for a feed"),
        ("source remove nature", "This team reads no feed “nature”"),
    ],
)
async def test_what_can_not_be_read_is_told(scene: Scene, web: dict[str, Batch], typed: str, said: str) -> None:
    assert said in await scene.alice.wrong(typed)


async def test_a_team_reads_so_many_feeds_and_no_more(scene: Scene, web: dict[str, Batch]) -> None:
    alice, one = scene.alice, web[FEED]
    for number in range(sources.MOST):
        web[f"https://j{number}.example/feed"] = replace(one, papers=())
        await alice(f"source add https://j{number}.example/feed")
    assert "20 feeds at the most" in await alice.wrong(f"source add {FEED}")
    await alice("source add https://j3.example/feed name:third")


async def test_two_that_are_added_at_once_do_not_make_one_too_many(
    scene: Scene, web: dict[str, Batch], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, one = scene.alice, replace(web[FEED], papers=())
    last, both = [f"https://last{number}.example/feed" for number in range(2)], asyncio.Barrier(2)
    web |= dict.fromkeys((*(f"https://j{number}.example/feed" for number in range(sources.MOST - 1)), *last), one)
    for number in range(sources.MOST - 1):
        await alice(f"source add https://j{number}.example/feed")

    async def read(_: object, url: str) -> Batch:
        await both.wait()  # neither is there yet when the other is asked for
        return web[url]

    monkeypatch.setattr(FeedsOfTheWeb, "read", read)
    async with asyncio.timeout(10):
        replies = await asyncio.gather(*(alice.says(f"source add {url}") for url in last))
    assert sorted(reply.ok for reply in replies) == [False, True]
    assert next("20 feeds at the most" in (reply.notice or "") for reply in replies if not reply.ok)
    assert (await alice("source list")).heading == "Feeds of this team · 20 of 20"


async def test_a_second_feed_of_a_host_does_not_silently_take_the_place_of_the_first(
    scene: Scene, web: dict[str, Batch]
) -> None:
    alice, second = scene.alice, "https://www.nature.example/nature.rss"
    web[second] = web[FEED]
    await alice(f"source add {FEED}")
    await alice(f"source add {FEED}")
    assert "nature.example is a feed of this team already" in await alice.wrong(f"source add {second}")
    await alice(f"source add {second} name:weekly")
    assert [line.what for line in (await alice("source list")).status or ()] == ["feed nature.example", "feed weekly"]


async def test_addresses_of_the_machines_own_network_are_refused(scene: Scene) -> None:
    for url in ("http://127.0.0.1/feed", "http://169.254.169.254/latest", "http://0x7f.0.0.1/"):
        told = await scene.alice.wrong(f"source add {url}")
        assert told.startswith("That feed can't be read: "), told
