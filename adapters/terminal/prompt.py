"""The line that people type at in the terminal: history, completion, a quiet line below. The home of prompt_toolkit."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer
from prompt_toolkit.completion import Completion as Offer
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from adapters.terminal.completion import Completion, Shown
from adapters.terminal.layout import safe
from bot.commands.table import Command
from bot.reply import HelpLine, Reply

_STYLE = Style.from_dict(
    {
        "prompt": "ansicyan bold",
        "auto-suggestion": "ansibrightblack",
        "bottom-toolbar": "noreverse ansibrightblack",
        "completion-menu": "bg:default default noreverse",
        "completion-menu.completion": "bg:default default",
        "completion-menu.completion.current": "bg:default ansicyan bold reverse",
        "completion-menu.meta.completion": "bg:default ansibrightblack",
        "completion-menu.meta.completion.current": "bg:default ansicyan",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:ansibrightblack",
    }
)


class CommandCompleter(Completer):
    """Offers the suggestions of `adapters.terminal.completion` in prompt_toolkit's menu."""

    def __init__(self, table: Mapping[str, Command], extra: Sequence[HelpLine] = ()) -> None:
        self._completion = Completion(table, extra)

    def remember(self, reply: Reply) -> None:
        """Offer the ids, numbers and commands of this reply from now on, and no longer the last one's."""
        self._completion.shown = Shown.by(reply)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Offer]:  # noqa: ARG002 - prompt_toolkit's signature
        """Yield what fits the line before the cursor."""
        for found in self._completion.suggestions(document.text_before_cursor):
            yield Offer(found.text, start_position=-found.replaces, display_meta=found.meta)


class Prompt:
    """Reads lines. What else prints meanwhile, as a digest that is due, appears above the line."""

    def __init__(
        self,
        table: Mapping[str, Command],
        history_file: Path | None = None,
        extra: Sequence[HelpLine] = (),
        *,
        toolbar: Callable[[], str] | None = None,
        mark: str = "› ",
    ) -> None:
        self._completer = CommandCompleter(table, extra)
        self._session: PromptSession[str] = PromptSession(
            [("class:prompt", mark)],
            history=_history(history_file),
            completer=self._completer,
            auto_suggest=AutoSuggestFromHistory(),
            bottom_toolbar=_toolbar(toolbar) if toolbar else None,
            key_bindings=_keys(),
            style=_STYLE,
            reserve_space_for_menu=6,
        )

    async def read_line(self) -> str | None:
        """Return the line that was typed; None at the end of input (Ctrl-D). Ctrl-C empties the line."""
        try:
            with patch_stdout(raw=True):
                return await self._session.prompt_async()
        except EOFError:
            return None

    def remember(self, reply: Reply) -> None:
        """Complete ids, numbers and commands of this reply from now on."""
        self._completer.remember(reply)


def _toolbar(told: Callable[[], str]) -> Callable[[], StyleAndTextTuples]:
    return lambda: [("class:bottom-toolbar", safe(told()))]


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("c-c")
    @keys.add(Keys.SIGINT)
    def _empty_the_line(event: KeyPressEvent) -> None:
        event.current_buffer.reset()

    return keys


class _LastingHistory(FileHistory):
    """A history file that may become unwritable at any time, at no loss but its own."""

    def store_string(self, string: str) -> None:
        with contextlib.suppress(OSError):  # the line stays in memory, where Up finds it for this session
            super().store_string(string)


def _history(file: Path | None) -> History:
    """Return the history of a file, which its owner alone may read; one in memory where that can't be written."""
    if file is None:
        return InMemoryHistory()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.chmod(0o600)
        with file.open("ab"):
            return _LastingHistory(str(file))
    except OSError:
        return InMemoryHistory()
