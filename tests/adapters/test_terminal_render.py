"""What people see in the terminal, at 80 and 60 columns, and what holds at every width."""

import datetime as dt
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, RenderableType
from syrupy.assertion import SnapshotAssertion

from adapters.terminal.render import make_console, print_reply, render_digest, render_reply
from bot.reply import (
    Action,
    Card,
    DigestLine,
    DigestPost,
    FollowLine,
    HelpLine,
    Pages,
    PaperLine,
    Reply,
    Section,
    StatusLine,
)

NAUGHTY = Path(__file__).parents[3] / "shared/data/nasty/naughty_strings/blns.json"
HOSTILE = "\x1b[31mred\x1b]8;;http://evil\x07[bold]\r\x9b2J\u202egnp.exe\u2066 \U000e0041\u00ad\ud800\x7f"

TRANSFORMER = PaperLine(
    id="arxiv:1706.03762",
    title="Attention Is All You Need",
    url="https://arxiv.org/abs/1706.03762",
    authors=(
        "Ashish Vaswani",
        "Noam Shazeer",
        "Niki Parmar",
        "Jakob Uszkoreit",
        "Llion Jones",
        "Aidan N. Gomez",
        "Łukasz Kaiser",
        "Illia Polosukhin",
    ),
    votes=1_204,
    team_votes=2,
    comments=18,
    published=dt.date(2017, 6, 12),
    announced=dt.date(2025, 6, 12),
    categories=("cs.CL", "cs.LG"),
    organisation="Google",
    code_url="https://github.com/tensorflow/tensor2tensor",
    stars=16_402,
    summary="A translation model made of attention alone, without recurrence or convolution.",
)
GEMINI = replace(
    TRANSFORMER,
    id="arxiv:2507.06261",
    title="Gemini 2.5: Pushing the Frontier with Advanced Reasoning, Multimodality, Long Context, and Next "
    "Generation Agentic Capabilities",
    url="https://arxiv.org/abs/2507.06261",
    authors=("Gheorghe Comanici", "Eric Bieber", "Mike Schaekermann", *(f"Author {n}" for n in range(3_300))),
    votes=63,
    team_votes=0,
    comments=1,
    code_url=None,
    stars=None,
    summary=None,
)
RESNET = replace(
    TRANSFORMER,
    id="arxiv:1512.03385",
    title="Deep Residual Learning for Image Recognition",
    url="https://arxiv.org/abs/1512.03385",
    authors=("Kaiming He", "Xiangyu Zhang", "Shaoqing Ren", "Jian Sun"),
    votes=63,
    team_votes=1,
    comments=0,
    organisation=None,
    code_url="https://github.com/KaimingHe/deep-residual-networks",
    stars=None,
    summary="Layers learn the difference to their input, which lets networks be more than a hundred layers deep; "
    "an ensemble of them won the ImageNet, detection, localisation and segmentation tasks of the year 2015 "
    "and has been a yardstick since.",
)
ANONYMOUS = replace(
    TRANSFORMER,
    id="doi:10.1101/2025.05.20.655100",
    title="目标检测的一个非常长的标题，用来检验宽字符在终端里的换行和对齐是否仍然正确 🚀 with a tail",
    url="https://doi.org/10.1101/2025.05.20.655100",
    authors=(),
    votes=None,
    team_votes=0,
    comments=None,
    organisation=None,
    code_url=None,
    stars=None,
    summary=None,
)

