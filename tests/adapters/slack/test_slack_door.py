"""Who may come in: Slack alone, and in time."""

import time

import pytest

from tests.adapters.slack.conftest import Office
from tests.fakes.slack import Workspace
from tests.fakes.slack_people import Person, body_of, signed


def headers(body: str, kind: str) -> dict[str, str]:
    """Return headers that are wrong in one way."""
    right = signed(body)
    return {
        "unsigned": {},
        "signed by somebody else": signed(body, secret="another"),
        "signed for another body": signed(body + "x"),
        "too old": signed(body, at=time.time() - 301),
        "from the future": signed(body, at=time.time() + 400),
        "no time": {**right, "X-Slack-Request-Timestamp": "soon"},
        "an odd digit": {**right, "X-Slack-Request-Timestamp": "²"},
        "no signature": {**right, "X-Slack-Signature": ""},
        "a signature that is none": {**right, "X-Slack-Signature": "v0=zz"},
    }[kind]


@pytest.mark.parametrize(
    "kind",
    ["unsigned", "signed by somebody else", "signed for another body", "too old", "from the future", "no time",
     "an odd digit", "no signature", "a signature that is none"],
)  # fmt: skip
async def test_a_request_that_is_not_slacks_gets_401_and_leaves_nothing_but_a_count(office: Office, kind: str) -> None:
    alice = office.person()
    body = body_of("slash_commands", alice.command("follow agents"))
    assert await alice.posts(body, headers=headers(body, kind)) == 401
    assert office.door.refused.total() == 1
    assert office.fake.answers_to(alice.last_url) == []
    async with office.world.store.read() as session:
        assert await session.teams.caller("slack", "T1", "C0PAPERS01", "U1") is None


async def test_another_workspace_can_do_nothing(office: Office) -> None:
    stranger = Person(office.fake, Workspace(team="T666"), "U1", "C0PAPERS01", office.url, office.session)
    await stranger.types("follow agents")
    async with office.world.store.read() as session:
        assert await session.teams.caller("slack", "T666", "C0PAPERS01", "U1") is None
