"""Platforms deliver an event several times, in any order: what people do counts once."""

import asyncio
import random

from bot.commands.dispatch import answer
from tests.faults.conftest import MakeGround
from tests.faults.ground import DAY
from tests.faults.speaking import who, world_of

TIMES = 5


async def test_case_16_each_event_five_times_in_any_order_counts_once(make_ground: MakeGround) -> None:
    ground = make_ground()
    await asyncio.to_thread(ground.write_papers, each=3)
    await asyncio.to_thread(ground.set_digests, 1)
    async with world_of(ground, posts=True) as world:
        alice, bob = who("c0000"), who("c0000", "bob")
        papers = (await answer(world, alice, str(ground.today - DAY))).papers or ()
        paper = papers[0].label
        asked = await answer(world, alice, "digest now")
        now = next(action.command for action in asked.actions if action.label == "Post it for all to see")
        typed = [
            (alice, now),
            (alice, f"vote {paper}"),
            (bob, f"vote {paper}"),
            (alice, f"save {paper}"),
            (alice, "follow cat:cs.CL"),
            (bob, "mute cat:cs.CV"),
        ]
        events = typed * TIMES
        random.Random(16).shuffle(events)
        replies = await asyncio.gather(*(answer(world, whom, line) for whom, line in events))
        assert all(reply.ok for reply in replies), [reply.notice for reply in replies if not reply.ok]
        card = (await answer(world, alice, f"show {paper}")).card
        assert card
        assert (card.line.team_votes, sorted(card.voters), card.savers) == (2, ["alice", "bob"], ("alice",))
        assert len((await answer(world, alice, "following")).follows or ()) == 1
        assert len((await answer(world, bob, "following")).mutes or ()) == 1
    assert [message["channel"] for message in ground.board.visible()] == ["c0000"]
    assert len(ground.board.events("accepted")) == 1
