"""Which papers a digest brings: settled lists, late and rising ones, each once, within its size."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.candidates import Days, choose, days_from
from bot.day_lists import DayLists
from bot.digest import Digest, DigestSettings, days_of
from bot.digest_post import Lines, Told, digest_of
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query_parser import parse_rule
from bot.schedule import WEEKDAYS, Schedule

MONDAY = dt.date(2025, 6, 9)
SETTINGS = DigestSettings(
    id=1,
    channel_id=1,
    name="daily",
    schedule=Schedule(dt.time(9), "Europe/Berlin", ("mon", "tue", "wed", "thu", "fri")),
    top=3,
    rule=None,
    created_by=1,
    created_at=dt.datetime(2025, 6, 2, tzinfo=dt.UTC),
    since=dt.date(2025, 6, 2),
    next_due_at=dt.datetime(2025, 6, 3, 7, tzinfo=dt.UTC),
)


def paper(number: int, votes: int | None, day: dt.date = MONDAY, title: str = "A paper") -> Paper:
    listing = Listing("huggingface", day, votes=votes)
    return Paper(PaperId.parse(f"arxiv:2506.{number:05}"), title, listings=(listing,))


def compose(
    settings: DigestSettings,
    days: Days,
    papers: Iterable[Paper],
    had: Iterable[PaperId],
    votes_then: Mapping[PaperId, int],
    team_votes: Mapping[PaperId, int],
    was_due: dt.datetime | None = None,
) -> Digest | None:
    """The digest of those days, where these are all papers and the channel had some of them."""
    lists = DayLists()
    listed = list(papers)
    for day in days.all:
        lists.add(day, listed)
    choice = choose(lists, days, settings.rule, settings.top, set(had))
    return digest_of(settings, choice, Told(team_votes, votes_then, was_due), Lines())


def brought(digest: Digest | None, section: str = "main") -> list[int]:
    """The numbers of the papers that a digest brings in a section."""
    items = digest.items if digest else ()
    return [int(item.paper.value[-5:]) for item in items if item.section == section]


def test_it_brings_the_top_of_the_day_before() -> None:
    papers = [paper(number, votes) for number, votes in enumerate([4, 9, 0, 7, None])]
    days = days_of(SETTINGS, MONDAY + dt.timedelta(days=1))
    digest = compose(replace(SETTINGS, last_slot=MONDAY), Days(MONDAY, MONDAY, MONDAY), papers, (), {}, {})
    assert days.last == MONDAY
    assert digest is not None
    assert brought(digest) == [1, 3, 0]
    assert digest.post.more == 2
    assert digest.post.papers[0].why == ("No. 1 of 5 by votes on Mon 9 Jun 2025",)


def test_on_monday_it_covers_the_weekend_too() -> None:
    friday_was_done = replace(SETTINGS, last_slot=dt.date(2025, 6, 6))
    assert days_of(friday_was_done, MONDAY) == Days(
        first=dt.date(2025, 6, 6), last=dt.date(2025, 6, 8), earliest=dt.date(2025, 6, 2)
    )


def test_the_first_digest_looks_at_nothing_before_it_was_set_up() -> None:
    since = replace(SETTINGS, since=dt.date(2025, 6, 6))
    assert days_of(since, MONDAY) == Days(dt.date(2025, 6, 6), dt.date(2025, 6, 8), dt.date(2025, 6, 6))


def test_what_the_channel_had_does_not_come_again() -> None:
    papers = [paper(1, 5), paper(2, 4)]
    days = Days(MONDAY, MONDAY, MONDAY)
    assert brought(compose(SETTINGS, days, papers, {papers[0].id}, {}, {})) == [2]
    assert compose(SETTINGS, days, papers, {each.id for each in papers}, {}, {}) is None


def test_a_rule_narrows_it_and_says_why() -> None:
    papers = [paper(1, 9, title="Diffusion"), paper(2, 5, title="Robots"), paper(3, 1, title="More diffusion")]
    digest = compose(replace(SETTINGS, rule=parse_rule("diffusion")), Days(MONDAY, MONDAY, MONDAY), papers, (), {}, {})
    assert brought(digest) == [1, 3]
    assert digest is not None
    assert digest.post.papers[1].why == (
        "No. 2 of 2 that match by votes on Mon 9 Jun 2025",
        "“diffusion” in the title",
    )


class TestLateAndRising:
    TUESDAY = MONDAY + dt.timedelta(days=1)
    DAYS = Days(TUESDAY, TUESDAY, MONDAY)

    def test_a_paper_listed_after_its_days_digest_comes_in_the_next(self) -> None:
        papers = [paper(1, 20), paper(2, 5, self.TUESDAY)]
        digest = compose(SETTINGS, self.DAYS, papers, (), {}, {})
        assert brought(digest) == [2]
        assert brought(digest, "late") == [1]
        assert digest is not None
        assert digest.post.sections[1].title == "Late and rising"
        assert digest.post.papers[1].why == ("listed after the digest of Mon 9 Jun 2025, 20 votes",)

    def test_a_paper_that_climbed_into_its_days_top_comes_with_votes_then_and_now(self) -> None:
        papers = [*(paper(number, 10) for number in range(3)), paper(9, 38), paper(5, 1, self.TUESDAY)]
        had = {each.id for each in papers[:3]}
        digest = compose(SETTINGS, self.DAYS, papers, had, {papers[3].id: 3}, {})
        assert brought(digest, "late") == [9]
        assert digest is not None
        assert digest.post.papers[-1].why == ("risen from 3 to 38 votes since Mon 9 Jun 2025",)

    def test_a_paper_that_is_not_in_its_days_top_does_not_come(self) -> None:
        papers = [*(paper(number, 10) for number in range(3)), paper(9, 9)]
        assert compose(SETTINGS, self.DAYS, papers, {each.id for each in papers[:3]}, {}, {}) is None

    def test_they_come_first_but_the_day_keeps_the_larger_half(self) -> None:
        old = [paper(number, 50 + number) for number in range(2)]
        new = [paper(10 + number, 5 + number, self.TUESDAY) for number in range(5)]
        digest = compose(SETTINGS, self.DAYS, old + new, (), {}, {})
        assert brought(digest) == [14, 13]
        assert brought(digest, "late") == [1, 0]

    def test_all_of_a_days_top_come_late_up_to_twice_the_digests_size(self) -> None:
        sunday = MONDAY - dt.timedelta(days=1)
        old = [paper(number, 50 + number) for number in range(4)]
        older = [paper(20 + number, 40 + number, sunday) for number in range(4)]
        new = [paper(10 + number, 5 + number, self.TUESDAY) for number in range(5)]
        digest = compose(SETTINGS, Days(self.TUESDAY, self.TUESDAY, sunday), old + older + new, (), {}, {})
        assert brought(digest) == [14, 13]
        assert brought(digest, "late") == [3, 2, 1, 23], "not No. 4 of Monday, for the digest brings the top 3"

    def test_the_day_takes_the_places_that_they_leave(self) -> None:
        new = [paper(10 + number, 5 + number, self.TUESDAY) for number in range(5)]
        digest = compose(SETTINGS, self.DAYS, [paper(1, 50), *new], (), {}, {})
        assert brought(digest) == [14, 13]
        assert brought(digest, "late") == [1]

    def test_they_take_the_places_that_the_day_leaves(self) -> None:
        old = [paper(number, 50 + number) for number in range(4)]
        digest = compose(SETTINGS, self.DAYS, [*old, paper(10, 1, self.TUESDAY)], (), {}, {})
        assert brought(digest) == [10]
        assert brought(digest, "late") == [3, 2, 1]

    def test_what_had_no_room_yesterday_comes_today_and_says_so(self) -> None:
        digest = compose(SETTINGS, self.DAYS, [paper(1, 50)], (), {paper(1, 50).id: 50}, {})
        assert digest is not None
        assert digest.post.papers[0].why == ("held back from Mon 9 Jun 2025 for want of room, 50 votes",)


class TestMissedDigests:
    """A daily digest of three that did not come for some days; every day has ten papers."""

    DAILY = replace(SETTINGS, schedule=replace(SETTINGS.schedule, days=WEEKDAYS), since=dt.date(2025, 5, 1))
    LAST = dt.date(2025, 6, 10)

    def caught_up(self, slot: dt.date, empty: Iterable[dt.date] = ()) -> Digest:
        settings = replace(self.DAILY, last_slot=self.LAST)
        days = days_of(settings, slot)
        listed = set(days_from(dt.date(2025, 6, 1), slot)) - set(empty)
        papers = [
            paper(day.toordinal() % 1000 * 10 + number, 100 - number, day) for day in listed for number in range(10)
        ]
        before = {each.id for each in papers if each.listings[0].day < self.LAST}
        digest = compose(settings, days, papers, before, {}, {})
        assert digest is not None
        return digest

    def test_the_newest_day_comes_in_full_and_the_older_in_short_under_their_dates(self) -> None:
        digest = self.caught_up(dt.date(2025, 6, 13))
        assert digest.post.heading == "Daily papers · Thu 12 Jun 2025"
        assert [(part.title, [line.why[0] for line in part.papers]) for part in digest.post.sections] == [
            (title, [f"No. {place} of 10 by votes on {day}" for place in (1, 2, 3)])
            for title, day in (
                (None, "Thu 12 Jun 2025"),
                ("Wed 11 Jun 2025", "Wed 11 Jun 2025"),
                ("Tue 10 Jun 2025", "Tue 10 Jun 2025"),
            )
        ]
        assert digest.post.more == 21

    def test_every_paper_can_be_reached_by_a_button_for_each_day(self) -> None:
        digest = self.caught_up(dt.date(2025, 6, 13))
        assert [(action.label, action.command) for action in digest.post.actions] == [
            ("All of Thu 12 Jun", "2025-06-12"),
            ("All of Wed 11 Jun", "2025-06-11"),
            ("All of Tue 10 Jun", "2025-06-10"),
            ("Settings", "digest show name:daily"),
        ]

    def test_seven_missed_come_in_short_and_eight_behind_a_button(self) -> None:
        seven = self.caught_up(self.LAST + dt.timedelta(days=7))
        assert len(seven.post.sections) == 7
        eight = self.caught_up(self.LAST + dt.timedelta(days=8))
        assert eight.post.heading == "Daily papers · Tue 17 Jun 2025"
        assert len(eight.post.sections) == 1
        assert [(action.label, action.command) for action in eight.post.actions[:2]] == [
            ("All papers", "2025-06-17"),
            ("2025-06-16 and before", "2025-06-16"),
        ]

    def test_the_newest_day_that_has_papers_comes_in_full(self) -> None:
        slot = dt.date(2025, 6, 13)
        digest = self.caught_up(slot, empty=[dt.date(2025, 6, 12)])
        assert [part.title for part in digest.post.sections] == [None, "Tue 10 Jun 2025"]
        assert digest.post.heading == "Daily papers · Wed 11 Jun 2025 to Thu 12 Jun 2025"

    def test_after_a_month_without_lists_the_newest_list_still_comes(self) -> None:
        slot = self.LAST + dt.timedelta(days=30)
        digest = self.caught_up(slot, empty=days_from(self.LAST + dt.timedelta(days=1), slot))
        assert {line.announced for line in digest.post.papers} == {self.LAST}

    @pytest.mark.parametrize("passed", [3, 8, 30])
    def test_what_it_only_linked_to_does_not_come_as_late_the_day_after(self, passed: int) -> None:
        slot = self.LAST + dt.timedelta(days=passed)
        digest = replace(self.DAILY, top=5)
        settings = replace(digest, last_slot=self.LAST)
        papers = [
            paper(day.toordinal() % 1000 * 10 + number, 100 - number, day)
            for day in days_from(self.LAST, slot)
            for number in range(10)
        ]
        first = compose(settings, days_of(settings, slot), papers, (), {}, {})
        assert first is not None
        had = {item.paper for item in (*first.items, *first.linked)}
        assert len(had) == len(first.items) + len(first.linked)
        tomorrow = replace(digest, last_slot=slot)
        then = compose(tomorrow, days_of(tomorrow, slot + dt.timedelta(days=1)), papers, had, {}, {})
        assert then is not None
        assert {line.announced for line in then.post.papers} == {slot}

    def test_a_digest_of_weekdays_misses_no_weekend(self) -> None:
        weekdays = replace(SETTINGS, last_slot=dt.date(2025, 6, 12), since=dt.date(2025, 6, 2))
        assert days_of(weekdays, dt.date(2025, 6, 13)).missed == ()
        assert days_of(replace(weekdays, last_slot=dt.date(2025, 6, 13)), dt.date(2025, 6, 16)).missed == ()
        tuesday = days_of(replace(weekdays, last_slot=dt.date(2025, 6, 13)), dt.date(2025, 6, 17))
        assert (tuesday.first, tuesday.missed) == (
            dt.date(2025, 6, 16),
            (dt.date(2025, 6, 15), dt.date(2025, 6, 14), dt.date(2025, 6, 13)),
        )


def test_a_late_digest_says_when_it_was_due() -> None:
    days = Days(MONDAY, MONDAY, MONDAY)
    was_due = dt.datetime(2025, 6, 12, 7, tzinfo=dt.UTC)
    digest = compose(SETTINGS, days, [paper(1, 5)], (), {}, {}, was_due)
    assert digest is not None
    assert digest.post.heading == "Daily papers · Mon 9 Jun 2025 · late: was due Thu 12 Jun 09:00"


@given(
    st.lists(st.tuples(st.integers(0, 6), st.one_of(st.none(), st.integers(0, 5)), st.booleans()), max_size=40),
    st.integers(1, 10),
)
def test_whatever_there_is_a_digest_is_no_longer_than_late_ones_make_it_and_brings_each_paper_once(
    listed: list[tuple[int, int | None, bool]], top: int
) -> None:
    papers = [paper(number, votes, MONDAY + dt.timedelta(days=day)) for number, (day, votes, _) in enumerate(listed)]
    had = {each.id for each, (_, _, posted) in zip(papers, listed, strict=True) if posted}
    days = Days(MONDAY + dt.timedelta(days=5), MONDAY + dt.timedelta(days=6), MONDAY)
    digest = compose(replace(SETTINGS, top=top), days, papers, had, {}, {})
    ids = [item.paper for item in digest.items] if digest else []
    fresh = [each for each in papers if each.listings[0].day >= days.first and each.id not in had]
    late = brought(digest, "late")
    assert len(ids) == len(set(ids)) <= max(top, len(late) + top - top // 2) <= 2 * top
    assert not had & set(ids)
    assert len(ids) >= min(top, len(fresh))
    if digest:
        assert [line.id for line in digest.post.papers] == [str(each) for each in ids]
        assert digest.post.more == len(fresh) - len(brought(digest))


def test_the_teams_votes_and_the_settings_are_told() -> None:
    one = paper(1, 5)
    digest = compose(
        replace(SETTINGS, rule=parse_rule("paper")), Days(MONDAY, MONDAY, MONDAY), [one], (), {}, {one.id: 2}
    )
    assert digest is not None
    assert digest.post.papers[0].team_votes == 2
    assert digest.post.heading == "Daily papers · Mon 9 Jun 2025"
    assert digest.post.footer == "daily · weekdays at 09:00 Europe/Berlin · top 3 · paper"


@pytest.mark.parametrize("slot", [dt.date(2025, 6, 3), dt.date(2025, 6, 12)])
def test_a_digest_never_covers_its_own_day(slot: dt.date) -> None:
    assert days_of(replace(SETTINGS, last_slot=slot), slot).last < slot
