"""What a new follow is likely to bring: how many papers of late, one of them, and a word on floods and silence."""

import datetime as dt
from dataclasses import dataclass, replace

from bot import text
from bot.arxiv_categories import archive_of, takes_papers
from bot.commands.search import saves_named
from bot.commands.table import Call
from bot.latex import readable
from bot.query import Kind, Rule, Term
from bot.recent_matches import OF_LATE, nearest_rules, of_late
from bot.reply import Action
from bot.wishes import wish_key

_ON_THEIR_WAY = "What arXiv announced there in the last week comes within ten minutes."

PREVIEW_DAYS = OF_LATE.days
FLOOD = 150
"""Papers in 30 days from which a follow is told to be a flood: more than five a day."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview as the end of a sentence, and rules that might be meant instead."""

    words: str
    actions: tuple[Action, ...] = ()


async def preview(call: Call, rule: Rule) -> Preview:
    """Return what the rule would have brought in the last 30 days, and whether some of those are still on their way."""
    told = await _brought(call, rule)
    if await _names_a_new_category(call, rule):
        return replace(told, words=f"{told.words} {_ON_THEIR_WAY}")
    return told


async def _names_a_new_category(call: Call, rule: Rule) -> bool:
    """Return whether arXiv was never asked for a category that the rule names: its last week is read now."""
    if "arxiv" not in call.world.asks:
        return False
    wished = [{category, archive_of(category)} for category in rule.wanted(Kind.CATEGORY) if takes_papers(category)]
    if not wished:
        return False
    async with call.world.store.read() as session:
        granted = await session.wishes.granted("arxiv")  # a row for each category, of which there are some 170
    return any(granted.keys().isdisjoint(wish_key(Term(Kind.CATEGORY, name)) for name in names) for names in wished)


async def _brought(call: Call, rule: Rule) -> Preview:
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
    example = f", for example “{text.cut(readable(papers[0].title), 70)}”" if papers else ""
    if found.total > FLOOD:
        return Preview(f"{counted}{example}. That is a flood; another word or facet narrows it.")
    return Preview(f"{counted}{example}.")


def month_ago(call: Call) -> dt.date:
    """Return the first day that the preview counts."""
    return call.today - OF_LATE


async def _silence(call: Call, rule: Rule, counted: str) -> Preview:
    """Return the preview of a rule that brought nothing, with the nearest ones that would have, where there are any."""
    near = await nearest_rules(call.world, of_late(call.caller.team.id, call.today), rule)
    if rule.wanted(Kind.PAPER) and not near:
        return Preview(f"{counted}. You will hear of it once a source lists it.")
    if not near:
        return Preview(f"{counted}. You will hear of the first one; or check the words with search.")
    told = text.either([f"{option} ({text.plural(count, 'paper')})" for option, count in near])
    return Preview(
        f"{counted}. Nearest: {told}.",
        tuple(Action(text.cut(f"Follow {option}", 40), f"follow exactly {option}") for option, _ in near),
    )
