"""The inbox: a folder into which recorded answers are dropped, each of them stored once.

What was read is remembered in a file of the data folder, by name, time and size: read again, an old answer would
put old votes in the place of newer ones.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from bot import text
from bot.errors import SourceError
from bot.ingest import ingest
from bot.ports import Batch, World
from bot.source_health import INBOX

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file as it was when it was read: when it was changed last (nanoseconds), its size, and what was wrong."""

    changed: int
    size: int
    wrong: str | None = None

    def same(self, other: "Dropped | None") -> bool:
        """Whether the file is still as it was then."""
        return other is not None and (self.changed, self.size) == (other.changed, other.size)


@dataclass(slots=True)
class Inbox:
    """A folder with answers of one source. `stopping` is asked before each file."""

    world: World
    folder: Path
    memory: Path
    source: str
    read_file: Callable[[Path], Batch]
    stopping: Callable[[], bool] = lambda: False
    _known: dict[str, Dropped] | None = field(default=None, init=False)
    _told: str | None = field(default=None, init=False)

    async def __call__(self) -> None:
        """Store what is new in the folder, the oldest first. Raises SourceError where the folder can't be read."""
        if self._known is None:
            self._told = await self._told_before()
            self._known = await asyncio.to_thread(recall, self.memory)
        try:
            there = await asyncio.to_thread(answers_in, self.folder)
        except SourceError as wrong:
            await self._tell_diary(str(wrong))
            raise
        await self._keep({name: kept for name, kept in self._known.items() if name in there})
        for name, file in there.items():
            if self.stopping():
                return
            if not file.same(self._known.get(name)):
                wrong_with_it = await self._store(self.folder / name)
                await self._keep({**self._known, name: replace(file, wrong=wrong_with_it)})
        await self._tell_diary(_wrong_ones(self._known))

    async def _keep(self, known: dict[str, Dropped]) -> None:
        if known != self._known:
            self._known = known
            await asyncio.to_thread(remember, self.memory, known)

    async def _store(self, path: Path) -> str | None:
        """Store an answer; return what is wrong with it, where it can't be."""
        try:
            batch = await asyncio.to_thread(self.read_file, path)
        except SourceError as wrong:
            log.warning("a file of the inbox can't be used; it is left alone until it is changed", reason=str(wrong))
            return str(wrong)
        report = await ingest(self.world.store, self.source, batch, self.world.clock.now())
        log.info("a file of the inbox was read", file=batch.name, new=report.new, updated=report.updated)
        async with self.world.store.write() as session:
            await session.source_runs.succeeded(INBOX, self.world.clock.now(), report.newest_day)
        self._told = None  # what is wrong with others is to be told again, after this
        return None

    async def _told_before(self) -> str | None:
        """Return what the diary says is wrong."""
        async with self.world.store.read() as session:
            for run in await session.source_runs.all():
                fails = run.last_failure and (run.last_success is None or run.last_success < run.last_failure)
                if run.source == INBOX and fails:
                    return run.failure
        return None

    async def _tell_diary(self, wrong: str | None) -> None:
        """Note what is wrong now, where that is something else than before; once all is right, note that."""
        if wrong == self._told:
            return
        async with self.world.store.write() as session:
            if wrong:
                await session.source_runs.failed(INBOX, self.world.clock.now(), wrong)
            else:
                await session.source_runs.succeeded(INBOX, self.world.clock.now(), None)
        self._told = wrong


def answers_in(folder: Path) -> dict[str, Dropped]:
    """Return the answers in a folder by name, the oldest first. Raises SourceError. Blocks."""
    found = {}
    try:
        for path in folder.iterdir():
            if path.suffix.lower() == ".json" and not path.name.startswith(".") and path.is_file():
                facts = path.stat()
                found[path.name] = Dropped(facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise SourceError(f"The inbox {folder} can't be read: {error.strerror}.") from error
    return dict(sorted(found.items(), key=lambda each: (each[1].changed, each[0])))


def recall(memory: Path) -> dict[str, Dropped]:
    """Return what was read before, by name; nothing where that is not known any more. Blocks."""
    try:
        kept = json.loads(memory.read_text(encoding="utf-8"))
        return {name: Dropped(*facts) for name, facts in kept.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as wrong:
        log.warning("what was read from the inbox is not known any more; it is read again", reason=str(wrong))
        return {}


def remember(memory: Path, kept: Mapping[str, Dropped]) -> None:
    """Keep what was read, wholly or not at all. Raises SourceError. Blocks."""
    facts = {name: (each.changed, each.size, each.wrong) for name, each in kept.items()}
    fresh = memory.with_suffix(".new")
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")
        fresh.replace(memory)
    except OSError as error:
        raise SourceError(f"What was read from the inbox can't be kept in {memory}: {error.strerror}.") from error


def _wrong_ones(kept: Mapping[str, Dropped]) -> str | None:
    wrong = [each.wrong for each in kept.values() if each.wrong]
    if len(wrong) < 2:
        return wrong[0] if wrong else None
    return f"{wrong[0]} {text.plural(len(wrong) - 1, 'other file')} can't be used, either."
