"""The fake Discord's faults, as the real discord.py meets them: connections lost, outages, limits."""

import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_client import PlainClient, running, until
from tests.fakes.discord_world import Channel


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as discord_:
        discord_.add_guild("Lab")
        yield discord_


@pytest.fixture
def papers(fake: FakeDiscord) -> Channel:
    return next(iter(fake.guilds.values())).channel("papers")


@pytest.fixture
async def client(fake: FakeDiscord) -> AsyncIterator[PlainClient]:
    async with running(fake) as running_client:
        yield running_client


@pytest.mark.parametrize("code", [1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009])
async def test_after_a_close_the_client_is_back(fake: FakeDiscord, client: PlainClient, code: int) -> None:
    fake.gateway.close(code)
    fake.add_guild("Missed")
    await until(lambda: [guild.name for guild in client.guilds] == ["Lab", "Missed"])
    keeps_its_session = code in (4000, 4001, 4002, 4005, 4008)
    assert len(fake.gateway.identifies) == (1 if keeps_its_session else 2)
    assert [one["seq"] for one in fake.gateway.resumes][:1] == [2]
    if keeps_its_session:
        await until(lambda: "resumed" in client.happened)
        assert client.happened.count("guild_join") == 1


async def test_what_was_missed_without_a_word_comes_after_the_resume(fake: FakeDiscord, client: PlainClient) -> None:
    fake.gateway.reset()
    fake.add_guild("Missed")
    await until(lambda: "resumed" in client.happened)
    assert [guild.name for guild in client.guilds] == ["Lab", "Missed"]
    assert len(fake.gateway.identifies) == 1


async def test_a_client_reconnects_when_it_is_asked_to(fake: FakeDiscord, client: PlainClient) -> None:
    fake.gateway.ask_to_reconnect()
    await until(lambda: "resumed" in client.happened)
    fake.gateway.invalidate(resumable=True)
    await until(lambda: client.happened.count("resumed") == 2)
    fake.gateway.invalidate(resumable=False)
    await until(lambda: len(fake.gateway.identifies) == 2)


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013])
async def test_some_closes_end_the_client(fake: FakeDiscord, code: int) -> None:
    async def closed() -> None:
        async with running(fake) as client:
            fake.gateway.close(code)
            await until(client.is_closed)

    with pytest.raises(discord.ConnectionClosed) as ended:
        await closed()
    assert ended.value.code == code


