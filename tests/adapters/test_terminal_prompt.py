"""Typing at the prompt: completion, history, and the keys that empty and end."""

import asyncio
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import to_plain_text
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from adapters.terminal.prompt import CommandCompleter, Prompt
from bot.commands.dispatch import TABLE
from bot.reply import Action, Card, FollowLine, HelpLine, PaperLine, Reply

EXTRA = (
    HelpLine("tick [HOURS]", "let time pass"),
    HelpLine("as NAME", "speak as somebody else"),
    HelpLine("quit", "leave"),
)


def paper(id_: str, title: str) -> PaperLine:
    return PaperLine(id_, title, None, (), None, 0, None, None, None, (), None, None, None, None)


SHOWN = Reply(
    papers=(
        paper("arxiv:1706.03762", "Attention Is All You Need"),
        paper("doi:10.1101/2025.05.20.655100", "\x1b[31mRed"),
    ),
    follows=(FollowLine(2, 'author:"Yann LeCun"', 3, False),),
    mutes=(FollowLine(17, "cat:cs.CR", 80, False),),
    actions=(Action("Next page", "2025-06-12 page:2"), Action("My list", "following")),
)


@pytest.fixture
def completer() -> CommandCompleter:
    return CommandCompleter(TABLE, EXTRA)


def offers(completer: CommandCompleter, line: str) -> dict[str, str]:
    """Return the lines that the completions make of this one, with their explanations."""
    found = completer.get_completions(Document(line), CompleteEvent())
    return {line[: len(line) + each.start_position] + each.text: to_plain_text(each.display_meta) for each in found}


def test_commands_are_offered_with_what_they_do(completer: CommandCompleter) -> None:
    assert offers(completer, "tr") == {"trending": TABLE["trending"].summary}
    assert offers(completer, "DIG") == {"digest ": ", ".join(DIGEST_VERBS)}
    assert offers(completer, "/papers tod") == {"/papers today": TABLE["today"].summary}
    assert offers(completer, "ti") == {"tick": "let time pass"}
    assert {"today", "digest ", "tick", "as", "quit"} <= set(offers(completer, ""))


def test_second_words_are_offered_behind_the_first(completer: CommandCompleter) -> None:
    assert offers(completer, "digest p") == {
        "digest preview": TABLE["digest preview"].summary,
        "digest pause": TABLE["digest pause"].summary,
    }
    assert set(offers(completer, "digest ")) == {f"digest {word}" for word in DIGEST_VERBS}


def test_what_is_typed_in_full_is_not_offered_again(completer: CommandCompleter) -> None:
    assert "following" not in offers(completer, "following")
    assert offers(completer, "search sort:new") == {}


DIGEST_VERBS = ["on", "show", "preview", "now", "pause", "resume", "off", "again", "arrived"]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("search diffusion so", ["search diffusion source:", "search diffusion sort:"]),
        ("search diffusion pa", ["search diffusion paper:", "search diffusion page:"]),
        ("search sort:n", ["search sort:new"]),
        ("search diffusion au", ["search diffusion author:"]),
        ("follow -auth", ["follow -author:"]),
        ("follow has:co", ["follow has:code"]),
        ("follow has:code,p", ["follow has:code,project"]),
        ("follow -cat:cs.LG,cs.rO", ["follow -cat:cs.LG,cs.RO"]),
        ("mute cat:quant-", ["mute cat:quant-ph"]),
        ("trending w", ["trending week"]),
        ("digest on 9am ber", ["digest on 9am Atlantic/Bermuda", "digest on 9am Europe/Berlin"]),
        ("digest on europe/berl", ["digest on Europe/Berlin"]),
        ("digest on 09:00 new_y", ["digest on 09:00 America/New_York"]),
        (
            "digest on 09:00 Europe/Berlin wee",
            ["digest on 09:00 Europe/Berlin weekdays", "digest on 09:00 Europe/Berlin weekly"],
        ),
        ("digest on 09:00 -", ["digest on 09:00 -- "]),
        ("digest on 09:00 -- cat:cs.c", None),
        ("help dig", [f"help digest {word}" for word in DIGEST_VERBS]),
        ("help digest of", ["help digest off"]),
        ('search "diffusion au', []),
        ('follow author:"Yann Le', []),
        ("nonsense wor", []),
        ("show 17", []),
    ],
)
def test_completions(completer: CommandCompleter, line: str, completed: list[str] | None) -> None:
    found = list(offers(completer, line))
    if completed is None:
        assert "digest on 09:00 -- cat:cs.CL" in found
    else:
        assert sorted(found) == sorted(completed)


