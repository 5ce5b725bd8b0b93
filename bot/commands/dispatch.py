"""From a typed line to a Reply: finds the command in the table, calls its handler, and turns errors into words."""

from dataclasses import replace

from bot import text
from bot.commands import account, digests, feed, follows, mine, reasons, search, similar, sources, team
from bot.commands.table import Call, Command, by_name
from bot.dates import find_day, find_span
from bot.errors import UserError
from bot.likeness import nearest
from bot.ports import World
from bot.references import parse_reference
from bot.reply import Reply
from bot.team import Caller, Who

TABLE: dict[str, Command] = by_name(
    command
    for group in (feed, search, similar, follows, mine, reasons, digests, sources, team, account)
    for command in group.COMMANDS
)

MAX_LINE = 4_000


async def answer(world: World, who: Who, typed: str) -> Reply:
    """Carry out what somebody typed (with or without a leading `/papers`) and return the answer.

    What can't be done comes back as a reply that is not ok and says what to type instead.
    """
    try:
        command, rest = find_command(typed)
        if command.configures and not who.may_configure:
            raise UserError(
                f"Only who manages {who.channel} may change its digests; ask one of them to type: {command.name}"
            )
        rest, options = command.options_in(rest)
        caller = await _caller(world, who)
        return await command.handler(Call(world, TABLE, caller, who, world.clock.now(), rest, options))
    except UserError as wrong:
        return Reply(notice=str(wrong), ok=False)


def find_command(typed: str) -> tuple[Command, str]:
    """Return the command that a line names, and the rest of the line.

    A day alone is a day's list, an id or an address alone is a card. Raises UserError on anything else.
    """
    if len(typed) > MAX_LINE:
        raise UserError(f"That is {len(typed):,} characters long, and I read {MAX_LINE:,}; shorten it, or write help.")
    line = text.clean(typed)
    words = line.split(" ")
    if words[0].lower() in ("/papers", "papers"):
        line = line[len(words[0]) :].strip()
        words = line.split(" ")
    if not line:
        return TABLE["today"], ""
    for size in (2, 1):
        name = " ".join(words[:size]).lower()
        if name in TABLE:
            return TABLE[name], " ".join(words[size:])
    return _understood(line, words)


def _understood(line: str, words: list[str]) -> tuple[Command, str]:
    """Return what a line means that begins with no command's name. Raises UserError with the nearest right form."""
    bare = " ".join(word for word in words if not word.lower().startswith(("page:", "source:")))
    if find_day(bare, feed.ANY_DAY) or find_span(bare, feed.ANY_DAY):
        return TABLE["day"], line
    if parse_reference(line):
        return TABLE["show"], line
    first = words[0].lower()
    said, search = text.shown(words[0], 20), f"To look for words: search {text.shown(line)}"
    if parts := [name.split(" ")[1] for name in TABLE if name.startswith(f"{first} ")]:
        wrong = f" “{text.shown(words[1], 20)}”" if len(words) > 1 else ""
        near = nearest(words[1], parts) if wrong else None
        hint = f"did you mean {first} {near}?" if near else f"write one of: {', '.join(parts)}."
        raise UserError(f"{first} has no part{wrong}; {hint}" if wrong else f"{first} alone does nothing; {hint}")
    if near := nearest(first, {name.split(" ")[0] for name in TABLE}, floor=60):
        raise UserError(f"There is no command “{said}”; did you mean {near}? {search}")
    raise UserError(f"There is no command “{said}”. {search}; help lists all commands.")


async def _caller(world: World, who: Who) -> Caller:
    names = (who.platform, who.team, who.channel, who.member)
    async with world.store.read() as session:
        known = await session.teams.caller(*names)
    if known and who.zone in (None, known.member.zone):
        return known
    async with world.store.write() as session:
        caller = await session.teams.welcome(*names)
        if who.zone and who.zone != caller.member.zone:
            await session.teams.set_member_zone(caller.member.id, who.zone)
            caller = replace(caller, member=replace(caller.member, zone=who.zone))
    return caller
