"""A digest as a Discord message."""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.buttons import Ids, button, buttons, press_of
from adapters.discord.limits import (
    MESSAGE_COMPONENTS,
    Component,
    count_of,
    rows,
    text_display,
)
from adapters.discord.message import Message, fitted
from adapters.discord.papers import entries, entry
from adapters.discord.text import escaped, heading, plain
from bot import text
from bot.reply import Action, DigestPost, PaperLine

MOST_BUTTONS = 15
"""Buttons below a digest: all its days can be reached, and papers can be voted for."""


def digest_message(post: DigestPost, key: str = "", role: str | None = None) -> Message:
    """Return the message of a digest; with the delivery's key, by which a press in it tells which digest it is, and
    it is found again.

    `role` is the id of a role to be mentioned in a line above it: the only mention that is ever made. It notifies
    nobody unless the request allows that very role.
    """
    ids = Ids(key)
    mention = [text_display(f"<@&{role}>")] if role and role.isdecimal() else []

    def make(detail: int, most: int) -> list[Component]:
        return [*mention, *parts(post, ids, detail, most, MESSAGE_COMPONENTS - len(mention))]

    components = fitted(make, len(post.papers))
    return Message(components, plain(post.heading, 100) or "Daily papers", ids.long_commands)


def key_of(message: Mapping[str, Any]) -> str | None:
    """Return the key of the delivery that a message (as Discord's API gives it) is, None for any other message."""
    keys = (press.key for each in _custom_ids(message.get("components") or ()) if (press := press_of(each)))
    return next((key for key in keys if key), None)


def parts(post: DigestPost, ids: Ids, detail: int, most: int, room: int) -> list[Component]:
    """Return a digest in at most `room` components: heading, at most so many papers, how many more there are, and
    buttons.

    In no container: Discord can't list the messages of a channel that has one, and so it could not be read back
    whether a digest has arrived (https://github.com/discord/discord-api-docs/issues/8611).
    """
    tail: list[Component] = []
    left_out = len(post.papers) - most
    small = [f"{text.plural(left_out, 'more paper')} had no room in this message"] if left_out > 0 else []
    small += [f"and {post.more:,} more"] if post.more > 0 else []
    if footer := escaped(post.footer, 1_000 if detail > 1 else 200):
        small.append(footer)
    if small:
        tail.append(text_display(f"-# {' · '.join(small)}"))
    below = buttons(ids, post.actions, MOST_BUTTONS, "d")
    if not below and ids.key and (found := button(ids, Action("Settings", "digest show"), "d0")):
        below = [found]  # a digest without any button could not be found again
    tail += rows(below)
    top = text_display(heading(post.heading, 2) or "## Daily papers")
    papers = list(_titled(post, detail))[:most]
    middle = entries(papers, ids, room - 1 - count_of(tail)) if papers else []
    return [top, *middle, *tail]


def _titled(post: DigestPost, detail: int) -> Iterator[tuple[PaperLine, str]]:
    """Yield the papers with the texts that show them; a section's title stands above its first paper."""
    for part in post.sections:
        title = heading(part.title or "", 3, 300 if detail else 60)
        for paper in part.papers:
            shown = entry(paper, detail)
            yield paper, f"{title}\n{shown}" if title else shown
            title = ""


def _custom_ids(found: Any) -> Iterator[str]:
    if isinstance(found, Mapping):
        if isinstance(named := found.get("custom_id"), str):
            yield named
        for within in ("components", "accessory"):
            yield from _custom_ids(found.get(within))
    elif isinstance(found, list | tuple):
        for each in found:
            yield from _custom_ids(each)