def test_a_category_says_what_it_is(completer: CommandCompleter) -> None:
    assert offers(completer, "follow cat:cs.rob") == {}
    assert offers(completer, "follow cat:cs.cl") == {"follow cat:cs.CL": "Computation and Language"}
    assert offers(completer, "follow autho")["follow author:"].startswith("a person")


def test_what_the_last_reply_showed_can_be_named(completer: CommandCompleter) -> None:
    assert offers(completer, "vote ") == {}
    completer.remember(SHOWN)
    assert offers(completer, "vote 17") == {"vote 1706.03762": "Attention Is All You Need"}
    assert offers(completer, "show doi:") == {"show doi:10.1101/2025.05.20.655100": "[31mRed"}
    assert offers(completer, "unfollow ") == {"unfollow 2": 'author:"Yann LeCun"', "unfollow 17": "cat:cs.CR"}
    assert offers(completer, "2025") == {"2025-06-12 page:2": "Next page"}
    assert list(offers(completer, "follo")) == ["following", "follow"]
    completer.remember(Reply(card=Card(paper("arxiv:1512.03385", "ResNet"), "", (), (), None, (), ())))
    assert offers(completer, "save ") == {"save 1512.03385": "ResNet"}


@pytest.mark.parametrize("name", TABLE)
def test_every_command_can_be_completed_from_its_first_letters(completer: CommandCompleter, name: str) -> None:
    first, space, second = name.partition(" ")
    assert f"{first}{space}" in offers(completer, first[:1])
    if second:
        assert name in offers(completer, f"{first} {second[:1]}")
    for line in (f"{name} ", f'{name} "', f"{name} x:", f"{name} -- -"):
        offers(completer, line)


@contextmanager
def typing(keys: str) -> Iterator[PipeInput]:
    with create_pipe_input() as source, create_app_session(input=source, output=DummyOutput()):
        source.send_text(keys)
        yield source


async def test_a_line_is_read_and_ctrl_d_ends() -> None:
    with typing("today\r\x04"):
        prompt = Prompt(TABLE)
        assert await prompt.read_line() == "today"
        assert await prompt.read_line() is None


async def test_ctrl_c_empties_the_line() -> None:
    with typing("nonsense\x03today\r"):
        assert await Prompt(TABLE).read_line() == "today"


def menu_is_open(buffer: Buffer) -> bool:
    return buffer.complete_state is not None


def history_is_there(buffer: Buffer) -> bool:
    return len(buffer._working_lines) > 1


async def until(met: Callable[[], bool]) -> None:
    while not met():  # noqa: ASYNC110 - prompt_toolkit has no event for it
        await asyncio.sleep(0)


async def read_by(
    prompt: Prompt, source: PipeInput, typed: str, ready: Callable[[Buffer], bool], key: str, shown: str
) -> str | None:
    """Type, press the key once the prompt is ready for it, Enter once that shows, and return what was read."""
    buffer = prompt._session.default_buffer
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(prompt.read_line())
        source.send_text(typed)
        await until(lambda: ready(buffer))
        source.send_text(key)
        await until(lambda: buffer.text == shown)
        source.send_text("\r")
    return reading.result()


async def test_tab_completes() -> None:
    with typing("") as source:
        assert await read_by(Prompt(TABLE), source, "tren", menu_is_open, "\t", "trending") == "trending"


async def test_a_reply_is_remembered() -> None:
    with typing("") as source:
        prompt = Prompt(TABLE, extra=EXTRA, toolbar=lambda: "Thu 12 Jun 2025 09:00 · #papers")
        prompt.remember(SHOWN)
        line = "vote doi:10.1101/2025.05.20.655100"
        assert await read_by(prompt, source, "vote doi", menu_is_open, "\t", line) == line


async def test_history_lasts_in_a_file_of_its_owners_own(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "history"
    with typing("today\r"):
        assert await Prompt(TABLE, file).read_line() == "today"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "+today\n" in file.read_text()
    with typing("") as source:
        assert await read_by(Prompt(TABLE, file), source, "", history_is_there, "\x1b[A", "today") == "today"


async def test_an_unwritable_folder_leaves_the_history_in_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.touch()
    with typing("today\r") as source:
        prompt = Prompt(TABLE, blocked / "history")
        assert await prompt.read_line() == "today"
        assert await read_by(prompt, source, "", history_is_there, "\x1b[A", "today") == "today"


async def test_a_history_that_becomes_unwritable_ends_nothing(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "history"
    with typing("today\rweek\r"):
        prompt = Prompt(TABLE, file)
        file.unlink()
        file.parent.rmdir()
        assert [await prompt.read_line(), await prompt.read_line()] == ["today", "week"]
