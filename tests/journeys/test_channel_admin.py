"""A channel admin's way: set a digest, watch it arrive, change it, pause it, turn it off."""

import datetime as dt
from dataclasses import replace

from bot.composing import compose_due
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, Posting
from bot.reply import DigestLine, DigestPost
from tests.journeys.conftest import Scene


async def digest(scene: Scene, name: str = "daily") -> DigestLine:
    reply = await scene.alice("digest show")
    assert reply.digests is not None
    return next(line for line in reply.digests if line.name == name)


def votes(post: DigestPost) -> list[int]:
    return [line.votes or 0 for line in post.papers]


async def test_a_digest_is_set_and_arrives_the_next_morning(scene: Scene) -> None:
    reply = await scene.alice("digest on 09:00 Europe/Berlin")
    assert reply.notice == (
        f"Digest “daily” of {scene.papers} is set; the next one comes Fri 6 Jun 2025 09:00 Europe/Berlin."
    )
    assert await scene.wait_until(6, 6, 59) == []
    (post,) = await scene.wait_until(6, 7)
    assert post.heading == "Daily papers · Thu 5 Jun 2025"
    assert len(post.papers) == 5
    assert votes(post) == sorted(votes(post), reverse=True)
    assert post.more == 8
    assert [channel for channel, _, _ in scene.wall.posts] == [scene.papers]


