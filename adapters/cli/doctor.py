"""`paperround doctor`: looks at all that the service needs, and says of each how it is, and how to mend it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from adapters.cli.arxiv import NOBODY, wanted_categories
from adapters.cli.lock import sqlite_file
from adapters.cli.misspelt import misspelt_settings
from adapters.cli.platforms import check as check_platforms
from adapters.cli.run import open_world, shown_url
from adapters.cli.settings import Settings, SettingsError
from adapters.cli.sources import polled
from bot import text
from bot.dates import spoken
from bot.errors import PaperRoundError
from bot.ports import Clock, World
from bot.query_parser import parse_rules
from bot.source_health import INBOX, concerning, health, when
from bot.store_sources import SourceRun
from storage.database import SqlStore

LIMIT = 20.0
"""Seconds that one check may take."""

SAFE_SQLITE = (3, 51, 3)
"""Before it, a write-ahead log could be damaged, rarely, by two connections that write (https://sqlite.org/wal.html)."""

MADE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""This version was made later: a clock that shows less is wrong."""

_FAR = dt.timedelta(days=2)

State = Literal["ok", "warn", "fail"]
_ORDER = {"ok": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it is, and, where it is not well, how to mend it."""

    check: str
    state: State
    detail: str
    fix: str = ""


async def examine(load: Callable[[], Settings], clock: Clock, limit: float = LIMIT) -> list[Check]:
    """Return what was found, in order; each check takes at most `limit` seconds."""
    try:
        settings = load()
    except SettingsError as wrong:
        return [Check("settings", "fail", str(wrong), _CORRECT)]
    found = [_settings_check(settings), *_misspelt_checks()]
    async with AsyncExitStack() as opened:
        world: World | None = None
        database = sqlite_file(settings.store_url)
        if database and not database.exists():
            found.append(Check("database", "warn", f"there is none yet at {database}", "paperround run makes it"))
        else:
            try:
                async with asyncio.timeout(limit):
                    world = await opened.enter_async_context(open_world(settings, clock, index_later=True))
            except (PaperRoundError, TimeoutError) as failure:
                found.append(_failed("database", failure, limit, _REACH))
        if world:
            found += await _bounded("database", _database_check(settings, world), limit)
            found += await _bounded("search index", _index_check(world), limit)
            found += await _bounded("sources", _source_checks(settings, world), limit)
        found += await _bounded("clock", _clock_check(world, clock), limit)
        if settings.has_slack and found[0].state == "ok":
            from adapters.cli.slack_doctor import slack_checks

            found += await _bounded("slack", _collected(slack_checks(settings, world, clock, limit)), limit * 3)
        if settings.has_discord and found[0].state == "ok":
            from adapters.cli.discord_doctor import discord_checks

            found += await _bounded("discord", _collected(discord_checks(settings, world, limit)), limit * 3)
    return found


_CORRECT = "correct it in the environment, or in the file .env"
_REACH = "see that PAPERROUND_DATABASE_URL or PAPERROUND_DATA_DIR is right, and that the database runs"


async def _bounded(what: str, looking: Awaitable[Sequence[Check]], limit: float) -> Sequence[Check]:
    """Return what a check found; that it failed, where it did not end in time or could not look."""
    try:
        async with asyncio.timeout(limit):
            return await looking
    except (PaperRoundError, TimeoutError) as failure:
        return [_failed(what, failure, limit, "see what the log says, and try again")]


async def _collected(found: AsyncIterator[Any]) -> list[Check]:
    return [Check(each.check, each.state, each.detail, each.fix) async for each in found]


def _failed(what: str, failure: BaseException, limit: float, fix: str) -> Check:
    return Check(what, "fail", str(failure) or f"no answer within {limit:g} s", fix)


def _settings_check(settings: Settings) -> Check:
    try:
        check_platforms(settings)
        polled(settings)
    except SettingsError as wrong:
        return Check("settings", "fail", str(wrong), _CORRECT)
    set_up = [name for name, has in (("Slack", settings.has_slack), ("Discord", settings.has_discord)) if has]
    chats = " and ".join(set_up) or "none, digests are printed to the terminal"
    return Check("settings", "ok", f"they can be read; chat platforms: {chats}")


def _misspelt_checks() -> list[Check]:
    return [
        Check(f"setting {each.name}", "warn", "there is no such setting; nothing reads it", each.advice)
        for each in misspelt_settings()
    ]


async def _database_check(settings: Settings, world: World) -> list[Check]:
    assert isinstance(world.store, SqlStore)
    name, version = await world.store.version()
    async with world.store.read() as session:
        papers = text.plural(await session.papers.count(), "paper")
    detail = f"{shown_url(settings.store_url)}: {name} {version}, {papers}"
    if name == "SQLite" and _numbers(version) < SAFE_SQLITE:
        risk = (
            "before 3.51.3 a write-ahead log can be damaged, rarely, when two processes write at once,"
            " such as ingest or console beside the service"
        )
        return [Check("database", "warn", f"{detail}; {risk}", "let the service write alone, and keep backups")]
    return [Check("database", "ok", detail)]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


async def _index_check(world: World) -> list[Check]:
    if behind := await world.index.behind():
        return [
            Check(
                "search index",
                "warn",
                f"{text.plural(behind, 'change')} behind the store",
                "paperround run catches up at once; paperround reindex builds it anew",
            )
        ]
    await world.index.search(parse_rules("paper"), limit=1)
    return [Check("search index", "ok", "it can be read, and has all that the store has")]


async def _source_checks(settings: Settings, world: World) -> list[Check]:
    """Look at every source that was read, and at those that the service is to ask."""
    try:
        asked = polled(settings)
    except SettingsError:
        return []  # which the check of the settings has told
    async with world.store.read() as session:
        runs = {run.source: run for run in concerning(await session.source_runs.all(), world.asks)}
    names = [*runs, *(name for name in asked if name not in runs)]
    if "arxiv" in names and "arxiv" not in runs and not await wanted_categories(settings, world.store):
        runs["arxiv"] = replace(_never_read("arxiv"), idle=NOBODY)
    if not names:
        return [Check("sources", "warn", "none was read yet", "paperround ingest huggingface, or paperround run")]
    return [_source_check(runs.get(name, _never_read(name)), world.clock.now(), name in world.asks) for name in names]


def _never_read(name: str) -> SourceRun:
    return SourceRun(name, None, None, None, None)


def _source_check(run: SourceRun, now: dt.datetime, asked: bool) -> Check:
    """Return how a source does, and how to mend it."""
    state, words = health(run, now, asked)
    if run.source == INBOX and state != "ok":
        return Check(f"source {INBOX}", state, words, "mend the folder or the files; paperround run reads them again")
    if state == "ok":
        return Check(f"source {run.source}", "ok", words)
    if run.last_success is None and not run.fails:
        return Check(f"source {run.source}", state, words, "paperround run asks it")
    ask = f"look whether its address answers; the next paperround ingest {run.source} that goes well ends this"
    return Check(f"source {run.source}", state, words, ask)


async def _clock_check(world: World | None, clock: Clock) -> list[Check]:
    """Compare the clock with what was made, and announced, before now."""
    now = clock.now()
    fix = "set the machine's clock, and let it be kept by NTP: digests come by it, and Slack refuses a wrong one"
    if now < MADE:
        return [Check("clock", "fail", f"it shows {when(now)}, which is over", fix)]
    if world:
        async with world.store.read() as session:
            newest, _ = await session.papers.days_around(dt.date.max)
        if newest and newest > (now + _FAR).date():
            return [Check("clock", "fail", f"it shows {when(now)}, but papers of {spoken(newest)} are there", fix)]
    return [Check("clock", "ok", f"it shows {when(now)}")]


def checks_json(found: Sequence[Check]) -> list[dict[str, Any]]:
    """Return the checks as `doctor --json` prints them."""
    return [asdict(each) for each in found]


def checks_words(found: Sequence[Check]) -> str:
    """Return the checks as a person reads them; what is to be done stands beneath."""
    lines = []
    for each in found:
        lines.append(f"{each.state:4}  {each.check}: {each.detail}")
        if each.fix and each.state != "ok":
            lines.append(f"      → {each.fix}")
    worst = max(found, key=lambda each: _ORDER[each.state]).state
    told = {"ok": "All is well.", "warn": "It works; see the warnings.", "fail": "Something has to be mended."}
    return "\n".join([*lines, told[worst]])
