"""A Slack that fails by chance, in a thread of the test's process: a killed bot takes nothing of it along.

Its log is the truth by which deliveries are judged. It has every channel that is posted to.
"""

import asyncio
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.board import Event, Events
from tests.fakes.slack import Channel, FakeSlack, Fault, Json, User, Workspace

MAKER = "alice"
"""Who sets digests up, in every workspace."""

HISTORY = {"channels:history", "groups:history"}
_CALLS = {"conversations.history": "history", "chat.delete": "delete", "chat.update": "update"}


@dataclass(slots=True)
class Whims:
    """How it misbehaves; times in seconds.

    `before` and `after`: the chance with which a digest's post fails before or after it was accepted, in one of the
    ways of `ways_before` and `ways_after`; at most `in_a_row` times running for one key. `slow`: the longest that an
    answer takes. `blind`: nobody may read a history. `lag`: how long an accepted message can't be read back.
    """

    seed: int = 0
    before: float = 0
    after: float = 0
    ways_before: Sequence[Fault] = ("429", "500 before", "reset before")
    ways_after: Sequence[Fault] = ("500 after", "reset after", "silent after")
    in_a_row: int = 3
    slow: float = 0
    blind: bool = False
    lag: float = 0


class WilfulSlack(FakeSlack):
    """The platform, its whims and its log."""

    def __init__(self, whims: Whims, log: list[Event]) -> None:
        super().__init__()
        self.whims = whims
        self.history_lag = whims.lag
        self._log = log
        self._random = random.Random(whims.seed)
        self._running: Counter[str] = Counter()
        self._left_alone_until: dict[tuple[str, str], float] = defaultdict(float)

    def open_workspace(self, team: str) -> None:
        """Let the app be installed in a workspace, with the token `token_of(team)`."""
        made = self.workspace(team=team, token=token_of(team))
        made.scopes |= set() if self.whims.blind else HISTORY
        made.add_user(User(MAKER, MAKER))

    async def _call(self, request: web.Request) -> web.StreamResponse:
        if self.whims.slow:
            await asyncio.sleep(self._random.uniform(0, self.whims.slow))
        return await super()._call(request)

    def _fault_of(self, method: str, args: Json) -> Fault | None:
        key, place = _key_of(args), (method, str(args.get("channel")))
        call = _CALLS.get(method, "post" if key else "tell")
        self._note("request", call=call, channel=place[1], key=key)
        if time.monotonic() < self._left_alone_until[place]:
            self._note("early", call=call, channel=place[1], key=key)
        fault = self._whim(key) if key and call == "post" else None
        if fault:
            self._note("fault", way=fault, call=call, key=key)
        if fault == "429":
            self._left_alone_until[place] = time.monotonic() + 1  # as `limited(1)` says
        return fault

    def _whim(self, key: str) -> Fault | None:
        chance = self._random.random()
        if chance >= self.whims.before + self.whims.after or self._running[key] >= self.whims.in_a_row:
            self._running[key] = 0
            return None
        self._running[key] += 1
        return self._random.choice(self.whims.ways_before if chance < self.whims.before else self.whims.ways_after)

    def _place(self, workspace: Workspace, channel: str) -> Channel:
        if channel not in workspace.users and channel not in workspace.channels:
            workspace.add_channel(channel, channel)
        return super()._place(workspace, channel)

    def _chat_postMessage(self, workspace: Workspace, args: Json) -> Json | web.Response:  # noqa: N802 - Slack's
        answer = super()._chat_postMessage(workspace, args)
        if not isinstance(answer, web.Response):
            key = _key_of(args)
            what = "accepted" if key else "told"
            facts = {"key": key} if key else {"member": args["channel"], "note": {"notice": str(args["blocks"])}}
            self._note(what, id=answer["ts"], team=workspace.team, channel=args["channel"], **facts)
        return answer

    def _chat_delete(self, workspace: Workspace, args: Json) -> Json:
        found = self._found(self._place(workspace, args["channel"]), args["ts"])
        answer = super()._chat_delete(workspace, args)
        self._note("deleted", id=args["ts"], channel=args["channel"], key=_key_of(found))
        return answer

    def _note(self, what: str, **facts: Any) -> None:
        self._log.append({"what": what, "now": time.time(), **facts})


def token_of(team: str) -> str:
    """Return the app's token in a workspace."""
    return f"xoxb-{team}"


def _key_of(message: Json) -> str | None:
    key = ((message.get("metadata") or {}).get("event_payload") or {}).get("key")
    return None if key is None else str(key)


@dataclass(slots=True)
class RunningSlack(Events):
    """A Slack that serves."""

    whims: Whims
    url: str = ""
    log: list[Event] = field(default_factory=list)

    def faults(self, **changed: Any) -> None:
        """Change how it misbehaves (`Whims`)."""
        for name, value in changed.items():
            setattr(self.whims, name, value)

    def all_events(self) -> list[Event]:
        """Return the log."""
        return list(self.log)


@contextmanager
def running_slack(teams: Sequence[str], **whims: Any) -> Iterator[RunningSlack]:
    """Serve a Slack with those workspaces for as long as the block runs."""
    running = RunningSlack(Whims(**whims))
    ready, over = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        fake = WilfulSlack(running.whims, running.log)
        for team in teams:
            fake.open_workspace(team)
        async with fake.serving():
            running.url = fake.api_url
            loops.append(asyncio.get_running_loop())
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="Slack")
    thread.start()
    assert ready.wait(30), "Slack did not start"
    try:
        yield running
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(30)
