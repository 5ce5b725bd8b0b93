"""The abstracts that follow a digest in its thread, as a Discord message."""

from collections.abc import Sequence

from adapters.discord.buttons import Ids, buttons
from adapters.discord.limits import MESSAGE_TEXT, Component, rows, size_of, text_display
from adapters.discord.message import Message
from adapters.discord.text import escaped, link, plain
from bot import text
from bot.reply import AbstractsPost, Action

ROOM = 3_200
"""Characters of titles and abstracts in a message: with what is escaped in them, 4,000 at most as a rule."""

_TITLE = 300


def abstracts_message(post: AbstractsPost, key: str) -> Message:
    """Return the message: for each paper its title, as a link, and the abstract; the key is in a button's id."""
    ids = Ids(key)
    below = rows(buttons(ids, [Action("Why these?", "digest show")], 1, "t"))
    titles = [f"**{link(paper.url, paper.title or '(untitled)', _TITLE)}**" for paper in post.papers]
    share = max(0, (MESSAGE_TEXT - sum(map(len, titles)) - len(titles)) // max(1, len(titles)))
    parts = _parts(post, titles, share)
    while share and not size_of([*parts, *below]).fits:  # in letters of four bytes, 3,000 are too heavy
        share = share * 3 // 4
        parts = _parts(post, titles, share)
    gist = plain(f"Abstracts: {', '.join(paper.title for paper in post.papers)}", 100)
    return Message([*parts, *below], gist, ids.long_commands)


def _parts(post: AbstractsPost, titles: Sequence[str], share: int) -> list[Component]:
    """Return each title with so much of its abstract."""
    shown = [_cut(paper.text, share) for paper in post.papers]
    return [text_display(f"{title}\n{words}" if words else title) for title, words in zip(titles, shown, strict=True)]


def _cut(abstract: str, most: int) -> str:
    """Return as much of an abstract as fits, escapes counted."""
    shown = escaped(abstract, most)
    return shown if len(shown) <= most else escaped(text.cut(abstract, most // 2), most)
