"""What somebody types behind `digest on`, read in whatever order it comes."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot import text
from bot.abstracts import thread_room
from bot.commands.table import Param, Shape
from bot.digest import MAX_TOP
from bot.errors import UserError
from bot.query import Rule
from bot.query_parser import parse_rule
from bot.schedule import looks_like_days, looks_like_time, parse_days, parse_time, parse_zone

DEFAULT_TIME = dt.time(9)
DEFAULT_DAYS = "weekdays"
DEFAULT_TOP = 5
IN_THREAD = "thread"
ABSTRACTS = Param(
    "abstracts",
    Shape.WORD,
    "the papers' abstracts, as replies in the digest's thread; off by default",
    option=True,
    choices=(IN_THREAD, "off"),
    works=lambda world, platform: thread_room(world.messengers, platform) > 0,
)
NOBODY = "off"
MENTION = Param(
    "mention",
    Shape.ROLE,
    f"a role that each digest mentions, by its mention or id, or {NOBODY}; nobody else is ever mentioned",
    option=True,
    works=lambda world, platform: platform in world.roles,
)

_TOP = re.compile(r"(?:^|\s)top\s+(\S+)", re.IGNORECASE)
_RULE = re.compile(r"(?:^|\s)(?:--|—|–)(?:\s+|$)")  # phones turn two dashes into one long one


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody typed behind `digest on`; None is what they left open. `mention` is a role's id, or `NOBODY`."""

    time: dt.time | None
    zone: str | None
    days: tuple[str, ...] | None
    top: int | None
    rule: Rule | None
    abstracts: bool | None = None
    mention: str | None = None


def parse_wishes(typed: str, options: Mapping[str, str] | None = None) -> Wishes:
    """Read `[TIME] [ZONE] [DAYS] [top N] [-- RULE]`; the order of the first three is free. Raises UserError.

    Of the options that were taken out of it, `abstracts` and `mention` are heeded; the latter as it was typed.
    """
    options = options or {}
    abstracts, mention = options.get(ABSTRACTS.name), options.get(MENTION.name)
    settings, *rule = _RULE.split(typed, maxsplit=1)
    top = _TOP.search(settings)
    words = [word for word in _TOP.sub(" ", settings, count=1).split() if word.lower() not in ("at", "on", "in")]
    time, words = _taken(_joined(words), looks_like_time)
    days, words = _taken(words, looks_like_days)
    return Wishes(
        time=parse_time(" ".join(time)) if time else None,
        zone=parse_zone(" ".join(words)) if words else None,
        days=parse_days(",".join(days)) if days else None,
        top=_top(top[1]) if top else None,
        rule=parse_rule(rule[0]) if rule else None,
        abstracts=None if abstracts is None else abstracts == IN_THREAD,
        mention=mention.strip('"').strip() or NOBODY if mention is not None else None,
    )


def _joined(words: list[str]) -> list[str]:
    """Return the words with "9 am" as one."""
    joined: list[str] = []
    for word in words:
        if word.lower() in ("am", "pm") and joined:
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _taken(words: list[str], is_meant: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    taken = [word for word in words if is_meant(word)]
    return taken, [word for word in words if word not in taken]


def _top(typed: str) -> int:
    if re.fullmatch(r"[0-9]{1,3}", typed) and 1 <= int(typed) <= MAX_TOP:
        return int(typed)
    raise UserError(
        f"A digest brings 1 to {MAX_TOP} papers, not “{text.shown(typed)}”; write top {DEFAULT_TOP}, for example."
    )
