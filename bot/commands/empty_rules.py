"""A rule that would bring a digest nothing: refused before it is set, with the nearest rules that bring something."""

from bot import text
from bot.commands.digest_wishes import IN_THREAD, Wishes
from bot.commands.table import Call
from bot.query import Rule
from bot.recent_matches import OF_LATE, count_matches, in_words, nearest_rules, of_late
from bot.reply import Action, Reply


async def empty_rule(call: Call, name: str, wishes: Wishes) -> Reply | None:
    """Return a refusal where no paper of the last 30 days matches the wished rule, and others are there; else None."""
    rule = wishes.rule
    span = of_late(call.caller.team.id, call.today)
    if rule is None or await count_matches(call.world, span, rule) or await _empty_of_late(call):
        return None
    near = await nearest_rules(call.world, span, rule)
    nearest = f" Nearest: {in_words(near)}." if near else ""
    what = text.cut(rule.describe(), 80)
    exactly = _typed(name, wishes, rule, exactly=True)
    return Reply(
        notice=f"Nothing is changed: in the last {OF_LATE.days} days there was no paper {what}."
        f"{nearest} To set it all the same, begin with: digest on exactly",
        actions=(
            *(Action(text.cut(f"Only {option}", 40), _typed(name, wishes, option)) for option, _ in near),
            Action("Set it all the same", exactly),
        ),
        ok=False,
    )


async def _empty_of_late(call: Call) -> bool:
    """Whether there are no papers of late at all, so that a rule's silence says nothing about the rule."""
    async with call.world.store.read() as session:
        newest, _ = await session.papers.days_around(call.today)
    return newest is None or newest < call.today - OF_LATE


def _typed(name: str, wishes: Wishes, rule: Rule, *, exactly: bool = False) -> str:
    """Return the wishes as they would be typed, with that rule."""
    parts = [
        "digest on exactly" if exactly else "digest on",
        f"name:{name}",
        f"{wishes.time:%H:%M}" if wishes.time else "",
        wishes.zone or "",
        ",".join(wishes.days or ()),
        f"top {wishes.top}" if wishes.top else "",
        f"abstracts:{IN_THREAD if wishes.abstracts else 'off'}" if wishes.abstracts is not None else "",
        f"mention:{wishes.mention}" if wishes.mention else "",
        f"-- {rule}",
    ]
    return " ".join(part for part in parts if part)
