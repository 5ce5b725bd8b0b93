"""Digests that have become quiet: tells whoever set one up, once, that its rule has brought nothing for 30 days."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator

import structlog

from bot import text
from bot.delivery import answered
from bot.ports import World
from bot.query import Rule
from bot.recent_matches import OF_LATE, Span, count_matches, in_words, nearest_rules, of_late
from bot.reply import Reply
from bot.store_digests import Quiet

_EVERY = dt.timedelta(hours=6)
"""How often is looked; no lease lasts longer."""

_AT_ONCE = 100

log = structlog.get_logger()


async def tell_quiet(world: World) -> int:
    """Look now and then for digests whose rules match nothing any more, and tell their makers; return how many.

    While no papers came in at all, that says nothing about the rules.
    """
    now = world.clock.now()
    async with world.store.write() as session:
        if not await session.leases.take("quiet digests", str(uuid.uuid4()), now, now + _EVERY):
            return 0
    async with world.store.read() as session:
        newest, _ = await session.papers.days_around(now.date() + dt.timedelta(days=1))
    if newest is None or newest < now.date() - OF_LATE:
        return 0
    return sum([await _tell(world, each) async for each in _quiet(world, now)])


async def _quiet(world: World, now: dt.datetime) -> AsyncIterator[Quiet]:
    after = 0
    while True:
        async with world.store.read() as session:
            found = await session.digests.quiet(now - OF_LATE, after, _AT_ONCE)
        for each in found:
            yield each
        if not found:
            return
        after = found[-1].settings.id


async def _tell(world: World, quiet: Quiet) -> bool:
    """Tell the maker of one; False where its rule matches papers after all, or nobody can be told now."""
    settings, rule = quiet.settings, quiet.settings.rule
    messenger = world.messengers.get(quiet.platform)
    span = of_late(quiet.channel.team_id, world.clock.now().date())
    if messenger is None or rule is None or await count_matches(world, span, rule):
        return False
    async with world.store.read() as session:
        maker = await session.teams.member(settings.created_by)
    if maker is None:
        return False
    note = await _note(world, quiet, rule, span)
    posting = await answered(world, messenger.tell(quiet.team, maker.key, note, quiet.channel.key))
    if posting.outcome != "accepted":
        log.warning("a digest's maker can't be told that it is quiet", digest=settings.id, reason=posting.reason)
    if posting.outcome == "accepted" or posting.permanent:
        async with world.store.write() as session:
            await session.digests.quiet_told(settings)
    return posting.outcome == "accepted"


async def _note(world: World, quiet: Quiet, rule: Rule, span: Span) -> Reply:
    name, channel = quiet.settings.name, quiet.channel.key
    near = await nearest_rules(world, span, rule)
    change = f"digest on name:{name} -- {near[0][0] if near else 'other words'}"
    nearest = f" Nearest: {in_words(near)}." if near else ""
    return Reply(
        heading=f"The digest “{name}” of {channel} has brought nothing for {OF_LATE.days} days",
        notice=f"In that time there was no paper {text.cut(rule.describe(), 200)}.{nearest} To change its rule, type in"
        f" {channel}: {change} – or leave it: it comes once there is one. You are told once.",
    )
