"""Benches of Slack: how soon commands are acknowledged and answered while digests go out, and rendering a digest.

The commands come as Slack sends them, signed and over HTTP, through the real slack_bolt; what stands for Slack is an
address that accepts everything.
"""

import asyncio
import datetime as dt
import json
import sys
import timeit
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from statistics import median
from typing import Any

from pydantic import SecretStr
from slack_sdk.models.blocks import (
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    SectionBlock,
)

from adapters.cli.bench.command_rows import peopled_world, typed
from adapters.cli.bench.ground import Ground, percentile
from adapters.cli.bench.rows import Row
from adapters.cli.bench.slack_crowd import PER_SECOND, SECRET, TEAM
from adapters.cli.clock import SetClock
from adapters.cli.run import open_world
from adapters.cli.slack import open_slack
from adapters.slack.digest import digest_message
from adapters.slack.paper_blocks import paper_blocks
from adapters.slack.tokens import PLATFORM
from adapters.web.server import serving
from bot.commands.dispatch import answer
from bot.composing import compose_due
from bot.delivery import post_open
from bot.ports import World
from bot.reply import DigestPost
from bot.team import Who

_SECONDS, _QUICK_SECONDS = 10, 2
_CHANNELS, _QUICK_CHANNELS = 1_000, 50
_ACK_MS, _ANSWER_MS, _RENDER_US = 100, 500, 150


async def slack(ground: Ground) -> list[Row]:
    """200 commands a second while digests go out, beside an address that does nothing; and a digest's rendering."""
    seconds = _QUICK_SECONDS if ground.quick else _SECONDS
    channels = _QUICK_CHANNELS if ground.quick else _CHANNELS
    ground.tell(f"{PER_SECOND} commands a second for {seconds} s, while {channels:,} digests go out")
    clock = ground.clock
    async with _crowd() as (platform, type_for), _bot(ground, clock, platform) as (world, address):
        await _compose_digests(world, clock, channels)
        await type_for(_QUICK_SECONDS, f"{address}/slack/events")  # not measured: a bot is warm
        posts = asyncio.create_task(_post_all(world, channels))
        told = await type_for(seconds, f"{address}/slack/events")
        await posts
        plain = percentile((await type_for(_QUICK_SECONDS, "nothing"))["acks"], 99)
    ground.tell(f"{told['posted']:,} of {channels:,} digests went out meanwhile")
    return [
        Row("slack ack p99", percentile(told["acks"], 99), "ms", plain, below=_ACK_MS),
        Row("slack answer p99", percentile(told["answers"], 99), "ms", plain, below=_ANSWER_MS),
    ]


@asynccontextmanager
async def _crowd() -> AsyncIterator[tuple[str, Callable[[int, str], Awaitable[dict[str, Any]]]]]:
    """Start the crowd; yield where Slack is to be, and what lets it type for some seconds at an address."""
    command = [sys.executable, "-c", "from adapters.cli.bench.slack_crowd import main; main()"]
    crowd = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=16 * 1024 * 1024
    )
    if crowd.stdin is None or crowd.stdout is None:
        raise RuntimeError("the crowd can't be spoken to")
    to_crowd, from_crowd = crowd.stdin, crowd.stdout

    async def told() -> Any:
        async with asyncio.timeout(120):
            line = await from_crowd.readline()
        if not line:
            raise RuntimeError("the crowd has gone")
        return json.loads(line)

    async def type_for(seconds: int, address: str) -> dict[str, Any]:
        to_crowd.write(f"{seconds} {address}\n".encode())
        found: dict[str, Any] = await told()
        return found

    try:
        yield await told(), type_for
    finally:
        to_crowd.close()
        async with asyncio.timeout(10):
            await crowd.wait()


async def render(ground: Ground) -> list[Row]:
    """A ten-paper digest, with papers that were not seen before and as the next channel gets it, as JSON.

    Beside the same blocks made by slack_sdk's models.
    """
    async with peopled_world(ground) as (world, _):
        post = (await typed(world, "digest preview")).digest
    if post is None:
        raise RuntimeError("the digest brings nothing")
    models = _microseconds(ground, lambda: [block.to_dict() for block in _by_models(post)])
    new = _microseconds(ground, lambda: [paper_blocks(line, f"p{place}") for place, line in enumerate(post.papers)])
    again = _microseconds(ground, lambda: digest_message(post))
    return [
        Row("slack render, new papers", new, "µs", models, below=_RENDER_US),
        Row("slack render, the next channel", again, "µs", models, below=_RENDER_US),
    ]


def _microseconds(ground: Ground, work: Callable[[], object]) -> float:
    """Return how long a call takes; the median of batches."""
    work()
    batches = [timeit.timeit(work, number=50) / 50 * 1e6 for _ in ground.times(5)]
    return median(batches)


def _by_models(post: DigestPost) -> list[Block]:
    """Return the digest's blocks as whoever trusts slack_sdk's models makes them."""
    blocks: list[Block] = [HeaderBlock(text=post.heading[:150])]
    for number, line in enumerate(post.papers):
        facts = f"*{line.votes} votes* · {line.label} · {', '.join(line.authors[:3])}"
        words = f"*<{line.url}|{line.title}>*\n{facts}\n{(line.summary or '')[:220]}\n↳ _{'; '.join(line.why)}_"
        vote = ButtonElement(text="Vote", action_id=f"run:p{number}v", value=f"vote {line.label}")
        blocks.append(SectionBlock(text=MarkdownTextObject(text=words[:3_000], verbatim=True), accessory=vote))
    return [*blocks, ContextBlock(elements=[MarkdownTextObject(text=post.footer)])]


@asynccontextmanager
async def _bot(ground: Ground, clock: SetClock, platform: str) -> AsyncIterator[tuple[World, str]]:
    """Serve the full store in Slack."""
    told = {"slack_bot_token": SecretStr("xoxb-bench"), "slack_signing_secret": SecretStr(SECRET)}
    settings = (await ground.full()).model_copy(update=told | {"slack_api_url": f"{platform}/api/"})
    async with (
        open_world(settings, clock) as bare,
        open_slack(settings, bare) as slack_side,
        serving("127.0.0.1:0", slack_side.routes, slack_side.world, lambda: ["slack"]) as address,
    ):
        yield slack_side.world, address


async def _compose_digests(world: World, clock: SetClock, channels: int) -> None:
    """Set a digest in each channel, and compose those of the next morning."""
    for number in range(channels):
        who = Who(PLATFORM, TEAM, f"C{number:09}", "U1", may_configure=True)
        reply = await answer(world, who, "digest on 09:00 Europe/Berlin daily top 10")
        if not reply.ok:
            raise RuntimeError(f"no digest was set: {reply.notice}")
    clock.time += dt.timedelta(days=1)
    if await compose_due(world) != channels:
        raise RuntimeError("not every channel has a digest")


async def _post_all(world: World, channels: int) -> None:
    done = await post_open(world)
    if len(done) != channels:
        raise RuntimeError(f"{len(done)} of {channels} digests were posted")
