"""Recorded answers of Hugging Face Daily Papers, read from files."""

import datetime as dt
import json
import time
from collections import Counter
from pathlib import Path

import pytest

from adapters.sources import json_facts
from adapters.sources.huggingface import read_file
from bot.errors import SourceError
from bot.ports import Batch

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "huggingface"
RECORDED = ROOT.parent / "shared" / "data" / "hf_daily"


def item(**paper: str) -> dict[str, object]:
    return {"paper": {"id": "2506.00001", "title": "A paper", **paper}}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<html></html>", "is not JSON"),
        (b"[1] [2]", "is not JSON"),
        (b'["\xff\xfe"]', "is not UTF-8 text"),
        (b'{"papers": []}', "is of another shape: an object"),
        (b"null", "is of another shape: nothing"),
    ],
)
def test_a_file_that_is_no_answer_is_refused_by_name(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "2025-06-12.json"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=rf"^2025-06-12\.json {why}"):
        read_file(path)


def test_a_file_is_known_to_be_cut_off_wherever_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "2025-09-02.json"
    whole = (DATA / path.name).read_bytes().rstrip()
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(SourceError, match=r"^2025-09-02\.json is cut off\.$"):
            read_file(path)


def test_a_file_that_is_not_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "gone.json", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(SourceError, match=rf"{path.name} can't be read: {why}"):
            read_file(path)


def test_a_file_needs_a_day_only_where_its_papers_do(tmp_path: Path) -> None:
    path = tmp_path / "papers-2025-13-45.json"
    path.write_text(json.dumps([item(submittedOnDailyAt="2025-06-12T08:00:00Z")]))
    assert read_file(path).papers[0].announced == dt.date(2025, 6, 12)
    path.write_text("[]")
    assert read_file(path) == Batch("papers-2025-13-45.json", (), {})
    path.write_text(json.dumps([item()]))
    with pytest.raises(SourceError, match=r"^papers-2025-13-45\.json does not say which day"):
        read_file(path)


@pytest.mark.parametrize("name", ["2025-06-12.json", "hf_2025-06-12_evening.json", "x-2025-06-12"])
def test_the_day_may_stand_anywhere_in_a_name_and_a_bom_before_the_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([item()]).encode())
    assert read_file(path).papers[0].announced == dt.date(2025, 6, 12)


def test_a_file_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "2025-06-12.json"
    with path.open("wb") as file:
        file.truncate(json_facts.MOST_BYTES + 1)
    with pytest.raises(SourceError, match=r"^2025-06-12\.json is larger than 32 MB\.$"):
        read_file(path)


def test_the_recorded_days_are_read_whole() -> None:
    if not RECORDED.is_dir():
        pytest.skip("the recorded days (../shared/data/hf_daily) are not beside this checkout")
    paths = sorted(RECORDED.glob("*.json"))
    began = time.perf_counter()
    batches = [read_file(path) for path in paths]
    assert time.perf_counter() - began < 20  # 1 s where it was written
    assert len(paths) == 415
    papers = [paper for batch in batches for paper in batch.papers]
    assert len({paper.id for paper in papers}) == len(papers) == 5_841
    assert sum((Counter(batch.skipped) for batch in batches), Counter()) == {"item is text, not an object": 300}
    assert [path.stem for path in paths if isinstance(json.loads(path.read_bytes()), dict)] == ["2025-01-10"]
    for path, batch in zip(paths, batches, strict=True):
        assert {entry.day.isoformat() for paper in batch.papers for entry in paper.listings} <= {path.stem}
        assert all(len(paper.listings) == 1 for paper in batch.papers)
