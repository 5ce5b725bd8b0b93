"""The bundled sample: ten days of real papers' bibliographic facts, with one-line summaries of our own."""

import datetime as dt
import json
from importlib import resources
from typing import Any

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.ports import Batch

SOURCE = "huggingface"


def sample_days() -> list[tuple[dt.date, Batch]]:
    """Return the sample's days, the oldest first, each as its source would give it."""
    text = resources.files("adapters.cli").joinpath("sample.json").read_text(encoding="utf-8")
    return [_day(found) for found in json.loads(text)["days"]]


def _day(found: dict[str, Any]) -> tuple[dt.date, Batch]:
    day = dt.date.fromisoformat(found["date"])
    return day, Batch(found["date"], tuple(_paper(each, day) for each in found["papers"]), {})


def _paper(found: dict[str, Any], day: dt.date) -> Paper:
    listing = Listing(
        source=SOURCE,
        day=day,
        votes=found["votes"],
        comments=found["comments"],
        submitter=found["submitter"],
        organisation=found["organisation"],
        stars=found["stars"],
        summary=found["summary"],
        listed_at=dt.datetime.fromisoformat(found["listed_at"]),
        url=f"https://huggingface.co/papers/{found['id']}",
    )
    return Paper(
        id=PaperId(Scheme.ARXIV, found["id"]),
        title=found["title"],
        authors=tuple(found["authors"]),
        abstract=found["summary"],
        published=dt.date.fromisoformat(found["published"]),
        categories=tuple(found["categories"]),
        code_url=found["code"],
        project_url=found["project"],
        listings=(listing,),
    )
