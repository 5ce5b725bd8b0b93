"""Undoes a merge: two papers that were taken for one work are two again, and stay so."""

import datetime as dt
from dataclasses import fields, replace

from bot import text
from bot.errors import UserError
from bot.merging import Merge
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.store import Store

_KEPT = frozenset({"id", "other_ids", "listings", "first_seen", "told_by"})
"""What is not simply the one paper's or the other's."""


async def unmerge(store: Store, name: PaperId, now: dt.datetime) -> tuple[Paper, Paper]:
    """Make the work that came under this name a paper of its own again; return the paper that it leaves, and itself.

    Votes, saves and what channels have had stay with the paper that it leaves. Raises UserError where no merge made
    that name another paper's, and StoreError.
    """
    async with store.write() as session:
        merge = await session.merges.get(name)
        merged = await session.papers.get(name)
        if merge is None or merged is None:
            raise UserError(_not_merged(name, merged))
        merged = (await session.papers.known([merged]))[merged.id][0]  # which holds it: a poll may be at work
        left, gone = left_by(merged, merge), replace(merge.told, first_seen=merge.told.first_seen or merge.at)
        await session.merges.part(left, gone, now)
        return left, gone


def left_by(merged: Paper, merge: Merge) -> Paper:
    """Return what a paper is without the one that became a part of it: what only that one told is as it was before."""
    told, before = merge.told, merge.before
    back = {
        name: getattr(before, name)
        for name in (field.name for field in fields(Paper))
        if name not in _KEPT and getattr(merged, name) == getattr(told, name)
    }
    theirs = {(each.source, each.day) for each in told.listings} - {(each.source, each.day) for each in before.listings}
    return replace(
        merged,
        **back,
        other_ids=tuple(each for each in merged.other_ids if each not in told.names),
        listings=tuple(each for each in merged.listings if (each.source, each.day) not in theirs),
        told_by=before.told_by if merged.told_by == merge.source else merged.told_by,
    )


def _not_merged(name: PaperId, paper: Paper | None) -> str:
    if paper is None:
        return f"no paper is known as {name}"
    if others := [str(each) for each in paper.names if each != name]:
        return f"{name} was not merged into another paper; of this one's names, try {text.either(others)}"
    return f"{name} is a paper of its own already"
