"""`paperround demo`: a local workspace in the terminal, with bundled papers and a clock that can be moved."""

import datetime as dt
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console

from adapters.cli.clock import SetClock, SystemClock, parse_instant
from adapters.cli.lines import given_lines
from adapters.cli.run import open_sources, open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.settings import Settings
from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.render import make_console, print_reply
from bot import text
from bot.commands.dispatch import TABLE, answer
from bot.commands.table import on_platform
from bot.dates import spoken
from bot.delivery import run_due
from bot.errors import SourceError, UserError
from bot.ingest import ingest
from bot.ports import World
from bot.reply import Action, HelpLine, Reply
from bot.team import Who

WHO = Who("terminal", "demo", "#papers", "you", may_configure=True)
OPENS_AT = dt.time(14, tzinfo=dt.UTC)
LIVE_DAYS = 7

CLOCK_HELP = (
    HelpLine("clock", "what time it is in the demo"),
    HelpLine("clock tomorrow", "move the clock on; digests that fall due are posted"),
    HelpLine("clock +3h", "by hours (h) or days (d)"),
    HelpLine("clock 2025-06-09 09:00", "to a time, in the channel's zone"),
    HelpLine("quit", "leave; the demo keeps nothing"),
)
FIRST_STEPS = (
    Action("Today's papers", "today"),
    Action("The day before", "yesterday"),
    Action("Look for something", "search reasoning -video"),
    Action("Follow a person", 'follow author:"Juanzi Li"'),
    Action("A digest for this channel", "digest on 09:00 Europe/Berlin"),
    Action("Let it come", "clock tomorrow"),
    Action("Everything else", "help"),
)


@dataclass(slots=True)
class Demo:
    """The demo's world, its clock, and where it prints."""

    world: World
    clock: SetClock
    console: Console

    async def carry_out(self, line: str) -> Reply | None:
        """Carry out one line: the demo's own words, else a command of the table. None ends the demo."""
        words = text.clean(line).removeprefix("/papers ").lower().split(" ")
        if words[0] in ("quit", "exit"):
            return None
        try:
            if words[0] == "clock":
                return await self.move_clock(" ".join(words[1:]))
            reply = await answer(self.world, WHO, line)
        except UserError as wrong:
            return Reply(notice=str(wrong), ok=False)
        if words == ["help"] and reply.help:
            return Reply(reply.notice, reply.heading, help=(*reply.help, *CLOCK_HELP), actions=reply.actions)
        return reply

    async def move_clock(self, typed: str) -> Reply:
        """Move the clock on, and post each digest at the time at which it falls due on the way."""
        zone = await self.zone()
        if not typed:
            return Reply(notice=f"It is {self.spoken_time(zone)} in the demo; clock tomorrow moves on.")
        target = _moved(self.clock.now(), typed, zone)
        if target <= self.clock.now():
            raise UserError(
                f"The clock goes forward only, and it is {self.spoken_time(zone)}; write clock tomorrow or clock +3h."
            )
        posted = 0
        while (due := await self.next_due(target)) is not None:
            self.clock.time = max(due, self.clock.now())
            posted += sum(done.posting.outcome == "accepted" for done in await run_due(self.world))
        self.clock.time = target
        news = (
            f"{text.plural(posted, 'digest')} arrived on the way."
            if posted
            else "No digest was due, or none had anything new."
        )
        return Reply(notice=f"It is {self.spoken_time(zone)} now. {news}")

    async def next_due(self, until: dt.datetime) -> dt.datetime | None:
        """Return when the next digest falls due, if that is by then."""
        async with self.world.store.read() as session:
            due = await session.digests.due(until, 1)
            settings = await session.digests.get(due[0]) if due else None
        return settings.next_due_at if settings else None

    async def zone(self) -> str:
        """Return the channel's zone, UTC while none is known."""
        async with self.world.store.read() as session:
            caller = await session.teams.caller(WHO.platform, WHO.team, WHO.channel, WHO.member)
        return (caller and caller.zone) or "UTC"

    def spoken_time(self, zone: str) -> str:
        """Return the demo's time as people read it."""
        local = self.clock.now().astimezone(ZoneInfo(zone))
        return f"{spoken(local.date())} {local:%H:%M} {zone}"


