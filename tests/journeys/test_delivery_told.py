"""What people see of delivery: the truth, from the ledger, and what to do about it."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
from structlog.testing import capture_logs

from bot import telling
from bot.composing import compose_due
from bot.delivery import run_due
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, Posting
from bot.reply import Reply, StatusLine
from bot.telling import tell_makers
from tests.journeys.conftest import Person, Scene
from tests.journeys.stage import Wall

ARCHIVED = Posting("refused", reason="the channel is archived", permanent=True)
UNREADABLE = Posting("unclear", reason="the connection broke; the channel can't be read back", permanent=True)


def to_do(scene: Scene) -> str:
    """What lets a digest of an archived channel come again."""
    return f"un-archive it, or set a digest in another channel, then type in {scene.papers}: digest resume name:daily"


async def told(person: Person, command: str = "status", name: str = "daily") -> StatusLine:
    """What a command tells of a digest of the channel in which it is typed."""
    reply = await person(command)
    return next(line for line in reply.status or () if line.what == f"digest {name} of {person.who.channel}")


def command_of(reply: Reply, label: str) -> str:
    """The command behind a button."""
    return next(action.command for action in reply.actions if action.label == label)


async def waking(scene: Scene, typed: str) -> Reply:
    """Alice types something that must wake the deliverers."""
    await scene.world.wakeups.wait(dt.timedelta())  # earlier hints are used up
    reply = await scene.alice(typed)
    await asyncio.wait_for(scene.world.wakeups.wait(dt.timedelta(seconds=30)), 2)
    return reply


async def set_up(scene: Scene, *answers: Posting, typed: str = "digest on 09:00 Europe/Berlin") -> None:
    """Alice's digest is set, and the wall will answer so."""
    await scene.alice(typed)
    scene.wall.answers += answers


async def stopped(scene: Scene) -> None:
    """Alice's digest found its channel archived on Friday at 9."""
    await set_up(scene, ARCHIVED)
    assert await scene.wait_until(6, 7) == []


async def unsure(scene: Scene) -> None:
    """Nobody knows whether Friday's digest arrived."""
    await set_up(scene, UNREADABLE)
    assert await scene.wait_until(6, 7) == []


async def test_status_and_show_tell_the_last_and_the_next_one(scene: Scene) -> None:
    await set_up(scene)
    first = await told(scene.alice)
    assert (first.state, first.detail) == ("ok", "next Fri 6 Jun 2025 09:00 Europe/Berlin; nothing posted yet")
    await scene.wait_until(6, 7)
    today = await told(scene.alice)
    assert (today.state, today.detail) == ("ok", "next Mon 9 Jun 2025 09:00 Europe/Berlin; last posted today 09:00")
    await scene.wait_until(8, 7)
    later = await told(scene.alice, "digest show")
    assert later.detail.endswith("last posted Fri 6 Jun 2025 09:00 Europe/Berlin")


async def test_a_refusal_is_told_with_its_reason_and_the_next_try(scene: Scene) -> None:
    await set_up(scene, Posting("refused", reason="too many requests"), Posting("refused", reason="it is down"))
    await scene.wait_until(6, 7)
    line = await told(scene.alice)
    assert line.state == "warn"
    assert line.detail.startswith(
        "the one of Fri 6 Jun 2025 was refused (too many requests), tried once, next try today 09:00:05; next Mon"
    )
    await scene.wait_until(6, 7, 1)
    assert "was refused (it is down), tried 2 times, next try today 09:01:30" in (await told(scene.alice)).detail
    await scene.wait_until(6, 7, 2)
    assert (await told(scene.alice)).state == "ok"


async def test_an_unclear_post_is_told_with_when_it_is_looked_for(scene: Scene) -> None:
    await set_up(scene, Posting("unclear", reason="the connection broke"))
    await scene.wait_until(6, 7)
    line = await told(scene.alice)
    assert line.state == "warn"
    assert "may have arrived or not (the connection broke); it is looked for at today 09:01" in line.detail


