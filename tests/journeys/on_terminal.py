"""The journeys with no platform between the people and the core: what they type is answered at once."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.commands.dispatch import answer
from bot.ports import Finding, Posting, World
from bot.reply import DigestPost, Post, Reply
from bot.team import Who


@dataclass(slots=True)
class Paper:
    """A messenger that keeps what is posted: the terminal's own prints it, and can't be read back."""

    platform: str = "terminal"
    thread_room: int = 0
    posts: list[tuple[str, str, Post]] = field(default_factory=list)

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Keep the post."""
        self.posts.append((channel, key, post))
        return Posting("accepted", message_id=f"post-{len(self.posts) - 1}")

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find what was posted with that key."""
        found = [place for place, post in enumerate(self.posts) if post[:2] == (channel, key)]
        return Finding("read", tuple(f"post-{place}" for place in found))

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """What is printed stays."""
        return Posting("refused", reason="what is printed stays", permanent=True)

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place."""
        self.posts[int(message_id.removeprefix("post-"))] = (channel, key, post)
        return Posting("accepted", message_id=message_id)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Take the note."""
        return Posting("accepted")


class TerminalStage:
    """Implements `tests.journeys.stage.Stage` with nothing in between."""

    platform = "terminal"
    thread_room = 0

    def __init__(self, paper: Paper | None = None) -> None:
        self._world: World | None = None
        self._paper = paper or Paper()

    @asynccontextmanager
    async def playing(self, world: World) -> AsyncIterator[Paper]:
        """Play on a world."""
        self._world = world
        yield self._paper

    def member(self, name: str) -> str:
        """Return the name."""
        return name

    def channel(self, name: str) -> str:
        """Return the name."""
        return name

    def who(self, name: str, channel: str, team: str, may_configure: bool) -> Who:
        """Return somebody."""
        return Who(self.platform, team, channel, name, may_configure)

    async def says(self, who: Who, typed: str) -> Reply:
        """Let somebody type a line."""
        assert self._world
        return await answer(self._world, who, typed)

    def post_faults(self, team: str, channel: str, message_id: str, post: Post) -> list[str]:
        """Nothing is drawn here."""
        return []

    def note_faults(self, team: str, member: str, note: Reply) -> list[str]:
        """Nothing is drawn here."""
        return []


@asynccontextmanager
async def terminal() -> AsyncIterator[TerminalStage]:
    """Set the stage."""
    yield TerminalStage()
