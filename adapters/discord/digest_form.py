"""The form for a channel's digest: when, how many, and which papers."""

from collections.abc import Mapping

from adapters.discord.form_parts import DIGEST, Form, choice, line
from bot.commands.digest_wishes import DEFAULT_DAYS, DEFAULT_TIME, DEFAULT_TOP
from bot.digest import MAX_TOP
from bot.schedule import WEEKDAYS, parse_days

TIME, DAYS, ZONE, TOP, RULE = "time", "days", "zone", "top", "rule"
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_RULE_LENGTH = 1_000


def digest_form(typed: Mapping[str, list[str]]) -> Form:
    """Return the form, filled as it was typed before, else with what is usual."""
    days = dict(zip(WEEKDAYS, _DAY_NAMES, strict=True))
    tops = {str(top): str(top) for top in range(1, MAX_TOP + 1)}
    return Form(
        DIGEST,
        "A digest for this channel",
        [
            line(TIME, "Time", "For example 09:00 or 9am.", typed, most=20, first=f"{DEFAULT_TIME:%H:%M}"),
            line(
                ZONE,
                "Time zone",
                "For example Europe/Berlin; left empty, the one used here before.",
                typed,
                most=60,
                needed=False,
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
        ],
    )


def digest_settings(typed: Mapping[str, list[str]]) -> str:
    """Return what was filled in, as it would be typed behind `digest on`."""
    said = [" ".join(typed.get(TIME) or ()), " ".join(typed.get(ZONE) or ()), ",".join(typed.get(DAYS) or ())]
    said += [f"top {''.join(typed[TOP])}" if typed.get(TOP) else ""]
    said += [f"-- {' '.join(typed[RULE])}" if typed.get(RULE) else ""]
    return " ".join(word for word in said if word)
