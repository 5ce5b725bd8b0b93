"""Lines of text that know how wide they are: wrapping, hanging indents, columns, packed facts.

Everything here is a pure function from text and a width in terminal cells to lines without trailing space,
so that what is piped or copied is as clean as what is seen.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.text import Text

from bot import text as words

TITLE = Style(bold=True)
FAINT = Style(dim=True)
TYPED = Style(color="cyan")
"""The first accent: what can be typed or copied, commands and ids."""
MARKED = Style(color="yellow")
"""The second: votes, and what wants attention. The words beside it say the same."""
FOUND = Style(bold=True, underline=True)
"""The words that a search looked for."""

MEASURE = 100
"""Lines are never longer, however wide the terminal is."""
NARROWEST = 24
DOT = " · "

Fact = tuple[str, Text]
"""A few words that stay together, and what stands between them and the fact before, if that is in the same line."""

_WORD = re.compile(r"\S+\s*")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # control, format (bidi marks, joiners, tags), lone surrogates


@dataclass(frozen=True, slots=True)
class Laid:
    """A rich renderable: lines laid out for the width that there is, at most MEASURE."""

    lines: Callable[[int], Iterable[Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines(max(NARROWEST, min(options.max_width, MEASURE)))


def safe(text: str) -> str:
    """Return text from outside in one line, with nothing in it that a terminal would obey or reorder."""
    if text.isascii() and text.isprintable():
        return words.clean(text)
    seen = (letter for letter in words.clean(text) if unicodedata.category(letter) not in _UNSEEN)
    return words.clean("".join(seen))


def link(url: str | None) -> Style:
    """Return the style that makes text a link; none for what is no plain http(s) address.

    The address stands inside an escape sequence (OSC 8), so that it must not bring one of its own.
    """
    if not url or not url.isascii() or not url.isprintable() or " " in url or len(url) > 2_000:
        return Style.null()
    try:
        return Style(link=url) if urlsplit(url).scheme in ("http", "https") else Style.null()
    except ValueError:  # a stray bracket in the host
        return Style.null()


def wrapped(text: Text, width: int) -> list[Text]:
    """Return the text broken between words; a word longer than a line is broken where the line ends.

    Empty text is no line.
    """
    if not text.plain:
        return []
    lines = list(text.divide(_breaks(text.plain, width)))
    for line in lines:
        line.rstrip()
    return lines


def _breaks(plain: str, width: int) -> list[int]:
    breaks: list[int] = []
    room = width
    for match in _WORD.finditer(plain):
        word, start = match[0].rstrip(), match.start()
        if cell_len(word) > room and room < width:
            breaks.append(start)
            room = width
        for piece in chop_cells(word, width)[:-1]:
            start += len(piece)
            breaks.append(start)
        room -= cell_len(plain[start : match.end()])
    return breaks


def clamped(lines: list[Text], count: int, width: int) -> list[Text]:
    """Return the first lines; where some are left out, the last one ends in an ellipsis."""
    if len(lines) <= count:
        return lines
    last = _bare(lines[count - 1])
    if last.cell_len >= width:
        space = last.plain.rfind(" ")  # cut between words; a word as long as the line is cut where the line ends
        last = _bare(last[:space] if space > 0 else last)
        last.truncate(width - 1)
    return [*lines[: count - 1], last.append("…")]


def _bare(line: Text) -> Text:
    return line[: len(line.plain.rstrip(" ,.;:"))]


def hung(mark: Text, lines: Iterable[Text]) -> list[Text]:
    """Return the lines behind a mark: the first beside it, the others under the first."""
    blank = Text(" " * mark.cell_len)
    return [Text.assemble(blank if place else mark, line) for place, line in enumerate(lines)]


def beside(mark: Text, text: Text, width: int) -> list[Text]:
    """Return the text wrapped beside a mark, within the width."""
    return hung(mark, wrapped(text, width - mark.cell_len))


def packed(facts: Sequence[Fact], width: int) -> list[Text]:
    """Return facts behind one another, as many a line as fit; a line breaks within a fact only if that is too long."""
    lines: list[Text] = []
    for glue, fact in facts:
        if lines and lines[-1].cell_len + len(glue) + fact.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], (glue, FAINT), fact)
        else:
            lines += wrapped(fact, width)
    return lines


def padded(text: Text, width: int) -> Text:
    """Return the text with spaces behind it, up to the width."""
    return Text.assemble(text, " " * (width - text.cell_len))


def columns(rows: Sequence[tuple[Text, Text]], width: int, widest: int) -> list[Text]:
    """Return rows in two columns; a left cell wider than `widest` has its line, and the right cell follows below."""
    left = max((label.cell_len for label, _ in rows if label.cell_len <= widest), default=0) + 2
    lines: list[Text] = []
    for label, text in rows:
        if label.cell_len <= widest:
            lines += beside(padded(label, left), text, width) or [label]
        else:
            indent = len(label.plain) - len(label.plain.lstrip())
            lines += hung(Text(" " * indent), wrapped(label[indent:], width - indent))
            lines += beside(Text(" " * left), text, width)
    return lines


def parted(blocks: Iterable[Sequence[Text]]) -> list[Text]:
    """Return blocks of lines with an empty line between them; empty blocks leave no trace."""
    lines: list[Text] = []
    for block in blocks:
        if block:
            lines += [Text(), *block] if lines else block
    return lines
