"""The stage in Discord is no easy judge: what Discord leaves out, changes or adds is noticed."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import cast

import pytest

from adapters.discord import buttons, digest, message, papers, render
from adapters.discord.limits import BUTTON, CONTAINER, STRING_SELECT, TEXT_DISPLAY, Component
from bot.ports import Posting
from bot.reply import Reply
from bot.telling import tell_makers
from tests.fakes.discord_world import Json, walk
from tests.journeys.conftest import Scene
from tests.journeys.discord_screen import extras_of, screen_of
from tests.journeys.on_discord import DiscordStage
from tests.journeys.telling import reply_faults

PAPER = "2505.16938"
LINES = (
    "today", "today page:2", f"show {PAPER}", "search diffusion", "following", "digest show", "digest preview",
    "status", "help search", f"why {PAPER}", "serach x", "digest on name:odd 09:00 Europe/Berlin -- zzyzx",
    "digest now",
)  # fmt: skip
"""Answers of every kind: lists, a card, rules, digests, states, help, and what is not done."""

CONTROLS = (BUTTON, STRING_SELECT)

Told = tuple[str, Reply, list[Json]]


def stage_of(scene: Scene) -> DiscordStage:
    """Return the stage, which is Discord's here."""
    return cast(DiscordStage, scene.wall.stage)


def shown(scene: Scene) -> list[Json]:
    """Return a copy of the last answer."""
    message = stage_of(scene).last
    assert message
    return deepcopy(message.components)


@pytest.fixture
async def told(scene: Scene) -> list[Told]:
    """Those lines, the core's answers to them, and Discord's messages."""
    for typed in ("follow reasoning ; video", "mute quantum", f"vote {PAPER}", f"save {PAPER}", "pause 2"):
        await scene.alice(typed)
    await scene.alice("digest on 09:00 Europe/Berlin top 3")
    return [(typed, await scene.alice.says(typed), shown(scene)) for typed in LINES]


def faults(scene: Scene, typed: str, reply: Reply, components: list[Json]) -> list[str]:
    """Return what a message does not tell of a reply."""
    try:
        screen = screen_of(components, stage_of(scene).names(), {})
    except AssertionError as unreadable:
        return [str(unreadable)]
    return reply_faults(reply, screen, extras_of(reply, typed))


def changed(components: list[Json]) -> Iterator[tuple[str, list[Json]]]:
    """Yield components with one thing wrong at a time, and what it is."""
    for place, part in enumerate(components):
        before, behind = components[:place], components[place + 1 :]
        what = f"part {place} (of type {part['type']})"
        if part["type"] == CONTAINER:
            for wrong, inner in changed(part["components"]):
                yield f"in {what}: {wrong}", [*before, part | {"components": inner}, *behind]
            continue
        yield f"{what} is missing", [*before, *behind]
        yield f"{what} comes twice", [*before, part, part, *behind]
        for number in range(len(of_kind([part], *CONTROLS))):
            for wrong in ("value", "label"):
                yield f"{wrong} of control {number} in {what}", [*before, with_control(part, number, wrong), *behind]
        for number, text in enumerate(of_kind([part], TEXT_DISPLAY)):
            if "](<http" in text["content"]:
                elsewhere = re.sub(r"\]\(<[^>]*>", "](<https://example.org>", text["content"], count=1)
                yield f"{what} links elsewhere", [*before, with_text(part, number, elsewhere), *behind]
        if behind and "accessory" in part and "accessory" in behind[0]:
            yield f"{what} and the next are swapped", [*before, behind[0], part, *behind[1:]]


def of_kind(components: list[Json], *kinds: int) -> list[Json]:
    """Return the components of those types, wherever they are."""
    return [each for each in walk(components) if each["type"] in kinds]


def with_control(part: Json, number: int, wrong: str) -> Json:
    """Return a copy in which a button, or the last entry of a menu, says or does something else."""
    copy = deepcopy(part)
    control = of_kind([copy], *CONTROLS)[number]
    control = control["options"][-1] if "options" in control else control
    if wrong == "label":
        control["label"] = "Go"
    else:
        control["value" if "value" in control else "custom_id"] += "0"
    return copy


def with_text(part: Json, number: int, words: str) -> Json:
    """Return a copy with another text."""
    copy = deepcopy(part)
    of_kind([copy], TEXT_DISPLAY)[number]["content"] = words
    return copy


async def test_whatever_is_missing_changed_or_added_in_a_message_is_noticed(scene: Scene, told: list[Told]) -> None:
    tried = 0
    for typed, reply, components in told:
        assert faults(scene, typed, reply, components) == [], typed
        for what, wrong in changed(components):
            tried += 1
            assert faults(scene, typed, reply, wrong), f"{typed}: {what}"
        if reply.notice:
            assert faults(scene, typed, reply, undone(components)), f"{typed}: done or not done"
    assert tried > 150


def undone(components: list[Json]) -> list[Json]:
    """Return a message that says the contrary of what was done."""
    copy = deepcopy(components)
    first = of_kind(copy, TEXT_DISPLAY)[0]
    *above, said = first["content"].split("\n")
    said = said.removeprefix("**Not done:** ") if "**Not" in said else f"**Not done:** {said}"
    first["content"] = "\n".join([*above, said])
    return copy


