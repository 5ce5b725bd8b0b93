"""The stage in Slack is no easy judge: what Slack leaves out, changes or adds is noticed."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.slack import buttons, digest, paper_blocks, render
from bot.ports import Posting
from bot.reply import Reply
from bot.telling import tell_makers
from tests.fakes.slack import Json
from tests.fakes.slack_rules import elements_of
from tests.journeys.conftest import Scene
from tests.journeys.on_slack import SlackStage
from tests.journeys.platforms import ON_ONE
from tests.journeys.screen import Control
from tests.journeys.slack_screen import screen_of
from tests.journeys.telling import reply_faults

PAPER = "2505.16938"
LINES = (
    "today", "today page:2", f"show {PAPER}", "search diffusion", "following", "digest show", "digest preview",
    "status", "help search", f"why {PAPER}", "serach x", "digest on name:odd 09:00 Europe/Berlin -- zzyzx",
    "digest now",
)  # fmt: skip
"""Answers of every kind: lists, a card, rules, digests, states, help, and what is not done."""


@pytest.fixture
async def told(scene: Scene) -> list[tuple[str, Reply, Json]]:
    """Those lines, the core's answers to them, and Slack's messages."""
    for typed in ("follow reasoning ; video", "mute quantum", f"vote {PAPER}", f"save {PAPER}", "pause 2"):
        await scene.alice(typed)
    await scene.alice("digest on 09:00 Europe/Berlin top 3")
    workspace = stage_of(scene).workspace("lab")
    return [(typed, await scene.alice.says(typed), deepcopy(workspace.ephemeral[-1])) for typed in LINES]


def stage_of(scene: Scene) -> SlackStage:
    """Return the stage, which is Slack's here."""
    return cast(SlackStage, scene.wall.stage)


def faults(scene: Scene, reply: Reply, message: Json, extras: list[Control]) -> list[str]:
    """Return what a message does not tell of a reply."""
    return reply_faults(reply, screen_of(message, {scene.papers: "#papers"}), extras)


def changed(message: Json) -> Iterator[tuple[str, Json]]:
    """Yield the message with one thing wrong at a time, and what it is."""
    blocks: list[Json] = message["blocks"]
    for place, block in enumerate(blocks):
        before, behind = blocks[:place], blocks[place + 1 :]
        yield f"block {place} ({block['type']}) is missing", message | {"blocks": before + behind}
        yield f"block {place} comes twice", message | {"blocks": [*before, block, block, *behind]}
        for number, element in enumerate(elements_of([block])):
            for wrong in ("value", "label"):
                yield f"{wrong} of {element['action_id']}", with_element(message, place, number, wrong)
        if "http" in str(block.get("text")):
            yield f"block {place} links elsewhere", message | {"blocks": [*before, relinked(block), *behind]}
        if behind and "|" in str(block.get("text")) and "|" in str(behind[0].get("text")):
            yield (
                f"block {place} and the next are swapped",
                message | {"blocks": [*before, behind[0], block, *behind[1:]]},
            )
    yield "nothing for screen readers", message | {"text": "A message"}


def with_element(message: Json, place: int, number: int, wrong: str) -> Json:
    """Return a copy in which a button says or does something else."""
    copy = deepcopy(message)
    element: Any = list(elements_of([copy["blocks"][place]]))[number]
    element = element["options"][0] if "options" in element else element
    if wrong == "value":
        element["value"] += "0"
    else:
        element["text"] = {**element["text"], "text": "Go"}
    return copy


def relinked(block: Json) -> Json:
    """Return a block whose first link leads elsewhere."""
    words = re.sub(r"https?://[^|>]*", "https://example.org", block["text"]["text"], count=1)
    return block | {"text": block["text"] | {"text": words}}


async def test_whatever_is_missing_changed_or_added_in_a_message_is_noticed(
    scene: Scene, told: list[tuple[str, Reply, Json]]
) -> None:
    tried = 0
    for typed, reply, message in told:
        shares = reply.ok and (reply.papers or reply.card)
        extras = [("Share with the channel", typed)] if shares else []
        assert faults(scene, reply, message, extras) == [], typed
        for what, wrong in changed(message):
            tried += 1
            if what == "nothing for screen readers" and not (reply.notice or reply.heading):
                continue
            assert faults(scene, reply, wrong, extras), f"{typed}: {what}"
        if reply.notice:
            assert faults(scene, reply, undone(message), extras), f"{typed}: done or not done"
    assert tried > 150


def undone(message: Json) -> Json:
    """Return a message that says the contrary of what was done."""
    copy = deepcopy(message)
    for block in copy["blocks"]:
        if block["type"] == "section":
            words = block["text"]["text"]
            block["text"]["text"] = words.removeprefix("*Not done:* ") if "*Not" in words else f"*Not done:* {words}"
    return copy