async def test_a_stopped_digest_is_told_since_when_why_and_what_to_do(scene: Scene) -> None:
    await stopped(scene)
    scene.clock.time = dt.datetime(2025, 6, 7, 8, tzinfo=dt.UTC)
    line = await told(scene.alice, "digest show")
    assert line.state == "fail"
    assert line.detail.startswith(
        "stopped since Fri 6 Jun 2025 09:00 Europe/Berlin: the channel is archived;"
        f" {to_do(scene)}; held back till then: 1 digest"
    )
    shown = (await scene.alice("digest show")).digests
    assert shown is not None
    assert shown[0].next_due_at is None


async def test_a_resumed_digest_brings_what_was_held_back_and_goes_on(scene: Scene) -> None:
    await stopped(scene)
    await scene.wait_until(10, 12)
    reply = await waking(scene, "digest resume")
    assert reply.notice == (
        f"Digest “daily” of {scene.papers} comes again; the next one comes Wed 11 Jun 2025 09:00 Europe/Berlin."
        " What was held back is posted within a minute: the one of Fri 6 Jun 2025."
    )
    (held_back,) = await scene.wait_until(10, 12, 1)
    assert held_back.heading == "Daily papers · Thu 5 Jun 2025"
    assert (await told(scene.alice)).state == "ok"
    assert len(await scene.wait_until(11, 7)) <= 1


async def test_a_paper_that_was_composed_but_not_posted_is_not_called_had(scene: Scene) -> None:
    await stopped(scene)
    async with scene.world.store.read() as session:
        (row,) = await session.deliveries.standing([1])
    why = f"why {row.payload.papers[0].id}"

    async def reason() -> str:
        lines = (await scene.alice(why)).papers
        assert lines is not None
        return lines[0].why[0]

    assert (await reason()).startswith(
        f"{scene.papers} does not have it yet: it is in the digest “daily” of Fri 6 Jun 2025, as No. 1, which is held"
        f" back (the channel is archived); {to_do(scene)} (chosen for: No. 1 of"
    )
    await scene.alice("digest resume")
    assert "which was refused (the channel is archived), tried once, next try today 09:00" in await reason()
    await scene.wait_until(6, 8)
    assert (await reason()).startswith(f"{scene.papers} had it in the digest “daily” of Fri 6 Jun 2025, as No. 1")


async def test_a_digest_that_nobody_composes_is_told_to_be_overdue(scene: Scene) -> None:
    await set_up(scene)
    scene.clock.time = dt.datetime(2025, 6, 6, 7, 5, tzinfo=dt.UTC)
    assert (await told(scene.alice)).state == "ok"
    scene.clock.time = dt.datetime(2025, 6, 6, 7, 6, tzinfo=dt.UTC)
    line = await told(scene.alice)
    assert line.state == "warn"
    assert line.detail.startswith(
        "was due Fri 6 Jun 2025 09:00 Europe/Berlin and has not come yet: the service (paperround"
    )
    await compose_due(scene.world)
    scene.clock.time += dt.timedelta(minutes=10)
    assert (
        "waits to be posted since today 09:00: the service (paperround run) may not be running"
        in (await told(scene.alice)).detail
    )
    await run_due(scene.world)
    assert (await told(scene.alice)).state == "ok"


async def test_a_paused_digest_is_not_overdue_and_tells_until_when(scene: Scene) -> None:
    await set_up(scene)
    await scene.alice("digest pause")
    await scene.wait_until(20, 12)
    line = await told(scene.alice)
    assert (line.state, line.detail) == ("ok", "paused until you type: digest resume name:daily; nothing posted yet")
    await scene.alice("digest pause 3 days")
    line = await told(scene.alice)
    assert line.detail.startswith("paused until Mon 23 Jun 2025 14:00 Europe/Berlin, next Tue 24 Jun 2025 09:00")


async def test_a_day_with_nothing_new_is_told_as_the_reason_of_the_silence(scene: Scene) -> None:
    await set_up(scene, typed="digest on 09:00 Europe/Berlin daily top 10")
    await scene.wait_until(6, 7)
    await scene.wait_until(7, 7)
    assert await scene.wait_until(20, 7) == []
    detail = (await told(scene.alice)).detail
    assert detail.endswith("; nothing was new on Fri 20 Jun 2025")
    assert "last posted" in detail


