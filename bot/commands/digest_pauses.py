"""A digest that stands still for a while: pause it, and let it come again."""

import datetime as dt
import re
from dataclasses import replace

from bot import text
from bot.commands.digest_chosen import NAMED, chosen_digest, digest_actions, digest_line, next_due, when_next
from bot.commands.table import Call, Command, Param, Shape
from bot.digest import DigestSettings
from bot.errors import UserError
from bot.reply import Action, Reply
from bot.schedule import next_slot
from bot.standing import slot_words, standings
from bot.store import Session
from bot.team import Channel


async def pause(call: Call) -> Reply:
    """Stop the digest, for some days or until it is resumed."""
    days = _pause_days(call.rest)
    until = call.now + dt.timedelta(days=days) if days else None
    channel = call.caller.channel
    async with call.world.store.write() as session:
        settings = await chosen_digest(call, session)
        due = next_slot(settings.schedule, until or call.now, after_date=settings.last_slot).due_at
        stored = await session.digests.put(replace(settings, paused=True, paused_until=until, next_due_at=due))
        (standing,) = await standings(session, [(channel, stored)])
    how_long = (
        f"for {text.plural(days, 'day')}; the next one comes {when_next(stored, call.now)}"
        if days
        else "until you resume it"
    )
    coming = [slot_words(row.slot) for row in standing.in_state("pending", "sending")]
    still = f" On its way already, and still to come: {', '.join(coming)}." if coming else ""
    return Reply(
        notice=f"Digest “{stored.name}” of {channel.key} is paused {how_long}.{still}",
        digests=(digest_line(stored, channel, call.now),),
        actions=(Action("Resume", f"digest resume name:{stored.name}"),),
    )


def _pause_days(typed: str) -> int:
    if not typed:
        return 0
    days = re.fullmatch(r"(?:for )?([0-9]{1,3}) ?(?:d|days?)?", typed.lower())
    if days is None or not 1 <= int(days[1]) <= 365:
        raise UserError(f"“{text.shown(typed)}” is no number of days; write digest pause, or digest pause 7 days")
    return int(days[1])


async def resume(call: Call) -> Reply:
    """Let a paused or stopped digest come again."""
    async with call.world.store.write() as session:
        settings = await chosen_digest(call, session)
        reply = await resumed(call, session, settings, call.caller.channel)
    call.world.wakeups.wake()
    return reply


async def resumed(call: Call, session: Session, settings: DigestSettings, channel: Channel) -> Reply:
    """Let a digest come again, with what was held back; return what happens next. The deliverers are to be woken."""
    (standing,) = await standings(session, [(channel, settings)])
    still = replace(settings, paused=False, paused_until=None, blocked=None)
    due = next_due(settings.schedule, settings, call.now)
    stored = await session.digests.put(replace(still, next_due_at=due))
    await session.deliveries.unblock(settings.id, call.now)
    held = [slot_words(row.slot) for row in standing.in_state("blocked")]
    stood_still = settings.paused or settings.blocked
    said = "comes again" if stood_still else "was not paused"
    first = f" What was held back is posted within a minute: {', '.join(held)}." if held else ""
    coming = f"the next one comes {when_next(stored, call.now)}"
    return Reply(
        notice=f"Digest “{stored.name}” of {channel.key} {said}; {coming}.{first}",
        digests=(digest_line(stored, channel, call.now),),
        actions=digest_actions(stored, call.now) if channel.id == call.caller.channel.id else (),
    )


COMMANDS = (
    Command(
        "digest pause",
        "stop it, for some days or until resumed",
        pause,
        (Param("days", Shape.NUMBER, "how many days"), NAMED),
        "digest pause 7 days",
        configures=True,
    ),
    Command(
        "digest resume",
        "let it come again after a pause, or once what stopped it is mended",
        resume,
        (NAMED,),
        configures=True,
    ),
)
