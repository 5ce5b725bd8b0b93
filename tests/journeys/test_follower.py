"""A follower's way: follow people and topics, exclude, look at the list, ask why."""

import re
from dataclasses import replace

from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.reply import Reply
from tests.journeys.conftest import Scene


async def rules(scene: Scene) -> list[str]:
    reply = await scene.alice("following")
    assert reply.follows is not None
    return [line.rule for line in reply.follows]


def why(reply: Reply) -> str:
    assert reply.papers is not None
    return "\n".join(reply.papers[0].why)


async def test_follow_confirms_in_words_and_can_be_undone(scene: Scene) -> None:
    reply = await scene.alice('follow author:"Li, Juanzi" -video')
    assert reply.notice is not None
    assert reply.notice.startswith(
        "Following papers by Juanzi Li, but not with “video” in title or abstract (number 1):"
        " 5 papers in the last 30 days, for example “"
    )
    assert await rules(scene) == ['author:"Juanzi Li" -video']
    await scene.alice(reply.actions[0].command)
    assert await rules(scene) == []


async def test_the_string_that_follows_also_unfollows(scene: Scene) -> None:
    for typed in ("diffusion -video", 'author:"Wenhu Chen"', "cat:cs.CL,cs.LG min:20"):
        await scene.alice(f"follow {typed}")
        undo = await scene.alice(f"unfollow {typed}")
        assert await rules(scene) == []
        await scene.alice(undo.actions[0].command)
        assert len(await rules(scene)) == 1
        await scene.alice(f"unfollow {typed.upper() if 'cat' not in typed and 'author' not in typed else typed}")


async def test_several_rules_at_once(scene: Scene) -> None:
    await scene.alice('follow diffusion ; author:"Wenhu Chen"')
    assert await rules(scene) == ["diffusion", 'author:"Wenhu Chen"']


async def test_following_twice_keeps_one(scene: Scene) -> None:
    await scene.alice("follow Language Models")
    again = await scene.alice("follow models language")
    assert again.notice == "You follow papers with “models” and “language” in title or abstract already."
    assert await rules(scene) == ["Language Models"]


async def test_a_number_stays_its_rules_own(scene: Scene) -> None:
    await scene.alice("follow one ; two ; three")
    await scene.alice("unfollow 2")
    await scene.alice("follow four")
    reply = await scene.alice("following")
    assert reply.follows is not None
    assert [(line.number, line.rule) for line in reply.follows] == [(1, "one"), (3, "three"), (4, "four")]
    assert await scene.alice.wrong("unfollow 2") == "Your list has no number 2; following shows it, with the numbers."


async def add_paper(scene: Scene, number: int, *authors: str) -> None:
    day = scene.clock.now().date()
    paper = Paper(
        PaperId.parse(f"arxiv:2506.9{number:04}"),
        f"Paper {number}",
        authors,
        listings=(Listing("huggingface", day, votes=1),),
    )
    await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    await scene.world.index.catch_up()


async def test_an_ambiguous_name_is_asked_about(scene: Scene) -> None:
    for number, name in enumerate(["Yi Qubit", "Yue Qubit", "Yue Qubit", "Xin Qubit"]):
        await add_paper(scene, number, name)
    reply = await scene.alice('follow author:"Y. Qubit"')
    assert reply.notice == (
        "“Y. Qubit” may be 2 people: Yue Qubit (2 papers), Yi Qubit (1 paper). Whom do you mean?"
        ' Write, for example: follow author:"Yue Qubit"'
    )
    assert await rules(scene) == []
    await scene.alice(reply.actions[1].command)
    assert await rules(scene) == ['author:"Yi Qubit"']
    asked = await scene.alice("mute author:Qubit reasoning")
    assert asked.notice is not None
    assert "3 people" in asked.notice
    assert (await scene.alice("following")).mutes is None


async def test_a_misspelt_name_is_asked_about(scene: Scene) -> None:
    await add_paper(scene, 1, "Yann LeCun")
    reply = await scene.alice('follow author:"Yan LeCun"')
    assert reply.notice is not None
    assert "Did you mean Yann LeCun (1 paper)?" in reply.notice
    assert await rules(scene) == []
    as_typed = reply.actions[-1].command
    assert as_typed == 'follow exactly author:"Yan LeCun"'
    await scene.alice(as_typed)
    assert await rules(scene) == ['author:"Yan LeCun"']


