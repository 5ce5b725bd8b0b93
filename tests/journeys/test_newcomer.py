"""A newcomer's way: look around, find something, and be helped when it goes wrong."""

import json

import pytest

from adapters.cli.feeds import FeedsOfTheWeb
from bot.commands.dispatch import TABLE
from bot.ingest import ingest
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.reply_json import reply_json
from tests.journeys.conftest import Scene


async def test_todays_papers_come_by_votes(scene: Scene) -> None:
    reply = await scene.alice("")
    assert reply.heading == "Daily papers · Thu 5 Jun 2025 · 13 papers"
    assert reply.notice == "Votes are still coming in."
    assert reply.papers is not None
    votes = [line.votes or 0 for line in reply.papers]
    assert votes == sorted(votes, reverse=True)
    assert reply.pages is not None
    assert (reply.pages.page, reply.pages.pages, reply.pages.total) == (1, 2, 13)


async def test_buttons_walk_from_day_to_day_and_from_page_to_page(scene: Scene) -> None:
    first = await scene.alice("today")
    buttons = {action.label: action.command for action in first.actions}
    second = await scene.alice(buttons["Next page"])
    assert second.papers is not None
    assert first.papers is not None
    assert len(first.papers) + len(second.papers) == 13
    assert not {line.id for line in first.papers} & {line.id for line in second.papers}
    wednesday = await scene.alice(buttons["Wed 4 Jun 2025"])
    assert wednesday.heading is not None
    assert "Wed 4 Jun 2025" in wednesday.heading
    assert {action.label for action in wednesday.actions} >= {"Tue 3 Jun 2025", "Thu 5 Jun 2025"}


async def test_every_button_of_every_reply_works(scene: Scene) -> None:
    await scene.alice('follow author:"Juanzi Li"')
    await scene.alice("digest on 09:00 Europe/Berlin")
    for typed in (
        "today",
        "week",
        "trending",
        "search reasoning",
        "following",
        "digest show",
        "digest preview",
        "show 2505.16938",
    ):
        for action in (await scene.alice(typed)).actions:
            if not action.command.startswith(("unfollow", "digest off")):
                await scene.alice(action.command)


async def test_a_weekend_has_no_list_and_says_where_the_last_one_is(scene: Scene) -> None:
    reply = await scene.alice("2025-06-01")
    assert reply.papers == ()
    assert reply.notice == (
        "No daily papers on Sun 1 Jun 2025; there are no lists at weekends."
        " The last list before is of Fri 30 May 2025: 2025-05-30"
    )


async def test_a_card_shows_everything_and_is_found_in_every_way(scene: Scene) -> None:
    card = (await scene.alice("show 2505.16938")).card
    assert card is not None
    for typed in (
        f"show {card.line.title}",
        "https://arxiv.org/pdf/2505.16938v1.pdf",
        "huggingface.co/papers/2505.16938",
        "<https://arxiv.org/abs/2505.16938|NovelSeek>",
        "arXiv:2505.16938",
    ):
        assert (await scene.alice(typed)).card == card
    assert ("PDF", "https://arxiv.org/pdf/2505.16938") in card.links
    assert card.abstract


async def test_a_card_tells_where_a_paper_appeared_and_what_its_old_category_is_called(scene: Scene) -> None:
    doi = PaperId.parse("doi:10.5555/pigeons")
    paper = Paper(doi, "Homing pigeons", ("Ana Silva",), venue="Journal of Birds & Ponds", categories=("cmp-lg",))
    await ingest(scene.world.store, "crossref", Batch("one", (paper,), {}), scene.clock.now())
    card = (await scene.alice("show doi:10.5555/pigeons")).card
    assert card is not None
    assert card.venue == "Journal of Birds & Ponds"


async def test_search_excludes_and_orders(scene: Scene) -> None:
    everything = await scene.alice("search reasoning")
    without = await scene.alice("search reasoning -reinforcement")
    newest = await scene.alice("search reasoning sort:new")
    assert everything.pages is not None
    assert without.pages is not None
    assert 0 < without.pages.total < everything.pages.total
    assert newest.papers is not None
    days = [line.announced for line in newest.papers]
    assert days == sorted(days, key=str, reverse=True)


