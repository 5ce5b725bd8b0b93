"""Benches of Discord: how soon commands are acknowledged and answered while digests go out, how soon something is
suggested to who types, and rendering a digest.

Everything comes as Discord sends it, by a gateway, through the real discord.py; the yardstick is the plainest bot of
that library in the same run.
"""

import asyncio
import datetime as dt
import json
import timeit
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from statistics import median

from pydantic import SecretStr

from adapters.cli.bench.big_corpus import big_corpus
from adapters.cli.bench.command_rows import peopled_world, typed
from adapters.cli.bench.discord_crowd import PLAIN, Crowd, Typed, connected, crowd, is_at_hand, plain_bot
from adapters.cli.bench.ground import Ground, percentile
from adapters.cli.bench.rows import Row
from adapters.cli.bench.search_rows import drawn
from adapters.cli.clock import SetClock
from adapters.cli.discord import open_discord
from adapters.cli.run import open_world
from adapters.discord.client import PaperRound, make_client
from adapters.discord.context import Discord
from adapters.discord.digest import digest_message
from adapters.discord.names import PLATFORM
from adapters.discord.papers import entry
from adapters.discord.recent import MOST_TITLES, titled
from adapters.discord.syncing import in_sync
from bot import text
from bot.commands.dispatch import answer
from bot.composing import compose_due
from bot.delivery import post_open
from bot.paper import Paper
from bot.ports import World
from bot.team import Who

PER_SECOND = 200
_SUGGESTED_PER_SECOND = 50
_SECONDS, _QUICK_SECONDS = 10, 1
_GUILDS, _QUICK_GUILDS = 1_000, 20
_PEOPLE = 20
_READY_WITHIN = 60
_ACK_MS, _ANSWER_MS, _SUGGESTED_MS, _RENDER_US = 100, 500, 50, 150

_TYPED: Sequence[Typed] = [
    ("papers today", {}),
    ("papers search", {"query": "diffusion"}),
    ("papers trending", {}),
    ("papers search", {"query": "model"}),
    ("papers help", {}),
]


async def discord_commands(ground: Ground) -> list[Row]:
    """200 commands a second while digests go out, beside a bot of discord.py that says a word."""
    if not _can_be_measured(ground):
        return []
    seconds = _QUICK_SECONDS if ground.quick else _SECONDS
    guilds = _QUICK_GUILDS if ground.quick else _GUILDS
    ground.tell(f"{PER_SECOND} commands a second for {seconds} s, while {guilds:,} digests go out")
    clock = ground.clock
    async with crowd() as people:
        places = await people.settle(guilds)
        async with plain_bot(people.settings):
            plain = await people.types(_QUICK_SECONDS, PER_SECOND, PLAIN)
        async with _bot(ground, clock, people) as world:
            await _compose_digests(world, clock, places)
            await people.types(guilds / PER_SECOND + 1, PER_SECOND, _TYPED)  # not measured: a bot is warm, people known
            posts = asyncio.create_task(_post_all(world, guilds))
            told = await people.types(seconds, PER_SECOND, _TYPED)
            await posts
        _all_kept(await people.broken())
    ground.tell(f"{told.posted:,} of {guilds:,} digests went out meanwhile")
    acks, answers = percentile(plain.acks, 99), percentile(plain.answers, 99)
    return [
        Row("discord ack p99", percentile(told.acks, 99), "ms", acks, below=_ACK_MS),
        Row("discord answer p99", percentile(told.answers, 99), "ms", answers, below=_ANSWER_MS),
    ]


async def autocomplete(ground: Ground) -> list[Row]:
    """What is suggested to people who type rules and papers, over the big corpus; beside a bot that suggests a word."""
    if not _can_be_measured(ground):
        return []
    corpus = await big_corpus(ground)
    papers = await drawn(corpus)
    commands = list(_half_typed(papers))
    seconds = _QUICK_SECONDS if ground.quick else _SECONDS
    async with crowd() as people, open_world(corpus.settings, ground.clock) as world:
        await people.settle(_PEOPLE)
        async with plain_bot(people.settings):
            plain = await people.is_suggested(_QUICK_SECONDS, _SUGGESTED_PER_SECOND, PLAIN)
        shared = Discord(world, people.settings)
        client = make_client(shared, at_work=False)  # by itself, it would write into the corpus which commands it told
        async with connected(client, people.settings.token):
            await client.tree.sync()
            await shared.recent.refresh()
            shared.recent.listed = titled(islice(corpus.all_papers(), MOST_TITLES))  # as many as are ever kept
            await people.is_suggested(_QUICK_SECONDS, _SUGGESTED_PER_SECOND, commands[-_SUGGESTED_PER_SECOND:])
            told = await people.is_suggested(seconds, _SUGGESTED_PER_SECOND, commands)
        _all_kept(await people.broken())
    name = f"discord autocomplete p99 at {corpus.name}"
    return [Row(name, percentile(told.acks, 99), "ms", percentile(plain.acks, 99), below=_SUGGESTED_MS)]