async def test_an_initial_that_only_one_person_has_is_that_person(scene: Scene) -> None:
    await add_paper(scene, 1, "Zdeněk Qubit")
    await scene.alice('follow author:"Z. Qubit"')
    assert await rules(scene) == ['author:"Zdeněk Qubit"']


async def test_a_name_like_no_other_is_taken_for_a_newcomers(scene: Scene) -> None:
    reply = await scene.alice('follow author:"Xqzwv Bbrrgghh"')
    assert reply.notice is not None
    assert "You will hear of the first one" in reply.notice
    await add_paper(scene, 1, "Xqzwv Bbrrgghh")
    mine = await scene.alice("mine")
    assert mine.papers is not None
    assert [line.title for line in mine.papers] == ["Paper 1"]


async def test_mine_says_which_follow_brought_each_paper(scene: Scene) -> None:
    await scene.alice('follow author:"Juanzi Li" ; reasoning min:30')
    reply = await scene.alice("mine 14d")
    assert reply.papers
    assert all(line.why and line.why[0].startswith("follow ") for line in reply.papers)
    days = [str(line.announced) for line in reply.papers]
    assert days == sorted(days, reverse=True)


async def test_what_is_muted_never_comes(scene: Scene) -> None:
    await scene.alice("follow reasoning")
    before = await scene.alice("mine")
    await scene.alice("mute reinforcement")
    after = await scene.alice("mine")
    assert before.pages is not None
    assert after.pages is not None
    assert 0 < after.pages.total < before.pages.total
    listed = await scene.alice("following")
    assert listed.mutes is not None
    assert [line.rule for line in listed.mutes] == ["reinforcement"]
    await scene.alice("unfollow reinforcement")
    assert (await scene.alice("mine")).pages == before.pages


async def test_a_paused_follow_brings_nothing_until_it_is_resumed(scene: Scene) -> None:
    await scene.alice("follow reasoning ; video")
    await scene.alice("pause 1")
    listed = await scene.alice("following")
    assert listed.follows is not None
    assert [line.paused for line in listed.follows] == [True, False]
    paused = await scene.alice("mine")
    assert paused.papers is not None
    assert all("follow 1" not in reason for line in paused.papers for reason in line.why)
    await scene.alice("resume 1")
    resumed = await scene.alice("mine")
    assert paused.pages is not None
    assert resumed.pages is not None
    assert resumed.pages.total > paused.pages.total


async def test_why_names_the_rule_the_mute_or_what_is_missing(scene: Scene) -> None:
    paper = "2505.16938"
    assert "you follow nothing yet" in why(await scene.alice(f"why {paper}"))
    await scene.alice("follow agent ; quantum")
    reasons = why(await scene.alice(f"why {paper}"))
    assert "your follow 1 (agent) matches it: “agent” in the title" in reasons
    await scene.alice("mute scientist")
    assert "your mute 3 (scientist) keeps it away from you" in why(await scene.alice(f"why {paper}"))
    await scene.alice("unfollow 1")
    assert "your follow 2 (quantum) does not match it: no “quantum” in title or abstract" in why(
        await scene.alice(f"why {paper}")
    )


async def test_each_persons_list_is_their_own(scene: Scene) -> None:
    await scene.alice("follow reasoning")
    assert (await scene.bob("following")).follows == ()
    assert "nothing" in str((await scene.bob("following")).notice)


async def test_a_long_list_is_paged(scene: Scene) -> None:
    await scene.alice("follow " + " ; ".join(f"word{number}" for number in range(10)))
    await scene.alice("follow " + " ; ".join(f"word{number}" for number in range(10, 15)))
    second = await scene.alice("following page:2")
    assert second.follows is not None
    assert [line.number for line in second.follows] == [11, 12, 13, 14, 15]


async def test_follow_tells_how_much_it_would_have_brought_with_an_example(scene: Scene) -> None:
    reply = await scene.alice("follow diffusion min:5")
    assert reply.notice is not None
    assert re.search(r": \d+ papers in the last 30 days, for example “.+”\.$", reply.notice)


