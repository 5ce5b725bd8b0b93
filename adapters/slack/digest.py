"""A digest as a Slack message. Many channels get the same papers: their entries are made once, and kept."""

from functools import lru_cache, partial

from adapters.slack.blocks import FALLBACK_TEXT, HEADER_TEXT, Block, action_rows, context, header, section
from adapters.slack.buttons import buttons
from adapters.slack.message import Message, fitted
from adapters.slack.paper_blocks import paper_blocks
from adapters.slack.text import mrkdwn, plain
from bot.reply import DigestPost, PaperLine


def digest_message(post: DigestPost) -> Message:
    """Return the message of a digest."""
    titles = ". ".join(f"{paper.title} ({paper.label})" for paper in post.papers)
    return Message(mrkdwn(f"{post.heading}. {titles}", FALLBACK_TEXT), fitted(partial(digest_blocks, post)))


def digest_blocks(post: DigestPost, detail: int = 2) -> list[Block]:
    """Return the blocks of a digest: heading, an entry for each paper, how many more there are, and buttons."""
    blocks = [header(plain(post.heading, HEADER_TEXT) or "Daily papers")]
    number = 0
    for part in post.sections:
        if title := mrkdwn(part.title or "", 300):
            blocks.append(section(f"*{title}*"))
        for paper in part.papers:
            blocks += _entry(paper, number, detail)
            number += 1
    small = [f"and {post.more:,} more"] if post.more > 0 else []
    if footer := mrkdwn(post.footer, 1_000):
        small.append(footer)
    if small:
        blocks.append(context(small))
    return blocks + action_rows(buttons(post.actions, "d"))


@lru_cache(maxsize=4_096)
def _entry(paper: PaperLine, number: int, detail: int) -> tuple[Block, ...]:
    return tuple(paper_blocks(paper, f"p{number}", detail))