DAY_LIST = Reply(
    heading="Daily papers · Thu 12 Jun 2025 · 64 papers",
    notice="Votes are still coming in.",
    papers=(TRANSFORMER, GEMINI, RESNET, ANONYMOUS),
    pages=Pages(1, 7, 64),
    actions=(
        Action("Next page", "2025-06-12 page:2"),
        Action("Wed 11 Jun 2025", "2025-06-11"),
    ),
)
SECOND_PAGE = replace(DAY_LIST, notice=None, pages=Pages(2, 7, 64))
CARD = Reply(
    card=Card(
        line=TRANSFORMER,
        abstract="An abstract of our own, for the paper's is not ours to print. It is long enough to need several "
        "lines in a terminal of eighty columns, and so shows where they break.\n\nA second paragraph stays one.",
        links=(
            ("Abstract", "https://arxiv.org/abs/1706.03762"),
            ("PDF", "https://arxiv.org/pdf/1706.03762"),
            ("Code", "https://github.com/tensorflow/tensor2tensor"),
            ("Discussion", "https://huggingface.co/papers/1706.03762"),
        ),
        keywords=("attention", "machine translation"),
        submitter="akhaliq",
        voters=("ana", "bob"),
        savers=("carol",),
    ),
    actions=(
        Action("Vote", "vote 1706.03762"),
        Action("Save", "save 1706.03762"),
        Action("Why?", "why 1706.03762"),
        Action("Follow Ashish Vaswani", 'follow author:"Ashish Vaswani"'),
    ),
)
CROWDED_CARD = Reply(card=replace(CARD.card, line=GEMINI, keywords=(), voters=(), savers=())) if CARD.card else Reply()
MINE = Reply(
    heading="Matched by your follows since Thu 5 Jun 2025 · 1 paper",
    papers=(
        replace(
            RESNET,
            why=(
                'follow 2: "residual learning" cat:cs.CV — “residual learning” in the title, in cs.CV',
                'follow 11: author:"Kaiming He" — by Kaiming He',
            ),
        ),
    ),
    pages=Pages(1, 1, 1),
)
FOLLOWING = Reply(
    heading="Your follow list",
    pages=Pages(1, 2, 13),
    follows=(
        FollowLine(1, 'author:"Yann LeCun"', 3, False),
        FollowLine(
            2, 'diffusion "language model" author:"Volodymyr Kuleshov" cat:cs.CL,cs.LG -org:ByteDance min:20', 12, False
        ),
        FollowLine(17, "agents", 1_204, True),
    ),
    mutes=(FollowLine(9, "cat:cs.CR", 80, False),),
    actions=(
        *(
            Action(f"{verb} {n}", f"{word} {n}")
            for n in (1, 2, 17, 9)
            for verb, word in (("Pause", "pause"), ("Remove", "unfollow"))
        ),
        Action("Next page", "following page:2"),
    ),
)
DIGESTS = Reply(
    heading="Digests of #papers",
    digests=(
        DigestLine(
            "daily", "#papers", "09:00", "Europe/Berlin", ("mon", "tue", "wed", "thu", "fri"), 5,
            "cat:cs.CL -title:survey", dt.datetime(2025, 6, 13, 7, tzinfo=dt.UTC), False,
        ),
        DigestLine("vision", "#papers", "18:30", "America/New_York", ("mon",), 10, None, None, True),
    ),
    actions=(
        Action("Preview", "digest preview name:daily"),
        Action("Pause", "digest pause name:daily"),
        Action("Off", "digest off name:daily"),
    ),
)  # fmt: skip
POST = DigestPost(
    heading="Daily papers · Thu 12 Jun 2025",
    sections=(
        Section(
            None,
            (
                replace(TRANSFORMER, why=("No. 1 by votes on Thu 12 Jun 2025",)),
                replace(GEMINI, why=("No. 2 by votes on Thu 12 Jun 2025",)),
            ),
        ),
        Section("Late and rising", (replace(RESNET, why=("risen from 8 to 63 votes since Tue 10 Jun 2025",)),)),
    ),
    more=59,
    footer="daily · weekdays at 09:00 Europe/Berlin · top 5 · cat:cs.CL -title:survey",
    actions=(Action("All papers", "2025-06-12"), Action("Settings", "digest show name:daily")),
)
PREVIEW = Reply(
    notice="Preview, seen by you alone; due Fri 13 Jun 2025 09:00 Europe/Berlin. Votes and places may still change.",
    digest=replace(POST, sections=POST.sections[:1], more=0),
    actions=(Action("Post it now", "digest now name:daily"),),
)
STATUS = Reply(
    heading="Status",
    status=(
        StatusLine("papers", "ok", "1,204 papers, the newest list of Thu 12 Jun 2025"),
        StatusLine(
            "source arxiv", "fail", "failed Thu 12 Jun 2025 05:01 UTC: export.arxiv.org answered 503 three times"
        ),
        StatusLine("digest daily of #papers", "ok", "next Fri 13 Jun 2025 09:00 Europe/Berlin; nothing posted yet"),
        StatusLine("search index", "warn", "12 changes behind the store"),
    ),
)
HELP = Reply(
    heading="Commands",
    notice="help follow explains rules; an id or a day alone works too.",
    help=(
        HelpLine("today [page:NUMBER]", "today's papers by votes, which are still coming in"),
        HelpLine(
            "trending [day|week|month] [page:NUMBER]", "what rises by votes, comments, stars and the team's votes"
        ),
        HelpLine(
            "digest on [TIME] [ZONE] [DAYS] [TOP N] [-- RULE] [name:WORD]",
            "this channel's daily digest: set it, or change what you name",
        ),
        HelpLine("[DAYS]", "daily, weekdays, weekly or mon,wed", "part"),
        HelpLine("digest on 09:00 Europe/Berlin weekdays top 5 -- cat:cs.CL", "for example", "example"),
        HelpLine("status", "how sources, index and digests do, and what failed"),
    ),
)
DONE = Reply(
    notice="Following papers by Yann LeCun (number 4): 3 papers in the last 30 days.",
    actions=(Action("Undo", "unfollow 4"), Action("My list", "following")),
)
REFUSED = Reply(
    notice="There is no command “serch”; did you mean search? To look for words: search diffusion transformers",
    ok=False,
)
EMPTY_DAY = Reply(
    notice="No daily papers on Sat 14 Jun 2025; there are no lists at weekends. "
    "The last list before is of Fri 13 Jun 2025: 2025-06-13",
    heading="Daily papers · Sat 14 Jun 2025",
    papers=(),
    pages=Pages(1, 1, 0),
    actions=(Action("Fri 13 Jun 2025", "2025-06-13"),),
)

