"""The App Home, shortcuts and links."""

from adapters.slack.shortcuts import texts_of
from bot.message_papers import papers_in
from tests.adapters.slack.conftest import Office
from tests.fakes.slack import Json
from tests.fakes.slack_people import Person
from tests.fakes.slack_rules import elements_of


async def home(office: Office, user: str = "U1") -> Json:
    """Let somebody open the home; return what they see."""
    office.workspace.home.pop(user, None)
    person = office.person(user)
    await person.happens({"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": "home"})
    await office.until(lambda: user in office.workspace.home)
    return office.workspace.home[user]


async def test_the_home_shows_how_to_start(office: Office) -> None:
    shown = str(await home(office))
    assert "How to start" in shown
    assert "Nothing yet." in shown


async def test_the_home_shows_follows_digests_and_saved_papers(office: Office) -> None:
    for line in ("follow agents", "digest on 09:00 Europe/Berlin", "save 2506.03569"):
        await office.asks(line)
    shown = str(await home(office))
    for words in ("agents", "digest daily of <#C0PAPERS01>", "MiMo-VL"):
        assert words in shown


async def test_a_follow_is_removed_from_the_home(office: Office) -> None:
    await office.asks("follow agents")
    shown = await home(office)
    menu = next(each for each in elements_of(shown["blocks"]) if each["type"] == "overflow")
    alice = office.person()
    press = alice.press({**menu, "options": menu["options"][1:]})
    press |= {"container": {"type": "view", "view_id": "V1"}, "view": {"type": "home"}, "channel": None}
    del press["response_url"], office.workspace.home["U1"]
    await sends(alice, press)
    await office.until(lambda: "U1" in office.workspace.home)
    assert "Unfollowed" in str(office.workspace.home["U1"])
    assert "Nothing yet." in str(office.workspace.home["U1"])


async def sends(person: Person, payload: Json) -> None:
    """Let a payload arrive."""
    from tests.fakes.slack_people import body_of

    assert await person.posts(body_of("interactive", payload)) == 200


def shortcut(person: Person, callback_id: str, message: Json | None = None) -> Json:
    """Return the payload of a shortcut, of a message or global."""
    told = {
        "type": "message_action" if message else "shortcut",
        "callback_id": callback_id,
        "user": {"id": person.user},
        "team": {"id": person.workspace.team},
        "trigger_id": person.slack.trigger(),
    }
    if message:
        person.last_url = person.slack.response_url(person.workspace, person.channel, person.user)
        told |= {"message": message, "channel": {"id": person.channel}, "response_url": person.last_url}
    return told


MESSAGE: Json = {"type": "message", "text": "look: <https://arxiv.org/abs/2506.03569> and 2506.04158!", "ts": "1.2"}


async def test_the_papers_in_a_message_are_saved(office: Office) -> None:
    alice = office.person()
    await sends(alice, shortcut(alice, "save_papers", MESSAGE))
    (answer,) = await office.answers(alice)
    assert answer["response_type"] == "ephemeral"
    assert "MiMo-VL" in str(await office.asks("saved"))
    assert "Image Editing As Programs" in str(await office.asks("saved"))


async def test_the_authors_of_a_papers_in_a_message_are_followed(office: Office) -> None:
    alice = office.person()
    await sends(alice, shortcut(alice, "follow_authors", {**MESSAGE, "text": "2506.04158"}))
    await office.answers(alice)
    assert "Yujia Hu" in str(await office.asks("following"))


async def test_a_message_without_papers_says_so(office: Office) -> None:
    alice = office.person()
    await sends(alice, shortcut(alice, "save_papers", {**MESSAGE, "text": "lunch?"}))
    assert "no paper in it" in (await office.answers(alice))[0]["text"]


async def test_papers_are_found_from_anywhere(office: Office) -> None:
    alice = office.person()
    await sends(alice, shortcut(alice, "find_papers"))
    await office.until(lambda: office.workspace.modals)
    (form,) = office.workspace.modals
    state = {"values": {"words": {"words": {"value": "diffusion"}}}}
    submitted = {
        "type": "view_submission",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "view": {**form, "state": state},
        "trigger_id": office.fake.trigger(),
    }
    await sends(alice, submitted)
    await office.until(lambda: "DU1" in office.workspace.channels and office.workspace.channels["DU1"].messages)
    assert "iffusion" in str(office.workspace.channels["DU1"].messages)


def test_papers_are_found_wherever_they_stand_in_a_message() -> None:
    blocks = [{"type": "rich_text", "elements": [{"type": "link", "url": "https://huggingface.co/papers/2506.04158"}]}]
    attachment = {"from_url": "https://doi.org/10.1038/nature14539"}
    assert papers_in(texts_of({"text": "x 2506.03569", "blocks": blocks, "attachments": [attachment]})) == [
        "2506.03569", "https://huggingface.co/papers/2506.04158", "https://doi.org/10.1038/nature14539",
    ]  # fmt: skip


async def link(office: Office, *urls: str, ts: str = "1.2") -> None:
    """Let somebody write links in the channel."""
    links = [{"url": url, "domain": "arxiv.org"} for url in urls]
    event = {"type": "link_shared", "user": "U1", "channel": "C0PAPERS01", "message_ts": ts, "links": links}
    await office.person().happens(event)


async def test_a_link_to_a_paper_shows_it_once_in_half_an_hour(office: Office) -> None:
    url = "https://arxiv.org/abs/2506.03569"
    await link(office, url)
    await office.until(lambda: office.workspace.unfurls)
    assert "MiMo-VL" in str(office.workspace.unfurls[0]["unfurls"][url])
    await link(office, url, ts="1.3")
    await link(office, "https://arxiv.org/abs/2506.04158", ts="1.4")
    await office.until(lambda: len(office.workspace.unfurls) == 2)
    assert list(office.workspace.unfurls[1]["unfurls"]) == ["https://arxiv.org/abs/2506.04158"]


async def test_a_list_of_links_is_left_alone(office: Office) -> None:
    await link(office, *(f"https://arxiv.org/abs/2506.0{number}" for number in (3569, 4158, 3295)))
    await office.asks("status")
    assert office.workspace.unfurls == []