# ---- nobody knows whether it arrived


async def test_a_digest_that_may_have_arrived_is_asked_about_and_posted_again_on_request(scene: Scene) -> None:
    await unsure(scene)
    line = await told(scene.alice)
    assert line.state == "fail"
    assert "the one of Fri 6 Jun 2025 may have arrived or not, nobody knows (the connection broke" in line.detail
    assert await scene.wait_until(6, 20) == []
    show = await scene.alice("digest show")
    again = await waking(scene, command_of(show, "Post it again"))
    assert (
        again.notice == f"Digest “daily” of {scene.papers}, the one of Fri 6 Jun 2025, is posted again within a minute."
    )
    assert len(await scene.wait_until(6, 20, 1)) == 1
    second = await scene.alice(command_of(show, "Post it again"))
    assert (
        second.notice
        == f"That is settled already: Digest “daily” of {scene.papers}, the one of Fri 6 Jun 2025, is there."
    )
    assert await scene.wait_until(6, 20, 2) == []
    stale = await scene.alice(command_of(show, "It's there"))
    assert stale.notice == second.notice


async def test_a_digest_that_is_there_is_not_posted_again(scene: Scene) -> None:
    await unsure(scene)
    status = await scene.alice("status")
    there = await scene.alice(command_of(status, "It's there"))
    assert (
        there.notice
        == f"Noted: Digest “daily” of {scene.papers}, the one of Fri 6 Jun 2025, is there. It is not posted again."
    )
    stale = await scene.alice(command_of(status, "Post it again"))
    assert "settled already" in (stale.notice or "")
    assert await scene.wait_until(6, 20) == []
    assert (await told(scene.alice)).state == "ok"


async def test_both_can_be_typed_without_an_id_where_one_digest_waits(scene: Scene) -> None:
    await set_up(scene)
    assert f"No digest of {scene.papers} waits for an answer" in await scene.alice.wrong("digest again")
    scene.wall.answers.append(UNREADABLE)
    await scene.wait_until(6, 7)
    assert "is posted again" in ((await scene.alice("digest again")).notice or "")
    scene.wall.answers.append(UNREADABLE)
    await scene.wait_until(6, 8)
    assert "is there" in ((await scene.alice("digest arrived name:daily")).notice or "")


async def test_where_several_wait_each_is_named_by_its_date(scene: Scene) -> None:
    await unsure(scene)
    friday = Listing("huggingface", dt.date(2025, 6, 6), votes=1)
    paper = Paper(PaperId.parse("arxiv:2506.90001"), "Listed on Friday", listings=(friday,))
    await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    scene.wall.answers.append(UNREADABLE)
    await scene.wait_until(9, 7)
    detail = (await told(scene.alice)).detail
    assert detail.count(f"look for each in {scene.papers}, and type there: digest arrived 2025-06-06 name:daily") == 1
    assert await scene.alice.wrong("digest again") == "Which one? Write behind it: 2025-06-06 or 2025-06-09"
    assert "There is no digest “2025-06-07”" in await scene.alice.wrong("digest again 2025-06-07")
    there = (await scene.alice("digest arrived 2025-06-09 name:daily")).notice or ""
    assert "the one of Mon 9 Jun 2025, is there" in there
    assert "the one of Fri 6 Jun 2025, is posted again" in ((await scene.alice("digest again")).notice or "")


@pytest.mark.parametrize("label", ["Post it again", "It's there"])
async def test_another_teams_delivery_is_as_unknown_as_none(scene: Scene, label: str) -> None:
    await unsure(scene)
    typed = command_of(await scene.alice("status"), label)
    stranger = scene.person("eve", team="rivals")
    guessed = f"{typed[:-12]}000000000000"
    delivery = typed.split(" ")[-1]
    assert (await stranger.wrong(typed)).replace(delivery, "X") == (await stranger.wrong(guessed)).replace(
        guessed.split(" ")[-1], "X"
    )
    assert "Only who manages" in await scene.bob.wrong(typed)
    assert (await told(scene.alice)).state == "fail"
    assert await scene.wait_until(6, 20) == []


