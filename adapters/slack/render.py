"""A Reply as a Slack message: a pure function of its argument, always within Slack's limits."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

from adapters.slack.blocks import (
    FALLBACK_TEXT,
    HEADER_TEXT,
    Block,
    action_rows,
    context,
    header,
    paragraphs,
    section,
)
from adapters.slack.buttons import buttons, menu, share_button
from adapters.slack.digest import digest_blocks
from adapters.slack.message import Message, fitted
from adapters.slack.paper_blocks import card_blocks, entry
from adapters.slack.text import code, mrkdwn, plain, with_channels
from bot import text
from bot.reply import Action, DigestLine, FollowLine, HelpLine, Pages, Reply, StatusLine
from bot.schedule import Schedule

_HALF = FALLBACK_TEXT // 2 - 100
"""Characters of the fallback text for our own words, and as many for others'; links of channels make it longer."""

_STATES = {"ok": "OK", "warn": "Warning", "fail": "Failed"}


def reply_message(reply: Reply, command: str | None = None) -> Message:
    """Return the message of a reply; with the command that it answers, a button shares it with the channel."""
    return Message(fallback_text(reply), fitted(lambda detail: _blocks(reply, command, detail)))


def fallback_text(reply: Reply) -> str:
    """Return the message in words, for notifications and screen readers."""
    ours = [reply.notice, reply.heading, *(f"{line.what}: {line.detail}" for line in reply.status or ())]
    theirs = [reply.card.line.title if reply.card else None, reply.digest.heading if reply.digest else None]
    theirs += [f"{paper.title} ({paper.label})" for paper in reply.papers or ()]
    said = [with_channels(mrkdwn(_sentences(ours), _HALF)), mrkdwn(_sentences(theirs), _HALF)]
    return _sentences(said) or "Paper Round"


def _sentences(said: Sequence[str | None]) -> str:
    """Return what is said as one text, each with its full stop but the last."""
    whole = [each for each in said if each]
    ended = [each if each.endswith((".", "?", "!")) else f"{each}." for each in whole[:-1]]
    return " ".join([*ended, *whole[-1:]])


def _blocks(reply: Reply, command: str | None, detail: int) -> list[Block]:
    blocks: list[Block] = []
    blocks += _heading(reply)
    if notice := with_channels(mrkdwn(reply.notice or "", 2_800)):
        blocks.append(section(notice if reply.ok else f"*Not done:* {notice}"))
    for number, paper in enumerate(reply.papers or ()):
        blocks += entry(paper, number, detail)
    if reply.card:
        blocks += card_blocks(reply.card)
    if reply.digest:
        blocks += digest_blocks(reply.digest, detail)
    blocks += follow_blocks(reply.follows or (), "f")
    if reply.mutes:
        blocks += [section("*Muted*"), *follow_blocks(reply.mutes, "m")]
    for line in reply.digests or ():
        blocks.append(section(_digest(line)))
    blocks += status_blocks(reply.status or ())
    blocks += [section(part) for part in paragraphs([_help(line) for line in reply.help or ()])]
    if reply.pages and reply.pages.pages > 1:
        blocks.append(context([_pages(reply.pages, reply)]))
    return blocks + _actions(reply, command)


def _heading(reply: Reply) -> list[Block]:
    words = plain(reply.heading or "", HEADER_TEXT)
    named = with_channels(mrkdwn(words))
    if "<#" in named:
        return [section(f"*{named}*")]  # a header takes no links, and a channel's id tells nobody anything
    return [header(words)] if words else []


def _actions(reply: Reply, command: str | None) -> list[Block]:
    elements = buttons(reply.actions)
    shared = share_button(command) if command and reply.ok and (reply.papers or reply.card) else None
    return action_rows([*elements, shared] if shared else elements)


def status_blocks(lines: Sequence[StatusLine]) -> list[Block]:
    """Return how parts of the bot do, as few blocks as that takes."""
    return [section(part) for part in paragraphs([_status(line) for line in lines])]


def follow_blocks(lines: Sequence[FollowLine], place: str) -> list[Block]:
    """Return an entry for each follow or mute, with a menu; `place` tells these menus from others of the message."""
    return [section(_follow(line), menu(_follow_actions(line), f"{place}{line.number}")) for line in lines]


def _follow(line: FollowLine) -> str:
    paused = "paused · " if line.paused else ""
    met = f"{text.plural(line.matches_30d, 'paper')} in the last 30 days"
    return f"*{line.number}* {mrkdwn(line.rule, 2_500)}\n{paused}{met}"


def _follow_actions(line: FollowLine) -> list[Action]:
    toggle = "Resume" if line.paused else "Pause"
    return [Action(toggle, f"{toggle.lower()} {line.number}"), Action("Remove", f"unfollow {line.number}")]


def _digest(line: DigestLine) -> str:
    schedule = Schedule(dt.time.fromisoformat(line.time), line.zone, line.days)
    due = f"next {schedule.spoken(line.next_due_at)}" if line.next_due_at else "it does not come"
    rule = f"\nonly papers that match {mrkdwn(line.rule, 1_500)}" if line.rule else ""
    paused = "paused · " if line.paused else ""
    thread = " · abstracts in its thread" if line.abstracts else ""
    return f"*{mrkdwn(line.name)}* · {schedule.describe()} · top {line.top}{thread}{rule}\n{paused}{due}"


def _status(line: StatusLine) -> str:
    said = with_channels(f"{mrkdwn(line.what, 200)}: {mrkdwn(line.detail, 1_000)}")
    return f"*{_STATES.get(line.state, line.state)}* · {said}"


@lru_cache(maxsize=256)  # of the table's few lines, which are the same for all
def _help(line: HelpLine) -> str:
    indent = "" if line.kind == "command" else "        "
    return f"{indent}{code(line.usage)} {mrkdwn(line.summary, 500)}"


def _pages(pages: Pages, reply: Reply) -> str:
    noun = "paper" if reply.papers is not None else "rule"
    return f"page {pages.page} of {pages.pages} · {text.plural(pages.total, noun)}"
