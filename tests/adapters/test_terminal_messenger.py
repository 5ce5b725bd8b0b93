"""Digests posted to the terminal: once each, and refused by an output that is gone."""

import io

import pytest

from adapters.terminal.messenger import TerminalMessenger
from adapters.terminal.render import make_console
from bot.ports import Messenger, Posting
from bot.reply import DigestPost, PaperLine, Section

PAPER = PaperLine(
    "arxiv:1810.04805", "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", None,
    ("Jacob Devlin", "Ming-Wei Chang", "Kenton Lee", "Kristina Toutanova"), 88, 0, None, None, None,
    ("cs.CL",), "Google", None, None, None,
)  # fmt: skip
POST = DigestPost("Daily papers · Thu 12 Jun 2025", (Section(None, (PAPER,)),), 3, "daily · top 1")


class Broken(io.StringIO):
    """An output whose reader went away."""

    def write(self, _: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


async def post(messenger: Messenger, channel: str = "#papers", key: str = "k1") -> Posting:
    return await messenger.post("local", channel, POST, key)


async def test_a_digest_is_printed_under_its_channel() -> None:
    output = io.StringIO()
    posting = await post(TerminalMessenger(make_console(output, environ={})))
    assert posting == Posting("accepted", message_id="terminal-1")
    assert output.getvalue().startswith("╭─ #papers ──")
    assert "88  BERT" in output.getvalue()


async def test_the_same_delivery_is_printed_once_and_answered_alike() -> None:
    output = io.StringIO()
    messenger = TerminalMessenger(make_console(output, environ={}))
    first = await post(messenger)
    printed = output.getvalue()
    assert await post(messenger) == first
    assert output.getvalue() == printed


async def test_each_delivery_has_an_id_of_its_own() -> None:
    messenger = TerminalMessenger(make_console(io.StringIO(), environ={}))
    postings = [await post(messenger, key=key) for key in ("k1", "k2", "k1", "k3")]
    assert [posting.message_id for posting in postings] == ["terminal-1", "terminal-2", "terminal-1", "terminal-3"]


async def test_the_platform_can_be_named() -> None:
    assert TerminalMessenger(make_console(io.StringIO()), "demo").platform == "demo"


@pytest.mark.parametrize("gone", ["broken", "closed"])
async def test_an_output_that_is_gone_refuses_for_now_and_remembers_nothing(gone: str) -> None:
    output = Broken()
    messenger = TerminalMessenger(make_console(output, environ={}))
    if gone == "closed":
        output.close()
    posting = await post(messenger)
    assert (posting.outcome, posting.permanent, posting.message_id) == ("refused", False, None)
    assert posting.reason is not None
    assert posting.reason.startswith("the terminal can't be written to")


async def test_a_refused_delivery_is_printed_when_it_is_tried_again() -> None:
    messenger = TerminalMessenger(make_console(Broken(), environ={}))
    assert (await post(messenger)).outcome == "refused"
    output = io.StringIO()
    messenger._console.file = output
    assert await post(messenger) == Posting("accepted", message_id="terminal-1")
    assert "BERT" in output.getvalue()
