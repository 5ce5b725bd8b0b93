"""Many workspaces: installing, installing again, and leaving; tokens are sealed where they lie."""

import asyncio
import datetime as dt
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from adapters.slack.app import make_app
from adapters.slack.context import Slack, SlackSettings
from adapters.slack.oauth import INSTALL, REDIRECT, Installer
from adapters.slack.serve import EVENTS, Door
from adapters.slack.tokens import ManyTeams
from bot.errors import StoreError
from storage.vault import SealedVault, new_key
from tests.fakes.sample import LAST_DAY
from tests.fakes.slack import FakeSlack, Workspace
from tests.fakes.slack_people import SECRET, Person

KEY = new_key()


@dataclass(slots=True)
class Site:
    """A service that many workspaces install."""

    fake: FakeSlack
    url: str
    session: aiohttp.ClientSession
    slack: Slack
    vault: SealedVault
    clock: SetClock
    database: Path

    async def install(self, workspace: Workspace, **told: object) -> tuple[int, str]:
        """Go through an installation; return the last page's status and words."""
        state = await self.begin()
        self.fake.codes["code"] = installation(workspace) | told
        return await self.finish(state=state, code="code")

    async def begin(self) -> str:
        """Open the first page; return the state with which it leads to Slack."""
        async with self.session.get(f"{self.url}{INSTALL}", allow_redirects=False) as answer:
            return URL(answer.headers["Location"]).query["state"]

    async def finish(self, **query: str) -> tuple[int, str]:
        """Come back from Slack."""
        async with self.session.get(f"{self.url}{REDIRECT}", params=query) as answer:
            return answer.status, await answer.text()

    def person(self, workspace: Workspace) -> Person:
        """Return Alice in a workspace."""
        return Person(self.fake, workspace, "U1", "C0PAPERS01", f"{self.url}{EVENTS}", self.session)


def installation(workspace: Workspace) -> dict[str, object]:
    """Return what Slack tells of an installation."""
    return {
        "access_token": workspace.token,
        "bot_user_id": workspace.bot_user,
        "team": {"id": workspace.team},
        "enterprise": {"id": workspace.enterprise} if workspace.enterprise else None,
        "authed_user": {"id": "U1"},
        "is_enterprise_install": False,
    }


@pytest.fixture
async def site(tmp_path: Path, sample_folder: Path) -> AsyncIterator[Site]:
    """The service, with nobody in it."""
    folder = shutil.copytree(sample_folder, tmp_path / "data")
    clock = SetClock(LAST_DAY)
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an address that is no name
    async with FakeSlack().serving() as fake, aiohttp.ClientSession(cookie_jar=jar) as session:
        client = AsyncWebClient(base_url=fake.api_url, retry_handlers=[])
        async with open_world(Settings(data_dir=folder, database_url=""), clock) as world:
            vault = SealedVault(world.store, clock, [KEY])
            teams = ManyTeams(vault)
            settings = SlackSettings(
                signing_secret=SECRET,
                client_id="1.2",
                client_secret="hush",
                api_url=fake.api_url,
                public_url="http://x",
            )
            slack = Slack(world, settings, teams, client)
            app = web.Application()
            app.add_routes([*Door(make_app(slack), SECRET).routes(), *Installer(slack, teams).routes()])
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            yield Site(fake, f"http://{host}:{port}", session, slack, vault, clock, folder / "paperround.db")
            await runner.cleanup()


async def until(true: Callable[[], object]) -> None:
    """Wait until something is so, for 5 s at most."""
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.005)


async def test_whoever_installs_it_is_welcomed_and_nobody_else(site: Site) -> None:
    workspace = site.fake.workspace()
    assert await site.install(workspace) == (200, "Paper Round is installed. It has written to you in Slack.\n")
    (message,) = workspace.channels["DU1"].messages
    assert [word in str(message["blocks"]) for word in ("Which channel?", "Which topics?", "What time?")] == [True] * 3
    assert workspace.channels["C0PAPERS01"].messages == []
    alice = site.person(workspace)
    await alice.types("status")
    await until(lambda: site.fake.answers_to(alice.last_url))


