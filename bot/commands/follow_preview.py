"""What a new follow is likely to bring: how many papers of late, one of them, and a word on floods and silence."""

import datetime as dt
from dataclasses import dataclass, replace

from bot import text
from bot.commands.search import count_since, saves_named
from bot.commands.table import Call
from bot.query import Kind, Rule
from bot.reply import Action

PREVIEW_DAYS = 30
FLOOD = 150
"""Papers in 30 days from which a follow is told to be a flood: more than five a day."""

_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview as the end of a sentence, and rules that might be meant instead."""

    words: str
    actions: tuple[Action, ...] = ()


async def preview(call: Call, rule: Rule) -> Preview:
    """Return what the rule would have brought in the last 30 days."""
    query = (rule,)
    saves = await saves_named(call, query)
    found = await call.world.index.search(
        query, order="votes", since=month_ago(call), until=call.today, limit=1, saves=saves
    )
    counted = f"{text.plural(found.total, 'paper')} in the last {PREVIEW_DAYS} days"
    if not found.total:
        return await _silence(call, rule, counted)
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
    example = f", for example “{text.cut(papers[0].title, 70)}”" if papers else ""
    if found.total > FLOOD:
        return Preview(f"{counted}{example}. That is a flood; another word or facet narrows it.")
    return Preview(f"{counted}{example}.")


def month_ago(call: Call) -> dt.date:
    """Return the first day that the preview counts."""
    return call.today - dt.timedelta(days=PREVIEW_DAYS)


async def _silence(call: Call, rule: Rule, counted: str) -> Preview:
    """Return the nearest rules that would have brought something, where there are any."""
    options = []
    if mended := await call.world.index.corrected((rule,)):
        options += [each for each in mended if each.key != rule.key]
    options += _narrower_by_one(rule)
    alternatives: list[tuple[Rule, int]] = []
    for option in options:
        if len(alternatives) < _ALTERNATIVES and (count := await count_since(call, option, month_ago(call))):
            alternatives.append((option, count))
    if not alternatives:
        return Preview(f"{counted}. You will hear of the first one; or check the words with search.")
    told = text.either([f"{option} ({text.plural(count, 'paper')})" for option, count in alternatives])
    return Preview(
        f"{counted}. Nearest: {told}.",
        tuple(Action(text.cut(f"Follow {option}", 40), f"follow exactly {option}") for option, _ in alternatives),
    )


def _narrower_by_one(rule: Rule) -> list[Rule]:
    """Return the rule without each of the conditions that can be left out, those of text last."""
    droppable = [kind for kind in Kind if kind is not Kind.TEXT and rule.wanted(kind)]
    shorter = [tuple(term for term in rule.terms if term.kind is not kind or term.excluded) for kind in droppable]
    shorter += [
        tuple(each for each in rule.terms if each is not term)
        for term in rule.terms
        if term.kind is Kind.TEXT or term.excluded
    ]
    rules = [replace(rule, terms=terms) for terms in shorter]
    return [each for each in rules if not each.only_excludes]