async def test_a_button_of_a_digest_that_was_turned_off_does_nothing(scene: Scene) -> None:
    await unsure(scene)
    typed = command_of(await scene.alice("status"), "Post it again")
    await scene.alice("digest off")
    assert "There is no digest" in await scene.alice.wrong(typed)
    assert await scene.wait_until(6, 20) == []


async def test_what_was_held_back_comes_again_when_the_digest_is_turned_off_and_set_anew(scene: Scene) -> None:
    await stopped(scene)
    async with scene.world.store.read() as session:
        (held_back,) = await session.deliveries.standing([1])
    gone = await scene.alice("digest off")
    await scene.alice(command_of(gone, "Undo"))
    posted = await waking(scene, "digest now yes")
    assert posted.notice == f"Posted to {scene.papers}: 5 papers."
    assert scene.wall.posts[-1][1].papers == held_back.payload.papers


# ---- a digest by hand


async def test_five_presses_of_one_button_post_once_and_count_nothing_else_as_had(scene: Scene) -> None:
    await set_up(scene)
    twin = scene.person("alice", channel="#twin")
    await twin("digest on 09:00 Europe/Berlin")
    button = (await scene.alice("digest now")).actions[0].command
    assert "request:" in button
    replies = await asyncio.gather(*(scene.alice.says(button) for _ in range(5)))
    assert all(reply.ok for reply in replies), replies
    assert (await scene.alice(button)).notice == f"Posted to {scene.papers}: 5 papers."
    assert [channel for channel, _, _ in scene.wall.posts] == [scene.papers]
    await twin("digest now yes")
    assert (await scene.alice("digest now")).digest == (await twin("digest now")).digest


async def test_another_question_is_another_request(scene: Scene) -> None:
    await set_up(scene)
    for _ in range(2):
        await scene.alice((await scene.alice("digest now")).actions[0].command)
    assert len(scene.wall.posts) == 2


async def test_a_digest_by_hand_that_was_refused_tells_the_next_try_and_the_button_tells_how_it_went(
    scene: Scene,
) -> None:
    await set_up(scene, Posting("refused", reason="it is down"))
    button = (await scene.alice("digest now")).actions[0].command
    assert await scene.alice.wrong(button) == (
        f"{scene.papers} has not got it yet: it was refused (it is down), tried once, next try today 16:00:05."
    )
    assert len(await scene.wait_until(5, 14, 1)) == 1
    assert (await scene.alice(button)).notice == f"Posted to {scene.papers}: 5 papers."
    assert len(scene.wall.posts) == 1


async def test_a_digest_by_hand_of_which_nobody_knows_asks(scene: Scene) -> None:
    await set_up(scene, UNREADABLE)
    reply = await scene.alice.says("digest now yes")
    assert not reply.ok
    assert "nobody knows whether the one asked for by hand arrived" in (reply.notice or "")
    assert "is there" in ((await scene.alice(command_of(reply, "It's there"))).notice or "")


async def test_a_digest_by_hand_into_an_archived_channel_stops_it_and_says_what_to_do(scene: Scene) -> None:
    await set_up(scene, ARCHIVED)
    assert await scene.alice.wrong("digest now yes") == (
        f"{scene.papers} did not get it, and the digest is stopped: the channel is archived; {to_do(scene)}"
    )
    assert await scene.alice.wrong("digest now yes") == (
        f"Nothing can be posted to {scene.papers}: the channel is archived; {to_do(scene)}"
    )
    assert "stopped: the channel is archived" in ((await scene.alice("digest preview")).notice or "")


# ---- notes to who set it up


async def test_who_set_a_digest_up_is_told_once_that_it_stopped_and_the_button_lets_it_come_again(
    scene: Scene,
) -> None:
    await stopped(scene)
    assert await tell_makers(scene.world) == 1
    assert await tell_makers(scene.world) == 0
    ((member, note),) = scene.wall.notes
    assert member == scene.member("alice")
    assert note.heading == f"The digest “daily” of {scene.papers} has stopped"
    assert note.notice == (
        "It could not be posted: the channel is archived. Nothing is lost, and nothing is tried meanwhile;"
        " the one of Fri 6 Jun 2025 is held back. Un-archive it, or set a digest in another channel, then press Resume,"
        f" or type in {scene.papers}: digest resume name:daily"
    )
    in_private = scene.person("alice", channel="a private talk")
    pressed = await in_private(command_of(note, "Resume"))
    assert f"Digest “daily” of {scene.papers} comes again" in (pressed.notice or "")
    assert len(await scene.wait_until(6, 8)) == 1


