"""The benches of Discord: what is typed is understood, what comes too late counts, and a wheel leaves them out."""

from itertools import islice
from pathlib import Path

import pytest

from adapters.cli.bench import corpus, discord_rows
from adapters.cli.bench.big_corpus import big_corpus
from adapters.cli.bench.corpus import find_corpus
from adapters.cli.bench.discord_crowd import PLAIN, TOO_LATE_MS, crowd, plain_bot
from adapters.cli.bench.ground import Ground
from adapters.cli.bench.search_rows import drawn
from adapters.cli.settings import Settings


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    monkeypatch.setattr(corpus, "RECORDED", tmp_path / "nothing")
    made = tmp_path / "made"
    made.mkdir()
    return Ground(Settings(data_dir=tmp_path), tmp_path, find_corpus(None, made, quick=True), quick=True)


async def test_without_the_checkout_they_are_left_out_and_say_why(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    ground.tell = told.append
    monkeypatch.setattr(discord_rows, "is_at_hand", lambda: False)
    assert await discord_rows.discord_commands(ground) == []
    assert await discord_rows.autocomplete(ground) == []
    assert told == ["left out: what stands for Discord comes with the project's checkout alone"] * 2


async def test_the_plain_bot_answers_and_suggests_and_one_that_is_gone_counts_as_too_late() -> None:
    async with crowd() as people:
        assert len(await people.settle(2)) == 2
        async with plain_bot(people.settings):
            typed = await people.types(0.1, 50, PLAIN)
            suggested = await people.is_suggested(0.1, 50, PLAIN)
        assert (len(typed.acks), len(typed.answers), len(suggested.acks)) == (5, 5, 5)
        assert 0 < max(typed.acks) < TOO_LATE_MS
        gone = await people.types(0.02, 50, PLAIN)
        assert gone.acks == gone.answers == [TOO_LATE_MS]
        assert await people.broken() == []


async def test_what_is_half_typed_differs_each_time(ground: Ground) -> None:
    commands = list(islice(discord_rows._half_typed(await drawn(await big_corpus(ground))), 50))
    assert {name for name, _ in commands} == {"follow", "papers search", "papers show"}
    assert len({str(options) for _, options in commands}) > 25
