"""Keeps the votes that a digest shows right: a press changes them for all, by editing the message.

A message is edited at once after a press, and then at most once in ten seconds; the last edit has them all. What
waits is in memory alone: after a restart, the next vote brings what an edit has missed.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.commands.dispatch import find_command
from bot.delivery import answered
from bot.digest_post import with_team_votes
from bot.errors import StoreError, UserError
from bot.paper_ids import PaperId
from bot.ports import Messenger, Posting, World
from bot.reply import DigestPost

EVERY = 10.0
"""Seconds between two edits of a message."""

MOST_TRIES = 5
"""How often an edit that fails is tried again, later each time; then the next vote brings it."""

_REMEMBERED = 1_000
_VOTES = ("vote", "unvote")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Shown:
    """A digest's message: where it is pressed (in a forum that is the post), and its delivery's key."""

    team: str
    channel: str
    message_id: str
    key: str


def is_vote(line: str) -> bool:
    """Return whether a line changes somebody's vote."""
    try:
        command, _ = find_command(line)
    except UserError:
        return False
    return command.name in _VOTES


class VoteEdits:
    """Edits digests' messages when votes change. `every` is in seconds."""

    def __init__(self, world: World, messenger: Messenger, every: float = EVERY) -> None:
        self._world = world
        self._messenger = messenger
        self._every = every
        self._changed: set[_Shown] = set()
        self._at_work: dict[_Shown, asyncio.Task[None]] = {}
        self._posts: OrderedDict[_Shown, DigestPost | None] = OrderedDict()

    def pressed(self, team: str, channel: str, message_id: str | None, key: str | None) -> None:
        """Note that a vote was changed by a button of a message; None is one that its presser alone sees.

        There, as by Undo, it may be about any of the channel's digests in which votes were pressed lately. Without a
        delivery's key, the message is no digest.
        """
        if message_id is None:
            for shown in [each for each in self._posts if (each.team, each.channel) == (team, channel)]:
                self._mark(shown)
        elif key:
            self._mark(_Shown(team, channel, message_id, key))

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["VoteEdits"]:
        """Within the block, edit; at its end, leave what waits."""
        try:
            yield self
        finally:
            tasks = list(self._at_work.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _mark(self, shown: _Shown) -> None:
        self._changed.add(shown)
        self._posts.setdefault(shown, None)
        self._posts.move_to_end(shown)
        while len(self._posts) > _REMEMBERED:
            self._posts.popitem(last=False)
        if shown not in self._at_work:
            self._at_work[shown] = asyncio.create_task(self._keep_right(shown))

    async def _keep_right(self, shown: _Shown) -> None:
        """Edit a message as long as its votes change. Whoever votes during an edit is in the next one."""
        tries = 0
        try:
            while shown in self._changed:
                self._changed.discard(shown)
                posting = await self._edited(shown)
                wait = self._every
                if posting.outcome == "accepted":
                    tries = 0
                elif posting.permanent or tries == MOST_TRIES:
                    log.warning("the votes in a digest are not shown", delivery=shown.key, reason=posting.reason)
                    break
                else:
                    self._changed.add(shown)
                    tries += 1
                    asked = posting.retry_after.total_seconds() if posting.retry_after else 0.0
                    wait = max(self._every * tries, asked)
                await asyncio.sleep(wait)
        finally:
            self._changed.discard(shown)
            del self._at_work[shown]

    async def _edited(self, shown: _Shown) -> Posting:
        """Edit the message, if it does not show the votes as they are."""
        try:
            now = await self._as_it_is(shown)
        except StoreError as failure:
            return Posting("refused", reason=str(failure))
        if now is None:
            return Posting("refused", reason="the ledger does not know it", permanent=True)
        channel, post = now
        if post == self._posts.get(shown):
            return Posting("accepted")
        call = self._messenger.update(shown.team, channel, shown.message_id, post, shown.key)
        posting = await answered(self._world, call)
        if posting.outcome == "accepted" and shown in self._posts:
            self._posts[shown] = post
        return posting

    async def _as_it_is(self, shown: _Shown) -> tuple[str, DigestPost] | None:
        """Return the channel of a digest, and its post with the team's votes now; None where it is none of the team."""
        async with self._world.store.read() as session:
            row = await session.deliveries.get(shown.key)
            if row is None or (row.platform, row.team) != (self._messenger.platform, shown.team):
                return None
            if not isinstance(row.payload, DigestPost):
                return None
            papers = [PaperId.parse(line.id) for line in row.payload.papers]
            votes = await session.opinions.votes(row.channel.team_id, papers)
            return row.channel.key, with_team_votes(row.payload, votes)
