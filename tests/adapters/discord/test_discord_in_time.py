"""Discord hears something within 3 s, whatever the database does: the answer, or that it comes."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from pathlib import Path

import pytest

from adapters.discord.menus import SAVE
from tests.adapters.discord.conftest import Lab
from tests.fakes.discord_seen import Seen

LOCKED_FOR = 5.0
CALLBACK = r"/callback$"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock the database from outside, as a backup's or an operator's shell does."""
    (path,) = folder.glob("*.db")
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


async def test_while_the_database_is_locked_everything_is_put_off_in_time_and_answered_after_it(
    lab: Lab, discord_folder: Path
) -> None:
    lab.fake.rest.spec = None  # to hold answers against Discord's description takes longer than to give them
    alice, bob = lab.person(), lab.person("bob")
    listed = await alice.types("papers today")
    form = await alice.types("digest on", wait=False)
    named = lab.fake.write(lab.papers, bob.user, "2505.16170")
    vote = next(str(one["custom_id"]) for one in listed.message.controls if one.get("label", "").startswith("Vote"))
    with locked(discord_folder):
        began = time.monotonic()
        doing = (
            alice.types("follow", rule="agents", wait=False),
            bob.types("papers search", query="reasoning", wait=False),
            alice.presses(listed.message, vote, wait=False),
            alice.submits(form, {"time": "09:00 Europe/Berlin"}, wait=False),
            bob.picks(SAVE, named, wait=False),
        )
        followed, *others = seen = await asyncio.gather(*doing)
        suggested = await alice.suggests("follow", focused="rule", rule="author:juanzi")
        assert [each.first for each in seen] == [5, 5, 6, 5, 5]
        assert all(each.first_after < 3 for each in (*seen, suggested))
        assert 'author:"Juanzi Li"' in [choice["value"] for choice in suggested.choices], "who reads is not locked out"
        await asyncio.sleep(LOCKED_FOR - (time.monotonic() - began))
        assert not followed.text
    for each in seen:
        await each.answered(within=10)
    assert "Following" in followed.text
    for each, said in zip(others, ("page 1 of", "You voted", "is set", "Saved"), strict=True):
        assert said in each.text
    assert not any("Sorry" in each.text for each in seen)


async def test_where_the_store_does_not_answer_nothing_is_suggested_and_nobody_waits_for_it(lab: Lab) -> None:
    await lab.asks("follow agents")
    async with AsyncExitStack() as readers:
        while await _is_free(lab):
            await readers.enter_async_context(lab.world.store.read())
        asked = (("follow", "rule", "author:juanzi"), ("unfollow", "number", "1"))
        seen = [await lab.person().suggests(command, focused=each, **{each: typed}) for command, each, typed in asked]
        assert [each.choices for each in seen] == [[], []]
        assert all(each.first_after < 2 for each in seen)
    assert await lab.person().suggests("unfollow", focused="number", number="1")


async def _is_free(lab: Lab) -> bool:
    """Return whether the store has a connection left to read with."""
    try:
        async with asyncio.timeout(0.2), lab.world.store.read():
            return True
    except TimeoutError:
        return False


@pytest.mark.parametrize("kind", ["drop before", "drop after", "502 after"])
async def test_a_first_response_whose_connection_is_lost_is_there_once(lab: Lab, kind: str) -> None:
    lab.fake.fail(kind, "POST", CALLBACK)  # type: ignore[arg-type]
    seen = await lab.person().types("follow", rule="agents")
    await lab.until(lambda: not lab.shared.under_way)
    assert "Following" in seen.text
    assert seen.is_private
    assert len(seen.answers) == 1


async def test_what_fails_while_it_is_put_off_is_apologised_for(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        await asyncio.sleep(0)
        raise RuntimeError("planted")

    monkeypatch.setattr("adapters.discord.context.answer", broken)
    monkeypatch.setattr("adapters.discord.answering.SOON", 0)
    lab.fake.fail("slow", "POST", CALLBACK, seconds=0.2)
    seen: Seen = await lab.person().types("papers today")
    assert "Sorry" in (await seen.answered()).text
    assert seen.is_private
