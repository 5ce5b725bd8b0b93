"""What the store knows of how digests stand: what is not sent, the newest that is, and which bring nothing."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from bot.digest import Composed, Digest, DigestItem, DigestSettings
from bot.ledger import Delivery, DeliveryState, Entry, Settlement
from bot.paper import Paper
from bot.query_parser import parse_rule
from bot.reply import DigestPost
from storage.database import SqlStore

LEASE = dt.timedelta(seconds=120)
POST = DigestPost("Daily papers", (), 0, "")


async def rows(store: SqlStore, digest: DigestSettings, now: dt.datetime, states: dict[str, DeliveryState]) -> None:
    """Put a row for each slot into the ledger, and settle it so."""
    days = [now + dt.timedelta(days=day) for day in range(len(states))]
    async with store.write() as session:
        await session.deliveries.add(
            [Entry(digest.id, slot, 0, POST, at) for slot, at in zip(states, days, strict=True)]
        )
        for row in await session.deliveries.claim(days[-1], 10, {"slack"}, LEASE):
            await session.deliveries.settle(row, Settlement(states[row.slot]), days[-1])


async def test_all_that_is_not_sent_stands_and_the_newest_that_is(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    await rows(
        store,
        digest,
        now,
        {"2025-06-09": "sent", "2025-06-10": "sent", "2025-06-11": "parked", "2025-06-12": "blocked"},
    )
    async with store.write() as session:
        other = await session.digests.put(replace(digest, id=0, name="other"))
    await rows(store, other, now, {"2025-06-12": "sent"})

    def told(found: list[Delivery]) -> list[tuple[int, str, str]]:
        return [(row.digest_id, row.slot, row.state) for row in found]

    async with store.read() as session:
        mine = await session.deliveries.standing([digest.id])
        both = await session.deliveries.standing([digest.id, other.id])
        assert await session.deliveries.standing([]) == []
        found = await session.deliveries.of_slot(digest.id, "2025-06-11")
        assert await session.deliveries.of_slot(other.id, "2025-06-11") is None
    assert told(mine) == [
        (digest.id, "2025-06-10", "sent"),
        (digest.id, "2025-06-11", "parked"),
        (digest.id, "2025-06-12", "blocked"),
    ]
    assert sorted(told(both)) == sorted([*told(mine), (other.id, "2025-06-12", "sent")])
    assert found == mine[1]


async def test_a_row_knows_when_its_digests_maker_was_told(
    store: SqlStore, digest: DigestSettings, now: dt.datetime
) -> None:
    await rows(store, digest, now, {"2025-06-12": "blocked"})
    later = now + dt.timedelta(minutes=1)
    async with store.write() as session:
        (row,) = await session.deliveries.untold(10, {"slack"}, now)
        await session.deliveries.told([row.id], later)
        assert [row.told_at for row in await session.deliveries.standing([digest.id])] == [later]
        await session.deliveries.unblock(digest.id, later)
        assert [row.told_at for row in await session.deliveries.standing([digest.id])] == [None]


async def test_a_digest_is_quiet_that_has_a_rule_and_brought_nothing_till_its_maker_is_told(
    store: SqlStore, digest: DigestSettings, now: dt.datetime, paper: Callable[..., Paper]
) -> None:
    since = now + dt.timedelta(days=1)
    ruled = replace(digest, rule=parse_rule("zzyzx"))

    async def quiet(after: int = 0) -> list[tuple[str, str, str, str]]:
        async with store.read() as session:
            found = await session.digests.quiet(since, after, 10)
        return [(each.settings.name, each.channel.key, each.platform, each.team) for each in found]

    assert await quiet() == []  # it has no rule
    async with store.write() as session:
        await session.digests.put(ruled)
    assert await quiet() == [("daily", "#papers", "slack", "Acme")]
    assert await quiet(after=digest.id) == []
    async with store.write() as session:
        await session.digests.quiet_told(ruled)
    assert await quiet() == []
    async with store.write() as session:
        await session.digests.put(replace(ruled, rule=parse_rule("xyzzy")))
    assert len(await quiet()) == 1
    async with store.write() as session:
        await session.digests.quiet_told(ruled)  # what it was told of is not its rule any more
    assert len(await quiet()) == 1
    brought = DigestItem(paper(1).id, "main", 1, 5, ())
    async with store.write() as session:
        await session.papers.save([paper(1)], now)
        await session.digests.compose(
            [Composed(ruled, "2025-06-14", Digest(POST, (brought,)))], since + dt.timedelta(days=1)
        )
    assert await quiet() == []
