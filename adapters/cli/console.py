"""`paperround console`: the commands of the chat, typed at the configured store."""

import json
import sys
from pathlib import Path

from adapters.cli.lines import given_lines
from adapters.cli.recommended import with_recommended
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.cli.upkeep import keeping_up
from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.render import make_console, print_reply
from bot.commands.dispatch import TABLE, answer
from bot.commands.table import on_platform
from bot.ports import Clock, World
from bot.reply import Reply
from bot.reply_json import reply_json
from bot.team import Who

PLATFORM = "terminal"


async def run_console(settings: Settings, clock: Clock, who: Who, lines: list[str], as_json: bool) -> bool:
    """Carry out the lines, or those of a prompt or a pipe where there are none; return whether all went well."""
    # With --json, standard output is for the replies alone.
    messenger = TerminalMessenger(make_console(sys.stderr if as_json else None), PLATFORM)
    async with open_world(settings, clock, [messenger]) as bare:
        world = with_recommended(settings, bare)
        given = lines or given_lines()
        if given is None:
            async with keeping_up(world.index):
                return await _converse(world, who, as_json, settings.data_dir / "history")
        return await _answer_all(world, who, given, as_json)


async def _answer_all(world: World, who: Who, lines: list[str], as_json: bool) -> bool:
    replies = []
    for line in lines:
        replies.append(await answer(world, who, line))
        show(replies[-1], as_json)
    return all(reply.ok for reply in replies)


async def _converse(world: World, who: Who, as_json: bool, history: Path) -> bool:
    from adapters.terminal.prompt import Prompt

    table = on_platform(TABLE, world, PLATFORM)
    prompt = Prompt(table, history, toolbar=lambda: f"{who.team} · {who.channel} · {who.member} · help · Ctrl-D leaves")
    while (line := await prompt.read_line()) is not None:
        if line.strip():
            reply = await answer(world, who, line)
            prompt.remember(reply)
            show(reply, as_json)
    return True


def show(reply: Reply, as_json: bool = False) -> None:
    """Print a reply for a person, or as one JSON object on a line of its own."""
    if as_json:
        sys.stdout.write(json.dumps(reply_json(reply), ensure_ascii=False) + "\n")
        sys.stdout.flush()
    else:
        print_reply(make_console(), reply)
