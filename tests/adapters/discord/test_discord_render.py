"""Answers in Discord: within its limits, and harmless, whatever papers and people are called."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from adapters.discord.buttons import Elsewhere, press_of
from adapters.discord.limits import size_of
from adapters.discord.papers import entry
from adapters.discord.render import reply_view
from bot.reply import (
    Action,
    Card,
    DigestLine,
    DigestPost,
    FollowLine,
    HelpLine,
    Pages,
    Reply,
    Section,
    StatusLine,
)
from bot.text import clean
from tests.fakes.discord_look import custom_ids_of, look_of, words_of
from tests.fakes.discord_papers import HOSTILE, NASTY, TITLES, check, hostile_strings, line, longest_titles, replies_of

PAGING = (
    Action("Previous page", "search graphs page:1"),
    Action("Next page", "search graphs page:3"),
    Action("Newest first", "search graphs sort:new"),
    Action("Follow this search", "follow graphs"),
)


def seen(reply: Reply, command: str | None = None, elsewhere: Elsewhere | None = None) -> str:
    """Return what people see of a reply."""
    message = reply_view(reply, command, elsewhere)
    check(message)
    return "\n".join(words_of(message.components))


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_ping_anybody_or_break_a_message(words: str) -> None:
    for reply in replies_of(words):
        check(reply_view(reply, f"search {words}"))


@settings(max_examples=40, deadline=None)
@given(st.one_of(st.text(), st.text("*_~|`[]()<>@#:!&\\-.1 a\n", min_size=20, max_size=600)))
def test_nor_do_any_others(words: str) -> None:
    for reply in replies_of(words):
        check(reply_view(reply, f"search {words}"))


ADDRESSES = ["https://arxiv.org/abs/2506.00001", "https://a.b/" + "c" * 380, "https://a.b/" + "(" * 99]
texts = st.one_of(st.none(), st.text(max_size=30), st.sampled_from(HOSTILE))
actions = st.lists(st.builds(Action, st.text(max_size=100), st.text(max_size=150)), max_size=30).map(tuple)
papers = st.lists(
    st.builds(
        line,
        st.text(max_size=500),
        st.lists(st.text(max_size=40), max_size=5),
        summary=texts,
        organisation=texts,
        why=st.lists(st.text(max_size=400), max_size=4).map(tuple),
        id=st.text(max_size=120).map(lambda words: f"doi:{words}"),
    ),
    max_size=25,
).map(tuple)
cards = st.builds(
    Card,
    st.builds(line, texts.map(str), st.lists(st.text(max_size=300), max_size=30), url=st.sampled_from(ADDRESSES)),
    st.text(max_size=5_000),
    st.lists(st.tuples(st.text(max_size=99), st.sampled_from(ADDRESSES)), max_size=12).map(tuple),
    st.lists(st.text(max_size=99), max_size=12).map(tuple),
    texts,
    st.lists(st.text(), max_size=3).map(tuple),
    st.lists(st.text(), max_size=3).map(tuple),
)
rules = st.lists(
    st.builds(FollowLine, st.integers(1, 99), st.text(max_size=1_000), st.integers(0, 9), st.booleans()), max_size=30
).map(tuple)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Reply,
        notice=texts,
        heading=texts,
        papers=st.one_of(st.none(), papers),
        pages=st.one_of(st.none(), st.just(Pages(1, 2, 20))),
        card=st.one_of(st.none(), cards),
        follows=st.one_of(st.none(), rules),
        mutes=st.one_of(st.none(), rules),
        status=st.lists(st.builds(StatusLine, st.text(), st.just("ok"), st.text()), max_size=30).map(tuple),
        actions=actions,
        ok=st.booleans(),
    )
)
def test_no_reply_is_more_than_discord_takes(reply: Reply) -> None:
    check(reply_view(reply, "today"))


@pytest.mark.skipif(not NASTY.is_dir(), reason="the recorded hostile input is not here")
def test_recorded_hostile_input_breaks_nothing() -> None:
    strings = hostile_strings()
    assert len(strings) > 20
    for words in strings:
        check(reply_view(Reply(heading=words, notice=words, papers=(line(words, [words] * 4, summary=words),) * 2)))


@pytest.mark.skipif(not TITLES.is_file(), reason="the recorded titles are not here")
def test_a_page_of_the_longest_real_titles_fits_with_every_button() -> None:
    titles = longest_titles(40)
    for start in range(0, 40, 10):
        ten = tuple(line(title, why=("No. 1 of 13 by votes",)) for title in titles[start : start + 10])
        reply = Reply(heading="Ten", papers=ten, pages=Pages(2, 3, 25), actions=PAGING)
        message = reply_view(reply, "search graphs page:2")
        check(message)
        assert len(custom_ids_of(message.components)) == 10 + 4 + 1
        shown = "\n".join(words_of(message.components))
        assert all(clean(title)[:100] in shown for title in titles[start : start + 10])


def test_three_thousand_authors_fit() -> None:
    many = line(authors=[f"Author Number {number}" for number in range(3_303)])
    check(reply_view(Reply(papers=(many,) * 10)))
    card = Card(many, "An abstract. " * 2_000, (), (), None, (), ())
    assert "+ 3,283 more" in seen(Reply(card=card))


def test_the_longest_card_still_has_its_links_and_abstract() -> None:
    paper = line("*" * 900, ["A" * 90] * 60, url="https://a.b/" + "c" * 380, categories=("cs.CL",) * 30)
    links = tuple((f"link {number} " + "x" * 50, f"https://a.b/{number}" + "c" * 380) for number in range(9))
    kept = (("abstract", "https://arxiv.org/abs/1"),)
    card = Card(paper, "*" * 9_000, (*links, *kept), ("k" * 90,) * 30, "s" * 300, (), ())
    shown = seen(Reply(heading="#" * 900, notice="*" * 9_000, card=card))
    assert "abstract -> https://arxiv.org/abs/1" in shown
    assert "*" * 90 + "…" in shown


def test_a_page_that_is_too_long_says_so_and_where_it_goes_on() -> None:
    lines = tuple(HelpLine("x" * 90, "y" * 90) for _ in range(60))
    shown = seen(Reply(help=lines, actions=(Action("Next page", "help page:2"),)))
    assert "more lines had no room in this message; Next page goes on with what follows them" in shown
    assert "[Next page] n:a0:help page:2" in shown


def test_more_papers_than_buttons_have_room_for_are_all_shown() -> None:
    twenty = tuple(line(f"Paper {number}") for number in range(20))
    message = reply_view(Reply(papers=twenty))
    check(message)
    assert all(f"Paper {number}]" in str(message.components) for number in range(20))
    assert len(custom_ids_of(message.components)) == 13


def test_a_full_page_of_a_search_with_all_its_buttons_is_just_what_discord_takes() -> None:
    ten = tuple(line(f"Paper {number}") for number in range(10))
    hint = Action("Search as typed", "search exactly graphs")
    reply = Reply(notice="Did you mean graphs?", heading="Search", papers=ten, pages=Pages(2, 3, 25))
    message = reply_view(replace(reply, actions=(hint, *PAGING)), "search graphs page:2")
    check(message)
    assert size_of(message.components).components == 40
    assert len(custom_ids_of(message.components)) == 10 + 5 + 1


@pytest.mark.parametrize("title", ["*" * 400, "x" * 400, "🎉_" * 200, "A usual title of many words " * 14])
def test_a_page_of_papers_loses_none_however_long_their_titles(title: str) -> None:
    page = tuple(
        line(f"{number} {title}", ["a_b"] * 5, summary=title, why=(title,), organisation=title) for number in range(10)
    )
    message = reply_view(Reply(notice="*" * 400, heading="#" * 300, papers=page, actions=PAGING), "today")
    check(message)
    shown = "\n".join(words_of(message.components))
    assert all(f"\n{number} {title[:20]}" in shown for number in range(10))
    assert len(custom_ids_of(message.components)) == 10 + 4 + 1
    assert "no room" not in shown


SUMMARY = "It plans before it acts, and it learns from what the plan has missed. " * 4


def test_ten_papers_whose_summaries_have_no_room_show_how_each_begins() -> None:
    page = tuple(line(f"{number} A usual title of so many words", summary=SUMMARY) for number in range(10))
    whole = seen(Reply(papers=page[:5], actions=PAGING), "today")
    assert whole.count(SUMMARY[:200]) == 5
    lines = seen(Reply(notice="x" * 1_000, papers=page, actions=PAGING), "today").splitlines()
    begun = [shown for shown in lines if shown.startswith(SUMMARY[:50])]
    assert len(begun) == 10
    assert {(len(shown) <= 90, shown.endswith("…")) for shown in begun} == {(True, True)}


def test_a_passage_that_has_no_room_is_cut_behind_what_was_found() -> None:
    found = (("…plans for ", False), ("graph", True), (" nets that are " + "very " * 20 + "long…", False))
    page = tuple(line(f"{number} A usual title", snippet=found) for number in range(10))
    lines = seen(Reply(notice="x" * 1_700, papers=page), "search graph").splitlines()
    begun = [shown for shown in lines if shown.startswith("…plans for graph nets that are very very")]
    assert len(begun) == 10
    assert {(len(shown) <= 91, shown.endswith("…")) for shown in begun} == {(True, True)}


def test_words_found_side_by_side_are_bold_both() -> None:
    shown = entry(line(snippet=(("we ", False), ("graph", True), ("nets", True), (" use", False)))).splitlines()[-1]
    assert look_of(shown).seen == "we graph nets use"
    assert look_of(shown).marks == ["bold", "bold"]


def test_a_passage_of_the_title_gives_way_to_the_summary() -> None:
    assert "The summary." in entry(line("Graph nets", summary="The summary.", snippet=(("Graph", True),)))


def test_only_an_answer_that_others_may_want_can_be_shared() -> None:
    reply = Reply(papers=(line(),))
    assert "Share with the channel" in seen(reply, "today")
    assert "Share" not in seen(reply)
    assert "Share" not in seen(replace(reply, ok=False), "today")
    assert "Share" not in seen(Reply(notice="Voted."), "vote 2506.00001")
    assert "Share" not in seen(reply, "today", Elsewhere("1", "2"))  # there is no channel to share with


def test_a_list_of_papers_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    day = dt.date(2025, 6, 12)
    first = line(
        "A* search, [revisited]", ["Ada Lovelace", "Yann LeCun", "C. Three", "D. Four"], organisation="Example_Lab",
        code_url="https://github.com/a/b", stars=1_204, summary="We search. It finds.", announced=day,
        why=("No. 1 of 13 by votes on Thu 12 Jun 2025", "your rule 2"),
    )  # fmt: skip
    found = line("A 🎉 party", votes=None, team_votes=0, comments=None, snippet=(("we ", False), ("graph", True)))
    reply = Reply(
        notice="Votes are still coming in.", heading="Search · graphs", papers=(first, found), pages=Pages(2, 3, 25),
        actions=PAGING,
    )  # fmt: skip
    assert seen(reply, "search graphs page:2") == snapshot


def test_a_card_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    paper = line(
        "A title", published=dt.date(2025, 6, 10), announced=dt.date(2025, 6, 12), categories=("cs.CL", "math.XX"),
        organisation="Example Lab",
    )  # fmt: skip
    links = (("abstract", "https://arxiv.org/abs/2506.00001"), ("PDF", "https://arxiv.org/pdf/2506.00001"))
    card = Card(paper, "We do *this*.", links, ("graphs", "search"), "ana", ("U1", "U2"), ("U3",))
    actions = (Action("Vote", "vote 2506.00001"), Action("Follow Ada Lovelace", 'follow author:"Ada Lovelace"'))
    assert seen(Reply(card=card, actions=actions), "show 2506.00001") == snapshot


def test_a_follow_list_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    follows = (FollowLine(1, 'author:"Yann LeCun"', 3, False), FollowLine(2, "cat:cs.CL graph_nets", 1, True))
    mutes = (FollowLine(3, "survey", 12, False),)
    actions = [Action("Pause 1", "pause 1"), Action("Remove 1", "unfollow 1"), Action("Next page", "following page:2")]
    reply = Reply(
        heading="Your follow list", follows=follows, mutes=mutes, pages=Pages(1, 2, 13), actions=tuple(actions)
    )
    assert seen(reply, "following") == snapshot


def test_digests_status_and_help_as_people_see_them(snapshot: SnapshotAssertion) -> None:
    due = dt.datetime(2025, 6, 13, 7, tzinfo=dt.UTC)
    digest = DigestLine("daily", "1", "09:00", "Europe/Berlin", ("mon", "tue"), 5, "cat:cs.CL", due, False)
    status = (StatusLine("huggingface", "ok", "read"), StatusLine("123456789012345678", "fail", "may not post"))
    help_lines = (
        HelpLine("search QUERY", "finds papers"),
        HelpLine("[page:NUMBER]", "which page", "part"),
        HelpLine("search graphs", "for example", "example"),
    )
    assert seen(Reply(digests=(digest,), status=status, help=help_lines)) == snapshot


def test_a_refusal_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    assert seen(Reply(notice="Which one? Give its number, for example: unfollow 2", ok=False), "unfollow") == snapshot


def test_a_preview_of_a_digest_as_people_see_it(snapshot: SnapshotAssertion) -> None:
    post = DigestPost(
        "Daily papers", (Section(None, (line(),)),), 8, "daily · weekdays 09:00", (Action("All", "today"),)
    )
    reply = Reply(notice="As it would be posted now:", digest=post, actions=(Action("Post it now", "digest now"),))
    assert seen(reply, "digest preview") == snapshot


def test_a_reply_of_nothing_says_something() -> None:
    assert seen(Reply()) == "Done."


def test_every_button_of_a_private_note_acts_in_the_channel_that_it_is_about() -> None:
    there = Elsewhere("123456789012345678", "234567890123456789")
    reply = Reply(notice="Stopped.", actions=(Action("Resume", "digest resume"), Action("Long", "follow " + "x" * 200)))
    message = reply_view(reply, "digest show", there)
    pressed = [press_of(each) for each in custom_ids_of(message.components)]
    assert [press.elsewhere for press in pressed if press] == [there, there]


def test_the_commands_too_long_for_a_button_stand_beside_the_message() -> None:
    long = "search " + "a very long query " * 9
    message = reply_view(Reply(papers=(line(),), actions=(Action("Next page", f"{long} page:2"),)), long)
    pressed: list[Any] = [press_of(each) for each in custom_ids_of(message.components)]
    assert [press.command for press in pressed] == ["vote 2506.00001", None, None]
    assert [message.long_commands[press.command_id] for press in pressed[1:]] == [f"{long} page:2", long]
    assert [press.share for press in pressed] == [False, False, True]
