"""Somebody likes a paper and asks for more like it."""

import json

from bot.reply_json import reply_json
from tests.journeys.conftest import Scene

ASKED = "2505.22312"  # Skywork Open Reasoner 1 Technical Report


async def test_a_card_leads_to_papers_like_it_each_with_what_it_shares(scene: Scene) -> None:
    card = await scene.alice(f"show {ASKED}")
    command = next(action.command for action in card.actions if action.label == "Similar")
    reply = await scene.alice(command)
    assert reply.papers
    assert reply.heading is not None
    assert "like “Skywork Open Reasoner 1 Technical Report”" in reply.heading
    assert all(line.why and line.why[0].startswith(("shares “", "author")) for line in reply.papers)
    assert any("reason" in line.why[0] for line in reply.papers)
    assert ASKED not in {line.label for line in reply.papers}


async def test_the_paper_may_be_named_by_address_or_title(scene: Scene) -> None:
    expected = await scene.alice(f"similar {ASKED}")
    for typed in (
        f"/papers similar https://arxiv.org/abs/{ASKED}v2",
        f"similar huggingface.co/papers/{ASKED}",
        "similar Skywork Open Reasoner 1 Technical Report",
    ):
        assert await scene.alice(typed) == expected


async def test_a_title_that_several_papers_have_is_asked_about_with_buttons_that_go_on(scene: Scene) -> None:
    question = await scene.alice("similar reasoning")
    assert question.notice is not None
    assert question.notice.endswith("Which one?")
    reply = await scene.alice(question.actions[0].command)
    assert reply.heading is not None
    assert " like “" in reply.heading


async def test_buttons_lead_through_all_pages_without_repeating_a_paper_and_back_to_the_card(scene: Scene) -> None:
    reply = await scene.alice(f"similar {ASKED}")
    assert reply.pages is not None
    assert reply.pages.pages > 1
    seen: list[str] = []
    while True:
        assert reply.papers
        seen += [line.id for line in reply.papers]
        buttons = {action.label: action.command for action in reply.actions}
        if "Next page" not in buttons:
            break
        reply = await scene.alice(buttons["Next page"])
    assert reply.pages is not None
    assert len(seen) == len(set(seen)) == reply.pages.total
    assert (await scene.alice(buttons["The paper itself"])).card is not None
    assert f"write page:{reply.pages.pages}." in await scene.alice.wrong(f"similar {ASKED} page:40")


async def test_the_teams_votes_stand_beside_similar_papers(scene: Scene) -> None:
    first = ((await scene.alice(f"similar {ASKED}")).papers or ())[0]
    await scene.bob(f"vote {first.label}")
    again = ((await scene.alice(f"similar {ASKED}")).papers or ())[0]
    assert (again.id, again.team_votes) == (first.id, 1)


async def test_what_cannot_be_found_is_said_with_what_to_type(scene: Scene) -> None:
    assert "similar 2506.01234" in await scene.alice.wrong("similar")
    assert "similar 2506.01234" in await scene.alice.wrong("similar ???")
    assert "not among the 124 papers" in await scene.alice.wrong("similar 2506.99999")


async def test_machines_get_ids_and_reasons(scene: Scene) -> None:
    told = json.loads(json.dumps(reply_json(await scene.alice.says(f"similar {ASKED}"))))
    assert told["ok"]
    assert told["total"] >= len(told["papers"]) > 0
    assert all(each["id"].startswith("arxiv:") and each["why"] for each in told["papers"])


async def test_help_knows_it(scene: Scene) -> None:
    reply = await scene.alice("help similar")
    assert reply.help
    assert "similar PAPER" in reply.help[0].usage
