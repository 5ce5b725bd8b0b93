"""The form for a channel's digest: when, how many, which papers, and what comes besides.

A form has room for five fields, so that the time and its zone are one: they are typed as behind the command.
"""

from collections.abc import Mapping, Sequence

import discord

from adapters.discord.form_parts import DIGEST, Form, choice, line
from adapters.discord.limits import MENU_OPTIONS, OPTION_LABEL
from adapters.discord.text import plain
from bot.commands.digest_wishes import ABSTRACTS, DEFAULT_DAYS, DEFAULT_TIME, DEFAULT_TOP, IN_THREAD, MENTION
from bot.digest import MAX_TOP
from bot.errors import UserError
from bot.schedule import WEEKDAYS, parse_days

TIME, DAYS, TOP, RULE, BESIDES = "time", "days", "top", "rule", "besides"
ZONE = "zone"
"""A field that forms had that may still be open."""

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RULE_LENGTH = 1_000
_TIME_LENGTH = 80
IN_FORUM = "forum"
"""The choice by which a digest goes to the forum of the post in which it is set: a forum itself takes no commands."""

_IN_THREAD = f"{ABSTRACTS.name}:{IN_THREAD}"
_MENTION = f"{MENTION.name}:"


def digest_form(typed: Mapping[str, list[str]], roles: Sequence[discord.Role] = (), forum: str | None = None) -> Form:
    """Return the form, filled as it was typed before, else with what is usual.

    `roles` are those to choose from; `forum` is the name of the forum in whose post it is opened.
    """
    days = dict(zip(WEEKDAYS, _DAY_NAMES, strict=True))
    tops = {str(top): str(top) for top in range(1, MAX_TOP + 1)}
    besides = {_IN_THREAD: "The papers' abstracts, in its thread"}
    besides |= {IN_FORUM: plain(f"Not here: each as a post of its own in #{forum}", OPTION_LABEL)} if forum else {}
    besides |= {f"{_MENTION}{role.id}": plain(f"Mention @{role.name}", OPTION_LABEL) for role in roles}
    return Form(
        DIGEST,
        "A digest for this channel",
        [
            line(
                TIME,
                "Time and time zone",
                "For example 09:00 Europe/Berlin; without a zone, the one used here before.",
                typed,
                most=_TIME_LENGTH,
                first=f"{DEFAULT_TIME:%H:%M}",
            ),
            choice(DAYS, "Days", "", days, typed.get(DAYS) or parse_days(DEFAULT_DAYS), several=True),
            choice(TOP, "How many papers", "", tops, typed.get(TOP) or [str(DEFAULT_TOP)]),
            line(
                RULE,
                "Only papers that match",
                "Words, or facets such as cat:cs.CL. Left empty, those with most votes come.",
                typed,
                most=_RULE_LENGTH,
                needed=False,
            ),
            choice(
                BESIDES,
                "Besides",
                "Left empty, as it was before; at first, neither abstracts nor a mention.",
                dict(list(besides.items())[:MENU_OPTIONS]),
                typed.get(BESIDES) or (),
                several=True,
                needed=False,
            ),
        ],
    )


def digest_settings(typed: Mapping[str, list[str]]) -> str:
    """Return what was filled in, as it would be typed behind `digest on`. Raises UserError for two roles."""
    besides = [each for each in typed.get(BESIDES) or () if each != IN_FORUM]
    if sum(each.startswith(_MENTION) for each in besides) > 1:
        raise UserError("A digest mentions one role at most; choose one.")
    said = [" ".join(typed.get(TIME) or ()), " ".join(typed.get(ZONE) or ()), ",".join(typed.get(DAYS) or ())]
    said += [f"top {''.join(typed[TOP])}" if typed.get(TOP) else ""]
    said += [f"-- {' '.join(typed[RULE])}" if typed.get(RULE) else "", *besides]
    return " ".join(word for word in said if word)