async def test_a_flood_is_told(scene: Scene) -> None:
    reply = await scene.alice("follow source:huggingface -video ; min:1")
    assert reply.notice is not None
    assert "That is a flood" not in reply.notice
    for number in range(40):
        await add_paper(scene, number, "Ana Diaz")
    flood = await scene.alice("follow source:huggingface")
    assert flood.notice is not None
    assert flood.notice.endswith("That is a flood; another word or facet narrows it.")


async def test_silence_comes_with_the_nearest_rules_that_bring_something(scene: Scene) -> None:
    reply = await scene.alice("follow reasoning cat:math.AG")
    assert reply.notice is not None
    assert re.search(r"0 papers in the last 30 days\. Nearest: reasoning \(\d+ papers\)\. What arXiv", reply.notice)
    action = next(action for action in reply.actions if action.label == "Follow reasoning")
    await scene.alice(action.command)
    assert await rules(scene) == ["reasoning cat:math.AG", "reasoning"]


async def test_a_misspelt_word_is_among_the_nearest(scene: Scene) -> None:
    reply = await scene.alice("follow difusion")
    assert reply.notice is not None
    assert "Nearest: diffusion (" in reply.notice


async def test_people_of_one_name_are_asked_about(scene: Scene) -> None:
    day = scene.clock.now().date()
    for number, (coauthor, category) in enumerate(
        [("Ana Diaz", "cs.CL"), ("Ana Diaz", "cs.LG"), ("Kim Lee", "hep-th")]
    ):
        paper = Paper(
            PaperId.parse(f"arxiv:2506.8{number:04}"),
            "A paper",
            ("Yi Qubit", coauthor),
            categories=(category,),
            listings=(Listing("huggingface", day, votes=1),),
        )
        await ingest(scene.world.store, "huggingface", Batch("a test", (paper,), {}), scene.clock.now())
    await scene.world.index.catch_up()
    reply = await scene.alice('follow author:"Yi Qubit"')
    assert reply.notice == (
        'author:"Yi Qubit" may be 2 people. author:"Yi Qubit" cat:cs: 2 papers, with Ana Diaz.'
        ' author:"Yi Qubit" cat:hep-th: 1 paper, with Kim Lee. For both: follow exactly author:"Yi Qubit"'
    )
    assert await rules(scene) == []
    await scene.alice(reply.actions[1].command)
    assert await rules(scene) == ['author:"Yi Qubit" cat:hep-th']
    await scene.alice(reply.actions[-1].command)
    assert len(await rules(scene)) == 2


async def test_what_happens_to_a_followed_paper_is_told(scene: Scene) -> None:
    shown = await scene.alice("show 2505.16938")
    assert shown.card is not None
    assert shown.notice is None
    await scene.alice("follow paper:2505.16938")
    async with scene.world.store.read() as session:
        paper = await session.papers.get(PaperId.parse("arxiv:2505.16938"))
    assert paper is not None
    first = replace(paper, version=1, listings=())
    for later in (first, replace(first, version=2, comment="Withdrawn, for a proof is wrong", withdrawn=True)):
        await ingest(scene.world.store, "arxiv", Batch("a pass", (later,), {}), scene.clock.now())
    told = (await scene.alice("mine")).notice
    assert told is not None
    assert told.startswith("News of papers that you follow:\n“")
    assert "(2505.16938): withdrawn by its authors: Withdrawn, for a proof is wrong (Thu 5 Jun 2025), version 2" in told
    assert (await scene.bob("show 2505.16938")).notice == (
        "Withdrawn by its authors: Withdrawn, for a proof is wrong. Version 2 (Thu 5 Jun 2025)"
    )


async def test_a_paper_that_is_followed_by_two_names_is_told_of_once(scene: Scene) -> None:
    paper = Paper(
        PaperId.parse("arxiv:2506.80001"), "Doves", other_ids=(PaperId.parse("doi:10.5555/doves"),), version=1
    )
    for later in (paper, replace(paper, version=2), replace(paper, version=3)):
        await ingest(scene.world.store, "arxiv", Batch("a pass", (later,), {}), scene.clock.now())
    await scene.alice("follow paper:10.5555/doves")
    by_one_name = (await scene.alice("mine")).notice
    assert by_one_name is not None
    await scene.alice("follow paper:2506.80001")
    told = (await scene.alice("mine")).notice
    assert told == by_one_name.replace("(doi:10.5555/doves)", "(2506.80001)")
    assert told.count("version 2") == 1
    assert told.count("version 3") == 1


