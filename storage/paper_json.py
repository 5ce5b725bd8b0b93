"""A whole paper as JSON, for what must be put back as it was."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import sqlalchemy as sa

from bot.paper import Paper
from storage.paper_rows import Values, listing_of, listing_values, paper_of, paper_values

_DAYS = ("published", "day")
_TIMES = ("first_seen", "listed_at")


def paper_json(paper: Paper) -> Values:
    """Return a paper with its listings as JSON can hold it."""
    listings = [_plain(listing_values(listing, 0)) for listing in paper.listings]
    return _plain(paper_values(paper, 0, 0)) | {"listings": listings}


def paper_from(json: Values) -> Paper:
    """Return the paper of `paper_json`."""
    return paper_of(_row(json), [listing_of(_row(listing)) for listing in json["listings"]])


def _plain(values: Values) -> Values:
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}


def _row(json: Values) -> sa.Row[Any]:
    days = {name: json[name] and dt.date.fromisoformat(json[name]) for name in _DAYS if name in json}
    times = {name: json[name] and dt.datetime.fromisoformat(json[name]) for name in _TIMES if name in json}
    return cast("sa.Row[Any]", SimpleNamespace(**json | days | times))
