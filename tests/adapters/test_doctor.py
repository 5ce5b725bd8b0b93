"""`paperround doctor`: says of each part how it is, and how to mend it."""

import asyncio
import datetime as dt
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.cli import doctor
from adapters.cli.clock import SetClock, SystemClock
from adapters.cli.doctor import Check, examine
from adapters.cli.misspelt import misspelt_settings
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot.commands.dispatch import answer
from bot.errors import StoreError
from bot.team import Who
from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import item
from tests.fakes.slack import FakeSlack

TOKENS = {"PAPERROUND_SLACK_BOT_TOKEN": "xoxb-test-token-1", "PAPERROUND_SLACK_APP_TOKEN": "xapp-1-app-token"}


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    async with FakeSlack().serving() as served:
        yield served


def fill(paperround: CommandLine, day: dt.date) -> None:
    """Take a paper of a day into the store."""
    answer = paperround.folder / f"{day}.json"
    answer.write_text(json.dumps([item("2506.00001", "A paper", votes=5)]))
    assert paperround("ingest", "huggingface", "--from-file", answer).status == 0


def by_name(found: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    assert all(list(each) == ["check", "state", "detail", "fix"] for each in found)
    assert all(each["state"] in ("ok", "warn", "fail") for each in found)
    assert all(each["fix"] for each in found if each["state"] != "ok"), "it says how to mend it"
    return {each["check"]: each for each in found}


def test_a_store_in_use_is_well_and_an_old_sqlite_is_named(
    paperround: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(paperround, dt.datetime.now(dt.UTC).date())
    for safe, state in (((3, 51, 3), "warn"), ((3, 0, 0), "ok")):
        monkeypatch.setattr(doctor, "SAFE_SQLITE", (99,) if state == "warn" else safe)
        done = paperround("doctor", "--json")
        found = by_name(done.json)
        assert done.status == 0
        assert list(found) == [
            "settings", "database", "search index", "source huggingface", "source arxiv", "clock",
        ]  # fmt: skip
        assert found["source arxiv"]["detail"].startswith("not asked: nobody wants it: set PAPERROUND_ARXIV_CATEGORIES")
        assert (found["database"]["state"], "1 paper" in found["database"]["detail"]) == (state, True)
        assert ("3.51.3" in found["database"]["detail"]) == (state == "warn")
        assert {found[name]["state"] for name in found if name != "database"} == {"ok"}


def test_before_anything_is_there_it_says_what_makes_it_and_makes_nothing(paperround: CommandLine) -> None:
    done = paperround("doctor", "--json")
    found = by_name(done.json)
    assert (done.status, found["database"]["state"]) == (0, "warn")
    assert not paperround.database.exists()


def test_a_wrong_setting_is_a_check_that_failed(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_CONTACT"] = "nobody"
    done = paperround("doctor", "--json")
    assert (done.status, by_name(done.json)["settings"]["state"]) == (1, "fail")
    assert "PAPERROUND_CONTACT" in done.out


def test_half_settings_fail_and_the_rest_is_looked_at(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_SLACK_BOT_TOKEN"] = "xoxb-1"
    done = paperround("doctor", "--json")
    found = by_name(done.json)
    assert (done.status, found["settings"]["state"], found["clock"]["state"]) == (1, "fail", "ok")


def test_a_damaged_database_fails(paperround: CommandLine) -> None:
    paperround.data.mkdir()
    paperround.database.write_bytes(b"this is no database at all" * 100)
    done = paperround("doctor", "--json")
    assert (done.status, by_name(done.json)["database"]["state"]) == (1, "fail")


def test_an_index_that_is_behind_is_a_warning(paperround: CommandLine) -> None:
    fill(paperround, dt.datetime.now(dt.UTC).date())
    shutil.rmtree(paperround.data / "index")
    found = by_name(paperround("doctor", "--json").json)
    assert (found["search index"]["state"], "1 change" in found["search index"]["detail"]) == ("warn", True)


def test_a_source_that_failed_last_fails(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_HF_URL"] = "http://127.0.0.1:9"
    paperround("ingest", "huggingface")
    done = paperround("doctor", "--json")
    assert (done.status, by_name(done.json)["source huggingface"]["state"]) == (1, "fail")


def test_a_source_that_only_ingest_could_not_read_is_a_warning(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_HF_URL"] = "http://127.0.0.1:9"
    paperround("ingest", "huggingface")
    paperround.settings["PAPERROUND_SOURCES"] = "arxiv"
    done = paperround("doctor", "--json")
    found = by_name(done.json)["source huggingface"]
    assert (done.status, found["state"]) == (0, "warn")
    assert found["detail"].endswith("; never read; the service does not ask it")


def test_an_inbox_that_failed_is_told_as_long_as_it_is_set(paperround: CommandLine) -> None:
    async def fail() -> None:
        async with open_world(settings_of(paperround), SystemClock()) as world, world.store.write() as session:
            await session.source_runs.failed("inbox", SystemClock().now(), "The inbox /gone can't be read.")

    asyncio.run(fail())
    assert "source inbox" not in by_name(paperround("doctor", "--json").json)
    paperround.settings["PAPERROUND_INBOX"] = "/gone"
    found = by_name(paperround("doctor", "--json").json)["source inbox"]
    assert (found["state"], found["fix"]) == ("fail", "mend the folder or the files; paperround run reads them again")


def test_each_source_that_is_to_be_asked_is_named_whether_it_was_read_or_not(paperround: CommandLine) -> None:
    fill(paperround, dt.datetime.now(dt.UTC).date())
    paperround.settings |= {"PAPERROUND_SOURCES": "huggingface, arxiv,acl", "PAPERROUND_ARXIV_CATEGORIES": "stat.ML"}
    found = by_name(paperround("doctor", "--json").json)
    assert found["source huggingface"]["detail"].startswith("last read ")
    for name in ("source arxiv", "source acl"):
        assert (found[name]["state"], found[name]["detail"]) == ("warn", "never read")
        assert found[name]["fix"] == "paperround run asks it"
    paperround.settings["PAPERROUND_POLL"] = "off"
    assert "source acl" not in by_name(paperround("doctor", "--json").json)


def test_a_source_that_can_not_be_polled_is_told_with_the_nearest(paperround: CommandLine) -> None:
    paperround.settings["PAPERROUND_SOURCES"] = "huggingface,arxive"
    for command in ("doctor", "run"):
        done = paperround(command)
        assert done.status == 1
        assert "the setting PAPERROUND_SOURCES names “arxive”; write arxiv" in done.out + done.err


@pytest.mark.parametrize("poll", ["on", "off"])
def test_a_source_that_is_none_is_told_once_whether_the_service_asks_or_not(paperround: CommandLine, poll: str) -> None:
    fill(paperround, dt.datetime.now(dt.UTC).date())
    paperround.settings |= {"PAPERROUND_SOURCES": "foo", "PAPERROUND_POLL": poll}
    done = paperround("doctor")
    assert (done.status, done.out.count("fail  "), done.out.count("“foo”")) == (1, 1, 1)
    assert "“foo”" in paperround("run").failure


@pytest.mark.parametrize("keys", ["abc", "GOOD,abc", "abc,GOOD"])
def test_an_encryption_key_that_is_none_fails(paperround: CommandLine, keys: str) -> None:
    good = paperround("keys", "new").out.strip()
    paperround.settings["PAPERROUND_ENCRYPTION_KEYS"] = keys.replace("GOOD", good)
    done = paperround("doctor", "--json")
    found = by_name(done.json)["settings"]
    assert (done.status, found["state"], "paperround keys new" in found["detail"]) == (1, "fail", True)
    assert "abc" not in done.out
    paperround.settings["PAPERROUND_ENCRYPTION_KEYS"] = f"{good}, {paperround('keys', 'new').out.strip()}"
    assert by_name(paperround("doctor", "--json").json)["settings"]["state"] == "ok"


def test_a_misspelt_setting_is_named_with_the_nearest_right_one(paperround: CommandLine) -> None:
    paperround.settings |= {"PAPERROUND_SLACK_TOKEN": "xoxb-1", "PAPERROUND_TEST_POSTGRES_URL": "of the tests"}
    (paperround.folder / ".env").write_text(
        "paperround_pol=off\nPAPERROUND_CONTACT=a@b.c\nPAPERROUND_XYZZY=1\nOTHER=1\n"
    )
    done = paperround("doctor", "--json")
    found = by_name(done.json)
    assert (done.status, [name for name in found if name.startswith("setting ")]) == (
        0,
        ["setting PAPERROUND_POL", "setting PAPERROUND_SLACK_TOKEN", "setting PAPERROUND_XYZZY"],
    )
    assert found["setting PAPERROUND_POL"]["fix"] == "did you mean PAPERROUND_POLL? else take it out"
    assert found["setting PAPERROUND_SLACK_TOKEN"]["fix"] == "did you mean PAPERROUND_SLACK_BOT_TOKEN? else take it out"
    assert found["setting PAPERROUND_XYZZY"]["fix"].startswith("take it out; the README says")
    assert "xoxb-1" not in done.out


@pytest.mark.parametrize("setting", [name.upper() for name in Settings.model_fields])
def test_no_setting_counts_as_misspelt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"PAPERROUND_{setting}", "x")
    assert f"PAPERROUND_{setting}" not in [each.name for each in misspelt_settings()]


def test_a_file_of_settings_that_is_no_text_is_told_in_one_line(paperround: CommandLine) -> None:
    (paperround.folder / ".env").write_bytes(b"PAPERROUND_CONTACT=\xff\xfe")
    done = paperround("doctor", "--json")
    assert by_name(done.json)["settings"]["detail"] == "the file .env can't be read: it is not UTF-8 text"


def test_status_in_the_chat_and_the_doctor_say_the_same_of_each_source(paperround: CommandLine) -> None:
    """Of one that only `ingest` could not read, and of an inbox that is set no more."""
    paperround.settings["PAPERROUND_HF_URL"] = "http://127.0.0.1:9"
    paperround("ingest", "huggingface")

    async def fail() -> None:
        async with open_world(settings_of(paperround), SystemClock()) as world, world.store.write() as session:
            await session.source_runs.failed("inbox", SystemClock().now(), "The inbox /gone can't be read.")

    asyncio.run(fail())
    for settings, expected in (
        ({}, {"source huggingface": "fail"}),
        ({"PAPERROUND_POLL": "off"}, {"source huggingface": "warn"}),
        ({"PAPERROUND_POLL": "on", "PAPERROUND_SOURCES": "arxiv"}, {"source huggingface": "warn"}),
        ({"PAPERROUND_INBOX": "/gone"}, {"source huggingface": "warn", "source inbox": "fail"}),
    ):
        paperround.settings |= settings
        (told,) = paperround("console", "-c", "status", "--json").replies
        in_chat = {each["what"]: (each["state"], each["detail"]) for each in told["status"]}
        in_doctor = by_name(paperround("doctor", "--json").json)
        for name in ("source huggingface", "source inbox"):
            assert (name in in_chat, name in in_doctor) == (name in expected,) * 2
            if name in expected:
                assert in_chat[name] == (in_doctor[name]["state"], in_doctor[name]["detail"])
                assert in_chat[name][0] == expected[name]


def settings_of(paperround: CommandLine) -> Settings:
    return Settings(data_dir=paperround.data, database_url="", _env_file=None)  # type: ignore[call-arg]


async def checked(paperround: CommandLine, time: dt.datetime) -> dict[str, Check]:
    return {each.check: each for each in await examine(lambda: settings_of(paperround), SetClock(time))}


def test_a_clock_that_is_behind_fails(paperround: CommandLine) -> None:
    now = dt.datetime.now(dt.UTC)
    fill(paperround, now.date())
    for time, state in (
        (now, "ok"),
        (now - dt.timedelta(days=5), "fail"),
        (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), "fail"),
    ):
        assert asyncio.run(checked(paperround, time))["clock"].state == state


async def test_a_check_that_does_not_end_is_ended(paperround: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(*_: object) -> list[Check]:
        await asyncio.Event().wait()
        return []

    async def breaks(*_: object) -> list[Check]:
        raise StoreError("the disk is gone")

    monkeypatch.setattr(doctor, "_index_check", hangs)
    monkeypatch.setattr(doctor, "_source_checks", breaks)
    paperround.data.mkdir()
    paperround.database.touch()
    found = {each.check: each for each in await examine(lambda: settings_of(paperround), SystemClock(), limit=0.5)}
    assert (found["search index"].state, found["search index"].detail) == ("fail", "no answer within 0.5 s")
    assert (found["sources"].state, found["sources"].detail) == ("fail", "the disk is gone")
    assert found["clock"].state == "ok"


async def slack_doctor(paperround: CommandLine, fake: FakeSlack, **more: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Run the doctor against the fake Slack; return its exit status and checks."""
    paperround.settings = {**TOKENS, "PAPERROUND_SLACK_API_URL": fake.api_url, **more}
    done = await asyncio.to_thread(paperround.process, "doctor", "--json")
    assert "xoxb-" not in done.out.replace("begin with xoxb-", "") + done.err
    return done.status, by_name(done.json)


async def test_slack_is_asked_about_tokens_scopes_and_each_channel_with_a_digest(
    paperround: CommandLine, fake: FakeSlack
) -> None:
    workspace = fake.workspace()
    workspace.add_channel("C0OUTSIDE1", "outside", with_bot=False)
    for channel in ("C0PAPERS01", "C0OUTSIDE1"):
        await set_digest(paperround, channel)
    status, found = await slack_doctor(paperround, fake)
    assert (status, found["slack app token"]["state"], found["slack token"]["state"]) == (1, "ok", "ok")
    assert found["slack channel C0PAPERS01"]["state"] == "ok"
    assert "/invite" in found["slack channel C0OUTSIDE1"]["fix"]
    workspace.channels["C0OUTSIDE1"].members.add(workspace.bot_user)
    assert (await slack_doctor(paperround, fake))[0] == 0


async def set_digest(paperround: CommandLine, channel: str) -> None:
    """Set a digest in a channel of the workspace T1."""
    async with open_world(settings_of(paperround), SystemClock()) as world:
        assert (await answer(world, Who("slack", "T1", channel, "U1", may_configure=True), "digest on 09:00 UTC")).ok


async def test_a_wrong_token_fails_and_says_where_the_right_one_is(paperround: CommandLine, fake: FakeSlack) -> None:
    fake.workspace()
    status, found = await slack_doctor(paperround, fake, PAPERROUND_SLACK_BOT_TOKEN="xoxb-wrong")
    assert (status, found["slack token"]["state"]) == (1, "fail")
    assert "PAPERROUND_SLACK_BOT_TOKEN" in found["slack token"]["fix"]


async def test_a_missing_scope_fails(paperround: CommandLine, fake: FakeSlack) -> None:
    fake.workspace().scopes.remove("users:read")
    status, found = await slack_doctor(paperround, fake)
    assert (status, "users:read" in found["slack scopes"]["detail"]) == (1, True)


async def test_without_a_network_slack_fails_and_the_rest_does_not(paperround: CommandLine, fake: FakeSlack) -> None:
    status, found = await slack_doctor(paperround, fake, PAPERROUND_SLACK_API_URL="http://127.0.0.1:9/api/")
    assert (status, found["slack"]["state"], found["settings"]["state"]) == (1, "fail", "ok")
    assert "can't be reached" in found["slack"]["detail"]


def test_people_read_what_is_to_be_done_beneath_what_is_not_well(paperround: CommandLine) -> None:
    told = paperround("doctor").out
    assert "warn  database: there is none yet" in told
    assert "      → paperround run makes it" in told
    assert told.rstrip().endswith("It works; see the warnings.")
