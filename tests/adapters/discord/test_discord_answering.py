"""An answer that is there soon is the first response, in one request; another is put off, and is an edit of that."""

import asyncio
import datetime as dt
import json
from typing import Any

import aiohttp
import pytest

from adapters.discord.answering import Answering
from adapters.discord.menus import SAVE
from tests.adapters.discord.conftest import Lab
from tests.fakes.discord_seen import Seen
from tests.fakes.discord_world import Flag, Message

CALLBACK = r"/callback$"
ORIGINAL = r"/messages/@original$"
AT_ONCE, PUT_OFF = 60.0, 0.0
MESSAGE, THINKING, DEFERRED, UPDATE = 4, 5, 6, 7
WAYS = [AT_ONCE, PUT_OFF]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> "Soon":
    """Decides whether what is asked next is answered at once, however slow the machine is, or put off first."""
    return Soon(monkeypatch)


class Soon:
    """After how long an answer is put off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def is_(self, seconds: float) -> None:
        """Put answers off after so long."""
        self._monkeypatch.setattr("adapters.discord.answering.SOON", seconds)


def asked(lab: Lab) -> list[tuple[str, int]]:
    """Return which requests answered interactions so far, and how they ended; the list of them begins anew."""
    found = [(each.method, each.status) for each in lab.fake.called(path=r"^/(interactions|webhooks)/")]
    lab.fake.rest.calls.clear()
    return found


def vote_in(message: Message) -> str:
    """Return the custom id of the first vote button."""
    return str(next(one for one in message.controls if one.get("label", "").startswith("Vote"))["custom_id"])


async def idle(lab: Lab, seen: Seen) -> Seen:
    """Return what was seen once nothing is answered any more."""
    await lab.until(lambda: not lab.shared.under_way)
    return seen


async def test_an_answer_that_is_there_soon_takes_one_request(lab: Lab, soon: Soon) -> None:
    soon.is_(AT_ONCE)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert (seen.first, asked(lab)) == (MESSAGE, [("POST", 204)])
    assert "Daily papers" in seen.text
    assert seen.is_private


async def test_an_answer_that_is_not_is_put_off_and_then_given(lab: Lab, soon: Soon) -> None:
    soon.is_(PUT_OFF)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert (seen.first, asked(lab)) == (THINKING, [("POST", 204), ("PATCH", 200)])
    assert "Daily papers" in seen.text
    assert seen.is_private


async def test_both_ways_show_the_very_same_message(lab: Lab, soon: Soon) -> None:
    shown: list[Any] = []
    for seconds in WAYS:
        soon.is_(seconds)
        listed = await idle(lab, await lab.person().types("papers week"))
        card = await idle(lab, await lab.person().types("papers show", paper="2506.03569"))
        answers = [*listed.answers, *card.answers]
        shown.append([(one.components, one.flags, one.allowed_mentions, one.is_private) for one in answers])
    assert shown[0] == shown[1]
    assert shown[0][0][1] == Flag.IS_COMPONENTS_V2 | Flag.EPHEMERAL
    assert shown[0][0][2] == {"parse": []}


@pytest.mark.parametrize(("seconds", "first", "requests"), [(AT_ONCE, UPDATE, 1), (PUT_OFF, DEFERRED, 2)])
async def test_the_next_page_takes_the_place_of_the_one_before(
    lab: Lab, soon: Soon, seconds: float, first: int, requests: int
) -> None:
    listed = await idle(lab, await lab.person().types("papers week"))
    asked(lab)
    soon.is_(seconds)
    pressed = await idle(lab, await lab.person().presses(listed.message, "Next page"))
    assert (pressed.first, len(asked(lab))) == (first, requests)
    assert "page 2 of" in listed.message.text
    assert listed.message.flags == Flag.IS_COMPONENTS_V2 | Flag.EPHEMERAL
    assert pressed.answers == []


@pytest.mark.parametrize(("seconds", "first"), [(AT_ONCE, MESSAGE), (PUT_OFF, DEFERRED)])
async def test_a_vote_is_answered_beside_the_private_list_that_it_was_given_in(
    lab: Lab, soon: Soon, seconds: float, first: int
) -> None:
    listed = await idle(lab, await lab.person().types("papers today"))
    before = listed.message.text
    soon.is_(seconds)
    pressed = await idle(lab, await lab.person().presses(listed.message, vote_in(listed.message)))
    assert pressed.first == first
    assert "You voted" in pressed.text
    assert (pressed.is_private, len(pressed.answers), listed.message.text) == (True, 1, before)


@pytest.mark.parametrize(("seconds", "first"), [(AT_ONCE, MESSAGE), (PUT_OFF, DEFERRED)])
async def test_what_is_shared_is_for_all_and_refused_in_private(
    lab: Lab, soon: Soon, seconds: float, first: int
) -> None:
    card = await idle(lab, await lab.person().types("papers show", paper="2506.03569"))
    soon.is_(seconds)
    for private in (False, True):
        pressed = await idle(lab, await lab.person().presses(card.message, "Share with the channel"))
        assert (pressed.first, pressed.is_private, len(pressed.answers)) == (first, private, 1)
    (shared,) = lab.fake.posted(lab.papers)
    assert (shared.flags, shared.allowed_mentions) == (Flag.IS_COMPONENTS_V2, {"parse": []})


@pytest.mark.parametrize("seconds", WAYS)
async def test_forms_and_a_messages_menu_are_answered_in_both_ways(lab: Lab, soon: Soon, seconds: float) -> None:
    soon.is_(seconds)
    alice = lab.person()
    named = lab.fake.write(lab.papers, alice.user, "2505.16170")
    saved = await idle(lab, await alice.picks(SAVE, named))
    form = await alice.types("digest on")
    digest = await idle(lab, await alice.submits(form, {"time": "09:00 Europe/Berlin"}))
    for seen in (saved, digest):
        assert (seen.is_private, len(seen.answers)) == (True, 1)
        assert seen.first == (MESSAGE if seconds else THINKING)
    assert ("Saved" in saved.text, "is set" in digest.text) == (True, True)


@pytest.mark.parametrize("seconds", WAYS)
async def test_what_fails_is_apologised_for_once(
    lab: Lab, soon: Soon, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("planted")

    monkeypatch.setattr("adapters.discord.context.answer", broken)
    soon.is_(seconds)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert "Sorry" in seen.text
    assert (seen.is_private, len(seen.answers)) == (True, 1)
    assert [method for method, _ in asked(lab)] == ["POST"] * (1 if seconds else 2)


async def test_what_fails_is_logged_though_putting_it_off_had_failed_as_well(
    lab: Lab, soon: Soon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_off = lab.fake.fail("429", path=CALLBACK, seconds=60)

    async def broken(*_: object) -> None:
        await lab.until(lambda: put_off.happened)
        raise RuntimeError("planted")

    monkeypatch.setattr("adapters.discord.context.answer", broken)
    soon.is_(PUT_OFF)
    await lab.person().types("papers today", wait=False)
    await lab.until(lambda: put_off.happened and not lab.shared.under_way)
    assert "planted" in "".join(capsys.readouterr())


async def test_an_answer_that_comes_as_the_wait_ends_is_given_once(
    lab: Lab, soon: Soon, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon.is_(AT_ONCE)
    send = Answering.send

    async def as_the_wait_ends(its_answer: Answering, *args: Any, **named: Any) -> None:
        its_answer.put_off()  # it is this that the timer calls
        await send(its_answer, *args, **named)

    monkeypatch.setattr(Answering, "send", as_the_wait_ends)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert asked(lab) == [("POST", 204), ("PATCH", 200)]
    assert (seen.first, len(seen.answers)) == (THINKING, 1)
    assert "Daily papers" in seen.text


async def test_a_wait_that_ends_as_the_answer_is_sent_puts_nothing_off(
    lab: Lab, soon: Soon, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon.is_(AT_ONCE)
    first, at_work = lab.shared.responses.first, list[Answering]()
    init = Answering.__init__

    def noted(its_answer: Answering, *args: Any) -> None:
        init(its_answer, *args)
        at_work.append(its_answer)

    async def sent(*args: Any) -> bool:
        at_work[-1].put_off()
        done = await first(*args)
        at_work[-1].put_off()
        return done

    monkeypatch.setattr(Answering, "__init__", noted)
    monkeypatch.setattr(lab.shared.responses, "first", sent)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert asked(lab) == [("POST", 204)]
    assert (seen.first, len(seen.answers)) == (MESSAGE, 1)


@pytest.mark.parametrize("is_press", [False, True])
async def test_where_another_process_put_it_off_the_answer_is_given_nevertheless(
    lab: Lab, soon: Soon, monkeypatch: pytest.MonkeyPatch, is_press: bool
) -> None:
    """While one takes over from another, both are told of everything; which has its first response heard is chance."""
    listed = await idle(lab, await lab.person().types("papers today"))
    soon.is_(AT_ONCE)
    first, before = lab.shared.responses.first, listed.message.text

    async def second(interaction: Any, *args: Any) -> bool:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback"
        body = json.dumps({"type": DEFERRED} if is_press else {"type": THINKING, "data": {"flags": 64}})
        headers = {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(lab.fake.url) as other:
            assert (await other.post(f"/api/v10{path}", data=body, headers=headers)).status == 204
        return await first(interaction, *args)

    monkeypatch.setattr(lab.shared.responses, "first", second)
    if is_press:
        seen = await idle(lab, await lab.person().presses(listed.message, vote_in(listed.message)))
    else:
        seen = await idle(lab, await lab.person().types("papers today"))
    assert ("You voted" if is_press else "Daily papers") in seen.text
    assert (seen.is_private, len(seen.answers), listed.message.text) == (True, 1, before)


@pytest.mark.parametrize(("seconds", "path"), [(AT_ONCE, CALLBACK), (PUT_OFF, CALLBACK), (PUT_OFF, ORIGINAL)])
async def test_a_pause_that_discord_asks_for_is_kept(lab: Lab, soon: Soon, seconds: float, path: str) -> None:
    soon.is_(seconds)
    lab.fake.fail("429", path=path, seconds=0.2)
    seen = await idle(lab, await lab.person().types("papers today"))
    assert "Daily papers" in seen.text
    refused, again = lab.fake.called(path=path)
    assert again.at - refused.at >= 0.2


@pytest.mark.parametrize(
    ("seconds", "path", "kind"),
    [
        (AT_ONCE, CALLBACK, "429"),
        (PUT_OFF, CALLBACK, "429"),
        (AT_ONCE, CALLBACK, "banned"),
        (PUT_OFF, ORIGINAL, "banned"),
    ],
)
async def test_a_pause_that_is_too_long_ends_it_without_another_request(
    lab: Lab, soon: Soon, seconds: float, path: str, kind: Any
) -> None:
    soon.is_(seconds)
    with lab.fake.failing(kind, path=path, seconds=60) as refused:
        typing = asyncio.create_task(lab.person().types("papers today"))
        await lab.until(lambda: refused.happened and not lab.shared.under_way)
    typing.cancel()
    assert [status for _, status in asked(lab)] == ([429] if path == CALLBACK else [204, 429])


@pytest.mark.parametrize("kind", ["drop before", "drop after", "502 after"])
async def test_what_is_answered_beside_a_message_is_there_once_though_the_connection_is_lost(
    lab: Lab, soon: Soon, kind: Any
) -> None:
    soon.is_(AT_ONCE)
    listed = await idle(lab, await lab.person().types("papers today"))
    lab.fake.fail(kind, "POST", CALLBACK)
    pressed = await idle(lab, await lab.person().presses(listed.message, vote_in(listed.message)))
    assert "You voted" in pressed.text
    assert len(pressed.answers) == 1


async def test_an_answer_that_comes_after_the_token_ran_out_is_not_apologised_for(
    lab: Lab, soon: Soon, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = lab.fake.now

    async def late(*_: Any) -> None:
        monkeypatch.setattr(lab.fake, "now", lambda: now() + dt.timedelta(minutes=16))

    monkeypatch.setattr(Answering, "keep", late)
    soon.is_(PUT_OFF)
    await lab.person().types("papers today", wait=False)
    await lab.until(lambda: not lab.shared.under_way)
    assert asked(lab) == [("POST", 204), ("PATCH", 401)]
    assert "could not be answered" in "".join(capsys.readouterr())


@pytest.mark.parametrize("seconds", WAYS)
async def test_a_stop_does_not_wait_for_what_discord_does_not_answer(
    lab: Lab, soon: Soon, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(*_: object) -> None:
        await asyncio.Event().wait()

    if seconds == PUT_OFF:
        monkeypatch.setattr("adapters.discord.context.answer", endless)
    monkeypatch.setattr("adapters.discord.client.ANSWERS_END", 0.05)
    soon.is_(seconds)
    slow = lab.fake.fail("slow", "POST", CALLBACK, seconds=60)
    typing = asyncio.create_task(lab.person().types("papers today"))
    await lab.until(lambda: slow.happened)
    async with asyncio.timeout(3):
        await lab.client.close()
    typing.cancel()
    assert not lab.shared.under_way