SCREENS: dict[str, RenderableType] = {
    "a day's list": render_reply(DAY_LIST),
    "the second page": render_reply(SECOND_PAGE),
    "a card": render_reply(CARD),
    "a card with 3,303 authors": render_reply(CROWDED_CARD),
    "what my follows brought": render_reply(MINE),
    "a follow list": render_reply(FOLLOWING),
    "digests": render_reply(DIGESTS),
    "a digest": render_digest(POST, "#papers"),
    "a preview": render_reply(PREVIEW),
    "status": render_reply(STATUS),
    "help": render_reply(HELP),
    "done": render_reply(DONE),
    "refused": render_reply(REFUSED),
    "an empty day": render_reply(EMPTY_DAY),
    "nothing at all": render_reply(Reply()),
}


def plain(screen: RenderableType, width: int) -> str:
    """What a pipe gets."""
    console = make_console(io.StringIO(), width, environ={})
    with console.capture() as captured:
        console.print(screen)
    return captured.get()


def printed(console: Console, screen: RenderableType) -> str:
    """What a console's file gets."""
    console.print(screen)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("width", [80, 60])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_like_this(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert "\n" + plain(SCREENS[name], width) == snapshot


@pytest.mark.parametrize("width", [24, 60, 61, 80, 100, 200])
@pytest.mark.parametrize("name", SCREENS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(name: str, width: int) -> None:
    for line in plain(SCREENS[name], width).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


def test_a_card_tells_where_a_paper_appeared_and_what_its_old_category_is_called() -> None:
    assert CARD.card
    old = replace(CARD.card, line=replace(TRANSFORMER, categories=("cmp-lg", "math.XX")), venue="Journal of Birds")
    lines = printed(make_console(io.StringIO(), width=80), render_reply(Reply(card=old))).splitlines()
    assert "Appeared in   Journal of Birds" in lines
    assert "Categories    cmp-lg Computation and Language · math.XX" in lines


def test_lines_stay_readable_on_a_wide_terminal() -> None:
    assert max(map(cell_len, plain(SCREENS["a day's list"], 200).splitlines())) <= 100
    assert max(len(line) for line in plain(SCREENS["a card"], 200).splitlines()) <= 90


anything = st.text(st.characters(exclude_categories=[])) | st.text(
    "a漢🚀é\u0301 \u200d\ufe0f\u202e\x1b[]/:", max_size=200
)
papers = st.builds(
    PaperLine,
    id=anything, title=anything, url=anything, authors=st.lists(anything, max_size=6).map(tuple),
    votes=st.none() | st.integers(0, 10**7), team_votes=st.integers(0, 10**4),
    comments=st.none() | st.integers(0, 10**6),
    published=st.none(), announced=st.none() | st.dates(), categories=st.lists(anything, max_size=3).map(tuple),
    organisation=st.none() | anything, code_url=st.none() | anything, stars=st.none() | st.integers(0, 10**7),
    summary=st.none() | anything, why=st.lists(anything, max_size=2).map(tuple),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(papers, max_size=3).map(tuple), anything, st.integers(60, 200))
def test_whatever_a_paper_says_it_stays_within_its_lines(lines: tuple[PaperLine, ...], said: str, width: int) -> None:
    reply = Reply(
        notice=said,
        heading=said,
        papers=lines,
        pages=Pages(1, 1, len(lines)),
        card=Card(lines[0], said, ((said, said),), (said,), said, (said,), (said,)) if lines else None,
        digest=DigestPost(said, (Section(said, lines),), 1, said, (Action(said, said),)),
        follows=(FollowLine(1, said, 3, True),),
        status=(StatusLine(said, "ok", said),),
        help=(HelpLine(said, said),),
        actions=(Action(said, said),),
    )
    for screen in (render_reply(reply), render_digest(DigestPost(said, (), 0, said), said)):
        for line in plain(screen, width).split("\n"):
            assert cell_len(line) <= width
            assert not CONTROLS.search(line)


CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f\ud800-\udfff]"
)
NAUGHTY_STRINGS = [*(json.loads(NAUGHTY.read_text("utf-8")) if NAUGHTY.exists() else ()), HOSTILE]


