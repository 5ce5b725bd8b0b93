"""The day's order, and trending."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ranking import ALL, age_in_days, by_votes, day_list, trending
from bot.tally import Tally

DAY = dt.date(2025, 6, 12)
NOON = dt.datetime(2025, 6, 12, 12, tzinfo=dt.UTC)


def paper(
    number: int, votes: int | None, comments: int = 0, day: dt.date = DAY, seen: int = 0, stars: int | None = None
) -> Paper:
    listing = Listing("huggingface", day, votes, comments, stars=stars, first_seen=NOON + dt.timedelta(hours=seen))
    return Paper(PaperId.parse(f"arxiv:2506.{number:05}"), "A paper", listings=(listing,))


def tally(number: int, votes: int | None, comments: int = 0, day: dt.date = DAY, stars: int | None = None) -> Tally:
    return Tally.of(paper(number, votes, comments, day, stars=stars))


def numbers(papers: Sequence[Paper | Tally]) -> list[int]:
    return [int(each.id.value[-5:]) for each in papers]


def test_a_day_is_ordered_by_votes_then_comments_then_who_came_first_then_id() -> None:
    papers = [paper(1, 0), paper(2, None), paper(3, 7), paper(4, 7, 2), paper(5, 7, 2, seen=-1), paper(6, 7, 2)]
    assert numbers(day_list(papers, DAY)) == [5, 4, 6, 3, 1, 2]
    assert numbers(day_list(reversed(papers), DAY)) == [5, 4, 6, 3, 1, 2]


def test_a_days_list_holds_that_day_alone() -> None:
    assert numbers(day_list([paper(1, 5), paper(2, 9, day=DAY - dt.timedelta(days=1))], DAY)) == [1]


def test_of_what_all_sources_list_on_a_day_that_is_shown_which_one_picked_out_or_counts_votes_for() -> None:
    announced = [replace(paper(number, None), listings=(Listing("arxiv", DAY),)) for number in (1, 2, 3)]
    picked = replace(paper(4, None), listings=(Listing("huggingface", DAY),))
    counted = replace(paper(5, 0), listings=(Listing("openreview", DAY, votes=0),))
    elsewhere = replace(announced[2], listings=(Listing("arxiv", DAY), Listing("huggingface", DAY - dt.timedelta(1))))
    papers = [*announced[:2], elsewhere, picked, counted]
    assert numbers(day_list(papers, DAY)) == [4, 5]
    assert numbers(day_list(papers, DAY, ALL)) == [1, 2, 3, 4, 5]
    assert numbers(day_list(papers, DAY, "arxiv")) == [1, 2, 3]
    assert numbers(day_list(papers[:3], DAY)) == [1, 2, 3], "where none was picked out, all are shown"
    assert day_list(papers, DAY, "dblp") == []


def test_several_days_are_ordered_by_votes_then_comments_then_the_newest() -> None:
    yesterday = DAY - dt.timedelta(days=1)
    assert numbers(by_votes([tally(1, 5, day=yesterday), tally(2, 5), tally(3, 6, day=yesterday)])) == [3, 2, 1]


def test_trending_is_what_was_gained_against_age() -> None:
    fresh, old = tally(1, 10), tally(2, 30, day=DAY - dt.timedelta(days=6))
    ranked = trending([old, fresh], {}, {}, NOON)
    assert [(each.key[-1], gained) for each, gained in ranked] == [("1", 10), ("2", 30)]


def test_votes_from_before_the_window_do_not_count() -> None:
    risen, settled = tally(1, 20), tally(2, 90)
    ranked = trending([settled, risen], {settled.key: 85, risen.key: 2}, {}, NOON)
    assert [(each.key, gained) for each, gained in ranked] == [(risen.key, 18), (settled.key, 5)]


def test_the_teams_votes_comments_and_stars_lift_a_tally() -> None:
    plain = tally(1, 10)
    for lifted, team in ((tally(2, 10), 1), (tally(2, 10, comments=1), 0), (tally(2, 10, stars=50), 0)):
        ranked = trending([plain, lifted], {}, {lifted.key: team}, NOON)
        assert ranked[0][0] is lifted


def test_age_counts_from_the_first_listing() -> None:
    assert age_in_days(tally(1, 1, day=DAY - dt.timedelta(days=2)), NOON) == 2.5
    assert age_in_days(tally(1, 1, day=DAY + dt.timedelta(days=2)), NOON) == 0
