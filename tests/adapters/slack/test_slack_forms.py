"""Forms in Slack: adding a follow, setting up a digest, and what their fields suggest."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from adapters.slack.digest_form import digest_view, preview_blocks, wish_of
from adapters.slack.follow_form import follow_view, rule_of
from adapters.slack.home import home_view
from adapters.slack.suggestions import options_of, or_as_typed
from bot.query import Kind
from bot.reply import Reply
from bot.rule_form import FORM_KINDS
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_home import home, sends
from tests.adapters.slack.test_slack_messages import NASTY, PINGS, hostile_strings, replies
from tests.fakes.slack import Json
from tests.fakes.slack_forms import chooses_in, looks_for, presses_in, submission, submits
from tests.fakes.slack_people import Person
from tests.fakes.slack_rules import faults_of, pings_of
from tests.fakes.slack_views import buttons_of, fill, held_in, inputs_of, shown


async def form(office: Office, person: Person, label: str) -> Json:
    """Let somebody open a form from the home."""
    shown = await home(office, person.user)
    await presses_in(person, shown, buttons_of(shown)[label])
    return await opened(office)


async def opened(office: Office) -> Json:
    """Return the form that is open."""
    await office.until(lambda: office.workspace.modals)
    return office.workspace.modals[-1]


async def told_at_home(office: Office, words: str, user: str = "U1") -> Json:
    """Return somebody's home, once it says that."""
    await office.until(lambda: words in str(office.workspace.home[user]["blocks"][0]))
    return office.workspace.home[user]


async def digests(office: Office, channel: str = "C0PAPERS01") -> str:
    """Return what is set up in a channel."""
    return str(await office.asks("digest show", channel=channel))


