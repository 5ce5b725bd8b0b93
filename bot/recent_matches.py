"""How many papers a rule matched of late, and for one that matched none, the nearest rules that matched some."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from bot import text
from bot.paper_ids import PaperId
from bot.ports import World
from bot.query import Kind, Query, Rule

OF_LATE = dt.timedelta(days=30)

_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Span:
    """Papers of which days are counted, for which team: `by:@name` means one of its members."""

    team_id: int
    since: dt.date
    until: dt.date


def of_late(team_id: int, today: dt.date) -> Span:
    """Return the last 30 days."""
    return Span(team_id, today - OF_LATE, today)


async def count_matches(world: World, span: Span, rule: Rule) -> int:
    """Return how many papers of the span the rule matches."""
    saves = await saves_named(world, span.team_id, (rule,))
    found = await world.index.search((rule,), since=span.since, until=span.until, limit=0, saves=saves)
    return found.total


async def nearest_rules(world: World, span: Span, rule: Rule) -> list[tuple[Rule, int]]:
    """Return up to two rules that may be meant instead and match papers of the span, with how many."""
    mended = await world.index.corrected((rule,)) or ()
    near: list[tuple[Rule, int]] = []
    for option in [each for each in mended if each.key != rule.key] + _wider_by_one(rule):
        if len(near) < _ALTERNATIVES and (count := await count_matches(world, span, option)):
            near.append((option, count))
    return near


def in_words(near: list[tuple[Rule, int]]) -> str:
    """Return rules with their counts: "cat:cs.CL (12 papers) or diffusion (3 papers)"."""
    return text.either([f"{text.shown(str(rule), 80)} ({text.plural(count, 'paper')})" for rule, count in near])


async def saves_named(world: World, team_id: int, query: Query) -> dict[str, Collection[PaperId]]:
    """Return what each team mate named as `by:@name` in the query has saved."""
    names = {
        term.value for rule in query for term in rule.terms if term.kind is Kind.SUBMITTER and term.value[0] == "@"
    }
    async with world.store.read() as session:
        return {name: await session.opinions.saved_by(team_id, name[1:]) for name in sorted(names)}


def _wider_by_one(rule: Rule) -> list[Rule]:
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
