"""How long work shows where it is: a bar on a terminal, now and then a line elsewhere."""

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY = 50


class Bar:
    """Called with how many are done, of how many, and the last one's name. It writes to standard error."""

    def __init__(self) -> None:
        self.on_terminal = sys.stderr.isatty()
        self.progress = Progress(
            BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True, disable=not self.on_terminal,
        )  # fmt: skip
        self.task = self.progress.add_task("")
        self.told = 0

    def __enter__(self) -> "Bar":
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def __call__(self, done: int, of: int, name: str) -> None:
        """Show that `done` of `of` are done."""
        self.progress.update(self.task, completed=done, total=of, description=name)
        if not self.on_terminal and of > LINE_EVERY and done // LINE_EVERY > self.told:
            self.told = done // LINE_EVERY
            sys.stderr.write(f"{done:,} of {of:,}: {name}\n")

    def tell(self, words: str) -> None:
        """Write a line beside it."""
        self.progress.console.print(words, markup=False, highlight=False)
