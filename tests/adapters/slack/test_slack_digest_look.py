"""How a digest looks in Slack: what can be done with each paper, and that it fits."""

import pytest

from adapters.slack.blocks import MESSAGE_BLOCKS, MESSAGE_BUDGET, size_of
from adapters.slack.digest import digest_message
from bot.reply import DigestPost, PaperLine, Section
from tests.adapters.slack.conftest import Office
from tests.adapters.slack.test_slack_clicks import button
from tests.fakes.slack import Json
from tests.fakes.slack_rules import elements_of, faults_of

DONE = ["Vote", "Save", "Abstract"]
SUMMARY = "Made-up biographies test long inputs under control: of 18 models most misread what they find. " * 2


def line(number: int) -> PaperLine:
    """Return a paper as wordy as they come."""
    title = f"Paper {number}: Advancing Multimodal Reasoning from Optimized Cold Start to Staged Reinforcement Learning"
    return PaperLine(
        f"arxiv:2506.{number:05}", title, f"https://arxiv.org/abs/2506.{number:05}", ("Ada Lovelace",) * 9, 31, 2, 3,
        None, None, ("cs.CL",), "Zhejiang University", "https://github.com/ZJU-REAL/SVGenius", 120, SUMMARY,
        (f"No. {number} of 31 by votes on Thu 5 Jun 2025", "title has the word agents"),
    )  # fmt: skip


def post(papers: int) -> DigestPost:
    return DigestPost("Daily papers", (Section(None, tuple(map(line, range(papers)))),), 3, "daily")


def labels(blocks: list[Json]) -> list[str]:
    """Return what all buttons and menus say, in their order."""
    found: list[str] = []
    for each in elements_of(blocks):
        found += [option["text"]["text"] for option in each["options"]] if "options" in each else [each["text"]["text"]]
    return found


@pytest.mark.parametrize("papers", [1, 5, 8, 10, 16, 28])
def test_every_paper_can_be_voted_for_saved_and_read_whatever_the_digest_holds(papers: int) -> None:
    blocks = digest_message(post(papers)).blocks
    assert faults_of(blocks) == []
    assert (len(blocks) <= MESSAGE_BLOCKS, size_of(blocks) <= MESSAGE_BUDGET) == (True, True)
    shown = str(blocks).count("*<https://arxiv.org/abs")
    assert labels(blocks) == DONE * shown
    assert shown == papers or papers > 16


def test_in_a_digest_of_the_usual_size_all_of_it_is_seen_at_once() -> None:
    blocks = digest_message(post(8)).blocks
    assert [block["type"] for block in blocks] == ["header", *["section", "actions"] * 8, "context"]
    assert all(each["type"] == "button" for each in elements_of(blocks))
    assert SUMMARY[:90] in str(blocks[1])


async def test_a_reader_opens_the_abstract_in_private_and_saves_from_the_digest(office: Office) -> None:
    await office.asks("digest on 09:00 Europe/Berlin")
    (digest,) = await office.wait_until(6, 7)
    for label, words in (("Abstract", "MiMo-VL Technical Report"), ("Save", "Saved")):
        bob = office.person("U2")
        await bob.presses(button(digest, label), digest)
        (answer,) = await office.answers(bob)
        assert words in str(answer["blocks"])
        assert answer["response_type"] == "ephemeral"
    assert len(office.workspace.channels["C0PAPERS01"].messages) == 1
