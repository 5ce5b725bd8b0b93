"""A Reply as a Discord message: a pure function of its argument, always within Discord's limits."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from adapters.discord.buttons import Elsewhere, Ids, button, buttons, menu
from adapters.discord.digest import parts
from adapters.discord.limits import CONTAINER, MENU_OPTIONS, MESSAGE_COMPONENTS, Component, count_of, rows, text_display
from adapters.discord.message import Message, fitted
from adapters.discord.papers import card, entries, entry
from adapters.discord.text import code, escaped, heading, plain, with_channels
from bot import text
from bot.reply import Action, DigestLine, FollowLine, HelpLine, Pages, Reply, StatusLine
from bot.schedule import Schedule

MOST_BUTTONS: Final = 15
_STATES: Final = {"ok": "OK", "warn": "Warning", "fail": "Failed"}
_NOTICE: Final = (600, 1_000, 2_000, 3_000, 3_000)
"""The longest notice, by detail."""

_RULE: Final = (60, 150, 400, 1_500, 1_500)
_LINE: Final = (80, 200, 500, 1_000, 1_000)


def reply_view(reply: Reply, command: str | None = None, elsewhere: Elsewhere | None = None) -> Message:
    """Return the message of a reply; with the command that it answers, a button shares it with the channel.

    With `elsewhere`, its buttons act there, wherever they are pressed: a note in somebody's direct messages.
    """
    ids = Ids(elsewhere=elsewhere)

    def make(detail: int, most: int) -> list[Component]:
        return _components(reply, command, ids, detail, most)

    lists = (reply.papers, reply.follows, reply.mutes, reply.digests, reply.status, reply.help)
    most = max([len(each) for each in lists if each], default=0)
    most = max(most, len(reply.digest.papers) if reply.digest else 0)
    return Message(fitted(make, most), _gist(reply), ids.long_commands)


def _gist(reply: Reply) -> str:
    said = (reply.heading, reply.digest and reply.digest.heading, reply.card and reply.card.line.title, reply.notice)
    return next((shown for words in said if (shown := plain(words or "", 100))), "Paper Round")


def _components(reply: Reply, command: str | None, ids: Ids, detail: int, most: int) -> list[Component]:
    top = _texts([_top(reply, detail)])
    tail = _tail(reply, command, ids, most)
    lists = _texts(
        [
            "\n".join(_follow(line, detail) for line in (reply.follows or ())[:most]),
            "\n".join(_muted(reply.mutes or (), detail)[: most + 1]),
            "\n".join(_digest(line, detail) for line in (reply.digests or ())[:most]),
            "\n".join(_status(line, detail) for line in (reply.status or ())[:most]),
            "\n".join(_help(line, detail) for line in (reply.help or ())[:most]),
        ]
    )
    middle = card(reply.card, detail) if reply.card else []
    room = MESSAGE_COMPONENTS - count_of([*top, *middle, *lists, *tail])
    if reply.papers and most:
        shown = [(paper, entry(paper, detail)) for paper in reply.papers[:most]]
        papers = entries(shown, ids, room)
        room -= count_of(papers)
        top += papers
    if reply.digest:
        digest = parts(reply.digest, ids, detail, most, room - 1)
        middle.append({"type": CONTAINER, "components": digest, "spoiler": False})
    return [*top, *middle, *lists, *tail] or [text_display("Done.")]


def _top(reply: Reply, detail: int) -> str:
    words = with_channels(heading(reply.heading or "", 3))
    notice = with_channels(escaped(reply.notice or "", _NOTICE[detail]))
    if notice and not reply.ok:
        notice = f"**Not done:** {notice}"
    return "\n".join(part for part in (words, notice) if part)


def _tail(reply: Reply, command: str | None, ids: Ids, most: int) -> list[Component]:
    """Return what always stays: which page it is, what was left out, menus and buttons."""
    menus, chosen = _menus([*(reply.follows or ()), *(reply.mutes or ())], ids)
    actions = [action for action in reply.actions if action.command not in chosen]
    elements = buttons(ids, actions, MOST_BUTTONS)
    if command and reply.ok and not ids.elsewhere and (reply.papers or reply.card):
        shared = button(ids, Action("Share with the channel", command), "s", share=True)
        elements += [shared] if shared else []
    small = [said for said in (_left_out(reply, most), _pages(reply)) if said]
    return [*_texts([f"-# {' · '.join(small)}" if small else ""]), *menus, *rows(elements)]


def _left_out(reply: Reply, most: int) -> str:
    lists = (reply.papers, reply.follows, reply.mutes, reply.digests, reply.status, reply.help)
    count = sum(max(0, len(each) - most) for each in lists if each)
    if not count:
        return ""
    onward = any(action.label == "Next page" for action in reply.actions)
    more = "; Next page goes on with what follows them" if onward else ""
    return f"{text.plural(count, 'more line')} had no room in this message{more}"


def _pages(reply: Reply) -> str:
    pages: Pages | None = reply.pages
    if not pages or pages.pages <= 1:
        return ""
    noun = "paper" if reply.papers is not None else "rule"
    return f"page {pages.page} of {pages.pages} · {text.plural(pages.total, noun)}"


def _menus(lines: Sequence[FollowLine], ids: Ids) -> tuple[list[Component], set[str]]:
    """Return the menus by which rules are paused and removed, and the commands that are in them.

    A button for each rule would take 20 of the 40 components.
    """
    toggles = [(_toggle(line), line.rule) for line in lines]
    removals = [(Action(f"Remove {line.number}", f"unfollow {line.number}"), line.rule) for line in lines]
    found: list[Component] = []
    for place, asks, options in (("t", "Pause or resume a rule", toggles), ("r", "Remove a rule", removals)):
        if made := menu(ids, place, asks, options[:MENU_OPTIONS]):
            found.append(made)
    shown = [*toggles[:MENU_OPTIONS], *removals[:MENU_OPTIONS]] if found else []
    return found, {action.command for action, _ in shown}


def _toggle(line: FollowLine) -> Action:
    verb = "Resume" if line.paused else "Pause"
    return Action(f"{verb} {line.number}", f"{verb.lower()} {line.number}")


def _follow(line: FollowLine, detail: int) -> str:
    paused = "paused · " if line.paused else ""
    met = f"{text.plural(line.matches_30d, 'paper')} in the last 30 days"
    return f"**{line.number}** {escaped(line.rule, _RULE[detail])}\n-# {paused}{met}"


def _muted(lines: Sequence[FollowLine], detail: int) -> list[str]:
    return ["### Muted", *(_follow(line, detail) for line in lines)] if lines else []


def _digest(line: DigestLine, detail: int) -> str:
    schedule = Schedule(dt.time.fromisoformat(line.time), line.zone, line.days)
    due = f"next {schedule.spoken(line.next_due_at)}" if line.next_due_at else "it does not come"
    rule = f"\nonly papers that match {escaped(line.rule, _RULE[detail])}" if line.rule else ""
    paused = "paused · " if line.paused else ""
    more = " · abstracts in its thread" if line.abstracts else ""
    more += f" · mentions <@&{line.mention}>" if line.mention and line.mention.isdecimal() else ""
    named = f"**{escaped(line.name, 100) or '(no name)'}**"
    said = f"{named} · {escaped(schedule.describe(), 200)} · top {line.top}{more}{rule}"
    return f"{said}\n-# {paused}{escaped(due, 200)}"


def _status(line: StatusLine, detail: int) -> str:
    said = with_channels(f"{escaped(line.what, 100)}\\: {escaped(line.detail, _LINE[detail])}")
    return f"**{_STATES.get(line.state) or escaped(line.state, 20) or 'Unknown'}** · {said}"


@lru_cache(maxsize=200)  # the lines of the command table are always the same: they took half the time of the answer
def _help(line: HelpLine, detail: int) -> str:
    bullet = "" if line.kind == "command" else "- "
    return f"{bullet}{code(line.usage, 300 if detail else 100)} {escaped(line.summary, _LINE[detail])}".rstrip()


def _texts(parts: Sequence[str]) -> list[Component]:
    return [text_display(part) for part in parts if part.strip()]