def _moved(now: dt.datetime, typed: str, zone: str) -> dt.datetime:
    if typed == "tomorrow":
        return now + dt.timedelta(days=1)
    if step := re.fullmatch(r"\+ ?([0-9]{1,3}) ?(h|d|hours?|days?)", typed):
        return now + dt.timedelta(**{"hours" if step[2][0] == "h" else "days": int(step[1])})
    try:
        instant = parse_instant(typed.upper())
        named_zone = dt.datetime.fromisoformat(typed.upper()).tzinfo
    except ValueError:
        raise UserError(
            f"“{text.shown(typed)}” is no time for the clock; write tomorrow, +3h or 2025-06-09 09:00."
        ) from None
    return instant if named_zone else instant.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


async def run_demo(settings: Settings, script: Path | None, live: bool) -> None:
    """Run the demo: at a prompt, from a script, or from a pipe. Raises PaperRoundError where it can't."""
    lines = given_lines(script)
    console = make_console()
    with _empty_folder() as folder:
        workspace = settings.model_copy(update={"data_dir": folder, "database_url": "", "poll": False})
        clock = SetClock(SystemClock().now())
        async with open_world(workspace, clock, [TerminalMessenger(console, WHO.platform)]) as world:
            await (_load_live(settings, world, clock) if live else _load_sample(world, clock))
            demo = Demo(world, clock, console)
            print_reply(console, await _welcome(demo, live))
            if lines is None:
                await _converse(demo, settings.data_dir / "demo_history")
            else:
                await _follow_script(demo, lines)


async def _load_sample(world: World, clock: SetClock) -> None:
    for day, batch in sample_days():
        clock.time = dt.datetime.combine(day, OPENS_AT)
        await ingest(world.store, SOURCE, batch, clock.now())
    await world.index.catch_up()


async def _load_live(settings: Settings, world: World, clock: SetClock) -> None:
    today = clock.now().date()
    async with open_sources(settings, world.store) as sources:
        try:
            for passed in reversed(range(LIVE_DAYS)):
                async for batch in sources[SOURCE].daily(today - dt.timedelta(days=passed)):
                    await ingest(world.store, SOURCE, batch, clock.now())
        except SourceError as wrong:
            raise SourceError(
                f"--live can't reach Hugging Face: {wrong} Without --live, the bundled papers need no network."
            ) from None
    await world.index.catch_up()


async def _welcome(demo: Demo, live: bool) -> Reply:
    async with demo.world.store.read() as session:
        count = await session.papers.count()
    papers = "of the last days, from Hugging Face" if live else "bundled, ten days of 2025"
    return Reply(
        heading="Paper Round demo",
        notice=f"You are in {WHO.channel}, and it is {demo.spoken_time('UTC')}; {count:,} papers are here ({papers}).",
        actions=FIRST_STEPS,
    )


async def _follow_script(demo: Demo, lines: Iterable[str]) -> None:
    for line in lines:
        demo.console.print(f"\n› {line}", style="bold", markup=False, highlight=False)
        reply = await demo.carry_out(line)
        if reply is None:
            return
        print_reply(demo.console, reply)


async def _converse(demo: Demo, history: Path) -> None:
    from adapters.terminal.prompt import Prompt

    prompt = Prompt(
        on_platform(TABLE, demo.world, WHO.platform),
        history,
        extra=CLOCK_HELP,
        toolbar=lambda: f"{WHO.channel} · {demo.spoken_time('UTC')} · Tab completes · help · quit",
    )
    while (line := await prompt.read_line()) is not None:
        if not line.strip():
            continue
        reply = await demo.carry_out(line)
        if reply is None:
            return
        prompt.remember(reply)
        print_reply(demo.console, reply)


@contextmanager
def _empty_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="paperround-demo-") as folder:
        yield Path(folder)
