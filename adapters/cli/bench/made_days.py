"""Made answers of Hugging Face: where no recorded ones are, days of the same shape and size, the same each time."""

import datetime as dt
import json
import random
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from adapters.cli.sample import sample_days

FIRST_DAY = dt.date(2024, 5, 27)
_SIZES = (2, 5, 8, 11, 12, 13, 14, 16, 18, 23, 33)  # papers a day; as recorded, 13 is the median and 14 the mean
_TITLE_WORDS, _ABSTRACT_WORDS, _AUTHORS = 9, 183, 10  # the recorded papers' means
_PEOPLE = 35_000
_ASKED_FOR = ("Yann LeCun", "Yi Zhang", "Yue Zhang", "Yang Zhang", "Yu Zhang")
"""Names that the bench's commands ask for; the recorded days have them too."""


class Maker:
    """Makes papers out of the bundled sample's words and names: real frequencies, recombined."""

    def __init__(self, seed: int = 1, first_number: int = 1) -> None:
        self._random = random.Random(seed)
        self._number = first_number  # of the next paper
        papers = [paper for _, batch in sample_days() for paper in batch.papers]
        self._words = [word for paper in papers for word in f"{paper.title} {paper.abstract}".split()]
        self._names = sorted({name for paper in papers for name in paper.authors})

    @cached_property
    def _people(self) -> list[str]:
        given, family = zip(*(name.rsplit(" ", 1) for name in self._names if " " in name), strict=True)
        pairs = zip(self._random.choices(given, k=_PEOPLE), self._random.choices(family, k=_PEOPLE), strict=True)
        return [*_ASKED_FOR * 5, *map(" ".join, pairs)]

    def write_days(self, folder: Path, count: int) -> list[Path]:
        """Write so many days from Monday to Friday into the folder, a file each; return the files in order."""
        return [self.write_day(folder, day, self._random.choice(_SIZES)) for day in _weekdays(count)]

    def write_day(self, folder: Path, day: dt.date, papers: int) -> Path:
        """Write a day of so many papers that no other day has. Among them is a damaged item, as in recorded days."""
        path = folder / f"{day}.json"
        items: list[Any] = [self._item(day) for _ in range(papers)]
        path.write_text(json.dumps([*items, "damaged"], indent=4), encoding="utf-8")
        return path

    def _item(self, day: dt.date) -> dict[str, Any]:
        title, abstract = self._text(_TITLE_WORDS), self._text(_ABSTRACT_WORDS)
        paper = {
            "id": self._new_id(day),
            "authors": [self._author() for _ in range(self._random.randint(1, 2 * _AUTHORS))],
            "publishedAt": f"{day - dt.timedelta(days=2)}T17:56:11.000Z",
            "submittedOnDailyAt": f"{day}T01:08:56.090Z",
            "title": title,
            "submittedOnDailyBy": {"_id": self._key(), "fullname": "A Reader", "user": "reader", "type": "user"},
            "summary": abstract,
            "upvotes": int(self._random.paretovariate(1)) % 500,
            "ai_summary": self._text(25),
            "ai_keywords": self._random.choices(self._words, k=10),
        }
        return {"paper": paper, "publishedAt": paper["publishedAt"], "title": title, "summary": abstract,
                "numComments": 1, "submittedBy": {"name": "reader", "type": "user"}}  # fmt: skip

    def _new_id(self, day: dt.date) -> str:
        number, self._number = self._number, self._number + 1
        return f"{day:%y%m}.{number:05d}"

    def _author(self) -> dict[str, Any]:
        name = self._random.choice(self._people)
        user = {"avatarUrl": f"/avatars/{self._key()}.svg", "isPro": False, "fullname": name, "user": self._key()}
        account = {"user": user, "status": "admin_assigned"} if self._random.random() < 0.4 else {}
        return {"_id": self._key(), "name": name, "hidden": False, **account}

    def _text(self, words: int) -> str:
        """Return running words; one of thirty is rare, as names of methods are."""
        chosen = self._random.choices(self._words, k=words)
        rare = {self._random.randrange(words) for _ in range(words // 30)}
        return " ".join(
            f"{word}{self._random.randrange(2000)}" if at in rare else word for at, word in enumerate(chosen)
        )

    def _key(self) -> str:
        return f"{self._random.getrandbits(96):024x}"


def _weekdays(count: int) -> Iterator[dt.date]:
    days = (FIRST_DAY + dt.timedelta(days=passed) for passed in range(2 * count + 7))
    weekdays = (day for day in days if day.weekday() < 5)
    return (next(weekdays) for _ in range(count))