def nothing(*_: object, **__: object) -> None:
    """Render nothing."""


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Let Slack's renderers forget what they have rendered; done once more at the end, while they are still wrong."""

    def clear() -> None:
        for module in (render, digest, paper_blocks):
            for each in vars(module).values():
                if hasattr(each, "cache_clear"):
                    each.cache_clear()

    yield clear
    clear()


MUTANTS: dict[str, tuple[object, str, object, str]] = {
    "the heading is lost": (render, "_heading", lambda _: [], "today"),
    "the buttons are lost": (render, "buttons", lambda *_: [], "today"),
    "the last button is lost": (render, "buttons", lambda actions: buttons.buttons(actions[:-1]), "today"),
    "a button does something else": (buttons, "BUTTON_VALUE", 3, "today"),
    "the menu is lost": (render, "menu", nothing, "following"),
    "the vote is lost": (paper_blocks, "button", nothing, "today"),
    "a title links nowhere": (paper_blocks, "link", lambda _, words, *__: words, "today"),
    "titles are cut": (paper_blocks, "TITLE", 10, "today"),
    "authors are lost": (paper_blocks, "AUTHORS", 0, "today"),
    "facts are lost": (paper_blocks, "_facts", lambda _: "", "today"),
    "passages are lost": (paper_blocks, "_passage", lambda _: "", "search diffusion"),
    "the page is lost": (render, "_pages", lambda *_: "page", "today"),
    "the card's facts are lost": (paper_blocks, "_details", lambda _: [("Id", "1")], f"show {PAPER}"),
    "the abstract is lost": (paper_blocks, "ABSTRACT", 20, f"show {PAPER}"),
    "the state is lost": (render, "_STATES", {}, "status"),
    "a rule is lost": (render, "_follow", lambda line: f"{line.number}", "following"),
    "a digest's line is lost": (render, "_digest", lambda line: line.name, "digest show"),
    "help is lost": (render, "_help", lambda line: line.usage, "help"),
    "what is not done is told as done": (render, "mrkdwn", lambda words, *_: words and f"{words}!", "serach x"),
}


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_journey_fails_where_the_renderer_is_wrong(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, forget: Callable[[], None], mutant: str
) -> None:
    await scene.alice("follow reasoning")
    await scene.alice("digest on 09:00 Europe/Berlin")
    module, name, wrong, typed = MUTANTS[mutant]
    await scene.alice.says(typed)
    monkeypatch.setattr(module, name, wrong)
    forget()
    with pytest.raises(AssertionError, match=re.escape(typed)):
        await scene.alice.says(typed)


async def test_a_digest_that_is_posted_without_its_footer_is_noticed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    monkeypatch.setattr(digest, "context", lambda _: {"type": "divider"})
    with pytest.raises(AssertionError, match="last line"):
        await scene.wait_until(6, 7)
    scene.wall.wrong.clear()


async def test_a_note_that_says_nothing_is_noticed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.wall.answers.append(Posting("refused", reason="the channel is archived", permanent=True))
    await scene.wait_until(6, 7)
    monkeypatch.setattr(render, "buttons", lambda _: [])
    await tell_makers(scene.world)
    assert "Resume" in str(scene.wall.wrong)
    scene.wall.wrong.clear()


async def test_a_journey_presses_the_buttons_that_it_sees(scene: Scene) -> None:
    first = await scene.alice("today")
    await scene.alice(next(action.command for action in first.actions if action.label == "Next page"))
    kinds = [kind for kind, _ in stage_of(scene).done]
    assert kinds == ["typed", "pressed"]
    await scene.bob("today page:2")
    assert stage_of(scene).done[-1] == ("typed", "today page:2"), "Bob does not see Alice's answers"


def test_what_is_played_on_one_platform_alone_is_there() -> None:
    folder = Path(__file__).parent
    tests = {name for file in folder.glob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text())}
    assert ON_ONE.keys() <= tests | {file.name for file in folder.glob("test_*.py")}
    assert all(why for _, why in ON_ONE.values())


# --- What Slack alone does with words


async def test_words_in_capitals_are_no_channel(scene: Scene) -> None:
    for words in ("COMPRESSION", "CLIP2VIDEO"):
        reply = await scene.alice(f"follow {words}")
        assert f"“{words}”" in (reply.notice or "")


async def test_what_is_read_aloud_names_the_channel_and_not_its_id(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    answer = stage_of(scene).workspace("lab").ephemeral[-1]
    assert f"of <#{scene.papers}> is set" in answer["text"]


async def test_reasons_name_the_channel_and_not_its_id(scene: Scene) -> None:
    await scene.alice(f"why {PAPER}")
    answer = stage_of(scene).workspace("lab").ephemeral[-1]
    assert f"<#{scene.papers}> did not get it" in str(answer["blocks"])
