"""How the bot does, and how it is talked to."""

import datetime as dt

from bot import text
from bot.commands.digest_posting import arrival_actions
from bot.commands.sources import status_line as feed_line
from bot.commands.table import Call, Command, Param, Shape, on_platform
from bot.dates import spoken
from bot.errors import UserError
from bot.likeness import nearest
from bot.query import KINDS
from bot.reply import HelpLine, Reply, StatusLine
from bot.source_health import concerning, health
from bot.standing import standings, status_line
from bot.store import Session
from bot.store_sources import SourceRun


async def status(call: Call) -> Reply:
    """Show how the store, the index, the sources, and this team's feeds and digests do."""
    async with call.world.store.read() as session:
        lines = [await _store_line(session, call.now)]
        lines += _source_lines(await session.source_runs.all(), call.world.asks, call.now)
        lines += [feed_line(each) for each in await session.feeds.of(call.caller.team.id)]
        standing = await standings(session, await session.digests.of_team(call.caller.team.id))
    lines += [status_line(each, call.now) for each in standing]
    behind = await call.world.index.behind()
    lines.append(
        StatusLine("search index", "warn", f"{text.plural(behind, 'change')} behind the store")
        if behind
        else StatusLine("search index", "ok", "up to date")
    )
    parked = [row for each in standing for row in each.in_state("parked")]
    return Reply(heading="Status", status=tuple(lines), actions=arrival_actions(parked))


async def _store_line(session: Session, now: dt.datetime) -> StatusLine:
    count = await session.papers.count()
    newest, _ = await session.papers.days_around(now.date() + dt.timedelta(days=1))
    if not count:
        return StatusLine("papers", "warn", "none yet; paperround ingest huggingface brings them")
    return StatusLine(
        "papers",
        "ok",
        text.plural(count, "paper") + (f", the newest list of {spoken(newest)}" if newest else ""),
    )


def _source_lines(runs: list[SourceRun], asked: frozenset[str], now: dt.datetime) -> list[StatusLine]:
    return [
        StatusLine(f"source {run.source}", *health(run, now, run.source in asked)) for run in concerning(runs, asked)
    ]


async def help_(call: Call) -> Reply:
    """Show all commands, or one with its parameters and an example."""
    asked = call.rest.lower()
    if not asked:
        lines = tuple(HelpLine(command.short_usage, command.summary) for command in call.table.values())
        return Reply(
            heading="Commands",
            help=lines,
            notice="help follow explains rules; an id or a day alone works too.",
        )
    offered = on_platform(call.table, call.world, call.who.platform)
    chosen = [command for name, command in offered.items() if asked in (name, name.split(" ")[0])]
    if not chosen:
        near = nearest(asked, call.table)
        meant = f"did you mean: help {near}? " if near else ""
        raise UserError(f"There is no command “{text.shown(asked, 20)}”; {meant}help alone lists them all.")
    if len(chosen) == 1:
        return Reply(heading=f"Help · {asked}", help=tuple(_in_full(chosen[0])))
    return Reply(
        heading=f"Help · {asked}",
        notice=f"help {chosen[0].name} tells more about that one; so with the others.",
        help=tuple(HelpLine(command.usage, command.summary) for command in chosen),
    )


def _in_full(command: Command) -> list[HelpLine]:
    lines = [HelpLine(command.usage, command.summary)]
    lines += [HelpLine(param.usage, param.summary, "part") for param in command.params]
    if any(param.shape in (Shape.RULE, Shape.QUERY) for param in command.params):
        lines += _LANGUAGE
    if command.example:
        lines.append(HelpLine(command.example, "for example", "example"))
    return lines


_LANGUAGE = (
    HelpLine('word "a phrase"', "in title or abstract; all must occur; - before anything excludes it", "part"),
    *(HelpLine(example.split(" or ")[0], means, "part") for means, example in KINDS.values()),
    HelpLine("cat:cs.CL,cs.LG", "either; different kinds must both hold; ; separates rules", "part"),
)

COMMANDS = (
    Command("status", "how sources, index and digests do, and what failed", status),
    Command(
        "help",
        "all commands, or one in full",
        help_,
        (Param("command", Shape.WORD, "a command's name"),),
        "help follow",
    ),
)
