"""The days that the bench works on: recorded ones where they are, made ones elsewhere."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.cli.bench.made_days import Maker
from adapters.sources.huggingface import read_file
from bot import text
from bot.errors import PaperRoundError

RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "hf_daily"
ALL_DAYS = 415
QUICK_DAYS = 20
FULL_DAY = 50
"""Papers of a busy day; the busiest that was recorded has as many."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Answers of Hugging Face, a file a day in order; `days` are those that list papers."""

    files: tuple[Path, ...]
    days: tuple[dt.date, ...]
    papers: int
    origin: str

    @property
    def described(self) -> str:
        """What it is, for people."""
        return f"{text.plural(len(self.files), 'day')} of {text.plural(self.papers, 'paper')}, {self.origin}"


def find_corpus(data: Path | None, folder: Path, quick: bool) -> Corpus:
    """Return the days of `data`, else the recorded days, else days made in the folder. Raises PaperRoundError."""
    count = QUICK_DAYS if quick else ALL_DAYS
    given = data or (RECORDED if RECORDED.is_dir() else None)
    if given is None:
        return _corpus(Maker().write_days(folder, count), "made, in the shape and size of recorded ones")
    files = sorted(given.glob("*.json"))
    if quick:
        files = [file for file in files if _lists_papers(file)][-count:]
    if not files:
        raise PaperRoundError(f"{given} has no day (*.json) with papers; name another folder with --data DIR")
    return _corpus(files, f"recorded in {given}")


def busy_days(folder: Path, after: dt.date, count: int) -> list[Path]:
    """Make days of 50 papers that no corpus has, a file each, beginning behind a day."""
    maker = Maker(seed=2, first_number=90_000)  # arXiv has not had half as many in any month
    return [maker.write_day(folder, after + dt.timedelta(days=passed), FULL_DAY) for passed in range(1, count + 1)]


def _lists_papers(file: Path) -> bool:
    return bool(json.loads(file.read_bytes()))


def _corpus(files: Sequence[Path], origin: str) -> Corpus:
    papers = [paper for file in files for paper in read_file(file).papers]
    days = sorted({paper.announced for paper in papers if paper.announced})
    return Corpus(tuple(files), tuple(days), len({paper.id for paper in papers}), origin)