async def test_who_set_it_up_is_asked_whether_it_arrived(scene: Scene) -> None:
    await unsure(scene)
    assert await tell_makers(scene.world) == 1
    ((_, note),) = scene.wall.notes
    assert note.heading == f"Did the digest “daily” of {scene.papers} arrive?"
    assert [action.label for action in note.actions] == ["Post it again", "It's there"]
    await scene.person("alice", channel="a private talk")(command_of(note, "Post it again"))
    assert len(await scene.wait_until(6, 8)) == 1


async def test_a_digest_that_stops_again_after_it_was_resumed_is_told_again(scene: Scene) -> None:
    await stopped(scene)
    assert await tell_makers(scene.world) == 1
    await scene.alice("digest resume")
    scene.wall.answers.append(ARCHIVED)
    await scene.wait_until(6, 8)
    assert await tell_makers(scene.world) == 1


async def test_several_rows_of_one_stopped_digest_are_one_note(scene: Scene) -> None:
    await set_up(scene)
    for request in ("first", "second"):
        scene.wall.answers.append(Posting("refused", reason="it is down"))
        await scene.alice.wrong(f"digest now yes request:{request}")
    scene.wall.answers += [ARCHIVED, ARCHIVED]
    assert await scene.wait_until(5, 15) == []
    assert len((await told(scene.alice)).detail.split("held back till then: 2 digests")) == 2
    assert await tell_makers(scene.world) == 1
    assert "2 digests are held back" in (scene.wall.notes[0][1].notice or "")


async def test_a_row_that_is_stopped_later_is_not_told_again(scene: Scene) -> None:
    await set_up(scene)
    for request in ("first", "second"):
        scene.wall.answers.append(Posting("refused", reason="it is down"))
        await scene.alice.wrong(f"digest now yes request:{request}")
    scene.wall.answers += [ARCHIVED, Posting("refused", reason="it is down")]
    await scene.wait_until(5, 15)
    assert await tell_makers(scene.world) == 1
    scene.wall.answers.append(ARCHIVED)
    await scene.wait_until(5, 16)
    assert "2 digests" in (await told(scene.alice)).detail
    assert await tell_makers(scene.world) == 0
    assert len(scene.wall.notes) == 1


async def test_a_note_that_fails_for_now_is_tried_again_later_and_not_at_once(scene: Scene) -> None:
    await stopped(scene)
    scene.wall.told += [Posting("refused", reason="too many", retry_after=dt.timedelta(minutes=20))]
    for _ in range(3):
        assert await tell_makers(scene.world) == 0
    assert len(scene.wall.notes) == 1
    scene.clock.time += dt.timedelta(minutes=19)
    assert await tell_makers(scene.world) == 0
    scene.clock.time += dt.timedelta(minutes=2)
    assert await tell_makers(scene.world) == 1
    assert await tell_makers(scene.world) == 0
    assert len(scene.wall.notes) == 2