async def render(ground: Ground) -> list[Row]:
    """A ten-paper digest, with papers that were not seen before and as the next channel gets it.

    Beside the time that the very same components take to become JSON.
    """
    async with peopled_world(ground) as (world, _):
        post = (await typed(world, "digest preview")).digest
    if post is None:
        raise RuntimeError("the digest brings nothing")
    shown = post
    made = digest_message(shown, "key").payload

    def unseen() -> object:
        entry.cache_clear()
        return digest_message(shown, "key")

    dump = _microseconds(ground, lambda: json.dumps(made))
    new, again = _microseconds(ground, unseen), _microseconds(ground, lambda: digest_message(shown, "key"))
    return [
        Row("discord render digest, new papers", new, "µs", dump, below=_RENDER_US),
        Row("discord render digest, the next channel", again, "µs", dump, below=_RENDER_US),
    ]


def _can_be_measured(ground: Ground) -> bool:
    there = is_at_hand()
    if not there:
        ground.tell("left out: what stands for Discord comes with the project's checkout alone")
    return there


def _microseconds(ground: Ground, work: Callable[[], object]) -> float:
    """Return how long a call takes; the median of batches."""
    work()
    return median([timeit.timeit(work, number=50) / 50 * 1e6 for _ in ground.times(5)])


def _half_typed(papers: Sequence[Paper]) -> Iterator[Typed]:
    """Yield what people have typed so far of papers' authors and titles; each differs from the one before."""
    for number, paper in enumerate(islice((each for each in papers if each.authors), 1_000)):
        name, word = paper.authors[0], max(text.words(paper.title), key=len, default="model")
        match number % 5:
            case 0:
                yield "follow", {"rule": f"author:{name[: 3 + number % 6]}"}
            case 1:
                yield "follow", {"rule": name[:5].replace(":", " ")}
            case 2:
                yield "papers search", {"query": f"{word} author:{name.rpartition(' ')[2][:4]}"}
            case 3:
                yield "papers show", {"paper": word[: 3 + number % 4]}
            case _:
                yield "papers search", {"query": f"cat:{paper.categories[0][:4] if paper.categories else 'cs'}"}


@asynccontextmanager
async def _bot(ground: Ground, clock: SetClock, people: Crowd) -> AsyncIterator[World]:
    """Serve the full store in Discord, as `paperround run` does, until and from when Discord knows its commands."""
    where = people.settings
    told = {"discord_token": SecretStr(where.token), "discord_api_url": where.api_url}
    settings = (await ground.full()).model_copy(update=told | {"discord_gateway_url": where.gateway_url})
    async with open_world(settings, clock) as bare, open_discord(settings, bare) as side:
        async with asyncio.timeout(_READY_WITHIN):
            while not await _is_ready(side.world, side.gateway.client):  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.05)
        yield side.world


async def _is_ready(world: World, client: PaperRound | None) -> bool:
    return client is not None and client.is_ready() and await in_sync(world, client.tree)


async def _compose_digests(world: World, clock: SetClock, places: Sequence[tuple[str, str]]) -> None:
    """Set a digest in each channel, and compose those of the next morning."""
    for guild, channel in places:
        who = Who(PLATFORM, guild, channel, "1", may_configure=True)
        reply = await answer(world, who, "digest on 09:00 Europe/Berlin daily top 10")
        if not reply.ok:
            raise RuntimeError(f"no digest was set: {reply.notice}")
    clock.time += dt.timedelta(days=1)
    if await compose_due(world) != len(places):
        raise RuntimeError("not every channel has a digest")


async def _post_all(world: World, digests: int) -> None:
    done = await post_open(world)
    accepted = sum(each.posting.outcome == "accepted" for each in done)
    if accepted != digests:
        raise RuntimeError(f"{accepted} of {digests} digests were posted")


def _all_kept(broken: Sequence[str]) -> None:
    if broken:
        raise RuntimeError(f"Discord's rules were broken: {broken[:3]}")
