"""What a person did in the fake Discord, and what they saw of the answers."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.fakes.discord_world import Channel, Json, Message, User

PATIENCE = 10.0


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did, and what they saw of the answers. `first` is the type of the first response."""

    id: int
    token: str
    kind: int
    user: User
    channel: Channel
    begun_at: datetime
    sent: float
    source: Message | None = None
    is_private_only: bool = False
    is_late: bool = False
    first: int | None = None
    first_after: float | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    happenings: int = 0
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def happened(self) -> None:
        """Wake who waits for something to be seen."""
        self.happenings += 1
        self.waiting.set()


@dataclass(slots=True, eq=False)
class Seen:
    """What a person saw after they did something, as it is now."""

    interaction: Interaction

    @property
    def failed(self) -> bool:
        """Whether Discord said "The application did not respond" (or "This interaction failed")."""
        return self.interaction.first is None

    @property
    def first(self) -> int | None:
        """The type of the first response: 4 message, 5 thinking, 6 deferred, 7 update, 8 choices, 9 modal."""
        return self.interaction.first

    @property
    def first_after(self) -> float:
        """Seconds until the first response came. AssertionError where none did."""
        assert self.interaction.first_after is not None, "The application did not respond"
        return self.interaction.first_after

    @property
    def message(self) -> Message:
        """The first answer, with its edits. For a press that was deferred or updated: the message pressed on."""
        assert self.interaction.original is not None, f"no message came: {self}"
        return self.interaction.original

    @property
    def followups(self) -> list[Message]:
        """What followed the first answer and wasn't deleted."""
        return [one for one in self.interaction.followups if not one.deleted]

    @property
    def modal(self) -> Json:
        """The form that was opened."""
        assert self.interaction.modal is not None, f"no form came: {self}"
        return self.interaction.modal

    @property
    def choices(self) -> list[Json]:
        """The suggestions."""
        assert self.interaction.choices is not None, f"no suggestions came: {self}"
        return self.interaction.choices

    @property
    def answers(self) -> list[Message]:
        """Every answer of its own, in order: the first one, unless it's the message pressed on, and the followups."""
        own = self.interaction.original
        first = [own] if own is not None and own is not self.interaction.source and not own.deleted else []
        return [*first, *self.followups]

    @property
    def text(self) -> str:
        """All that the answers say now."""
        return "\n".join(one.text for one in self.answers)

    @property
    def is_private(self) -> bool:
        """Whether they alone see the answers."""
        assert self.answers, f"no answer came: {self}"
        return all(one.is_private for one in self.answers)

    async def answered(self, count: int = 1, within: float = PATIENCE) -> "Seen":
        """Wait until that many answers are there, none of them still "thinking". TimeoutError after `within` s."""

        def enough() -> bool:
            done = [one for one in self.answers if not one.is_loading]
            return len(done) >= count and len(done) == len(self.answers)

        return await self._until(enough, within)

    async def edited(self, times: int = 1, within: float = PATIENCE) -> "Seen":
        """Wait until the first answer (or the message pressed on) was edited so often by way of this interaction."""
        return await self._until(lambda: self.message.edits >= times, within)

    async def _until(self, fulfilled: Callable[[], bool], within: float) -> "Seen":
        async with asyncio.timeout(within):
            while not fulfilled():
                self.interaction.waiting.clear()
                await self.interaction.waiting.wait()
        return self
