"""Facts out of JSON that others wrote: the right type and size, or nothing."""

import datetime as dt

import pytest

from adapters.sources import json_facts as facts


@pytest.mark.parametrize("votes", ["12", True, 1.0, -1, 2**31, None, [], float("nan")])
def test_votes_are_a_whole_number_or_unknown(votes: object) -> None:
    assert facts.count(votes) is None


@pytest.mark.parametrize(
    "published", ["0000-01-01", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "soon", "", 2025, None]
)
def test_a_date_that_can_not_be_is_unknown(published: object) -> None:
    assert facts.date(published) is None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://example.org/a",
        "//example.org/a",
        "example.org",
        "https://",
        "https://[x",
        "https://alice:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/|x>",
        "https://example.org/\u202e",
        "https://example.org/\ud800",
        "https://example.org/" + "a" * 2_000,
        7,
    ],
)
def test_only_web_addresses_are_links(address: object) -> None:
    assert facts.link(address) is None


def test_a_broken_line_is_taken_out_of_a_link_as_browsers_do() -> None:
    assert facts.link("https://github.com/\nalice/paper.git") == "https://github.com/alice/paper.git"
    assert facts.link(" http://例え.jp/ü?q=1#a") == "http://例え.jp/ü?q=1#a"


@pytest.mark.parametrize("told", ["2025-06-12T01:30:00+02:00", "2025-06-11T23:30:00Z", "2025-06-11T23:30:00"])
def test_times_are_in_utc(told: str) -> None:
    assert facts.instant(told) == dt.datetime(2025, 6, 11, 23, 30, tzinfo=dt.UTC)


def test_zero_is_a_count() -> None:
    assert facts.count(0) == 0
