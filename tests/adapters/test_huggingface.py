"""Hugging Face Daily Papers: what is read out of an answer, what is skipped, and what is refused."""

import copy
import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.huggingface import parse_daily, read_file
from bot.errors import SourceError
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "huggingface"
RECORDED = ROOT.parent / "shared" / "data" / "hf_daily"
DAY = dt.date(2025, 6, 12)

Json = dict[str, object]


def by_id(batch: Batch) -> dict[str, Paper]:
    return {paper.id.value: paper for paper in batch.papers}


def item(number: int = 1, **paper: object) -> Json:
    facts: Json = {"id": f"2506.{number:05}", "title": f"Paper {number}", "summary": "Text.", "authors": []}
    return {"paper": {**facts, **paper}, "numComments": 0}


def only(payload: object) -> Paper:
    batch = parse_daily(payload, "a test", DAY)
    assert batch.skipped == {}
    (paper,) = batch.papers
    return paper


def listing(payload: object) -> Listing:
    (found,) = only(payload).listings
    return found


# --- What is read ---


def test_an_old_day_has_its_day_from_the_file_and_few_facts() -> None:
    batch = read_file(DATA / "2024-05-28.json")
    assert (batch.name, batch.skipped) == ("2024-05-28.json", {})
    papers = by_id(batch)
    assert list(papers) == ["2405.17247", "2405.17430", "2405.17258"]
    assert papers["2405.17247"] == Paper(
        id=PaperId.parse("arxiv:2405.17247"),
        title="An Introduction to Vision-Language Modeling",
        authors=("Florian Bordes", "Anurag Ajay", "Alexander C. Li"),  # one is hidden
        abstract="An entry to the field: what models that join images and text are, how they are trained "
        "and how they are judged.",
        published=dt.date(2024, 5, 27),
        listings=(
            Listing(
                source="huggingface",
                day=dt.date(2024, 5, 28),
                votes=33,
                comments=3,
                url="https://huggingface.co/papers/2405.17247",
            ),
        ),
    )


def test_an_old_day_names_who_submitted_and_a_single_video() -> None:
    papers = by_id(read_file(DATA / "2024-05-28.json"))
    matryoshka = papers["2405.17430"]
    assert matryoshka.listings[0].submitter == "bob"
    assert matryoshka.video_url == "https://cdn-uploads.huggingface.co/production/uploads/0/matryoshka.MP4"
    assert papers["2405.17247"].video_url is None  # its media is a thumbnail


def test_no_votes_are_zero_votes_and_titles_are_one_line() -> None:
    paper = by_id(read_file(DATA / "2024-05-28.json"))["2405.17258"]
    assert (paper.votes, paper.comments) == (0, 0)
    assert paper.title == "Trans-LoRA: towards data-free Transferable Parameter Efficient Finetuning"
    assert paper.abstract.split("\n\n")[1] == "The old training data is not needed."


def test_a_newer_day_tells_all_its_facts() -> None:
    paper = by_id(read_file(DATA / "2025-12-29.json"))["2512.17504"]
    assert paper.listings == (
        Listing(
            source="huggingface",
            day=dt.date(2025, 12, 29),
            votes=27,
            comments=1,
            submitter="alice",
            organisation="KAIST AI",
            stars=3,
            summary="Video object insertion that understands the scene in four dimensions.",
            keywords=("video generation", "4D scene understanding", "occlusion"),
            listed_at=dt.datetime(2025, 12, 29, 0, 7, 19, 171_000, dt.UTC),
            url="https://huggingface.co/papers/2512.17504",
        ),
    )
    assert paper.code_url == "https://github.com/myyzzzoooo/InsertAnywhere"
    assert paper.project_url == "https://myyzzzoooo.github.io/InsertAnywhere/"
    assert paper.video_url == "https://cdn-uploads.huggingface.co/production/uploads/0/demo.mp4"


def test_an_organisation_may_have_a_short_name_alone_and_code_no_stars() -> None:
    paper = by_id(read_file(DATA / "2025-12-29.json"))["2512.22047"]
    assert (paper.organisation, paper.stars, paper.video_url) == ("TongyiLab", 0, None)


def test_a_wrapped_day_is_unwrapped_and_names_its_day() -> None:
    batch = read_file(DATA / "wrapped.json")
    assert [paper.announced for paper in batch.papers] == [dt.date(2025, 1, 10)]
    assert batch.skipped == {"item is text, not an object": 1}


def test_the_day_of_the_submission_stands_before_the_day_of_the_page() -> None:
    assert listing([item(submittedOnDailyAt="2025-06-11T23:59:59Z")]).day == dt.date(2025, 6, 11)
    assert listing([item(submittedOnDailyAt="2025-06-12T01:30:00+02:00")]).day == dt.date(2025, 6, 11)
    assert listing([item()]).day == DAY


