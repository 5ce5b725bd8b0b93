"""A person's standing rules, for and against, and the papers that match them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.evaluation import Evaluated, evaluate
from bot.organisations import with_names
from bot.paper import Paper
from bot.query import Rule

Stance = Literal["follow", "mute"]


@dataclass(frozen=True, slots=True)
class Follow:
    """A standing rule of a person: `follow` brings papers, `mute` keeps them away.

    `number` is its name in the person's list; no other entry of theirs ever has it.
    """

    id: int
    person_id: int
    number: int
    rule: Rule
    stance: Stance
    created_at: dt.datetime
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A paper that satisfies a follow, and why, in words."""

    paper: Paper
    follow: Follow
    reasons: tuple[str, ...]


def matches_of(paper: Evaluated, follows: Iterable[Follow], organisations: Mapping[str, str]) -> list[Match]:
    """Return a match for every follow (not mute) that is not paused and matches the paper.

    `organisations` are the operator's names, by key.
    """
    found = []
    for follow in follows:
        if follow.stance == "follow" and not follow.paused:
            verdict = evaluate(with_names(follow.rule, organisations), paper)
            if verdict.matched:
                found.append(Match(paper.paper, follow, verdict.reasons))
    return found


def muting(paper: Evaluated, follows: Iterable[Follow], organisations: Mapping[str, str]) -> Match | None:
    """Return the first mute that keeps the paper away, or None."""
    for mute in follows:
        if mute.stance == "mute" and not mute.paused:
            verdict = evaluate(with_names(mute.rule, organisations), paper)
            if verdict.matched:
                return Match(paper.paper, mute, verdict.reasons)
    return None
