"""An operator folds a spelling of an organisation; who follows it by that spelling goes on getting its papers."""

import datetime as dt

from bot.ingest import ingest
from bot.organisations import with_folded
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from tests.journeys.conftest import Scene

OLD, NAME = "Quokka Institute", "Wombat Labs"


async def listed(scene: Scene, number: int, organisation: str, day: int = 5) -> str:
    """Let Hugging Face list a paper of an organisation; return its id."""
    paper = Paper(
        PaperId.parse(f"arxiv:2506.8{number:04}"),
        f"Marsupials {number}",
        listings=(Listing("huggingface", dt.date(2025, 6, day), votes=99, organisation=organisation),),
    )
    await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    await scene.world.index.catch_up()
    return str(paper.id)


async def fold(scene: Scene) -> None:
    """Fold the old spelling into the name, in stored papers too."""
    async with scene.world.store.write() as session:
        await session.organisations.set_name(OLD, NAME)
        names = await session.organisations.names()
        papers = [with_folded(each, names) for each in await session.organisations.papers_of(OLD)]
        await session.papers.save(papers, scene.clock.now())
    await scene.world.index.catch_up()


async def test_a_folded_spelling_in_a_rule_goes_on_finding(scene: Scene) -> None:
    alice, bob = scene.alice, scene.bob
    before = await listed(scene, 1, OLD)
    await alice(f'follow org:"{OLD}"')
    await bob(f'mute org:"{OLD}"')
    await bob("follow marsupials")
    await alice(f'digest on 09:00 UTC top 5 -- org:"{OLD}"')
    await fold(scene)
    after = await listed(scene, 2, NAME)
    for organisation in (OLD, NAME):
        found = await alice(f'search org:"{organisation}"')
        assert {line.id for line in found.papers or ()} == {before, after}
        assert {line.organisation for line in found.papers or ()} == {NAME}
    mine = await alice("mine")
    assert {line.id for line in mine.papers or ()} == {before, after}
    assert {line.why for line in mine.papers or ()} == {(f'follow 1: org:"{OLD}" — organisation {NAME}',)}
    assert (await bob("mine")).papers == ()
    (why,) = (await alice("why 2506.80002")).papers or ()
    assert f'your follow 1 (org:"{OLD}") matches it: organisation {NAME}' in why.why
    (why,) = (await bob("why 2506.80002")).papers or ()
    assert any(reason.startswith("your mute ") for reason in why.why)
    assert not [reason for reason in why.why if "its rule leaves it out" in reason]
    (post,) = await scene.wait_until(6, 9)
    assert {line.id for line in post.papers} == {before, after}
    assert all(f"organisation {NAME}" in line.why for line in post.papers)


async def test_why_tells_what_else_stands_against_it(scene: Scene) -> None:
    await scene.alice(f'follow org:"{OLD}" min:500')
    await fold(scene)
    await listed(scene, 1, NAME)
    (why,) = (await scene.alice("why 2506.80001")).papers or ()
    assert why.why[-1].endswith("does not match it: 99 votes, fewer than 500")


async def test_what_is_excluded_by_a_folded_spelling_stays_out(scene: Scene) -> None:
    await listed(scene, 1, OLD)
    other = await listed(scene, 2, "Koala College")
    await fold(scene)
    found = await scene.alice(f'search marsupials -org:"{OLD}"')
    assert [line.id for line in found.papers or ()] == [other]
    await scene.alice(f'digest on 09:00 UTC top 5 -- marsupials -org:"{OLD}"')
    (post,) = await scene.wait_until(6, 9)
    assert [line.id for line in post.papers] == [other]
