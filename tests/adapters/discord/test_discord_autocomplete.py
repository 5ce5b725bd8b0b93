"""What is suggested while somebody types an option: soon, at most 25, and never another team's own."""

import asyncio
import time

import pytest

from adapters.discord.autocomplete import CHOICE, choices_of
from adapters.discord.recent import MOST_TITLES, Recent
from adapters.discord.rule_completion import complete_rule
from bot.suggestions import Suggestion
from tests.adapters.discord.conftest import Lab
from tests.fakes.discord_world import Permission


async def values(lab: Lab, command: str, focused: str, typed: str, name: str = "alice") -> list[str]:
    """Return the values that are suggested to somebody."""
    seen = await lab.person(name).suggests(command, focused=focused, **{focused: typed})
    assert len(seen.choices) <= 25
    assert all(len(choice["name"]) <= CHOICE and len(choice["value"]) <= CHOICE for choice in seen.choices)
    return [choice["value"] for choice in seen.choices]


@pytest.mark.parametrize(("typed", "value"), [
    ("author:juanzi", 'author:"Juanzi Li"'), ('author:"juanzi l', 'author:"Juanzi Li"'),
    ("author:juanzi li", 'author:"Juanzi Li"'), ("agents author:juanz", 'agents author:"Juanzi Li"'),
    ("juanzi", 'author:"Juanzi Li"'), ("agents", "agents"), ("cat:cs.c", "cat:cs.CL"), ("-cat:vision", "-cat:cs.CV"),
    ("cat:cs.LG,cs.c", "cat:cs.LG,cs.CL"), ("has:co", "has:code"), ("ti", "title:"), ("agents -au", "agents -author:"),
    ("x ; author:juanz", 'x ; author:"Juanzi Li"'),
])  # fmt: skip
async def test_the_last_facet_of_a_rule_is_completed(lab: Lab, typed: str, value: str) -> None:
    assert value in await values(lab, "follow", "rule", typed)
    assert value in await values(lab, "papers search", "query", typed)


async def test_an_organisation_is_completed_from_memory(lab: Lab) -> None:
    await lab.shared.recent.refresh()
    assert lab.shared.recent.organisations
    name = lab.shared.recent.organisations[0]
    found = await values(lab, "follow", "rule", f"org:{name[:4]}")
    assert any(name in value for value in found)


async def test_papers_are_suggested_by_id_and_by_words_of_the_title_even_misspelt(lab: Lab) -> None:
    await lab.shared.recent.refresh()
    for typed in ("2506.035", "mimo", "mimo tech", "MiMo-VL Tecnical Reprt", "arxiv:2506.03569"):
        assert "2506.03569" in await values(lab, "papers show", "paper", typed), typed
    assert len(await values(lab, "papers show", "paper", "")) == 25


async def test_what_the_team_was_shown_comes_first_and_only_to_that_team(lab: Lab) -> None:
    await lab.shared.recent.refresh()
    assert "LLMs Admit" in (await lab.asks("show 2505.16170")).text
    assert (await values(lab, "vote", "paper", ""))[0] == "2505.16170"
    mallory = lab.fake.person("mallory", lab.fake.add_guild("Other").channel("papers"))
    seen = await mallory.suggests("vote", focused="paper", paper="")
    assert seen.choices[0]["value"] != "2505.16170"


async def test_ones_own_follows_are_suggested_by_number_and_by_words(lab: Lab) -> None:
    await lab.asks("follow agents")
    await lab.asks("mute cat:cs.CV")
    assert await values(lab, "unfollow", "number", "") == ["1", "2"]
    assert await values(lab, "pause", "number", "cs.cv") == ["2"]
    assert await values(lab, "unfollow", "number", "#1") == ["1"]
    assert await values(lab, "unfollow", "number", "", "bob") == []
    other = lab.fake.add_channel(lab.guild, "other")
    seen = await lab.person(channel=other).suggests("unfollow", focused="number", number="")
    assert len(seen.choices) == 2, "the list is one in all channels"


async def test_zones_times_and_days_are_suggested(lab: Lab) -> None:
    lab.fake.person("alice", lab.papers, may=Permission.MANAGE_CHANNELS)
    assert "Europe/Berlin" in await values(lab, "digest on", "zone", "ber")
    assert "09:30" in await values(lab, "digest on", "time", "09")
    assert await values(lab, "digest on", "days", "week") == ["weekdays", "weekly"]
    assert "2025-06-04" in await values(lab, "papers day", "day", "2025-06")
    assert "yesterday" in await values(lab, "papers day", "day", "y")
    assert "follow" in await values(lab, "papers help", "command", "fol")


async def test_a_whole_line_is_completed_by_the_command_and_then_by_what_it_takes(lab: Lab) -> None:
    assert {"digest on", "digest show"} <= set(await values(lab, "papers ask", "line", "dig"))
    assert 'follow author:"Juanzi Li"' in await values(lab, "papers ask", "line", "follow author:juanzi")
    assert 'mute author:"Juanzi Li"' in await values(lab, "papers ask", "line", "mute juanzi")


async def test_while_the_database_is_locked_suggestions_come_or_stay_away_but_do_not_fail(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab.world.store.write():
        began = time.monotonic()
        assert "cat:cs.CL" in await values(lab, "follow", "rule", "cat:cs.c")
        await values(lab, "follow", "rule", "author:juanzi")
        assert time.monotonic() - began < 2

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("adapters.discord.rule_completion.suggest_authors", never)
    seen = await lab.person().suggests("follow", focused="rule", rule="author:juanzi")
    assert seen.choices == []
    assert 0.9 < seen.first_after < 2


async def test_hostile_input_breaks_nothing(lab: Lab) -> None:
    for typed in (
        '"',
        'author:"',
        "author:",
        "-",
        ";",
        ":",
        "cat:,",
        "org:" + "x" * 90,
        "(((((",
        "\\",
        "author:" + "a " * 40,
    ):
        await values(lab, "follow", "rule", typed)
        await values(lab, "papers show", "paper", typed)
        await values(lab, "papers ask", "line", typed)


def test_what_is_too_long_for_discord_is_left_out() -> None:
    found = [Suggestion("x" * 101, "x"), Suggestion(" ", "x"), Suggestion("a", "y" * 300), Suggestion("a", "z")]
    (choice,) = choices_of(found)
    assert (choice.value, choice.name) == ("a", "z")
    assert len(choices_of([Suggestion(f"{number}", "x") for number in range(60)])) == 25


async def test_days_that_are_read_once_are_not_read_again_but_the_last_ones_are(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent, days = Recent(lab.world), []
    read = recent._day

    async def counted(day: object) -> object:
        days.append(day)
        return await read(day)  # type: ignore[arg-type]

    monkeypatch.setattr(recent, "_day", counted)
    await recent.refresh()
    assert len(days) == 31
    await recent.refresh()
    assert len(days) == 31 + 4
    assert 0 < len(recent.papers("", "", MOST_TITLES)) <= MOST_TITLES


async def test_a_rule_is_completed_without_a_store_where_none_is_needed(lab: Lab) -> None:
    found = await complete_rule(lab.world, ["Google DeepMind", "Meta"], "org:deep", 25)
    assert [each.value for each in found] == ['org:"Google DeepMind"']