@pytest.mark.skipif(not NAUGHTY.exists(), reason=f"the big list of naughty strings is not at {NAUGHTY}")
def test_naughty_strings_reach_no_terminal_as_commands() -> None:
    for said in NAUGHTY_STRINGS:
        shown = plain(
            render_reply(Reply(papers=(replace(RESNET, title=said, authors=(said,), summary=said, why=(said,)),))), 80
        )
        assert not CONTROLS.search(shown.replace("\n", ""))
        assert max(map(cell_len, shown.split("\n"))) <= 80


def test_text_from_papers_is_never_markup() -> None:
    shown = plain(render_reply(Reply(notice="[bold]no[/bold] :rocket: [link=http://x]y[/link]")), 80)
    assert shown == "[bold]no[/bold] :rocket: [link=http://x]y[/link]\n"


def test_an_escape_sequence_in_a_title_or_address_is_taken_apart() -> None:
    hostile = replace(
        RESNET, title=HOSTILE, url="https://x/\x1b]8;;\x07", code_url=f"https://x/{HOSTILE}", authors=(HOSTILE,)
    )
    console = make_console(Terminal(), 80, environ={"TERM": "xterm-256color"})
    shown = printed(console, render_reply(Reply(papers=(hostile,))))
    assert "[31mred]8;;http://evil[bold] 2Jgnp.exe" in shown
    assert re.sub(r"\x1b\[[0-9;]*m", "", shown).isprintable() is False  # line ends
    assert not CONTROLS.search(re.sub(r"\x1b\[[0-9;]*m|\n", "", shown))


def test_a_title_is_a_link_that_takes_no_room() -> None:
    console = make_console(Terminal(), 80, environ={"TERM": "xterm-256color"})
    shown = printed(console, render_reply(Reply(papers=(TRANSFORMER,))))
    assert ";https://arxiv.org/abs/1706.03762\x1b\\" in shown
    stripped = re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;[^\x1b]*\x1b\\", "", shown)
    assert stripped == plain(render_reply(Reply(papers=(TRANSFORMER,))), 80)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://[x", "https://x/ y", "", None])
