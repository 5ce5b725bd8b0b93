"""A team's way with its store on PostgreSQL, and two processes of the bot on the same one."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.sample import SOURCE, sample_days
from adapters.cli.settings import Settings
from bot.delivery import run_due
from bot.ingest import ingest
from tests.fakes.sample import LAST_DAY
from tests.journeys.conftest import Scene
from tests.journeys.on_terminal import Paper, TerminalStage
from tests.journeys.stage import Wall


@pytest.fixture
async def scenes(tmp_path: Path, postgres_url: str) -> AsyncIterator[tuple[Scene, Scene]]:
    """The bundled papers in one store, as two processes see it: each with an index of its own, on one clock."""
    clock, paper = SetClock(LAST_DAY), Paper()
    wall = Wall(TerminalStage(paper))
    others = Wall(TerminalStage(paper), posts=wall.posts)
    here = Settings(data_dir=tmp_path / "here", database_url=postgres_url)
    there = Settings(data_dir=tmp_path / "there", database_url=postgres_url)
    async with open_world(here, clock, [wall]) as one, open_world(there, clock, [others]) as other:
        for _, batch in sample_days():
            await ingest(one.store, SOURCE, batch, clock.now())
        for world in (one, other):
            await world.index.catch_up()
        async with wall.stage.playing(one) as wall.messenger, others.stage.playing(other) as others.messenger:
            yield Scene(one, clock, wall), Scene(other, clock, others)


async def test_a_team_searches_follows_saves_and_gets_its_digest(scenes: tuple[Scene, Scene]) -> None:
    here, there = scenes
    found = (await here.alice("search diffusion")).papers
    assert found
    assert (await there.bob("search diffusion")).papers == found
    await here.bob("follow diffusion")
    await here.bob(f"save {found[0].id}")
    (saved,) = (await there.bob("saved")).papers or ()
    assert saved.id == found[0].id
    await here.alice(f"vote {found[0].id}")
    await there.alice("digest on 09:00 Europe/Berlin")
    assert await here.wait_until(6, 6, 59) == []
    (post,) = await there.wait_until(6, 7)
    assert post.heading == "Daily papers · Thu 5 Jun 2025"
    assert len(post.papers) == 5


async def test_a_digest_that_is_due_in_two_processes_arrives_once(scenes: tuple[Scene, Scene]) -> None:
    here, there = scenes
    for number in range(20):
        channel = here.person("alice", f"#{number}")
        await channel("digest on 09:00 Europe/Berlin")
    here.clock.time = LAST_DAY.replace(day=6, hour=7)
    await asyncio.gather(*(run_due(scene.world) for scene in (here, there, here, there)))
    assert sorted(channel for channel, _, _ in here.wall.posts) == sorted(f"#{number}" for number in range(20))


async def test_what_one_process_takes_in_the_other_finds(scenes: tuple[Scene, Scene]) -> None:
    here, there = scenes
    before = await there.world.index.behind()
    _, batch = next(iter(sample_days()))
    paper = batch.papers[0]
    async with here.world.store.write() as session:
        await session.papers.save([type(paper)(id=paper.id, title="Zugunruhe in caged birds")], here.clock.now())
    assert (before, await there.world.index.behind()) == (0, 1)
    assert await there.world.index.catch_up() == 1
    (found,) = (await there.alice("search zugunruhe")).papers or ()
    assert found.id == str(paper.id)
