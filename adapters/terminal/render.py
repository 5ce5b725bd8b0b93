"""A Reply or a digest as a rich renderable: a pure function of its argument. And the console that shows it."""

import io
import os
import sys
from collections.abc import Mapping
from functools import partial
from typing import TextIO

from rich.console import Console, RenderableType
from rich.text import Text

from adapters.terminal.layout import DOT, FAINT, MARKED, TITLE, Laid, beside, hung, packed, parted, safe, wrapped
from adapters.terminal.lists import action_list, digest_list, follow_list, help_list, status_list
from adapters.terminal.papers import card, paper_list
from bot.commands.table import PAGE_SIZE
from bot.reply import DigestPost, Pages, Reply
from bot.text import plural

PIPED_WIDTH = 80


def render_reply(reply: Reply) -> RenderableType:
    """Return the reply as it looks in a terminal of any width."""
    return Laid(partial(_reply, reply))


def render_digest(post: DigestPost, channel: str) -> RenderableType:
    """Return the digest as the channel gets it: beside a line, which begins with the channel's name."""
    return Laid(partial(_digest, post, channel))


def _reply(reply: Reply, width: int) -> list[Text]:
    return parted(
        [
            _heading(reply, width),
            _papers(reply, width),
            card(reply.card, width) if reply.card else [],
            _digest(reply.digest, "digest", width) if reply.digest else [],
            follow_list(reply.follows or (), width),
            _mutes(reply, width),
            digest_list(reply.digests or (), width),
            status_list(reply.status or (), width),
            help_list(reply.help or (), width),
            _pages(reply.pages, "paper" if reply.papers is not None else "rule", width) if reply.pages else [],
            action_list(reply.actions, width),
        ]
    )


def _heading(reply: Reply, width: int) -> list[Text]:
    lines = wrapped(Text(safe(reply.heading or ""), TITLE), width)
    notice = Text(safe(reply.notice or ""))
    return lines + (wrapped(notice, width) if reply.ok else beside(Text("✗ ", MARKED), notice, width))


def _papers(reply: Reply, width: int) -> list[Text]:
    first = (reply.pages.page - 1) * PAGE_SIZE + 1 if reply.pages else None
    return paper_list(reply.papers or (), width, first)


def _mutes(reply: Reply, width: int) -> list[Text]:
    lines = follow_list(reply.mutes or (), width)
    return [Text("Muted", TITLE), *lines] if lines else []


def _pages(pages: Pages, noun: str, width: int) -> list[Text]:
    if pages.pages == 1:
        return []
    return wrapped(Text(f"page {pages.page} of {pages.pages} · {plural(pages.total, noun)}", FAINT), width)


def _digest(post: DigestPost, name: str, width: int) -> list[Text]:
    inner = width - 2
    sections = []
    for section in post.sections:
        named = wrapped(Text(safe(section.title or ""), TITLE), inner)
        sections.append(named + paper_list(section.papers, inner, among=post.papers))
    more = Text(f"and {post.more:,} more" if post.more > 0 else "", FAINT)
    blocks = [
        wrapped(Text(safe(post.heading), TITLE), inner),
        *sections,
        wrapped(more, inner),
        packed([(DOT, Text(part, FAINT)) for part in safe(post.footer).split(DOT)], inner),
        action_list(post.actions, inner),
    ]
    bar = Text("│ ", FAINT)
    body = [line for text in parted(blocks) for line in hung(bar, [text])]
    for line in body:
        line.rstrip()
    return [_edge("╭", name, width), *body, _edge("╰", "", width)]


def _edge(corner: str, name: str, width: int) -> Text:
    head = Text.assemble((f"{corner}─", FAINT), f" {safe(name)} " if name else "")
    head.truncate(width - 2, overflow="ellipsis")
    return head.append("─" * (width - head.cell_len), FAINT)


def make_console(
    file: TextIO | None = None, width: int | None = None, environ: Mapping[str, str] | None = None
) -> Console:
    """Return the console for a stream, by default standard output: text is taken as it is, never as markup.

    As wide as the terminal; into a pipe or a file COLUMNS, else 80. NO_COLOR, a dumb terminal and a pipe
    get no escape code at all: rich alone would leave bold and dim where NO_COLOR is set.
    """
    environ = os.environ if environ is None else environ
    stream = sys.stdout if file is None else file
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a title that the terminal can't write must not end the program
    if width is None and not stream.isatty() and not environ.get("COLUMNS", "").isdecimal():
        width = PIPED_WIDTH
    return Console(
        file=file,
        width=width,
        color_system=None if environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
        _environ=environ,
    )


def print_reply(console: Console, reply: Reply) -> None:
    """Print the reply; on a terminal an empty line follows, before the next prompt."""
    console.print(render_reply(reply))
    if console.is_terminal:
        console.print()