async def test_a_follow_is_added_in_a_form_that_the_home_opens(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Add a follow")
    assert await submits(alice, shown, value="agents") == {}
    assert office.workspace.modals == []
    told = await told_at_home(office, "Following papers with “agents”")
    assert "*1* agents" in str(told)
    await presses_in(alice, told, buttons_of(told)["Undo"])
    await told_at_home(office, "Unfollowed")


@pytest.mark.parametrize(("kind", "value", "words"), [
    ("title", "diffusion, agents", "with “diffusion” or “agents” in the title"),
    ("venue", "NeurIPS", "at NeurIPS"), ("min", "20", "with at least 20 votes"),
    ("has", "code", "with code"), ("paper", "https://arxiv.org/abs/2506.03569", "the paper 2506.03569"),
    ("source", "huggingface", "listed by huggingface"), ("by", "akhaliq", "submitted or saved by akhaliq"),
])  # fmt: skip
async def test_each_kind_that_is_typed_becomes_a_follow(office: Office, kind: str, value: str, words: str) -> None:
    alice = office.person()
    await chooses_in(alice, await form(office, alice, "Add a follow"), "kind", kind)
    assert await submits(alice, await opened(office), value=value) == {}
    await told_at_home(office, words)


async def test_an_author_is_found_by_the_beginning_of_a_name_and_followed(office: Office) -> None:
    alice = office.person()
    first = await form(office, alice, "Add a follow")
    await chooses_in(alice, first, "kind", "author")
    await office.until(lambda: "value-author" in str(office.workspace.modals[-1]["blocks"]))
    shown = await opened(office)
    assert (await looks_for(alice, shown, "value-author", "yuj"))[0] == "Yujia Hu"
    assert (await looks_for(alice, shown, "value-author", "Hu Yuj"))[0] == "Yujia Hu"
    assert "Yujia Hu" in await looks_for(alice, shown, "value-author", "Yuija Hu")
    assert await looks_for(alice, shown, "value-author", "Nobody Whatsoever") == ["Nobody Whatsoever (as typed)"]
    assert await submits(alice, shown, value__author="Yujia Hu") == {}
    await told_at_home(office, "Following papers by Yujia Hu")


async def test_what_was_typed_stays_when_the_kind_changes(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Add a follow")
    fill(shown, "unwanted", "survey")
    fill(shown, "value", "agents")
    await chooses_in(alice, shown, "kind", "title")
    await office.until(lambda: "Any of these; commas" in str(office.workspace.modals[-1]["blocks"]))
    shown = await opened(office)
    assert [held_in(shown, block) for block in ("value", "unwanted")] == ["agents", "survey"]


async def test_categories_organisations_and_zones_are_suggested(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Add a follow")
    await chooses_in(alice, shown, "kind", "cat")
    await office.until(lambda: "value-cat" in str(office.workspace.modals[-1]["blocks"]))
    shown = await opened(office)
    assert (await looks_for(alice, shown, "value-cat", "cl"))[0] == "cs.CL Computation and Language"
    assert "cs.CV Computer Vision and Pattern Recognition" in await looks_for(alice, shown, "value-cat", "vision")
    assert len(await looks_for(alice, shown, "value-cat", "")) == 100
    await chooses_in(alice, shown, "kind", "org")
    await office.until(lambda: "value-org" in str(office.workspace.modals[-1]["blocks"]))
    assert "Boson AI" in await looks_for(alice, await opened(office), "value-org", "bos")
    shown = await form(office, alice, "Set up a digest")
    zone = next(block["block_id"] for block in inputs_of(shown) if block["block_id"].startswith("zone"))
    assert (await looks_for(alice, shown, zone, ""))[0] == "Europe/Berlin"
    assert await looks_for(alice, shown, zone, "new y") == ["America/New_York"]
    assert (await looks_for(office.person("U2"), shown, zone, ""))[0] == "America/New_York"


async def test_a_suggestion_takes_no_longer_than_a_tenth_of_a_second(office: Office) -> None:
    alice = office.person()
    await chooses_in(alice, await form(office, alice, "Add a follow"), "kind", "author")
    await office.until(lambda: "value-author" in str(office.workspace.modals[-1]["blocks"]))
    shown = await opened(office)
    took = []
    for typed in ("y", "yu", "yuj", "wang", "Zhang, Y", "li", "chen"):
        began = time.perf_counter()
        await looks_for(alice, shown, "value-author", typed)
        took.append(time.perf_counter() - began)
    assert sorted(took)[len(took) // 2] < 0.1, took


async def test_suggestions_come_in_time_even_when_the_store_does_not_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    alice = office.person()
    await chooses_in(alice, await form(office, alice, "Add a follow"), "kind", "author")
    await office.until(lambda: "value-author" in str(office.workspace.modals[-1]["blocks"]))
    monkeypatch.setattr("adapters.slack.suggestions.suggest_authors", never)
    monkeypatch.setattr("adapters.slack.modals.SOON", 0.05)
    assert await looks_for(alice, await opened(office), "value-author", "y") == []


@pytest.mark.parametrize(("kind", "block", "value", "words"), [
    ("text", "value", '"agents', "is not closed"), ("text", "value", "-agents", "only excludes"),
    ("min", "value", "many", "is no number of votes"), ("paper", "value", "lunch", "is no id of a paper"),
    ("text", "unwanted", "cat:cs.XX", "There is no arXiv category"),
])  # fmt: skip
async def test_a_rule_that_is_wrong_is_shown_at_its_field(
    office: Office, kind: str, block: str, value: str, words: str
) -> None:
    alice = office.person()
    await chooses_in(alice, await form(office, alice, "Add a follow"), "kind", kind)
    typed = {"value": "agents"} | {block: value} if kind == "text" else {block: value}
    wrong = await submits(alice, await opened(office), **typed)
    assert list(wrong) == [block]
    assert words in wrong[block]
    assert "You follow nothing yet" in str(await office.asks("following"))


async def test_what_is_unwanted_is_left_out_with_a_dash_and_without(office: Office) -> None:
    alice = office.person()
    for typed in ("survey cat:cs.CV", "-survey -cat:cs.CV"):
        assert await submits(alice, await form(office, alice, "Add a follow"), value="agents", unwanted=typed) == {}
        await told_at_home(office, "but not with “survey” in title or abstract, but not in cs.CV")
    assert "agents -survey -cat:cs.CV" in str(await office.asks("following"))


async def test_an_author_who_may_be_several_people_is_asked_about(office: Office) -> None:
    alice = office.person()
    await chooses_in(alice, await form(office, alice, "Add a follow"), "kind", "author")
    await office.until(lambda: "value-author" in str(office.workspace.modals[-1]["blocks"]))
    assert await submits(alice, await opened(office), value__author="Wang") == {}
    asked = await told_at_home(office, "may be")
    await presses_in(alice, asked, buttons_of(asked)["Xinchao Wang"])
    await told_at_home(office, "Following papers by Xinchao Wang")


async def test_follow_alone_says_how_it_is_typed_and_opens_the_form(office: Office) -> None:
    alice = office.person()
    await alice.types("follow")
    (answer,) = await office.answers(alice)
    assert "What shall I follow?" in answer["text"]
    await alice.presses(buttons_of(answer)["Add a follow"])
    assert await submits(alice, await opened(office), value="agents") == {}
    (confirmed,) = await office.answers(alice)
    assert (confirmed["response_type"], confirmed["replace_original"]) == ("ephemeral", False)
    assert "Following papers with “agents”" in confirmed["text"]


async def test_an_answer_comes_as_a_direct_message_when_its_address_is_used_up(office: Office) -> None:
    alice = office.person()
    await alice.types("follow")
    (answer,) = await office.answers(alice)
    await alice.presses(buttons_of(answer)["Add a follow"])
    shown = await opened(office)
    office.fake.responses[alice.last_url.rsplit("/", 1)[1]]["uses"] = 5
    await submits(alice, shown, value="agents")
    await office.until(lambda: "DU1" in office.workspace.channels and office.workspace.channels["DU1"].messages)
    assert "Following" in office.workspace.channels["DU1"].messages[0]["text"]


async def test_a_form_that_slack_sends_again_acts_once(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Add a follow")
    fill(shown, "value", "agents")
    for _ in range(3):
        await sends(alice, submission(alice, shown))
    await told_at_home(office, "Following")
    await asyncio.sleep(0.1)
    assert "already" not in str(office.workspace.home["U1"]["blocks"][0])


async def test_a_digest_is_set_up_from_the_home(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Set up a digest")
    chosen = {"channel": "C0PAPERS01", "time": "08:30", "days": ["mon", "fri"], "top": "3", "rule": "cat:cs.CL"}
    assert await submits(alice, shown, **chosen) == {}
    told = await told_at_home(office, "is set")
    assert "<#C0PAPERS01>" in str(told["blocks"][0])
    assert "Mon and Fri at 08:30 Europe/Berlin · top 3" in await digests(office)
    await presses_in(alice, told, buttons_of(told)["Pause"])  # it acts in the channel, though pressed in the home
    await told_at_home(office, "aused")
    assert "paused" in await digests(office)


async def test_digest_on_alone_opens_the_form_for_that_channel_and_in_the_persons_zone(office: Office) -> None:
    bob = office.person("U2")
    await bob.types("digest on")
    (answer,) = await office.answers(bob)
    assert "form for a digest is open" in answer["text"]
    await office.until(lambda: "zone-filled" in str(office.workspace.modals[-1]["blocks"]))
    shown = await opened(office)
    assert held_in(shown, "channel") == "C0PAPERS01"
    assert held_in(shown, "zone-filled")["value"] == "America/New_York"
    assert "has no digest" in await digests(office)
    assert await submits(bob, shown) == {}
    await office.until(lambda: len(office.fake.answers_to(bob.last_url)) == 2)
    assert "weekdays at 09:00 America/New_York · top 5" in await digests(office)
    assert len(office.workspace.modals) == 0


async def test_a_mention_of_digest_on_answers_with_the_button_of_the_form(office: Office) -> None:
    alice = office.person()
    await alice.mentions("digest on")
    await office.until(lambda: office.workspace.ephemeral)
    (answer,) = office.workspace.ephemeral
    await alice.presses(buttons_of(answer)["Set up a digest"], answer)
    assert held_in(await opened(office), "channel") == "C0PAPERS01"


async def test_the_preview_shows_what_a_digest_would_bring_and_stores_nothing(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Set up a digest")
    fill(shown, "channel", "C0PAPERS01")
    fill(shown, "top", "2")
    await presses_in(alice, shown, buttons_of(shown)["Preview"])
    await office.until(lambda: "Preview, seen by you alone" in str(office.workspace.modals[-1]["blocks"]))
    changed = await opened(office)
    assert str(changed["blocks"]).count("arxiv.org/abs") + str(changed["blocks"]).count("huggingface.co/papers") == 2
    assert list(buttons_of(changed)) == ["Preview"]
    assert [held_in(changed, block) for block in ("channel", "rule")] == ["C0PAPERS01", None]
    assert held_in(changed, "top")["value"] == "2"
    assert "has no digest" in await digests(office)
    fill(changed, "rule", "nosuchword")
    await presses_in(alice, changed, buttons_of(changed)["Preview"])
    await office.until(lambda: "Nothing new so far" in str(office.workspace.modals[-1]["blocks"]))
    assert held_in(await opened(office), "rule") == "nosuchword"
    assert await submits(alice, await opened(office), rule="") == {}
    await told_at_home(office, "is set")


async def test_the_preview_says_what_is_wrong(office: Office) -> None:
    alice = office.person()
    shown = await form(office, alice, "Set up a digest")
    await presses_in(alice, shown, buttons_of(shown)["Preview"])
    await office.until(lambda: "Choose a channel." in str(office.workspace.modals[-1]["blocks"]))


@pytest.mark.parametrize(("block", "value", "words"), [
    ("rule", "cat:cs.XX", "There is no arXiv category"), ("name", "my digest!", "can't be a digest's name"),
    ("days", [], "Tick a day"), ("rule", "author:Wang", "is not clear"),
])  # fmt: skip
async def test_what_is_wrong_with_a_digest_is_shown_at_its_field_and_stored_nowhere(
    office: Office, block: str, value: object, words: str
) -> None:
    alice = office.person()
    shown = await form(office, alice, "Set up a digest")
    wrong = await submits(alice, shown, **({"channel": "C0PAPERS01"} | {block: value}))
    assert list(wrong) == [block]
    assert words in wrong[block]
    assert "has no digest" in await digests(office)


async def test_a_channel_without_the_bot_gets_no_digest_but_says_how_to_invite_it(office: Office) -> None:
    office.workspace.add_channel("C0ELSEWHR1", "elsewhere", with_bot=False).members.add("U1")
    alice = office.person()
    wrong = await submits(alice, await form(office, alice, "Set up a digest"), channel="C0ELSEWHR1")
    assert "/invite @papers" in wrong["channel"]
    async with office.world.store.read() as session:
        assert await session.teams.caller("slack", "T1", "C0ELSEWHR1", "U1") is None


async def test_a_rule_that_would_bring_nothing_is_asked_about_and_acts_in_the_chosen_channel(office: Office) -> None:
    office.workspace.add_channel("C0VISION01", "vision").members.add("U1")
    alice = office.person()
    shown = await form(office, alice, "Set up a digest")
    assert await submits(alice, shown, channel="C0VISION01", rule="zebrafish") == {}
    asked = await told_at_home(office, "Nothing is changed")
    await presses_in(alice, asked, buttons_of(asked)["Set it all the same"])
    await told_at_home(office, "is set")
    assert "only papers that match zebrafish" in await digests(office, "C0VISION01")
    assert "has no digest" in await digests(office)


async def test_buttons_of_the_answer_act_in_the_channel_that_was_chosen(office: Office) -> None:
    office.workspace.add_channel("C0VISION01", "vision").members.add("U1")
    assert "is set" in (await office.asks("digest on 07:00 Europe/Berlin"))["text"]
    alice = office.person()
    await alice.types("digest on")
    shown = await opened(office)
    fill(shown, "channel", "C0VISION01")
    assert await submits(alice, shown) == {}
    confirmed = (await office.answers(alice, 2))[-1]
    await alice.presses(buttons_of(confirmed)["Pause"])
    (paused,) = await office.answers(alice)
    assert "paused" in await digests(office, "C0VISION01")
    await alice.presses(buttons_of(paused)["Resume"])  # and so do those of its answer
    assert "comes again" in (await office.answers(alice))[0]["text"]
    assert "paused" not in await digests(office, "C0VISION01")
    assert "07:00" in await digests(office)


async def test_forms_are_acknowledged_in_time_while_the_database_is_locked(office: Office) -> None:
    alice = office.person()
    first, second = await form(office, alice, "Add a follow"), await form(office, alice, "Set up a digest")
    async with office.world.store.write():
        began = time.monotonic()
        assert await submits(alice, first, value="agents") == {}
        assert await submits(alice, second, channel="C0PAPERS01") == {}
        assert time.monotonic() - began < 5
    await told_at_home(office, "is set")
    assert "agents" in str(await office.asks("following"))


async def test_a_form_opens_while_the_database_is_locked(office: Office) -> None:
    async with office.world.store.write():
        alice = office.person()
        await alice.types("digest on")
        await opened(office)
    assert "is open" in (await office.answers(alice))[0]["text"]


async def test_a_form_that_fails_apologises(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("planted")

    alice = office.person()
    shown = await form(office, alice, "Add a follow")
    monkeypatch.setattr("adapters.slack.context.answer", broken)
    await submits(alice, shown, value="agents")
    await office.until(lambda: "DU1" in office.workspace.channels and office.workspace.channels["DU1"].messages)
    assert "Sorry" in office.workspace.channels["DU1"].messages[0]["text"]


def test_every_form_is_one_that_slacks_models_take() -> None:
    views = [follow_view(kind, "{}") for kind in FORM_KINDS]
    views += [digest_view({"channel": "C1"}, zone, "{}") for zone in (None, "Europe/Berlin")]
    views.append(home_view(Reply(), Reply(), Reply()))
    for view in views:
        View(**view).validate_json()
        if view["type"] == "modal":
            assert len(view["title"]["text"]) <= 24


def test_a_form_reads_like_a_question() -> None:
    """What a person reads: labels, hints and placeholders, in plain words."""
    told = [block["label"]["text"] for block in inputs_of(digest_view({}, None, "{}"))]
    assert told == [
        "Channel", "Time", "Days", "Time zone", "How many papers", "Only papers that match", "Abstracts", "Name",
    ]  # fmt: skip
    follow = inputs_of(follow_view(Kind.CATEGORY, "{}"))
    assert [block["label"]["text"] for block in follow] == ["Bring me papers by", "Category", "But not"]
    assert follow[1]["hint"]["text"] == "A subject of arXiv, or a whole archive."


def check_forms(words: str) -> None:
    """Type some words into every field: what comes back is within Slack's limits, and pings nobody."""
    for kind in FORM_KINDS:
        view = shown(follow_view(kind, "{}"), "h")
        for block in ("value", "unwanted"):
            fill(view, next(each["block_id"] for each in inputs_of(view) if each["block_id"].startswith(block)), words)
        _, wrong = rule_of(view)
        assert all(1 <= len(told) <= 300 for told in wrong.values())
    view = shown(digest_view({}, "Europe/Berlin", "{}"), "h")
    for block in ("rule", "name"):
        fill(view, block, words)
    assert all(1 <= len(told) <= 300 for told in wish_of(view).wrong.values())
    for each in options_of(or_as_typed([], words)):
        assert 1 <= len(each["text"]["text"]) <= 75
        assert 1 <= len(each["value"]) <= 150
    for reply in replies(words):
        blocks = preview_blocks(reply)
        assert faults_of(blocks) == []
        assert pings_of({"blocks": blocks}) == []


@pytest.mark.parametrize("words", PINGS)
def test_no_words_in_a_form_ping_anybody_or_break_it(words: str) -> None:
    check_forms(words)


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_nor_do_any_others(words: str) -> None:
    check_forms(words)


@pytest.mark.skipif(not NASTY.is_dir(), reason="the recorded hostile input is not here")
def test_recorded_hostile_input_breaks_no_form() -> None:
    for words in hostile_strings()[:400]:
        check_forms(words[:3_000])