async def test_a_privileged_intent_needs_to_be_allowed(fake: FakeDiscord) -> None:
    client = PlainClient(intents=discord.Intents(guilds=True, members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(fake, client):
            pass


async def test_a_silent_gateway_is_left_and_found_again(fake: FakeDiscord) -> None:
    fake.gateway.heartbeat_ms = 100
    async with running(fake, PlainClient(heartbeat_timeout=0.3)) as client:
        await until(lambda: fake.gateway.heartbeats > 2)
        fake.gateway.is_deaf = True
        await until(lambda: fake.gateway.resumes)
        fake.gateway.is_deaf = False
        await until(lambda: "resumed" in client.happened)


async def test_two_shards_hear_of_their_own_guilds(fake: FakeDiscord) -> None:
    fake.gateway.shards_wanted = 2
    other = next(number for number in range(1 << 22, 1 << 24, 1 << 22) if (number >> 22) % 2 == 1)
    even, odd = fake.add_guild("Even", guild_id=other + (1 << 22)), fake.add_guild("Odd", guild_id=other)
    async with running(fake) as client:
        assert {guild.id: guild.shard_id for guild in client.guilds if guild.id < 1 << 25} == {even.id: 0, odd.id: 1}
        told = {
            session.shard[0]: [one["d"]["name"] for one in session.sent if one["t"] == "GUILD_CREATE"]
            for session in fake.gateway.live
        }
    assert [one["shard"] for one in fake.gateway.identifies] == [[0, 2], [1, 2]]
    assert [name in told[shard] for name, shard in (("Even", 0), ("Odd", 0), ("Even", 1), ("Odd", 1))] == [
        True, False, False, True,
    ]  # fmt: skip


async def test_an_outage_is_no_departure(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    guild = next(iter(fake.guilds.values()))
    fake.hide(guild)
    await until(lambda: "guild_unavailable" in client.happened)
    with pytest.raises(discord.DiscordServerError):
        await client.get_partial_messageable(papers.id).send("x")
    fake.show(guild)
    await until(lambda: "guild_available" in client.happened)
    assert "guild_remove" not in client.happened
    fake.rename(guild, "Laboratory")
    await until(lambda: client.guilds[0].name == "Laboratory")
    fake.kick_bot(guild)
    await until(lambda: "guild_remove" in client.happened)
    with pytest.raises(discord.Forbidden):
        await client.get_partial_messageable(papers.id).send("x")


async def test_a_lost_answer_leaves_the_message(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    channel = client.get_partial_messageable(papers.id)
    fake.fail("drop after", "POST", "/messages$")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("x", nonce="n")
    assert [one.text for one in fake.posted()] == ["x"]
    fake.fail("drop before", "POST", "/messages$")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await channel.send("y", nonce="m")
    assert [one.text for one in fake.posted()] == ["x"]
    await channel.send("x", nonce="n")
    assert len(fake.posted()) == 1


async def test_the_library_tries_again_after_a_502(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    fake.fail("502", "POST", "/messages$")
    await client.get_partial_messageable(papers.id).send("x")
    assert [one.status for one in fake.called("POST", "/messages$")] == [502, 200]
    assert len(fake.posted()) == 1


async def test_an_outage_lasts_as_long_as_the_test_says(
    fake: FakeDiscord, client: PlainClient, papers: Channel
) -> None:
    channel = client.get_partial_messageable(papers.id)
    with fake.failing("503", path="^/channels/") as outage, pytest.raises(discord.DiscordServerError):
        await channel.send("x")
    assert outage.happened == 1
    await channel.send("x")


async def test_a_full_bucket_is_waited_for(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    fake.limit("POST /channels/{channel_id}/messages", 2, 0.3)
    channel = client.get_partial_messageable(papers.id)
    began = time.monotonic()
    for number in range(3):
        await channel.send(str(number))
    assert time.monotonic() - began > 0.25
    assert [one.status for one in fake.called("POST", "/messages$")] == [200, 200, 200]


async def test_too_early_a_request_is_refused_with_the_wait(fake: FakeDiscord, papers: Channel) -> None:
    fake.limit("POST /channels/{channel_id}/messages", 1, 60)
    headers = {"Authorization": f"Bot {fake.token}"}
    url = f"{fake.api_url}/channels/{papers.id}/messages"
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(url, json={"content": "a"}) as first:
            assert first.headers["X-RateLimit-Remaining"] == "0"
        async with session.post(url, json={"content": "b"}) as second:
            told = await second.json()
            assert (second.status, told["global"]) == (429, False)
            assert 59 < told["retry_after"] <= 60
            assert second.headers["Via"]
        fake.buckets.per_second = 0
        async with session.get(f"{fake.api_url}/users/@me") as third:
            assert (third.status, (await third.json())["global"]) == (429, True)
    assert fake.invalid_requests == 2


async def test_the_library_waits_after_a_429(fake: FakeDiscord, client: PlainClient, papers: Channel) -> None:
    channel = client.get_partial_messageable(papers.id)
    fake.fail("429", "POST", "/messages$")
    fake.fail("429 global", "POST", "/messages$")
    await channel.send("x")
    assert [one.status for one in fake.called("POST", "/messages$")] == [429, 429, 200]
    fake.fail("banned", "POST", "/messages$")
    with pytest.raises(discord.HTTPException) as refused:
        await channel.send("y")
    assert refused.value.status == 429


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("missing access", 403, 50001), ("missing permissions", 403, 50013), ("unknown", 404, 10003)],
)
async def test_a_refusal_is_had_for_the_asking(
    fake: FakeDiscord, client: PlainClient, papers: Channel, kind: str, status: int, code: int
) -> None:
    fake.fail(kind, "POST", "/messages$")  # type: ignore[arg-type]
    with pytest.raises(discord.HTTPException) as refused:
        await client.get_partial_messageable(papers.id).send("x")
    assert (refused.value.status, refused.value.code) == (status, code)
    assert fake.posted() == []


async def test_what_the_fake_does_not_know_fails_the_test(fake: FakeDiscord, client: PlainClient) -> None:
    with fake.expecting_refusals() as broken, pytest.raises(discord.NotFound):
        await client.http.get_template("x")
    assert len(broken) == 1
