"""Undoes a merge: two papers that were taken for one work are two again, and stay so."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace

from bot import text
from bot.errors import UserError
from bot.merging import Merge
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme
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
            parts = [each for each in merged.names if await session.merges.get(each)] if merged else []
            raise UserError(_not_merged(name, merged, parts))
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


def _not_merged(name: PaperId, paper: Paper | None, parts: Sequence[PaperId]) -> str:
    if paper is None:
        return f"no paper is known as {called(name)}"
    told = f"{called(name, paper)} (“{text.cut(text.shown(paper.title, 300), 90)}”)"
    if parts:
        return f"{told} was not merged into another paper; try {text.either([each.label for each in parts])}, which was"
    if len(paper.names) > 1:
        names = text.either([each.label for each in paper.names])
        return f"{told} is one paper as its sources tell it: nothing was merged under {names}"
    return f"{told} is a paper of its own already"


def called(name: PaperId, paper: Paper | None = None) -> str:
    """Return a paper's name as people know it: where it has an address alone, that address."""
    of_web = name.scheme is Scheme.WEB and paper is not None and paper.id == name
    return (of_web and paper and paper.url) or name.label