def test_what_is_no_web_address_is_no_link(url: str | None) -> None:
    console = make_console(Terminal(), 80, environ={"TERM": "xterm-256color"})
    paper = replace(TRANSFORMER, url=url, code_url=None)
    assert "\x1b]8" not in printed(console, render_reply(Reply(papers=(paper,))))


@pytest.mark.parametrize(
    ("stream", "environ"),
    [
        pytest.param(Terminal, {"TERM": "xterm-256color", "NO_COLOR": "1"}, id="NO_COLOR"),
        pytest.param(Terminal, {"TERM": "dumb"}, id="dumb"),
        pytest.param(io.StringIO, {"TERM": "xterm-256color"}, id="piped"),
    ],
)
@pytest.mark.parametrize("name", SCREENS)
def test_without_colour_there_is_no_escape_code(
    name: str, stream: Callable[[], io.StringIO], environ: dict[str, str]
) -> None:
    assert "\x1b" not in printed(make_console(stream(), 80, environ=environ), SCREENS[name])


def test_with_colour_there_are_two_and_no_more() -> None:
    console = make_console(Terminal(), 80, environ={"TERM": "xterm-256color"})
    for screen in SCREENS.values():
        console.print(screen)
    assert isinstance(console.file, io.StringIO)
    codes = {code for run in re.findall(r"\x1b\[([0-9;]*)m", console.file.getvalue()) for code in run.split(";")}
    assert codes == {"0", "1", "2", "36", "33"}


def test_a_pipe_is_eighty_columns_wide_and_columns_may_say_otherwise() -> None:
    assert make_console(io.StringIO(), environ={}).width == 80
    assert make_console(io.StringIO(), environ={"COLUMNS": "132"}).width == 132
    assert make_console(io.StringIO(), 60, environ={"COLUMNS": "132"}).width == 60


def test_a_terminal_that_knows_no_unicode_shows_question_marks_and_goes_on() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_reply(make_console(stream, environ={}), DAY_LIST)
    stream.flush()
    assert b"Daily papers ? Thu 12 Jun 2025" in raw.getvalue()


def test_a_reply_into_a_pipe_ends_with_itself_and_on_a_terminal_with_an_empty_line() -> None:
    piped, shown = io.StringIO(), Terminal()
    print_reply(make_console(piped, environ={}), REFUSED)
    print_reply(make_console(shown, environ={"TERM": "dumb"}), REFUSED)
    assert shown.getvalue() == piped.getvalue() + "\n"


def test_an_empty_reply_prints_nothing() -> None:
    piped = io.StringIO()
    print_reply(make_console(piped, environ={}), Reply())
    assert piped.getvalue() == ""


def test_a_refusal_is_marked_without_colour() -> None:
    assert plain(render_reply(REFUSED), 80).startswith("✗ There is no command")
    assert plain(render_reply(replace(REFUSED, ok=True)), 80).startswith("There is no command")


def test_places_go_on_over_the_pages() -> None:
    assert "\n11  1,204  Attention" in plain(render_reply(SECOND_PAGE), 80)


def test_what_a_search_found_in_the_title_alone_is_not_said_twice() -> None:
    line = replace(DAY_LIST.papers[0], summary="A line of its own.") if DAY_LIST.papers else None
    assert line is not None
    title = replace(line, snippet=((line.title, True),))
    abstract = replace(line, snippet=(("…and the ", False), ("words", True), (" that were found…", False)))
    assert "A line of its own." in plain(render_reply(Reply(papers=(title,))), 80)
    assert "the words that were found" in plain(render_reply(Reply(papers=(abstract,))), 80)


@pytest.mark.parametrize("width", [60, 61, 62, 63, 64, 80])
def test_a_summary_that_is_too_long_ends_behind_a_word(width: int) -> None:
    words = [f"word{number:02}" for number in range(60)]
    told = plain(render_reply(Reply(papers=(replace(TRANSFORMER, summary=" ".join(words)),))), width)
    (last,) = re.findall(r"(\w+)…", told)
    assert last in words
