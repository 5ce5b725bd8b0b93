"""What the journeys need of a platform, and the wall on which its messages are seen.

A platform is one file, `tests/journeys/on_NAME.py`, with a `Stage` in it, and one entry in
`tests/journeys/platforms.py`. The journeys do not know on which they are played: they name people and channels as
everybody would (“alice”, “#papers”), and ask the scene how the platform calls them.

A stage brings what somebody types to the platform's real library as the platform would bring it (signed, in an
envelope, over a socket), with a fake of the platform at the far end alone. What comes back to a journey is the
`Reply` that the core gave on the way; the stage keeps those by one wrapper around `bot.commands.dispatch.answer`, and
hands one out only after it has read the message that the platform *shows* (as a `tests.journeys.screen.Screen`), and
held it against the reply with `tests.journeys.telling`: notice, heading, each paper with its link, each button, the
page, and what is not done. Where a message that somebody sees has a button of the very command that a journey types
next, the stage presses it.

Digests and notes go through the platform's own messenger; the stage reads those messages as well.
"""

import datetime as dt
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from bot.ports import Finding, Messenger, Posting, World
from bot.reply import AbstractsPost, DigestPost, Post, Reply
from bot.team import Who


class Stage(Protocol):
    """A platform on which journeys are played."""

    platform: str
    """The platform's name in the store."""
    thread_room: int
    """That of its messenger."""

    def playing(self, world: World) -> AbstractAsyncContextManager[Messenger]:
        """Within the block, the platform's adapter is at work on a world; yields its messenger."""
        ...

    def member(self, name: str) -> str:
        """Return how the platform calls somebody: alice is “alice”, or “U0ALICE”."""
        ...

    def channel(self, name: str) -> str:
        """Return how the platform calls a channel; a name without “#” is somebody's own talk with the bot."""
        ...

    def who(self, name: str, channel: str, team: str, may_configure: bool) -> Who:
        """Let somebody be in a channel of a team, with a member's rights or a guest's; return them as the core knows.

        `team` is the team's name: “lab” for all but strangers.
        """
        ...

    async def says(self, who: Who, typed: str) -> Reply:
        """Let somebody type a line, or press the button that they see for it; return the answer, done or not.

        Raises AssertionError where what the platform shows does not tell that answer.
        """
        ...

    def post_faults(self, team: str, channel: str, message_id: str, post: Post) -> list[str]:
        """Return what the message that was posted does not tell of that digest, or of those abstracts."""
        ...

    def note_faults(self, team: str, member: str, note: Reply) -> list[str]:
        """Return what the last message that somebody got in private does not tell of that note."""
        ...


@dataclass(slots=True)
class Wall:
    """The platform's messenger, with a look at all that it posts; refuses, or breaks, as it was told to.

    `wrong` is what was shown otherwise than it is: kept, for what a messenger raises, delivery swallows and logs.
    `answers` and `told` are what comes of the next posts and notes, in place of sending them; `replies` what was
    posted in threads, each with the message whose thread it is.
    """

    stage: Stage
    platform: str = field(init=False)
    thread_room: int = field(init=False)
    messenger: Messenger | None = None
    posts: list[tuple[str, DigestPost, str]] = field(default_factory=list)
    replies: list[tuple[str, AbstractsPost]] = field(default_factory=list)
    answers: list[Posting] = field(default_factory=list)
    notes: list[tuple[str, Reply]] = field(default_factory=list)
    told: list[Posting] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.platform = self.stage.platform
        self.thread_room = self.stage.thread_room

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Post, unless the next answer is another, and look at what is shown."""
        if self.answers:
            return self.answers.pop(0)
        posting = await self._real.post(team, channel, post, key, thread)
        if posting.outcome != "accepted" or not posting.message_id:
            self.wrong.append(f"a post was not accepted: {posting}")
            return posting
        self.wrong += self.stage.post_faults(team, channel, posting.message_id, post)
        if isinstance(post, DigestPost):
            self.posts.append((channel, post, key))
        else:
            self.replies.append((str(thread), post))
        return posting

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """Find what was posted with that key."""
        return await self._real.find(team, channel, key, since, thread)

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """Nothing is ever posted twice here."""
        self.wrong.append(f"{message_id} would be deleted")
        return Posting("refused", reason="nothing is deleted here", permanent=True)

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Put another post in a message's place."""
        return await self._real.update(team, channel, message_id, post, key)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Keep the note, and send it, unless the next answer in `told` is another."""
        self.notes.append((member, note))
        if self.told:
            return self.told.pop(0)
        posting = await self._real.tell(team, member, note, about)
        if posting.outcome == "accepted":
            self.wrong += self.stage.note_faults(team, member, note)
        else:
            self.wrong.append(f"a note was not accepted: {posting}")
        return posting

    @property
    def _real(self) -> Messenger:
        assert self.messenger, "the stage is not set yet"
        return self.messenger