async def test_a_backup_holds_no_readable_token(site: Site) -> None:
    workspace = site.fake.workspace(token="xoxb-very-secret-token")
    await site.install(workspace)
    with closing(sqlite3.connect(site.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert connection.execute("SELECT count(*) FROM secrets").fetchone() == (1,)
    assert b"very-secret" not in site.database.read_bytes()


async def test_installing_again_takes_the_new_token(site: Site) -> None:
    workspace = site.fake.workspace()
    await site.install(workspace)
    await site.install(workspace, access_token="xoxb-second")
    found = await site.slack.tokens.of("T1")
    assert found is not None
    assert found.token == "xoxb-second"


async def test_teams_of_an_organisation_are_told_apart(site: Site) -> None:
    one = site.fake.workspace(team="T1", enterprise="E1", token="xoxb-1")
    other = site.fake.workspace(team="T2", enterprise="E1", token="xoxb-2")
    await site.install(one)
    await site.install(other)
    tokens = [await site.slack.tokens.of(key) for key in ("E1.T1", "E1.T2", "T1")]
    assert [found and found.token for found in tokens] == ["xoxb-1", "xoxb-2", None]


async def test_an_app_for_a_whole_organisation_speaks_in_all_its_teams(site: Site) -> None:
    workspace = site.fake.workspace(team="T1", enterprise="E1")
    await site.install(workspace, is_enterprise_install=True, team=None)
    found = await site.slack.tokens.of("E1.T7")
    assert found is not None
    assert found.team == "E1"


async def is_known(site: Site) -> bool:
    """Return whether the store knows Alice."""
    async with site.slack.world.store.read() as session:
        return await session.teams.caller("slack", "T1", "C0PAPERS01", "U1") is not None


@pytest.mark.parametrize("event", ["app_uninstalled", "tokens_revoked"])
async def test_leaving_takes_all_of_the_teams_with_it(site: Site, event: str) -> None:
    workspace = site.fake.workspace()
    await site.install(workspace)
    alice = site.person(workspace)
    await alice.types("digest on 09:00 Europe/Berlin")
    await until(lambda: site.fake.answers_to(alice.last_url))
    await alice.happens({"type": event, "tokens": {"oauth": [], "bot": ["UBOT"]}})
    async with asyncio.timeout(5):
        while await site.slack.tokens.of("T1") or await is_known(site):  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0.005)
    async with site.slack.world.store.read() as session:
        assert await session.teams.caller("slack", "T1", "C0PAPERS01", "U1") is None
        assert await session.secrets.all() == []


async def test_a_state_counts_once_in_one_browser_and_for_ten_minutes(site: Site) -> None:
    workspace = site.fake.workspace()
    state = await site.begin()
    site.fake.codes["code"] = installation(workspace)
    assert (await site.finish(state="another", code="code"))[0] == 400
    assert (await site.finish(state=state, code="code"))[0] == 200
    site.fake.codes["code"] = installation(workspace)
    status, said = await site.finish(state=state, code="code")
    assert (status, "finished before" in said) == (400, True)
    late = await site.begin()
    site.clock.time += dt.timedelta(minutes=11)
    assert "taken too long" in (await site.finish(state=late, code="code"))[1]


async def test_who_does_not_agree_is_told_so(site: Site) -> None:
    assert "nothing was installed" in (await site.finish(error="access_denied"))[1]


async def test_a_wrong_code_is_told(site: Site) -> None:
    state = await site.begin()
    assert await site.finish(state=state, code="wrong") == (
        400,
        "Slack did not take the code: invalid_code. Begin anew at /slack/install.\n",
    )


async def test_keys_can_be_changed(site: Site) -> None:
    await site.install(site.fake.workspace())
    fresh = new_key()
    both = SealedVault(site.slack.world.store, site.clock, [fresh, KEY])
    assert await both.rotate() == 1
    alone = SealedVault(site.slack.world.store, site.clock, [fresh])
    assert "xoxb" in str(await alone.get("slack", "T1", "installation"))
    with pytest.raises(StoreError, match="None of PAPERROUND_ENCRYPTION_KEYS opens"):
        await site.vault.get("slack", "T1", "installation")


async def test_without_a_key_nothing_is_stored_in_the_clear(site: Site) -> None:
    with pytest.raises(StoreError, match="paperround keys new"):
        await SealedVault(site.slack.world.store, site.clock, []).put("slack", "T1", "installation", "token")
    with pytest.raises(StoreError, match="a key that is none"):
        SealedVault(site.slack.world.store, site.clock, ["short"])