def test_a_paper_on_two_days_has_a_listing_in_each() -> None:
    first, second = (by_id(read_file(DATA / f"2025-09-0{day}.json"))["2508.18106"] for day in (1, 2))
    assert (first.announced, first.votes) == (dt.date(2025, 9, 1), 40)
    assert (second.announced, second.votes) == (dt.date(2025, 9, 2), 52)


def test_title_and_abstract_may_stand_outside_alone() -> None:
    outside = {"paper": {"id": "2506.00001"}, "title": "Outside", "summary": "It is."}
    assert (only([outside]).title, only([outside]).abstract) == ("Outside", "It is.")


# --- What is skipped ---


def test_damaged_items_are_counted_by_reason_and_fail_nothing_else() -> None:
    batch = read_file(DATA / "2025-03-04-damaged.json")
    assert [paper.id.value for paper in batch.papers] == ["2503.01307", "2503.00714"]
    assert batch.skipped == {
        "item is text, not an object": 1,
        "no item": 1,
        "item is a number, not an object": 1,
        "item is a list, not an object": 1,
        "no paper": 1,
        "paper is text, not an object": 1,
        "no id": 2,
        "id is a number, not text": 1,
        "id is not arXiv's": 2,
        "no title": 2,
        "title is a number, not text": 1,
        "same paper twice": 1,
    }
    assert batch.papers[0].votes == 8  # the first one counts


def test_optional_facts_of_a_wrong_type_are_left_out() -> None:
    paper = by_id(read_file(DATA / "2025-03-04-damaged.json"))["2503.00714"]
    assert paper == Paper(
        id=paper.id,
        title="Speculative Ad-hoc Querying",
        abstract="Rewards that can be checked teach a model to see.",
        listings=(Listing("huggingface", dt.date(2025, 3, 4), url="https://huggingface.co/papers/2503.00714"),),
    )


def test_a_page_without_any_day_skips_what_needs_one() -> None:
    batch = parse_daily([item(1), item(2, submittedOnDailyAt="2025-06-11T08:00:00Z")], "a test", None)
    assert list(by_id(batch)) == ["2506.00002"]
    assert batch.skipped == {"no day": 1}


def test_nothing_unseen_survives_and_markup_stays_text() -> None:
    (paper,) = read_file(DATA / "2025-07-07-hostile.json").papers
    assert paper.title == ("<!channel> @everyone **Bold** [click](https://evil.example) <script>alert(1)</script>txet")
    assert paper.authors == ("<@U012AB3CD>", "Eve <!here>", "Mallory")
    assert paper.abstract == "@here &lt;!channel&gt;\n\n<https://evil.example|arXiv:1706.03762>\n\n`code` 😀"
    assert (paper.code_url, paper.project_url) == (None, None)
    assert paper.video_url == "https://good.example/a.webm?x=1"
    assert paper.listings[0].keywords == ("@here",)
    assert paper.organisation == "<!subteam^S012345|@team>"
    json.dumps([paper.title, paper.abstract, paper.authors, paper.summary], ensure_ascii=False).encode()


def test_sizes_are_bounded() -> None:
    paper = only(
        [
            item(
                title="word " * 1_000,
                summary="word " * 10_000,
                authors=[{"name": f"{number} " + "x" * 400} for number in range(7_000)],
                ai_keywords=[f"keyword {number}" for number in range(99)],
            )
        ]
    )
    assert len(paper.title) <= 2_000
    assert len(paper.abstract) <= 20_000
    assert len(paper.authors) == 6_000
    assert max(map(len, paper.authors)) <= 300
    assert len(paper.listings[0].keywords) == 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
PLACES = [
    (inside, field)
    for inside, fields in (
        (True, json.loads((DATA / "2025-12-29.json").read_bytes())[0]["paper"]),
        (False, json.loads((DATA / "2025-12-29.json").read_bytes())[0]),
    )
    for field in fields
]


@given(st.sampled_from(PLACES), json_values)
def test_whatever_a_field_holds_the_page_is_read(place: tuple[bool, str], value: object) -> None:
    inside, field = place
    payload = copy.deepcopy(json.loads((DATA / "2025-12-29.json").read_bytes()))
    (payload[0]["paper"] if inside else payload[0])[field] = value
    batch = parse_daily(payload, "a test", DAY)
    assert len(batch.papers) + sum(batch.skipped.values()) == 2
    assert "2512.22047" in by_id(batch)


# --- What is refused ---


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        (None, "nothing"),
        ("[]", "text"),
        (7, "a number"),
        (True, "true or false"),
        ({"error": "Not found"}, "an object"),
        ({"data": {}}, "an object"),
    ],
)
def test_an_answer_of_another_shape_is_refused(payload: object, what: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_daily(payload, "today.json", DAY)
    assert str(caught.value) == f"today.json is of another shape: {what}, not a list of papers."
