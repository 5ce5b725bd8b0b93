"""Links to papers show what they lead to: once per paper, channel and half an hour, and never for a list of links."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Body, event_of, team_of
from adapters.slack.blocks import Block
from adapters.slack.context import Slack
from adapters.slack.paper_blocks import paper_blocks
from adapters.slack.tokens import PLATFORM
from bot.paper import Paper
from bot.references import parse_reference
from bot.reply import paper_line

_TOO_MANY = 3
"""A message with so many links is a list, and its writer has said what they are."""

_WINDOW = 30 * 60


def register(app: AsyncApp, slack: Slack) -> None:
    """Listen to links."""

    @app.event("link_shared")
    async def shared(body: Body, event: Body, client: AsyncWebClient) -> None:
        links = [str(link["url"]) for link in event.get("links", [])]
        if len(links) >= _TOO_MANY or not await slack.first(event_of(body)):
            return
        unfurls: dict[str, Any] = {}
        for url in links:
            paper = await _paper_of(slack, url)
            if paper and await _is_due(slack, team_of(body), str(event.get("channel")), paper):
                unfurls[url] = {"blocks": _preview(paper)}
        if unfurls:
            place = {"channel": event["channel"], "ts": event["message_ts"]}
            if event.get("unfurl_id"):
                place = {"unfurl_id": event["unfurl_id"], "source": event["source"]}
            await client.chat_unfurl(**place, unfurls=unfurls)


async def _paper_of(slack: Slack, url: str) -> Paper | None:
    reference = parse_reference(url)
    if reference is None:
        return None
    async with slack.world.store.read() as session:
        return await session.papers.get(reference.id)


async def _is_due(slack: Slack, team: str, channel: str, paper: Paper) -> bool:
    """Return whether the paper was not shown there within the window (and note that it is shown now)."""
    now = slack.world.clock.now()
    window = int(now.timestamp()) // _WINDOW
    shown = [f"unfurl {team} {channel} {paper.id} {each}" for each in (window - 1, window)]
    async with slack.world.store.write() as session:
        new = [await session.arrivals.first(PLATFORM, each, now) for each in shown]
    return all(new)


def _preview(paper: Paper) -> list[Block]:
    """Return a paper's entry without its button, which a link's preview can't have in every place."""
    return [
        {key: value for key, value in block.items() if key != "accessory"}
        for block in paper_blocks(paper_line(paper), "u", detail=2)
    ]
