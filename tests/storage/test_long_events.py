"""A press may carry a whole command: it counts once like any other, on either kind of database."""

import asyncio
import datetime as dt
import random
import string
from types import SimpleNamespace
from typing import Any, cast

from adapters.cli.clock import SetClock
from bot.arrivals import Arrivals
from storage.database import SqlStore

NOW = dt.datetime(2025, 6, 5, 14, tzinfo=dt.UTC)


async def test_an_event_of_any_length_counts_once(store: SqlStore) -> None:
    arrivals = Arrivals(cast(Any, SimpleNamespace(store=store, clock=SetClock(NOW))), "slack")
    letters = random.Random(1).choices(string.ascii_letters, k=9_000)  # that nothing can compress
    line = "share U1 " + "".join(letters)
    assert await asyncio.gather(*map(arrivals.first, (line, line, f"{line}!"))) == [True, False, True]
    assert await arrivals.first(line) is False
