"""A digest in Discord: one quiet message, within its limits, that is found again by its key."""

import timeit
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from adapters.discord.digest import digest_message, key_of
from adapters.discord.limits import CONTAINER, size_of
from bot.reply import Action, DigestPost, Section
from tests.fakes.discord_look import custom_ids_of, words_of
from tests.fakes.discord_papers import HOSTILE, TITLES, check, line, longest_titles, nasty_line

KEY = "0a1b2c3d-4e5f-5a6b-8c7d-0123456789ab"
ACTIONS = (Action("All papers", "2025-06-12"), Action("Settings", "digest show name:daily"))


def post_of(count: int, actions: tuple[Action, ...] = ACTIONS) -> DigestPost:
    """Return a digest of so many papers."""
    papers = tuple(line(f"Paper {number}", why=("No. 1 of 13 by votes",), summary="Short.") for number in range(count))
    return DigestPost("Daily papers · Thu 12 Jun 2025", (Section(None, papers),), 8, "daily · 09:00", actions)


def test_a_digest_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    late = Section("Late and rising", (line("A late one", why=("risen from 3 to 20 votes since Wed 11 Jun 2025",)),))
    post = post_of(2)
    message = digest_message(replace(post, sections=(*post.sections, late)), KEY)
    check(message)
    assert "\n".join(words_of(message.components)) == snapshot
    assert message.text == "Daily papers · Thu 12 Jun 2025"


@pytest.mark.parametrize(("papers", "components"), [(5, 20), (8, 29), (10, 35), (11, 38)])
def test_up_to_eleven_papers_have_a_button_each(papers: int, components: int) -> None:
    message = digest_message(post_of(papers), KEY)
    check(message)
    assert size_of(message.components).components == components
    assert len(custom_ids_of(message.components)) == papers + 2


@pytest.mark.parametrize("papers", [12, 20, 60])
def test_a_longer_digest_loses_buttons_before_papers(papers: int) -> None:
    message = digest_message(post_of(papers), KEY)
    check(message)
    shown = "\n".join(words_of(message.components))
    missing = sum(f"Paper {number} " not in shown for number in range(papers))
    assert missing == 0 if papers <= 20 else f"{missing} more papers had no room" in shown


@pytest.mark.parametrize("role", [None, "123456789012345678"])
@pytest.mark.parametrize("buttons", range(9))
def test_where_buttons_have_no_room_papers_have(buttons: int, role: str | None) -> None:
    actions = tuple(Action(f"Day {number}", f"2025-06-{number}") for number in range(buttons))
    message = digest_message(post_of(11, actions), KEY, role)
    check(message, role)
    shown = "\n".join(words_of(message.components))
    assert all(f"Paper {number} " in shown for number in range(11))
    assert size_of(message.components).components >= 36


def test_the_title_of_a_section_stands_there_once() -> None:
    post = post_of(1)
    late = Section("Late and rising", (line("B"), line("C")))
    shown = words_of(digest_message(replace(post, sections=(*post.sections, late))).components)
    assert shown.count("# Late and rising") == 1


def test_all_days_of_a_late_digest_can_be_reached() -> None:
    days = tuple(Action(f"All of Fri {number} Jun", f"2025-06-{number}") for number in range(10, 20))
    message = digest_message(post_of(10, (*days, Action("Settings", "digest show"))), KEY)
    check(message)
    assert all(f"All of Fri {number} Jun" in str(message.components) for number in range(10, 20))


def test_it_is_in_no_container_with_which_discord_can_not_list_the_channel() -> None:
    assert CONTAINER not in [each["type"] for each in digest_message(post_of(5), KEY).components]


def test_its_key_is_in_every_button_and_is_read_back() -> None:
    message = digest_message(post_of(5), KEY)
    assert key_of(message.payload) == KEY
    assert all(f"#{KEY}:" in each for each in custom_ids_of(message.components))
    assert key_of({"components": []}) is None
    assert key_of({}) is None
    assert key_of(digest_message(post_of(5)).payload) is None


def test_a_digest_without_a_button_of_its_own_has_its_key_all_the_same() -> None:
    unsendable = post_of(1, ())
    unsendable = replace(unsendable, sections=(Section(None, (line("X", id="arxiv:\x00"),)),))
    message = digest_message(unsendable, KEY)
    check(message)
    assert key_of(message.payload) == KEY


def test_only_a_chosen_role_is_mentioned() -> None:
    message = digest_message(post_of(11), KEY, role="123456789012345678")
    check(message, "123456789012345678")
    assert size_of(message.components).components == 39
    for role in (None, "", "everyone", "1> <@2"):
        check(digest_message(post_of(11), KEY, role=role))


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_do_nothing(words: str) -> None:
    papers = (nasty_line(words),) * 6
    post = DigestPost(
        words, (Section(words, papers[:3]), Section(words, papers[3:])), 3, words, (Action(words, words),)
    )
    message = digest_message(post, KEY)
    check(message)
    assert key_of(message.payload) == KEY


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.text(max_size=600), st.integers(0, 30))
def test_no_digest_is_more_than_discord_takes(papers: int, words: str, days: int) -> None:
    found = tuple(line(words, summary=words, why=(words,), id=f"doi:{words}") for _ in range(papers))
    actions = tuple(Action(f"Day {number}", f"2025-06-{number} {words}") for number in range(days))
    message = digest_message(DigestPost(words, (Section(None, found),), 3, words, actions), KEY)
    check(message)
    assert key_of(message.payload) == KEY


@pytest.mark.skipif(not TITLES.is_file(), reason="the recorded titles are not here")
def test_the_longest_real_titles_fit_with_their_buttons() -> None:
    titles = longest_titles(40)
    for start in range(0, 40, 10):
        ten = tuple(line(title, why=("No. 1 of 13 by votes",)) for title in titles[start : start + 10])
        message = digest_message(DigestPost("Daily papers", (Section(None, ten),), 3, "footer", ACTIONS), KEY)
        check(message)
        assert len(custom_ids_of(message.components)) == 12


def test_ten_papers_take_little_time() -> None:
    post = post_of(10)
    digest_message(post, KEY)  # the entries are made once, and kept
    took = min(timeit.repeat(lambda: digest_message(post, KEY), number=50, repeat=5)) / 50
    assert took < 0.003  # 0.12 ms measured; a machine that is busy takes longer
