"""The abstracts that follow a digest in its thread, as a Slack message."""

from functools import partial

from adapters.slack.blocks import FALLBACK_TEXT, SECTION_TEXT, Block, section
from adapters.slack.message import Message, fitted
from adapters.slack.paper_blocks import TITLE
from adapters.slack.text import link, mrkdwn
from bot.reply import Abstract, AbstractsPost

ROOM = 9_000
"""Characters of titles and abstracts in a message: with what is around them, 12,000 at most as a rule."""

_LONGEST = {2: SECTION_TEXT, 1: 900, 0: 250}
"""Characters of an abstract, by detail: the first as a rule, the others where so much had to be escaped."""


def abstracts_message(post: AbstractsPost) -> Message:
    """Return the message: for each paper its title, as a link, and the abstract."""
    titles = ". ".join(paper.title for paper in post.papers)
    return Message(mrkdwn(f"Abstracts: {titles}", FALLBACK_TEXT), fitted(partial(_blocks, post)))


def _blocks(post: AbstractsPost, detail: int) -> list[Block]:
    return [section(_abstract(paper, _LONGEST[detail])) for paper in post.papers]


def _abstract(paper: Abstract, longest: int) -> str:
    title = f"*{link(paper.url, paper.title or '(untitled)', TITLE)}*"
    return f"{title}\n{mrkdwn(paper.text, min(longest, SECTION_TEXT - len(title) - 1))}"