async def test_what_is_withdrawn_comes_in_no_digest(scene: Scene) -> None:
    await scene.alice("digest on 08:00 UTC daily top 1")
    preview = (await scene.alice("digest preview")).digest
    assert preview is not None
    best = preview.papers[0]
    async with scene.world.store.read() as session:
        paper = await session.papers.get(PaperId.parse(best.id))
    assert paper is not None
    gone = replace(paper, withdrawn=True, listings=())
    await ingest(scene.world.store, "arxiv", Batch("a pass", (gone,), {}), scene.clock.now())
    (post,) = await scene.wait_until(6, 8)
    assert best.id not in [line.id for line in post.papers]


async def announced_by_arxiv(scene: Scene) -> None:
    """Let arXiv announce 300 papers today."""
    papers = tuple(
        Paper(
            PaperId.parse(f"arxiv:2506.9{number:04}"),
            f"Plain tool {number}",
            listings=(Listing("arxiv", scene.clock.now().date()),),
        )
        for number in range(300)
    )
    await ingest(scene.world.store, "arxiv", Batch("announced", papers, {}), scene.clock.now())


async def test_what_arxiv_announces_is_a_button_away_from_what_was_picked_out(scene: Scene) -> None:
    before = await scene.alice("today")
    assert before.pages is not None
    best = (before.papers or ())[0]
    paper = await _stored(scene, best.id)
    announced = replace(paper, listings=(Listing("arxiv", scene.clock.now().date()),))
    await ingest(scene.world.store, "arxiv", Batch("announced", (announced,), {}), scene.clock.now())
    await announced_by_arxiv(scene)
    today = await scene.alice("today")
    assert today.pages is not None
    assert (today.pages.total, (today.papers or ())[0].votes) == (before.pages.total, best.votes)
    (more,) = [action for action in today.actions if "more" in action.label]
    assert more.label == "300 more, of all sources"
    every = await scene.alice(more.command)
    assert every.pages is not None
    assert every.pages.total == before.pages.total + 300
    assert every.heading == f"Daily papers of all sources · Thu 5 Jun 2025 · {every.pages.total} papers"
    only = await scene.alice("today source:arxiv page:2")
    assert only.pages is not None
    assert (only.pages.total, only.pages.page) == (301, 2)
    assert "source:arxiv page:3" in " ".join(action.command for action in only.actions)
    assert (await scene.alice("2025-06-05 source:dblp")).notice == (
        "dblp listed nothing on Thu 5 Jun 2025; status shows the sources."
    )
    assert (await scene.alice("week source:dblp")).notice == (
        "dblp listed nothing from Fri 30 May 2025 to Thu 5 Jun 2025; status shows the sources."
    )
    assert (await scene.alice.says("today source:arxive")).notice == (
        "There is no source “arxive”; did you mean source:arxiv?"
    )
    week = await scene.alice("week")
    assert week.pages is not None
    assert [line.id for line in week.papers or () if line.id.startswith("arxiv:2506.9")] == []
    assert "300 more, of all sources" in [action.label for action in week.actions]
    trending = (await scene.alice("trending")).pages
    assert trending is not None
    assert trending.total < 300, "nor do they rise"


async def _stored(scene: Scene, key: str) -> Paper:
    async with scene.world.store.read() as session:
        paper = await session.papers.get(PaperId.parse(key))
    assert paper is not None
    return paper


async def test_a_digest_without_a_rule_brings_what_was_picked_out_and_one_with_a_rule_all(scene: Scene) -> None:
    await announced_by_arxiv(scene)
    await scene.alice("digest on 08:00 UTC daily top 5")
    await scene.alice('digest on exactly name:tools 09:00 UTC daily top 10 -- "plain tool"')
    (picked,) = await scene.wait_until(6, 8)
    assert not [line.id for line in picked.papers if line.id.startswith("arxiv:2506.9")]
    assert picked.more < 100
    (wanted,) = await scene.wait_until(6, 9)
    assert len(wanted.papers) == 10
    assert "not picked out by a source" in why(await scene.alice("why 2506.90299"))
