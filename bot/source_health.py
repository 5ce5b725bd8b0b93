"""How a source does, in words: when it was read last, what failed last, and when it is asked next."""

import datetime as dt
from collections.abc import Container, Iterable
from typing import Literal

from bot.dates import spoken
from bot.store_sources import SourceRun

QUIET = dt.timedelta(days=4)
"""How long a source may have been silent before it is worth a warning: a weekend with a holiday."""

INBOX = "inbox"
"""The inbox's name in the diary of the sources."""

_OVERDUE = dt.timedelta(hours=1)

State = Literal["ok", "warn", "fail"]


def concerning(runs: Iterable[SourceRun], asked: Container[str]) -> list[SourceRun]:
    """Return those of which people are told: `asked` by the service, or read, or failed, before.

    An inbox that is set no more, nobody reads.
    """
    return [
        run for run in runs if run.source in asked or (run.source != INBOX and (run.last_success or run.last_failure))
    ]


def health(run: SourceRun, now: dt.datetime, asked: bool = True) -> tuple[State, str]:
    """Return how a source does, and that in words.

    One that the service does not ask (`asked`) keeps it from nothing, whether a pass over it failed or is long ago.
    """
    if run.fails and run.last_failure:
        read = f"last read {when(run.last_success)}" if run.last_success else "never read"
        failed = f"failed {when(run.last_failure)}: {run.failure}"
        if run.idle or not asked:
            return "warn", _joined(
                failed, read, f"not asked: {run.idle}" if run.idle else "the service does not ask it"
            )
        return "fail", _joined(failed, read, _next(run, now, "next try"))
    if run.idle:
        return "ok", _joined(
            f"not asked: {run.idle}", f"last read {when(run.last_success)}" if run.last_success else ""
        )
    if run.last_success is None:
        return "warn", _joined("never read", _next(run, now))
    newest = f", newest list {spoken(run.newest_day)}" if run.newest_day else ""
    failed = f"failed before, {when(run.last_failure)}: {run.failure}" if run.last_failure else ""
    backfill = f"a backfill since {run.backfill_since} stopped before {run.backfill_next}" if run.backfill_next else ""
    coming = _next(run, now) if asked else ""
    words = _joined(f"last read {when(run.last_success)}{newest}", failed, coming, backfill)
    silent = run.newest_day is not None and now - run.last_success > QUIET  # without lists, it is asked when wanted
    return "warn" if silent and asked else "ok", words


def when(instant: dt.datetime) -> str:
    """Return a time for people's eyes, in UTC."""
    return f"{spoken(instant.date())} {instant:%H:%M} UTC"


def _next(run: SourceRun, now: dt.datetime, what: str = "next poll") -> str:
    if run.next_poll is None:
        return ""
    if run.next_poll < now - _OVERDUE:
        return f"{what} was due {when(run.next_poll)}: paperround run makes it"
    return f"{what} {when(run.next_poll)}"


def _joined(*parts: str) -> str:
    """Join what there is with semicolons; a failure's own full stop would stand in front of one."""
    return "; ".join(part.rstrip(".") for part in parts if part)
