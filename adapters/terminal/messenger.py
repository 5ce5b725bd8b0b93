"""Posts digests to the terminal."""

# ruff: noqa: ARG002 - a screen has one team, and no message of it can be found again

import datetime as dt
import io
from typing import Literal, cast

from rich.console import Console, RenderableType

from adapters.terminal.render import render_digest, render_reply
from bot.ports import Finding, Posting
from bot.reply import AbstractsPost, DigestPost, Post, Reply

_Colours = Literal["standard", "256", "truecolor", "windows"] | None


class TerminalMessenger:
    """Prints each digest once: a key that was posted is answered as before, and nothing is printed."""

    thread_room = 0

    def __init__(self, console: Console, platform: str = "terminal") -> None:
        self.platform = platform
        self._console = console
        self._posted: dict[str, str] = {}

    async def post(self, team: str, channel: str, post: Post, key: str, thread: str | None = None) -> Posting:
        """Print a digest. A closed or broken output refuses it, for now."""
        if isinstance(post, AbstractsPost):
            return Posting("refused", reason="a terminal has no threads", permanent=True)
        if key not in self._posted:
            try:
                self._print(render_digest(post, channel))
            except OSError as broken:
                return Posting("refused", reason=f"the terminal can't be written to: {broken}")
            self._posted[key] = f"terminal-{len(self._posted) + 1}"
        return Posting("accepted", message_id=self._posted[key])

    async def find(self, team: str, channel: str, key: str, since: dt.datetime, thread: str | None = None) -> Finding:
        """What stands on a screen can't be read back; what this process posted is remembered."""
        if key in self._posted:
            return Finding("read", (self._posted[key],))
        return Finding("unreadable", reason="a terminal can't be read back")

    async def delete(self, team: str, channel: str, message_id: str, thread: str | None = None) -> Posting:
        """What stands on a screen stays there."""
        return Posting("refused", reason="a terminal can't be wiped", permanent=True)

    async def update(self, team: str, channel: str, message_id: str, post: DigestPost, key: str) -> Posting:
        """Print the new one below."""
        try:
            self._print(render_digest(post, channel))
        except OSError as broken:
            return Posting("refused", reason=f"the terminal can't be written to: {broken}")
        return Posting("accepted", message_id=message_id)

    async def tell(self, team: str, member: str, note: Reply, about: str | None = None) -> Posting:
        """Print a note to a member."""
        try:
            self._print(render_reply(note))
        except OSError as broken:
            return Posting("refused", reason=f"the terminal can't be written to: {broken}")
        return Posting("accepted")

    def _print(self, what: RenderableType) -> None:
        """Write it in one piece. Raises OSError.

        Not by the console's own print, which ends the whole program at a broken pipe (rich 15,
        `Console.on_broken_pipe`), nor by its capture, which writes too.
        """
        if self._console.file.closed:
            raise BrokenPipeError("it is closed")
        page = Console(
            file=io.StringIO(),
            width=self._console.width,
            color_system=cast(_Colours, self._console.color_system),
            force_terminal=self._console.is_terminal,
            legacy_windows=False,
        )
        page.print(what)
        self._console.file.write(f"{cast(io.StringIO, page.file).getvalue()}\n")
        self._console.file.flush()