@pytest.mark.parametrize(
    "words", ["**bold** _and_ more", "||hidden||", "<@123456789012345678>", "@everyone", "https://example.org/x"]
)
async def test_foreign_words_that_change_the_look_or_ping_are_noticed(scene: Scene, words: str) -> None:
    reply = await scene.alice("today")
    components = shown(scene)
    of_kind(components, TEXT_DISPLAY)[1]["content"] += f"\n{words}"
    assert faults(scene, "today", reply, components) or "bold" in words
    if "bold" in words:
        with pytest.raises(AssertionError, match="looks different"):
            screen_of(components, {}, {})


def nothing(*_: object, **__: object) -> None:
    """Render nothing."""


def without_last(*given: object, **named: object) -> list[Component]:
    """Render all buttons but the last."""
    return buttons.buttons(*given, **named)[:-1]  # type: ignore[arg-type]  # whatever is given


def bare(_: object, words: str, *__: object) -> str:
    """Render a link as its words."""
    return words


@pytest.fixture
def forget() -> Iterator[Callable[[], None]]:
    """Let Discord's renderers forget what they have rendered; done once more at the end."""
    yield papers.entry.cache_clear
    papers.entry.cache_clear()


MUTANTS: dict[str, tuple[object, str, object, str]] = {
    "the heading is lost": (render, "heading", lambda *_: "", "today"),
    "the buttons are lost": (render, "buttons", lambda *_: [], "today"),
    "the last button is lost": (render, "buttons", without_last, "today"),
    "a button does something else": (buttons.Ids, "of", lambda _, __, place, **___: f"n:{place}:help", "today"),
    "a menu is lost": (render, "menu", nothing, "following"),
    "the vote is lost": (papers, "button", nothing, "today"),
    "a title links nowhere": (papers, "link", bare, "today"),
    "titles are cut": (papers, "TITLE", 10, "today"),
    "authors are lost": (papers, "AUTHORS", 0, "today"),
    "facts are lost": (papers, "_facts", lambda _: "", "today"),
    "passages are lost": (papers, "_passage", lambda _, is_short: "", "digest preview"),
    "passages are lost though each could begin": (message, "DETAILS", (2, 1, 0), "today"),
    "passages are cut though there is room": (message, "DETAILS", (3, 2, 1, 0), "digest preview"),
    "the page is lost": (render, "_pages", lambda *_: "page", "today"),
    "the card's facts are lost": (papers, "_details", lambda *_: [("Id", "1")], f"show {PAPER}"),
    "the abstract is lost": (papers, "_ABSTRACT", (20,) * 5, f"show {PAPER}"),
    "the state is lost": (render, "_STATES", {}, "status"),
    "a rule is lost": (render, "_follow", lambda line, _: f"{line.number}", "following"),
    "a digest's line is lost": (render, "_digest", lambda line, _: line.name, "digest show"),
    "help is lost": (render, "_help", lambda line, _: line.usage, "help"),
    "what is not done is told as done": (render, "escaped", lambda words, *_: words and f"{words}!", "serach x"),
    "a channel is told by its id": (papers, "with_channels", lambda words: words, f"why {PAPER}"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_journey_fails_where_the_renderer_is_wrong(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None], mutant: str
) -> None:
    await scene.alice("follow reasoning")
    await scene.alice("digest on 09:00 Europe/Berlin top 3")
    module, name, wrong, typed = MUTANTS[mutant]
    await scene.alice.says(typed)
    monkeypatch.setattr(module, name, wrong)
    forget()
    with pytest.raises(AssertionError, match=re.escape(typed)):
        await scene.alice.says(typed)


async def test_a_digest_that_is_posted_without_its_last_line_is_noticed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None]
) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    monkeypatch.setattr(digest, "escaped", lambda *_: "")
    forget()
    with pytest.raises(AssertionError, match="last line"):
        await scene.wait_until(6, 7)
    scene.wall.wrong.clear()


async def test_a_note_that_says_nothing_is_noticed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.wall.answers.append(Posting("refused", reason="the channel is archived", permanent=True))
    await scene.wait_until(6, 7)
    monkeypatch.setattr(render, "buttons", lambda *_: [])
    await tell_makers(scene.world)
    assert "Resume" in str(scene.wall.wrong)
    scene.wall.wrong.clear()


async def test_a_journey_presses_the_buttons_that_it_sees_and_types_in_both_ways(scene: Scene) -> None:
    first = await scene.alice("today")
    await scene.alice(next(action.command for action in first.actions if action.label == "Next page"))
    await scene.alice("follow diffusion")
    await scene.alice("following")
    await scene.alice("pause 1")
    kinds = [kind for kind, _ in stage_of(scene).done]
    assert kinds[:3] == ["filled in", "pressed", "typed"]
    assert kinds[-1] == "chosen"
    await scene.bob("today page:2")
    assert stage_of(scene).done[-1][0] in ("typed", "filled in"), "Bob does not see Alice's answers"


# --- What Discord alone does with words


async def test_a_team_mate_who_is_chosen_from_discords_list_is_meant(scene: Scene) -> None:
    await scene.bob(f"save {PAPER}")
    by_line = await scene.alice(f"search by:@{scene.member('bob')}")
    assert [line.label for line in by_line.papers or ()] == [PAPER]


async def test_reasons_name_the_channel_and_not_its_id(scene: Scene) -> None:
    await scene.alice(f"why {PAPER}")
    assert f"<#{scene.papers}> did not get it" in str(shown(scene))
