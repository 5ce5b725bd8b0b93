"""Workers that die while they post what follows digests in their threads."""

import asyncio
import datetime as dt
from collections import Counter
from functools import partial

import sqlalchemy as sa

from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from storage.database import open_store
from storage.schema import deliveries, digests
from tests.fakes.waiting import wait_until
from tests.faults.conftest import MakeGround
from tests.faults.fleet import Worker
from tests.faults.ground import Ground
from tests.faults.work import STEPS

DAY = dt.timedelta(days=1)
PAPERS = 2


def write_papers_with_abstracts(ground: Ground) -> None:
    """Store papers of yesterday, each with an abstract that fills a message of the board."""
    listing = Listing("huggingface", ground.today - DAY, votes=3)
    papers = [
        Paper(
            PaperId.parse(f"arxiv:2506.0000{number}"), f"Paper {number}", ("Ada",), "word " * 180, listings=(listing,)
        )
        for number in range(PAPERS)
    ]

    async def save() -> None:
        store = await open_store(ground.url)
        try:
            async with store.write() as session:
                await session.papers.save(papers, ground.slot_at - DAY)
        finally:
            await store.close()

    asyncio.run(save())


def _is_over(ground: Ground, doomed: Worker) -> bool:
    return doomed.is_gone or ground.is_posted()


def test_digests_and_what_follows_in_their_threads_arrive_once_whoever_dies(make_ground: MakeGround) -> None:
    ground = make_ground(seed=5, before=0.2, after=0.2, ways_before=("500 before",))
    write_papers_with_abstracts(ground)
    for step in STEPS:
        ground.set_digests(2, prefix=f"{step} ")
        with ground.engine.begin() as connection:
            connection.execute(sa.update(digests).values(abstracts=True))
        doomed = ground.start(die_at=step, nth=5)
        wait_until(partial(_is_over, ground, doomed), "it dies, or has done it all", 30)
        doomed.kill()
    ground.start()
    ground.settle()
    with ground.engine.connect() as connection:
        rows = connection.execute(sa.select(deliveries)).all()
    visible = {message["key"]: message for message in ground.board.visible()}
    assert ground.verdict().faults == {}
    assert Counter(row.part for row in rows) == dict.fromkeys(range(1 + PAPERS), 2 * len(STEPS))
    roots = {(row.digest, row.slot): visible[row.id]["id"] for row in rows if row.part == 0}
    for row in rows:
        assert visible[row.id]["thread"] == (roots[row.digest, row.slot] if row.part else None)
