"""Papers and listings as rows, and back."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.same_work import title_key

Values = dict[str, Any]
"""The values of a row by column."""


def names_of(paper: Paper) -> list[str]:
    """Return the keys of a paper's names, the main one first."""
    return [str(paper.id), *map(str, paper.other_ids)]


def paper_values(paper: Paper, row: int, sequence: int) -> Values:
    """Return the row of a paper, without its listings."""
    return {
        "id": row,
        "key": str(paper.id),
        "title": paper.title,
        "title_key": title_key(paper.title),
        "authors": paper.authors,
        "abstract": paper.abstract,
        "published": paper.published,
        "categories": paper.categories,
        "other_ids": [str(other) for other in paper.other_ids],
        "version": paper.version,
        "venue": paper.venue,
        "comment": paper.comment,
        "code_url": paper.code_url,
        "project_url": paper.project_url,
        "video_url": paper.video_url,
        "models": paper.models,
        "first_seen": paper.first_seen,
        "withdrawn": paper.withdrawn,
        "told_by": paper.told_by,
        "sequence": sequence,
    }


def paper_of(row: sa.Row[Any], listings: Iterable[Listing]) -> Paper:
    """Return the paper of a row."""
    return Paper(
        id=PaperId.parse(row.key),
        title=row.title,
        authors=tuple(row.authors),
        abstract=row.abstract,
        published=row.published,
        categories=tuple(row.categories),
        other_ids=tuple(map(PaperId.parse, row.other_ids)),
        version=row.version,
        venue=row.venue,
        comment=row.comment,
        code_url=row.code_url,
        project_url=row.project_url,
        video_url=row.video_url,
        models=row.models,
        listings=tuple(listings),
        first_seen=row.first_seen,
        withdrawn=row.withdrawn,
        told_by=row.told_by,
    )


def listing_values(listing: Listing, paper: int) -> Values:
    """Return the row of a listing."""
    return {
        "paper": paper,
        "day": listing.day,
        "source": listing.source,
        "votes": listing.votes,
        "comments": listing.comments,
        "submitter": listing.submitter,
        "organisation": listing.organisation,
        "stars": listing.stars,
        "summary": listing.summary,
        "keywords": listing.keywords,
        "listed_at": listing.listed_at,
        "first_seen": listing.first_seen,
        "url": listing.url,
    }


def listing_of(row: sa.Row[Any]) -> Listing:
    """Return the listing of a row."""
    return Listing(
        source=row.source,
        day=row.day,
        votes=row.votes,
        comments=row.comments,
        submitter=row.submitter,
        organisation=row.organisation,
        stars=row.stars,
        summary=row.summary,
        keywords=tuple(row.keywords),
        listed_at=row.listed_at,
        first_seen=row.first_seen,
        url=row.url,
    )


def vote_count(listing: Listing, paper: int, at: dt.datetime) -> Values:
    """Return the row of the votes' history for what a listing counts now."""
    return {"paper": paper, "day": listing.day, "source": listing.source, "at": at, "votes": listing.votes}
