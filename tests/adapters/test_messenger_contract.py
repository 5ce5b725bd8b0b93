"""The messengers, each held to what delivery counts on."""

import io
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.render import make_console
from bot.ports import Messenger
from tests.contracts.messenger_contract import OTHER, POST, Ability, Fault, MessengerContract
from tests.fakes.board import RunningBoard, running_board
from tests.fakes.board_messenger import BoardMessenger

NO_NETWORK = "a terminal has no network between"
NO_SERVICE = "a terminal is no service that could refuse"


class Output(io.StringIO):
    """A terminal, which can break."""

    broken = False

    def write(self, text: str) -> int:
        """Write, if it can be written to."""
        if self.broken:
            raise BrokenPipeError(32, "Broken pipe")
        return super().write(text)


class TerminalHarness:
    """The terminal: what it shows is what was printed."""

    team, channel, member = "local", "#papers", "you"
    cannot: Mapping[Ability | Fault, str] = {
        "find what others posted": "what stands on a screen can't be read",
        "delete": "what stands on a screen stays there",
        "update in place": "what stands on a screen stays there",
        "threads": "a screen has one column",
        "rate limited": NO_SERVICE,
        "fails before it accepts": NO_NETWORK,
        "fails after it accepted": NO_NETWORK,
        "resets before it accepts": NO_NETWORK,
        "resets after it accepted": NO_NETWORK,
        "never answers": NO_NETWORK,
        "answers with no sense": NO_NETWORK,
        "channel gone": NO_SERVICE,
        "channel archived": NO_SERVICE,
        "bot removed": NO_SERVICE,
        "access revoked": NO_SERVICE,
    }

    def __init__(self) -> None:
        self.output = Output()
        self.messenger: Messenger = TerminalMessenger(make_console(self.output, environ={}))

    def another(self) -> Messenger:
        """Return a terminal that knows nothing of this one."""
        return TerminalMessenger(make_console(io.StringIO(), environ={}))

    def break_with(self, fault: Fault) -> None:
        """Close the reader's end."""
        assert fault == "can't be reached"
        self.output.broken = True

    def forbid_reading(self) -> None:
        """Nobody can anyway."""

    def shown(self) -> list[tuple[str, str]]:
        """Return the headings that stand on the screen; the terminal numbers its messages."""
        printed = self.output.getvalue()
        headings = sorted((printed.find(each), each) for each in (POST.heading, OTHER.heading) if each in printed)
        return [(f"terminal-{place}", heading) for place, (_, heading) in enumerate(headings, 1)]

    def told(self) -> list[tuple[str, str]]:
        """Return what stands on the screen: whoever looks at it is told."""
        return [(self.member, self.output.getvalue())]


class TestTheTerminal(MessengerContract):
    """The terminal keeps the contract."""

    @pytest.fixture
    def harness(self) -> TerminalHarness:
        """A terminal of its own."""
        return TerminalHarness()


WAYS: Mapping[Fault, dict[str, object]] = {
    "rate limited": {"next": ["429"]},
    "fails before it accepts": {"next": ["500 before"]},
    "fails after it accepted": {"next": ["500 after"]},
    "resets before it accepts": {"next": ["reset before"]},
    "resets after it accepted": {"next": ["reset after"]},
    "never answers": {"next": ["silent before"]},
    "answers with no sense": {"next": ["garbage before"]},
    "channel gone": {"broken": {"#papers": "gone"}},
    "channel archived": {"broken": {"#papers": "archived"}},
    "bot removed": {"broken": {"#papers": "kicked"}},
    "access revoked": {"broken": {"acme": "revoked"}},
}


class BoardHarness:
    """The board, over HTTP."""

    team, channel, member = "acme", "#papers", "alice"
    cannot: Mapping[Ability | Fault, str] = {}

    def __init__(self, board: RunningBoard, messenger: Messenger, another: Messenger) -> None:
        self.messenger = messenger
        self._another = another
        self._board = board

    def another(self) -> Messenger:
        """Return the messenger of another process."""
        return self._another

    def break_with(self, fault: Fault) -> None:
        """Let the board have that fault."""
        if fault == "can't be reached":
            self._board.process.kill()
            self._board.process.wait(timeout=30)
        else:
            self._board.faults(**WAYS[fault])

    def forbid_reading(self) -> None:
        """Take the scope away."""
        self._board.faults(blind=True)

    def shown(self) -> list[tuple[str, str]]:
        """Return what the board's log shows."""
        updated = {event["id"]: event["post"]["heading"] for event in self._board.events("updated")}
        return [(event["id"], updated.get(event["id"], event["post"]["heading"])) for event in self._board.visible()]

    def told(self) -> list[tuple[str, str]]:
        """Return what the board's log says."""
        return [(event["member"], event["note"]["notice"]) for event in self._board.events("told")]


class TestTheBoard(MessengerContract):
    """The fault tests' messenger keeps the contract, too."""

    @pytest.fixture
    async def harness(self, tmp_path: Path) -> AsyncIterator[BoardHarness]:
        """A board of its own."""
        with running_board(tmp_path / "board.jsonl") as board:
            async with BoardMessenger(board.url, 0.5) as messenger, BoardMessenger(board.url, 0.5) as another:
                yield BoardHarness(board, messenger, another)

    async def test_no_connection_is_kept_for_a_second_try(self, harness: BoardHarness) -> None:
        for fault in ("resets before it accepts", "resets before it accepts"):
            await self.post(harness)
            harness.break_with(fault)
            before = len(harness._board.events("request"))
            await self.post(harness)
            assert len(harness._board.events("request")) == before + 1, "one call is one request"
