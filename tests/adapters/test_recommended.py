"""What Semantic Scholar recommends beside a paper: a list behind a button of `similar`, asked for once a day."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web
from pydantic import SecretStr

from adapters.cli import recommended
from adapters.cli.clock import SetClock
from adapters.cli.recommended import with_recommended
from adapters.cli.run import open_lookups, open_world
from adapters.cli.settings import Settings
from adapters.sources import huggingface
from bot.commands.dispatch import answer
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId, web_id
from bot.ports import Batch, World
from bot.reply import Reply
from bot.reply_json import reply_json
from bot.team import Who
from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import item
from tests.fakes.service import serving

ALICE = Who("test", "lab", "#papers", "alice", may_configure=True)
DAY = dt.date(2025, 6, 12)
ASKED = "2506.00001"
THEIRS = f"similar {ASKED} by:semanticscholar"
RECORDED = Path(__file__).parents[1] / "data" / "semantic_scholar" / "citations.json"


def told(number: int, **facts: Any) -> dict[str, Any]:
    """Return a paper as Semantic Scholar tells of it."""
    there = {"paperId": f"{number:040x}", "externalIds": {"ArXiv": f"2506.1{number:04}"}, "title": f"Doves {number}"}
    return {**there, "abstract": None, "venue": None, "year": 2025, "publicationDate": None, "authors": [], **facts}


@dataclass(slots=True)
class Site:
    """The service: what it recommends, and what it was asked. Some answers never come."""

    papers: list[dict[str, Any]] = field(
        default_factory=lambda: [each["citingPaper"] for each in json.loads(RECORDED.read_bytes())["data"]]
    )
    status: int = 200
    silent: bool = False
    url: str = ""
    asked: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request)
        if self.silent:
            await asyncio.sleep(60)
        if request.headers.get("x-api-key") != "secret":
            return web.json_response({"message": "Forbidden"}, status=403)
        if self.status != 200:
            return web.json_response({"error": "something"}, status=self.status)
        return web.json_response({"recommendedPapers": self.papers})


def keyed(folder: Path, site: Site) -> Settings:
    """Return settings with the key of that service."""
    return Settings(
        data_dir=folder,
        database_url="",
        semantic_scholar_key=SecretStr("secret"),
        semantic_scholar_url=site.url,
    )


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def world(tmp_path: Path, site: Site) -> AsyncIterator[World]:
    """A store with two papers that are alike, and a key."""
    clock = SetClock(dt.datetime(2025, 6, 12, 14, tzinfo=dt.UTC))
    async with serving(site.answer) as site.url:
        settings = keyed(tmp_path, site)
        async with open_world(settings, clock) as bare:
            daily = [item(ASKED, "Homing pigeons"), item("2506.00002", "Pigeons go home", votes=9)]
            await ingest(bare.store, "huggingface", huggingface.parse_daily(daily, "day", DAY), clock.now())
            await bare.index.catch_up()
            yield with_recommended(settings, bare)


async def said(world: World, line: str = THEIRS) -> Reply:
    return await answer(world, ALICE, line)


def titles(reply: Reply) -> list[str]:
    return [line.title for line in reply.papers or ()]


def labels(reply: Reply) -> list[str]:
    return [action.label for action in reply.actions]


def pass_time(world: World, **how_much: float) -> None:
    assert isinstance(world.clock, SetClock)
    world.clock.time += dt.timedelta(**how_much)


async def store(world: World, *papers: Paper) -> None:
    await ingest(world.store, "arxiv", Batch("some", papers, {}), world.clock.now())


async def test_a_button_of_similar_leads_to_what_semantic_scholar_recommends(world: World, site: Site) -> None:
    ours = await said(world, f"similar {ASKED}")
    assert titles(ours) == ["Pigeons go home"]
    assert site.asked == [], "our own list waits for nobody"
    command = next(action.command for action in ours.actions if action.label == "Recommended by Semantic Scholar")
    reply = await said(world, command)
    assert titles(reply) == ["Tides of ponds", "Waves", "Only here", "An old one"]
    assert {line.why for line in reply.papers or ()} == {("recommended by Semantic Scholar",)}
    assert reply.heading == f"4 papers that Semantic Scholar recommends beside “Homing pigeons” · {ASKED}"
    assert labels(reply) == ["Similar", "The paper itself"]
    assert await said(world, reply.actions[0].command) == ours
    assert [request.path for request in site.asked] == [f"/recommendations/v1/papers/forpaper/ARXIV:{ASKED}"]


async def test_machines_get_ids_reasons_and_a_true_total(world: World) -> None:
    shown = reply_json(await said(world))
    assert (shown["ok"], shown["total"], shown["pages"]) == (True, 4, 1)
    assert [each["id"] for each in shown["papers"]][:2] == ["arxiv:2506.01234", "acl:2025.pond-long.1"]
    assert shown["papers"][2]["id"].startswith("web:")  # neither arXiv nor DOI nor ACL: its page there
    assert all(each["why"] == ["recommended by Semantic Scholar"] for each in shown["papers"])


async def test_what_is_recommended_can_be_shown_saved_and_voted_for(world: World) -> None:
    lines = (await said(world)).papers or ()
    for line in lines[:3]:
        assert (await said(world, f"show {line.label}")).card is not None
        assert (await said(world, f"save {line.label}")).ok
        assert (await said(world, f"vote {line.label}")).ok
    assert [line.team_votes for line in (await said(world)).papers or ()] == [1, 1, 1, 0]
    assert lines[2].url == "https://www.semanticscholar.org/paper/3333333333333333333333333333333333333333"


async def test_pages_hold_ten_and_fit_together(world: World, site: Site) -> None:
    site.papers = [told(number) for number in range(20)]
    first = await said(world)
    assert first.pages is not None
    assert (first.pages.pages, first.pages.total) == (2, 20)
    second = await said(world, next(action.command for action in first.actions if action.label == "Next page"))
    assert titles(first) + titles(second) == [f"Doves {number}" for number in range(20)]
    assert (await said(world, f"{THEIRS} page:3")).notice == "There are 2 pages of that; write page:2."
    assert len(site.asked) == 1
    assert site.asked[0].query["limit"] == "20"


async def test_never_the_paper_itself_nor_one_that_was_withdrawn(world: World, site: Site) -> None:
    await store(world, Paper(PaperId.parse("arxiv:2506.10002"), "Doves 2", withdrawn=True))
    unknown = told(4, paperId=None, externalIds=None)
    site.papers = [told(0, externalIds={"ArXiv": ASKED}), told(1), told(2), unknown]
    reply = await said(world)
    assert titles(reply) == ["Doves 1"]
    assert reply.pages is not None
    assert reply.pages.total == 1


async def test_one_that_is_stored_under_another_name_is_that_one(world: World, site: Site) -> None:
    names = (PaperId.parse("doi:10.5555/doves"),)
    await store(world, Paper(PaperId.parse("arxiv:2506.10007"), "Doves at sea", other_ids=names))
    site.papers = [told(1, externalIds={"DOI": "10.5555/DOVES"}), told(7)]
    assert [line.label for line in (await said(world)).papers or ()] == ["2506.10007"]


async def test_a_paper_is_asked_about_once_a_day_by_all_replicas(world: World, site: Site, tmp_path: Path) -> None:
    before = await said(world)
    site.papers = [told(1)]
    pass_time(world, hours=23, minutes=59)
    async with open_world(keyed(tmp_path, site), world.clock) as another:
        assert await said(with_recommended(keyed(tmp_path, site), another)) == before
    assert len(site.asked) == 1
    pass_time(world, minutes=1)
    assert titles(await said(world)) == ["Doves 1"]
    pass_time(world, days=-2)  # the clock was put back
    await said(world)
    assert len(site.asked) == 3


async def test_many_who_ask_at_once_ask_once(world: World, site: Site) -> None:
    replies = await asyncio.gather(*(said(world) for _ in range(5)))
    assert len(site.asked) == 1
    assert sorted(len(titles(reply)) for reply in replies)[-1] == 4


async def test_nobody_waits_for_a_silent_service(world: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommended, "WITHIN", 0.2)
    site.silent = True
    with structlog.testing.capture_logs() as logged:
        async with asyncio.timeout(5):
            reply = await said(world)
            again = await said(world)
    assert reply.ok
    assert reply.notice == "Semantic Scholar does not say just now; try again in a minute."
    assert labels(reply) == ["Similar", "The paper itself"]
    assert again == reply
    assert len(site.asked) == 1, "not again within the minute"
    assert [(each["log_level"], each["reason"]) for each in logged if "recommended" in each["event"]] == [
        ("info", "no answer")
    ]
    site.silent = False
    pass_time(world, minutes=1)
    monkeypatch.setattr(recommended, "WITHIN", 5.0)  # the next question may start a second after the last
    assert len(titles(await said(world))) == 4
    monkeypatch.setattr(recommended, "WITHIN", 0.2)
    site.silent = True
    pass_time(world, days=1)
    assert len(titles(await said(world))) == 4, "as was known"


async def test_one_that_semantic_scholar_does_not_have_has_none_for_a_day(world: World, site: Site) -> None:
    site.status = 404
    for _ in range(2):
        reply = await said(world)
        assert (reply.ok, reply.notice) == (True, "Semantic Scholar recommends nothing beside this paper.")
        pass_time(world, hours=1)
    assert len(site.asked) == 1


async def test_a_service_that_is_busy_is_left_alone_whatever_the_paper(world: World, site: Site) -> None:
    site.status = 429
    for line in (THEIRS, THEIRS, THEIRS.replace(ASKED, "2506.00002")):
        reply = await said(world, line)
        assert (reply.ok, reply.papers) == (True, ())
        assert "try again in a minute" in (reply.notice or "")
    assert len(site.asked) == 1


async def test_without_a_key_there_is_no_button_and_nothing_is_asked(world: World, site: Site) -> None:
    for bare in (replace(world, recommended=None), with_recommended(Settings(), replace(world, recommended=None))):
        assert labels(await said(bare, f"similar {ASKED}")) == ["The paper itself"]
        refused = await said(bare)
        assert not refused.ok
        assert f"similar {ASKED}" in (refused.notice or "")
    assert site.asked == []


async def test_of_a_paper_without_a_name_that_they_know_nothing_is_asked(world: World, site: Site) -> None:
    paper = Paper(web_id("https://example.org/doves"), "Doves", project_url="https://example.org/doves")
    await store(world, paper)
    assert labels(await said(world, f"similar {paper.id}")) == ["The paper itself"]
    reply = await said(world, f"similar {paper.id} by:semanticscholar")
    assert reply.notice == "Semantic Scholar recommends nothing beside this paper."
    assert site.asked == []


async def test_a_title_that_several_papers_have_is_asked_about_with_buttons_to_what_was_wanted(world: World) -> None:
    question = await said(world, "similar pigeons by:semanticscholar")
    assert sorted(action.command for action in question.actions) == [
        "similar by:semanticscholar 2506.00001",
        "similar by:semanticscholar 2506.00002",
    ]
    assert "Semantic Scholar recommends" in ((await said(world, question.actions[0].command)).heading or "")


async def test_the_address_is_a_setting_for_single_papers_too(world: World, site: Site, tmp_path: Path) -> None:
    async with open_lookups(keyed(tmp_path, site), world.store) as lookups:
        await lookups["semanticscholar"].by_id(PaperId.parse(f"arxiv:{ASKED}"))
    assert site.asked[0].path == f"/graph/v1/paper/ARXIV:{ASKED}"


async def test_the_console_shows_them_too(tmp_path: Path, site: Site) -> None:
    day = tmp_path / "2025-06-12.json"
    day.write_text(json.dumps([item(ASKED, "Homing pigeons")]))
    async with serving(site.answer) as url:
        setting = {"PAPERROUND_SEMANTIC_SCHOLAR_KEY": "secret", "PAPERROUND_SEMANTIC_SCHOLAR_URL": url}
        shell = CommandLine(tmp_path, setting)
        assert (await asyncio.to_thread(shell, "ingest", "huggingface", "--from-file", day)).status == 0
        done = await asyncio.to_thread(shell, "console", "-c", THEIRS, "--json")
    assert done.status == 0
    assert done.replies[0]["total"] == 4