async def test_makers_who_can_not_be_told_now_hold_up_nobody_else(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_AT_ONCE", 1)
    await set_up(scene, ARCHIVED, typed="digest on name:first 08:00 UTC")
    await set_up(scene, ARCHIVED, typed="digest on name:second 09:00 UTC")
    assert await scene.wait_until(6, 9) == []
    scene.wall.told.append(Posting("refused", reason="too many", retry_after=dt.timedelta(minutes=20)))
    assert await tell_makers(scene.world) == 0
    assert await tell_makers(scene.world) == 1
    assert await tell_makers(scene.world) == 0
    assert [(note.heading or "").split("“")[1].split("”")[0] for _, note in scene.wall.notes] == ["first", "second"]
    scene.clock.time += dt.timedelta(minutes=21)
    assert await tell_makers(scene.world) == 1
    assert await tell_makers(scene.world) == 0
    assert "first" in (scene.wall.notes[-1][1].heading or "")


async def test_a_note_that_nobody_can_be_given_is_logged_and_not_tried_again(scene: Scene) -> None:
    await stopped(scene)
    scene.wall.told.append(Posting("refused", reason="they left the team", permanent=True))
    with capture_logs() as logs:
        assert await tell_makers(scene.world) == 0
    assert [(each["reason"], each["again"]) for each in logs] == [("they left the team", False)]
    scene.clock.time += dt.timedelta(days=1)
    assert await tell_makers(scene.world) == 0
    assert len(scene.wall.notes) == 1


class Killed(Wall):
    """A messenger of a process that ends in the middle of a note."""

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """End, as the process does."""
        raise asyncio.CancelledError


async def test_a_note_whose_sender_is_killed_is_sent_by_the_next(scene: Scene) -> None:
    await stopped(scene)
    killed = Killed(scene.wall.stage)
    with pytest.raises(asyncio.CancelledError):
        await tell_makers(replace(scene.world, messengers={killed.platform: killed}))
    assert await tell_makers(scene.world) == 0
    scene.clock.time += dt.timedelta(minutes=6)
    assert await tell_makers(scene.world) == 1
    assert await tell_makers(scene.world) == 0


@dataclass(slots=True)
class Interrupted(Wall):
    """A messenger during whose first note somebody settles what the second one would tell."""

    settle: Callable[[], Awaitable[object]] | None = None

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Keep the note."""
        if self.settle and not self.notes:
            await self.settle()
        return await Wall.tell(self, team, member, note, about)


async def test_what_is_settled_while_another_note_goes_out_is_not_told(scene: Scene) -> None:
    await set_up(scene, UNREADABLE, UNREADABLE)
    await scene.alice("digest on name:second")
    await scene.wait_until(6, 7)

    async def settle() -> None:
        await scene.alice("digest arrived name:second")

    wall = Interrupted(scene.wall.stage, scene.wall.messenger, settle=settle)
    assert await tell_makers(replace(scene.world, messengers={wall.platform: wall})) == 1
    assert [note.heading for _, note in wall.notes] == [f"Did the digest “daily” of {scene.papers} arrive?"]


async def test_what_was_settled_before_the_note_went_out_is_not_told(scene: Scene) -> None:
    await unsure(scene)
    await scene.alice("digest arrived")
    assert await tell_makers(scene.world) == 0
    assert scene.wall.notes == []


# ---- edits act at once


async def test_a_time_that_is_still_to_come_today_is_kept_today(scene: Scene) -> None:
    await set_up(scene, typed="digest on 18:00 Europe/Berlin")
    await scene.alice("digest on 17:00")
    assert len(await scene.wait_until(5, 15)) == 1
    await scene.alice("digest on 19:00")
    assert await scene.wait_until(5, 23) == []
    assert "next Fri 6 Jun 2025 19:00" in (await told(scene.alice)).detail


async def test_a_digest_that_is_due_this_very_second_is_not_skipped_by_an_edit(scene: Scene) -> None:
    await set_up(scene)
    scene.clock.time = dt.datetime(2025, 6, 6, 7, 0, 3, tzinfo=dt.UTC)  # due, and not composed yet
    assert "the next one comes at once" in ((await scene.alice("digest on 08:30 top 3")).notice or "")
    (post,) = await scene.wait_until(6, 7, 1)
    assert len(post.papers) == 3
    assert "next Mon 9 Jun 2025 08:30" in (await told(scene.alice)).detail


async def test_resuming_what_was_not_paused_skips_nothing(scene: Scene) -> None:
    await set_up(scene)
    scene.clock.time = dt.datetime(2025, 6, 6, 7, 0, 3, tzinfo=dt.UTC)  # due, and not composed yet
    assert "was not paused" in ((await scene.alice("digest resume")).notice or "")
    assert len(await scene.wait_until(6, 7, 1)) == 1


async def test_days_that_leave_today_out_act_at_once(scene: Scene) -> None:
    await set_up(scene)
    await scene.alice("digest on mon,wed")
    assert await scene.wait_until(6, 12) == []
    assert len(await scene.wait_until(9, 7)) == 1


async def test_a_pause_of_seven_days_ends_by_itself_and_resume_ends_it_sooner(scene: Scene) -> None:
    await set_up(scene)
    await scene.alice("digest pause 7 days")
    assert await scene.wait_until(12, 13, 59) == []
    line = (await scene.alice("digest show")).digests
    assert line is not None
    assert line[0].paused
    assert await scene.wait_until(12, 14) == []  # the pause is over; the next slot is tomorrow's
    line = (await scene.alice("digest show")).digests
    assert line is not None
    assert not line[0].paused
    assert len(await scene.wait_until(13, 7)) == 1
    await scene.alice("digest pause 7 days")
    assert "Mon 16 Jun 2025 09:00" in ((await scene.alice("digest resume")).notice or "")


# ---- a rule that brings nothing any more


def silent_notes(scene: Scene) -> list[str]:
    """What was told of digests that bring nothing."""
    return [note.notice or "" for _, note in scene.wall.notes if "has brought nothing" in (note.heading or "")]


async def fresh_paper(scene: Scene, title: str = "Lately") -> None:
    """Let a paper be listed today."""
    today = scene.clock.now().date()
    paper = Paper(
        PaperId.parse(f"arxiv:{today:%y%m}.{today:%d}001"),
        title,
        categories=("cs.CL",),
        published=today,
        listings=(Listing("huggingface", today, votes=1),),
    )
    await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    await scene.world.index.catch_up()


async def test_a_rule_that_brought_nothing_for_thirty_days_is_told_once_with_the_nearest(scene: Scene) -> None:
    await scene.alice("digest on exactly 09:00 Europe/Berlin -- zzyzx cat:cs.CL")
    await scene.alice("digest on name:all 09:00")
    scene.clock.time += dt.timedelta(days=29)
    await fresh_paper(scene)
    await tell_makers(scene.world)
    assert silent_notes(scene) == []
    scene.clock.time += dt.timedelta(days=2)
    assert await tell_makers(scene.world) == 1
    (told_once,) = silent_notes(scene)
    assert told_once == (
        "In that time there was no paper with “zzyzx” in title or abstract, in cs.CL. Nearest: cat:cs.CL (1 paper)."
        f" To change its rule, type in {scene.papers}: digest on name:daily -- cat:cs.CL – or leave it: it comes once"
        " there is one. You are told once."
    )
    scene.clock.time += dt.timedelta(days=2)
    assert await tell_makers(scene.world) == 0
    await scene.alice("digest on exactly name:daily -- xyzzy")
    scene.clock.time += dt.timedelta(days=2)
    assert await tell_makers(scene.world) == 1
    assert len(silent_notes(scene)) == 2


async def test_a_quiet_rule_is_not_told_while_no_papers_came_in_or_when_it_matches_some(scene: Scene) -> None:
    await scene.alice("digest on exactly 09:00 Europe/Berlin -- zzyzx")
    scene.clock.time += dt.timedelta(days=60)
    assert await tell_makers(scene.world) == 0
    scene.clock.time += dt.timedelta(days=2)
    await fresh_paper(scene, "All about zzyzx")
    assert await tell_makers(scene.world) == 0
    assert silent_notes(scene) == []


async def test_a_note_on_a_quiet_rule_that_fails_for_now_is_tried_again_hours_later(scene: Scene) -> None:
    await scene.alice("digest on exactly 09:00 Europe/Berlin -- zzyzx")
    scene.clock.time += dt.timedelta(days=31)
    await fresh_paper(scene)
    scene.wall.told.append(Posting("refused", reason="it is down"))
    assert await tell_makers(scene.world) == 0
    scene.clock.time += dt.timedelta(hours=5)
    assert await tell_makers(scene.world) == 0
    assert len(silent_notes(scene)) == 1
    scene.clock.time += dt.timedelta(hours=2)
    assert await tell_makers(scene.world) == 1
