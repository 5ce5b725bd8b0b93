"""The feeds that a team reads beside what all have: journals, laboratories, blogs."""

import asyncio
import datetime as dt
import re
from dataclasses import replace
from urllib.parse import urlsplit

from bot import text
from bot.commands.table import Call, Command, Param, Shape, required
from bot.dates import spoken
from bot.errors import SourceError, UserError
from bot.ingest import ingest
from bot.likeness import nearest
from bot.ports import Batch
from bot.reply import Action, Reply, StatusLine, paper_line
from bot.store_feeds import TeamFeed

SOURCE = "feed"
"""What the papers of feeds are listed by."""

MOST = 20
"""Feeds of a team: each is read once an hour."""

_PATIENCE = 25.0
"""Seconds for which somebody waits for a feed."""

_SHOWN = 3
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,39}")
_EXAMPLE = "source add https://www.nature.com/natmachintell.rss"


async def add(call: Call) -> Reply:
    """Read a feed, and go on reading it for the team."""
    url = _address(required(call, "Which feed? Give its address.", _EXAMPLE))
    name = _name(call.options.get("name") or (urlsplit(url).hostname or "").removeprefix("www."))
    team = call.caller.team.id
    async with call.world.store.read() as session:
        _check(await session.feeds.of(team), name, url)
    batch = await _read(call, url)
    report = await ingest(call.world.store, SOURCE, batch, call.now)
    async with call.world.store.write() as session:
        _check(await session.feeds.of(team), name, url)  # somebody may have added another meanwhile
        await session.feeds.add(team, TeamFeed(url, name, call.now, call.now))
    skipped = f" ({report.skipped.total():,} of its entries are none)" if report.skipped else ""
    newest = sorted(batch.papers, key=lambda paper: paper.announced or dt.date.min, reverse=True)[:_SHOWN]
    return Reply(
        notice=f"Reading {name} from now on, once an hour: {text.plural(len(batch.papers), 'paper')} in it"
        f"{skipped}, {report.new:,} of them new here. They come in searches, and to whoever follows them: a digest"
        f" without a rule leaves them out. For all of them: follow source:{SOURCE}",
        papers=tuple(map(paper_line, newest)) or None,
        actions=(Action("Undo", f"source remove {name}"), Action("All feeds", "source list")),
    )


async def remove(call: Call) -> Reply:
    """Read a feed no more; its papers stay."""
    name = required(call, "Which feed? Give its name; source list shows it.", "source remove nature.com").lower()
    async with call.world.store.write() as session:
        there = {each.name: each for each in await session.feeds.of(call.caller.team.id)}
        if not await session.feeds.remove(call.caller.team.id, name):
            near = nearest(name, there)
            hint = f"did you mean {near}?" if near else "source list shows them."
            raise UserError(f"This team reads no feed “{text.shown(name)}”; {hint}")
    again = f"source add {there[name].url} name:{name}"
    return Reply(notice=f"{name} is read no more; its papers stay.", actions=(Action("Undo", again),))


async def show(call: Call) -> Reply:
    """Show the team's feeds, and how each does."""
    async with call.world.store.read() as session:
        feeds = await session.feeds.of(call.caller.team.id)
    if not feeds:
        return Reply(notice=f"This team reads no feeds of its own. To add one: {_EXAMPLE}")
    return Reply(
        heading=f"Feeds of this team · {len(feeds)} of {MOST}",
        status=tuple(map(status_line, feeds)),
        actions=tuple(Action(f"Remove {each.name}", f"source remove {each.name}") for each in feeds[:5]),
    )


def _check(there: list[TeamFeed], name: str, url: str) -> None:
    """Raises UserError where the team may not have another feed of that name and address."""
    if len([each for each in there if name != each.name and url != each.url]) >= MOST:
        raise UserError(f"A team reads {MOST} feeds at the most; take one off the list first: source list")
    if another := next((each for each in there if name == each.name and url != each.url), None):
        raise UserError(
            f"{name} is a feed of this team already: {another.url}; call this one something else:"
            f" source add {url} name:nature, or first: source remove {name}"
        )


def status_line(feed: TeamFeed) -> StatusLine:
    """Return how a feed does."""
    if feed.failure:
        return StatusLine(f"feed {feed.name}", "fail", feed.failure)
    when = f"last read {spoken(feed.read_at.date())} {feed.read_at:%H:%M} UTC" if feed.read_at else "not read yet"
    return StatusLine(f"feed {feed.name}", "ok", f"{when}: {feed.url}")


async def _read(call: Call, url: str) -> Batch:
    if call.world.feed_reader is None:
        raise UserError("Feeds can't be read here; ask whoever runs this bot.")
    try:
        async with asyncio.timeout(_PATIENCE):
            batch = await call.world.feed_reader.read(url)
    except TimeoutError:
        raise UserError(f"That feed did not come within {_PATIENCE:g} seconds; try again later.") from None
    except SourceError as wrong:
        raise UserError(f"That feed can't be read: {wrong}") from wrong
    return replace(batch, name=f"{SOURCE}:{urlsplit(url).hostname}")


def _address(typed: str) -> str:
    bare = typed.strip().strip("<>")
    url = bare if "://" in bare else f"https://{bare}"
    try:
        there = urlsplit(url)
        named = there.hostname and "." in there.hostname
    except ValueError:
        named = None
    if not named or there.scheme not in ("http", "https") or " " in url or len(url) > 1_000:
        raise UserError(f"“{text.shown(typed)}” is no web address; for example: {_EXAMPLE}")
    return url


def _name(wanted: str) -> str:
    name = wanted.lower().strip()
    if not _NAME.fullmatch(name):
        raise UserError(f"“{text.shown(wanted)}” is no name for a feed; write letters, digits, dots: name:nature")
    return name


COMMANDS = (
    Command(
        "source add",
        "read a feed (RSS or Atom) for this team: a journal, a laboratory, a blog",
        add,
        (
            Param("address", Shape.WORD, "the feed's web address", required=True),
            Param("name", Shape.WORD, "what to call it; else its host", option=True),
        ),
        _EXAMPLE,
        configures=True,
    ),
    Command("source list", "the feeds that this team reads, and how each does", show),
    Command(
        "source remove",
        "read a feed no more",
        remove,
        (Param("name", Shape.WORD, "the feed's name", required=True),),
        "source remove nature.com",
        configures=True,
    ),
)
