"""What is not a paper: follows, digests, status, help, and the commands that may come next."""

import datetime as dt
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from adapters.terminal.layout import (
    DOT,
    FAINT,
    MARKED,
    TITLE,
    TYPED,
    beside,
    columns,
    packed,
    parted,
    safe,
    wrapped,
)
from bot.reply import Action, DigestLine, FollowLine, HelpLine, StatusLine
from bot.schedule import Schedule

_STATES = {"ok": ("✓", FAINT), "warn": ("!", MARKED), "fail": ("✗", MARKED + TITLE)}
_MATCHES = "matches/30d"
_FEW_ACTIONS, _SHORT_COMMAND = 6, 20


def follow_list(follows: Sequence[FollowLine], width: int) -> list[Text]:
    """Return follows or mutes: number, matches of the last 30 days, rule."""
    if not follows:
        return []
    room = max(3, *(len(f"{each.number}") for each in follows))
    lines = [Text(f"{'No.':>{room}}  {_MATCHES}  rule", FAINT)]
    for each in follows:
        mark = Text.assemble(
            (f"{each.number:>{room}}", TYPED), "  ", (f"{each.matches_30d:>{len(_MATCHES)},}", FAINT), "  "
        )
        rule = Text(safe(each.rule), FAINT if each.paused else Style.null())
        lines += beside(mark, rule.append("  (paused)") if each.paused else rule, width)
    return lines


def digest_list(digests: Sequence[DigestLine], width: int) -> list[Text]:
    """Return how digests are set, one block each."""
    return parted(_digest(each, width) for each in digests)


def _digest(line: DigestLine, width: int) -> list[Text]:
    schedule = Schedule(dt.time.fromisoformat(line.time), line.zone, line.days)
    due = schedule.spoken(line.next_due_at) if line.next_due_at else ""
    rows = [
        ("posts", Text(f"{schedule.describe()}, top {line.top}")),
        ("only", Text(safe(line.rule or ""))),
        ("thread", Text("abstracts" if line.abstracts else "")),
        ("next", Text("paused", MARKED) if line.paused else Text(due)),
    ]
    head = Text.assemble((safe(line.name), TITLE), (f"  in {safe(line.channel)}", FAINT))
    shown = [(Text(f"  {label}", FAINT), value) for label, value in rows if value.plain]
    return wrapped(head, width) + columns(shown, width, width)


def status_list(status: Sequence[StatusLine], width: int) -> list[Text]:
    """Return each part's state, as a mark and a word, its name and how it does; what is well steps back."""
    rows = []
    for line in status:
        mark, style = _STATES.get(line.state, ("?", MARKED))
        label = Text.assemble((f"{mark} {safe(line.state):<4}", style), f"  {safe(line.what)}")
        rows.append((label, Text(safe(line.detail), FAINT if line.state == "ok" else Style.null())))
    return columns(rows, width, width // 2)


def help_list(lines: Sequence[HelpLine], width: int) -> list[Text]:
    """Return usage and meaning in two columns; the parts of a command stand below it, then what can be typed."""
    commands = [line for line in lines if line.kind != "example"]
    rows = [
        (Text(("" if line.kind == "command" else "  ") + safe(line.usage), TYPED), Text(safe(line.summary)))
        for line in commands
    ]
    examples = [
        found
        for line in lines
        if line.kind == "example"
        for found in beside(Text(f"{safe(line.summary)}: ", FAINT), Text(safe(line.usage), TYPED), width)
    ]
    return columns(rows, width, width * 2 // 5) + ([Text(""), *examples] if examples else [])


def action_list(actions: Sequence[Action], width: int) -> list[Text]:
    """Return the commands that may come next; many short ones, whose labels say no more, share lines."""
    commands = [Text(safe(action.command), TYPED) for action in actions]
    if len(actions) > _FEW_ACTIONS and all(len(action.command) <= _SHORT_COMMAND for action in actions):
        arrow = Text("→ ", FAINT)
        return [
            Text.assemble("  " if place else arrow, line)
            for place, line in enumerate(packed([(DOT, command) for command in commands], width - 2))
        ]
    labels = [Text(f"→ {safe(action.label)}", FAINT) for action in actions]
    return columns(list(zip(labels, commands, strict=True)), width, width // 2)
