"""What a message's menu offers: to save the papers that it names, and to follow their authors."""

from adapters.discord.menus import FOLLOW, SAVE
from tests.adapters.discord.conftest import Lab

KNOWN = "look at <https://arxiv.org/abs/2506.03569>, and [this](https://arxiv.org/pdf/2505.16170v2)!"


async def test_the_papers_in_a_message_are_saved(lab: Lab) -> None:
    alice = lab.person()
    message = lab.fake.write(lab.papers, lab.person("bob").user, KNOWN)
    seen = await alice.picks(SAVE, message)
    assert seen.is_private
    assert seen.text.count("Saved") == 2
    saved = (await alice.types("papers saved")).text
    assert "MiMo-VL" in saved
    assert "2505.16170" in saved


async def test_the_authors_of_a_messages_papers_are_followed(lab: Lab) -> None:
    message = lab.fake.write(lab.papers, lab.person("bob").user, "2505.16170")
    seen = await lab.person().picks(FOLLOW, message)
    assert seen.text.count("Following papers by") == 2
    assert "Robin Jia" in (await lab.asks("following")).text


async def test_a_message_without_papers_says_so(lab: Lab) -> None:
    message = lab.fake.write(lab.papers, lab.person("bob").user, "lunch?")
    assert "no paper in it to save" in (await lab.person().picks(SAVE, message)).text
    assert "no paper in it to follow" in (await lab.person().picks(FOLLOW, message)).text


async def test_the_papers_of_our_own_answers_can_be_saved(lab: Lab) -> None:
    card = await lab.person().types("papers show", paper="2506.03569")
    await lab.person().presses(card.message, "Share with the channel")
    await lab.until(lambda: lab.fake.posted(lab.papers))
    seen = await lab.person("bob").picks(SAVE, lab.fake.posted(lab.papers)[0])
    assert "Saved" in seen.text