async def test_votes_and_saves_are_set_not_toggled(scene: Scene) -> None:
    await scene.alice("vote 2505.16938")
    again = await scene.alice("vote 2505.16938")
    assert again.notice is not None
    assert again.notice.startswith("Your vote was there already")
    await scene.bob("vote 2505.16938")
    await scene.bob("save 2505.16938")
    card = (await scene.alice("show 2505.16938")).card
    assert card is not None
    alice, bob = scene.member("alice"), scene.member("bob")
    assert (card.voters, card.savers, card.line.team_votes) == ((alice, bob), (bob,), 2)
    saved = await scene.alice(f"search by:@{bob}")
    assert saved.papers is not None
    assert [line.label for line in saved.papers] == ["2505.16938"]
    await scene.bob("unsave 2505.16938")
    assert (await scene.bob("saved")).papers == ()
    await scene.alice("unvote 2505.16938")
    assert (await scene.alice("trending week")).ok


async def test_another_team_sees_nothing_of_it(scene: Scene) -> None:
    await scene.alice("vote 2505.16938")
    await scene.alice("save 2505.16938")
    stranger = scene.person("alice", team="elsewhere")
    card = (await stranger("show 2505.16938")).card
    assert card is not None
    assert (card.voters, card.savers, card.line.team_votes) == ((), (), 0)
    assert (await stranger(f"search by:@{scene.member('alice')}")).papers == ()


async def test_help_knows_every_command(scene: Scene) -> None:
    overview = await scene.alice("help")
    assert overview.help is not None
    assert {line.usage.split(" [")[0] for line in overview.help} >= {"today", "status", "digest now"}
    assert len(overview.help) == len(TABLE)
    for name, command in TABLE.items():
        one = await scene.alice(f"help {name}")
        assert one.help is not None
        assert one.help[0].summary == command.summary


async def test_every_example_of_the_help_works(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(_: object, url: str) -> Batch:
        return Batch(url, (), {})

    monkeypatch.setattr(FeedsOfTheWeb, "read", read)  # the web
    await scene.alice("follow reasoning")
    await scene.alice("follow video")
    await scene.alice("digest on 09:00 Europe/Berlin")
    for command in TABLE.values():
        if command.example:
            example = command.example.replace("unfollow 2", "unfollow 1")
            await scene.alice(example.replace("2506.01234", "2505.16938").replace("2025-06-12", "2025-06-04"))


async def test_every_reply_is_json_of_the_documented_shape(scene: Scene) -> None:
    await scene.alice("follow reasoning")
    await scene.alice("digest on 09:00 Europe/Berlin")
    for typed in (
        "today",
        "search video",
        "show 2505.16938",
        "following",
        "digest show",
        "digest preview",
        "why 2505.16938",
        "status",
    ):
        found = json.loads(json.dumps(reply_json(await scene.alice(typed))))
        assert found["ok"] is True
        assert "notice" in found
        for paper in found.get("papers", ()):
            assert set(paper) == {
                "id", "title", "url", "authors", "votes", "team_votes", "comments", "published", "announced",
                "categories", "organisation", "why",
            }  # fmt: skip
        for line in found.get("follows", ()):
            assert set(line) == {"number", "rule", "matches_30d", "paused"}
        for line in found.get("digests", ()):
            assert set(line) == {"name", "channel", "time", "zone", "days", "top", "rule", "next_due_at", "paused"}
        for line in found.get("status", ()):
            assert set(line) == {"what", "state", "detail"}
            assert line["state"] in ("ok", "warn", "fail")


async def test_a_misspelt_title_is_asked_about_not_guessed(scene: Scene) -> None:
    reply = await scene.alice("show A Controlable Examination for Long-Contxt Language Models")
    assert reply.notice is not None
    assert reply.notice.endswith("Did you mean this?")
    assert (await scene.alice(reply.actions[0].command)).card is not None
    refused = await scene.alice.wrong("vote A Controlable Examination for Long-Contxt Language Models")
    assert refused.endswith("Did you mean this? Give the id: 2506.02921")
    assert "Give the id: " in await scene.alice.wrong("save reasoning")