async def test_why_tells_in_which_digest_a_paper_was_and_why_another_was_not(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    (post,) = await scene.wait_until(6, 8)
    first = (await scene.alice(f"why {post.papers[0].id}")).papers
    assert first is not None
    assert (
        first[0].why[0] == f"{scene.papers} had it in the digest “daily” of Fri 6 Jun 2025, as No. 1:"
        " No. 1 of 13 by votes on Thu 5 Jun 2025"
    )
    shown = {line.id for line in post.papers}
    today = (await scene.alice("2025-06-05 page:2")).papers
    assert today is not None
    below = next(line for line in today if line.id not in shown)
    reasons = (await scene.alice(f"why {below.id}")).papers
    assert reasons is not None
    assert "by votes on Thu 5 Jun 2025, and the digest brings the top 5" in reasons[0].why[0]
    early = (await scene.alice("why 2505.16938")).papers
    assert early is not None
    assert "listed on Fri 23 May 2025, before the digest was set up" in early[0].why[0]


async def test_ticks_twice_or_late_post_once(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    assert len(await scene.wait_until(6, 7)) == 1
    assert await scene.wait_until(6, 7) == []
    assert await scene.wait_until(6, 23) == []


async def test_nothing_new_stays_silent_and_status_says_so(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin daily")
    assert len(await scene.wait_until(6, 7)) == 1
    assert len(await scene.wait_until(7, 7)) == 0 or votes(scene.wall.posts[-1][1])
    quiet = await scene.wait_until(30, 7)
    assert len(quiet) <= 1
    status = await scene.alice("status")
    assert status.status is not None
    line = next(line for line in status.status if line.what == f"digest daily of {scene.papers}")
    assert "next Tue 1 Jul 2025 09:00 Europe/Berlin" in line.detail


async def test_a_rule_makes_it_a_digest_of_that_alone(scene: Scene) -> None:
    await scene.alice("digest on name:reasoning 9am Berlin mon-fri top 3 -- reasoning -reinforcement")
    line = await digest(scene, "reasoning")
    assert (line.time, line.days, line.top, line.rule) == (
        "09:00",
        ("mon", "tue", "wed", "thu", "fri"),
        3,
        "reasoning -reinforcement",
    )
    for post in await scene.wait_until(6, 7):
        assert all(any("“reasoning”" in reason for reason in paper.why) for paper in post.papers)


async def test_several_digests_of_a_channel_never_bring_a_paper_twice(scene: Scene) -> None:
    await scene.alice("digest on name:first 09:00 Europe/Berlin")
    await scene.alice("digest on name:second 10:00 Europe/Berlin")
    (first,) = await scene.wait_until(6, 7)
    (second,) = await scene.wait_until(6, 8)
    assert not {line.id for line in first.papers} & {line.id for line in second.papers}


async def test_settings_can_be_tried_before_they_are_set(scene: Scene) -> None:
    tried = await scene.alice("digest preview 08:30 Europe/Paris daily top 2 -- cat:cs.CL")
    assert tried.digest is not None
    assert len(tried.digest.papers) == 2
    assert "08:30 Europe/Paris" in (tried.notice or "")
    assert tried.actions == ()
    assert "has no digest" in ((await scene.alice("digest show")).notice or "")
    await scene.alice("digest on 08:30 Europe/Paris daily top 2 -- cat:cs.CL")
    assert (await scene.alice("digest preview")).digest == tried.digest
    assert len((await scene.alice("digest preview top 1")).digest.papers) == 1  # type: ignore[union-attr]
    assert len((await scene.alice("digest preview")).digest.papers) == 2  # type: ignore[union-attr]
    for wrong in ("25:00", "top 99", "-- cat:cs.XX", "name:!"):
        await scene.alice.wrong(f"digest preview {wrong}")


async def test_preview_is_what_will_come_and_posts_nothing(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    preview = (await scene.alice("digest preview")).digest
    assert scene.wall.posts == []
    assert await scene.wait_until(6, 7) == [preview]


async def test_now_asks_before_it_posts(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    asked = await scene.alice("digest now")
    assert scene.wall.posts == []
    posted = await scene.alice(asked.actions[0].command)
    assert posted.notice == f"Posted to {scene.papers}: 5 papers."
    ((_, post, _),) = scene.wall.posts
    assert asked.digest == post
    (next_morning,) = await scene.wait_until(6, 7)
    assert not {line.id for line in post.papers} & {line.id for line in next_morning.papers}


async def test_changes_act_at_once_and_keep_what_is_not_named(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin top 3 -- reasoning")
    await scene.alice("digest on 17:30")
    line = await digest(scene)
    assert (line.time, line.zone, line.top, line.rule) == ("17:30", "Europe/Berlin", 3, "reasoning")
    assert line.next_due_at == dt.datetime(2025, 6, 5, 15, 30, tzinfo=dt.UTC)


async def test_a_zone_changed_after_todays_digest_counts_from_tomorrow(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Asia/Tokyo")
    assert len(await scene.wait_until(6, 0, 1)) == 1
    await scene.alice("digest on America/Los_Angeles")
    assert (await digest(scene)).next_due_at == dt.datetime(2025, 6, 9, 16, tzinfo=dt.UTC)
    assert await scene.wait_until(6, 23) == []


async def test_a_paused_digest_stays_silent_and_resumes_by_itself(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    await scene.alice("digest pause 2 days")
    assert (await digest(scene)).paused
    assert (await digest(scene)).next_due_at == dt.datetime(2025, 6, 9, 7, tzinfo=dt.UTC)
    assert await scene.wait_until(6, 8) == []
    assert await scene.wait_until(7, 15) == []  # the pause is over, but no digest is due at this hour
    (post,) = await scene.wait_until(9, 8)
    assert post.heading.startswith("Daily papers · Thu 5 Jun 2025 to Sun 8 Jun 2025")
    assert not (await digest(scene)).paused


async def test_pause_until_resumed(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    await scene.alice("digest pause")
    assert await scene.wait_until(20, 8) == []
    resumed = await scene.alice("digest resume")
    assert (
        resumed.notice
        == f"Digest “daily” of {scene.papers} comes again; the next one comes Mon 23 Jun 2025 09:00 Europe/Berlin."
    )


async def test_off_and_undo(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin mon,wed top 7 -- reasoning")
    before = await digest(scene)
    gone = await scene.alice("digest off")
    assert (await scene.alice("digest show")).digests == ()
    assert await scene.wait_until(11, 8) == []
    await scene.alice(gone.actions[0].command)
    after = await digest(scene)
    assert (after.time, after.zone, after.days, after.top, after.rule) == (
        before.time, before.zone, before.days, before.top, before.rule,
    )  # fmt: skip


async def test_the_channels_zone_is_known_from_then_on(scene: Scene) -> None:
    assert "In which time zone?" in await scene.alice.wrong("digest on 09:00")
    await scene.alice("digest on 09:00 Asia/Tokyo")
    await scene.alice("digest on name:evening 18:00")
    assert (await digest(scene, "evening")).zone == "Asia/Tokyo"
    other = scene.person("alice", channel="#elsewhere")
    assert "In which time zone?" in await other.wrong("digest on 09:00")


async def test_who_may_not_configure_changes_nothing(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    before = await digest(scene)
    for typed in ("digest on 10:00", "digest off", "digest pause", "digest resume", "digest now yes"):
        assert f"Only who manages {scene.papers}" in await scene.bob.wrong(typed)
    assert await digest(scene) == before
    assert scene.wall.posts == []
    assert (await scene.bob("digest preview")).digest is not None


async def test_after_downtime_one_digest_brings_it_all(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin top 10")
    (post,) = await scene.wait_until(11, 12)
    assert post.heading.startswith("Daily papers · Thu 5 Jun 2025 to Tue 10 Jun 2025")


async def test_a_refused_post_is_tried_again_later_and_status_tells(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.wall.answers.append(Posting("refused", reason="too many requests"))
    assert await scene.wait_until(6, 7) == []
    status = (await scene.alice("status")).status
    assert status is not None
    line = next(line for line in status if line.what == f"digest daily of {scene.papers}")
    assert line.state == "warn"
    assert "too many requests" in line.detail
    assert len(await scene.wait_until(6, 7, 1)) == 1


async def test_a_gone_channel_is_told_and_not_tried_for_ever(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.wall.answers.append(Posting("refused", reason="the channel is archived", permanent=True))
    assert await scene.wait_until(6, 7) == []
    assert await scene.wait_until(6, 20) == []
    status = (await scene.alice("status")).status
    assert status is not None
    line = next(line for line in status if line.what == f"digest daily of {scene.papers}")
    assert (line.state, "the channel is archived" in line.detail) == ("fail", True)


async def test_an_unclear_post_is_looked_for_before_it_is_posted_again(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.wall.answers.append(Posting("unclear", reason="the connection broke"))
    assert await scene.wait_until(6, 7) == []
    assert len(await scene.wait_until(6, 7, 2)) == 1
    assert await scene.wait_until(6, 20) == []


async def listed(scene: Scene, number: int, day: int, votes: int) -> str:
    """Let Hugging Face list a paper on a day of June 2025 with so many votes, as we read it now."""
    listing = Listing("huggingface", dt.date(2025, 6, day), votes=votes)
    paper = Paper(PaperId.parse(f"arxiv:2506.9{number:04}"), f"Paper {number}", listings=(listing,))
    await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    return str(paper.id)


async def test_what_came_late_or_rose_comes_in_the_next_digest_with_votes_then_and_now(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    sleeper = await listed(scene, 1, day=5, votes=2)
    (first,) = await scene.wait_until(6, 7)
    assert sleeper not in {line.id for line in first.papers}
    scene.clock.time = dt.datetime(2025, 6, 6, 12, tzinfo=dt.UTC)
    await listed(scene, 1, day=5, votes=99)
    latecomer = await listed(scene, 2, day=5, votes=50)
    await listed(scene, 3, day=6, votes=1)
    (second,) = await scene.wait_until(9, 7)
    assert [section.title for section in second.sections] == [None, "Late and rising"]
    late = {line.id: line.why[0] for line in second.sections[1].papers}
    assert late == {
        sleeper: "risen from 2 to 99 votes since Thu 5 Jun 2025",
        latecomer: "listed after the digest of Thu 5 Jun 2025, 50 votes",
    }
    (told,) = (await scene.alice(f"why {sleeper}")).papers or ()
    assert "of Mon 9 Jun 2025, as No. 1, under Late and rising: risen from 2 to 99 votes" in told.why[0]
    assert await scene.wait_until(10, 7) == []


async def test_a_crash_between_composing_and_posting_loses_nothing(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    scene.clock.time = dt.datetime(2025, 6, 6, 7, tzinfo=dt.UTC)
    assert await compose_due(scene.world) == 1
    assert scene.wall.posts == []
    assert len(await scene.wait_until(6, 8)) == 1


async def test_a_misspelt_or_ambiguous_author_in_a_digests_rule_is_told(scene: Scene) -> None:
    told = await scene.alice.wrong('digest on 09:00 Europe/Berlin -- author:"Juanzi Lii"')
    assert told == '“Juanzi Lii” is not clear in a digest\'s rule; write author:"Juanzi Li".'
    assert (await scene.alice("digest show")).digests == ()


async def test_a_digest_by_hand_that_fails_says_so_and_one_with_nothing_new_too(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin -- paper:2506.03147")
    scene.wall.answers.append(Posting("refused", reason="the platform is down"))
    notice = await scene.alice.wrong("digest now yes")
    assert notice.startswith(
        f"{scene.papers} has not got it yet: it was refused (the platform is down), tried once, next try"
    )
    reply = await scene.alice("digest now")
    assert reply.notice is not None
    assert reply.notice.startswith(f"{scene.papers} has had all that is settled; the next digest is due Fri 6 Jun 2025")


async def why_not(scene: Scene, paper: str) -> str:
    """What the channel's first digest says about a paper that it did not bring."""
    lines = (await scene.alice(f"why {paper}")).papers
    assert lines is not None
    return lines[0].why[0]


async def test_why_not_says_that_a_paper_was_withdrawn(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin top 2 -- source:huggingface")
    async with scene.world.store.write() as session:
        paper = await session.papers.get(PaperId.parse("arxiv:2506.03569"))
        assert paper is not None
        await session.papers.save([replace(paper, withdrawn=True)], scene.world.clock.now())
    assert (await why_not(scene, "2506.03569")).endswith("its authors have withdrawn it")


async def test_why_not_names_the_rule_the_place_or_the_wait(scene: Scene) -> None:
    assert await why_not(scene, "2506.03569") == f"{scene.papers} did not get it: it has no digest"
    await scene.alice("digest on 09:00 Europe/Berlin top 2 -- -video source:huggingface")
    assert "not yet: No. 1 of" in await why_not(scene, "2506.03569")
    assert "(next Fri 6 Jun 2025 09:00 Europe/Berlin)" in await why_not(scene, "2506.03569")
    assert "its rule leaves it out: left out by -video" in await why_not(scene, "2506.03517")
    await scene.alice("digest pause")
    assert "(paused)" in await why_not(scene, "2506.03569")
    await scene.alice("digest resume")
    await scene.wait_until(6, 7)
    scene.clock.time = dt.datetime(2025, 6, 6, 12, tzinfo=dt.UTC)
    riser = await listed(scene, 1, day=5, votes=99)
    assert "comes under Late and rising while there is room" in await why_not(scene, riser)


async def test_why_tells_of_a_digest_that_only_links_to_a_paper_and_of_one_that_came_too_late(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin daily")
    await scene.wait_until(6, 7)
    linked = await listed(scene, 1, day=17, votes=5)
    await listed(scene, 2, day=19, votes=5)
    (after_two_weeks,) = await scene.wait_until(20, 7)
    assert linked not in {line.id for line in after_two_weeks.papers}
    assert await why_not(scene, linked) == (
        f"{scene.papers} can reach it from the digest “daily” of Fri 20 Jun 2025: "
        "No. 1 of 1 by votes on Tue 17 Jun 2025, a missed day, to which the digest links"
    )
    too_late = await listed(scene, 3, day=12, votes=9)
    assert (await why_not(scene, too_late)).endswith("by now, but a digest looks back 7 days only")
    in_time = await listed(scene, 4, day=13, votes=9)
    assert "comes under Late and rising while there is room (next Sat 21 Jun" in await why_not(scene, in_time)
    assert in_time in {line.id for post in await scene.wait_until(21, 7) for line in post.papers}
    assert too_late not in {line.id for post in await scene.wait_until(22, 7) for line in post.papers}
