"""Shortcuts: finding papers from anywhere, and what can be done with the papers in a message."""

import re
from collections.abc import Iterator
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Askers, Body, event_of, user_of
from adapters.slack.context import Slack
from adapters.slack.render import reply_message
from bot.references import parse_reference
from bot.reply import Reply

FIND, SAVE, FOLLOW = "find_papers", "save_papers", "follow_authors"
SHORTCUTS = (
    {"name": "Find papers", "type": "global", "callback_id": FIND, "description": "Search the daily papers"},
    {"name": "Save papers", "type": "message", "callback_id": SAVE, "description": "Save the papers in this message"},
    {"name": "Follow authors", "type": "message", "callback_id": FOLLOW, "description": "Follow its papers' authors"},
)

_MOST = 5
_ADDRESS = re.compile(r"https?://[^\s<>|]+|\b\d{4}\.\d{4,5}\b")


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to the shortcuts."""

    @app.shortcut(FIND)
    async def finds(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=_search_form())

    @app.view(FIND)
    async def found(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        typed = str(body["view"]["state"]["values"]["words"]["words"].get("value") or "")
        if await slack.first(f"view {body['view'].get('id')} {body['view'].get('hash')}"):
            message = reply_message(await askers.ask(client, body, f"search {typed}"))
            await client.chat_postMessage(channel=user_of(body), text=message.text, blocks=message.blocks)

    @app.shortcut(SAVE)
    async def saves(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        await _for_each(body, respond, client, "save {}")

    @app.shortcut(FOLLOW)
    async def follows(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        if await slack.first(event_of(body)):
            said = [await _authors_of(paper) for paper in papers_in(body["message"])[:_MOST]]
            lines = [f'follow author:"{name}"' for names in said for name in names]
            replies = [await askers.ask(client, body, line) for line in lines]
            await _tell(respond, replies, "follow")

    async def _authors_of(paper: str) -> list[str]:
        reference = parse_reference(paper)
        if reference is None:
            return []
        async with slack.world.store.read() as session:
            known = await session.papers.get(reference.id)
        return [name.replace('"', "") for name in known.authors[:_MOST]] if known else []

    async def _for_each(body: Body, respond: AsyncRespond, client: AsyncWebClient, line: str) -> None:
        if await slack.first(event_of(body)):
            papers = papers_in(body["message"])[:_MOST]
            await _tell(respond, [await askers.ask(client, body, line.format(paper)) for paper in papers], "save")


async def _tell(respond: AsyncRespond, replies: list[Reply], verb: str) -> None:
    notices = [reply.notice for reply in replies if reply.notice]
    told = Reply(notice=" ".join(notices)) if notices else Reply(notice=f"There is no paper in it to {verb}.", ok=False)
    message = reply_message(told)
    await respond(text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False)


def papers_in(message: Body) -> list[str]:
    """Return the papers that a message links or names, as they stand there, each once."""
    found = [reference for words in _texts(message) for reference in _ADDRESS.findall(words)]
    return [paper for paper in dict.fromkeys(found) if parse_reference(paper)]


def _texts(message: Any) -> Iterator[str]:
    """Yield all text in a message: also in its blocks and attachments."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, dict):
        for key, value in message.items():
            if key in ("text", "blocks", "elements", "attachments", "url", "fallback", "title_link", "from_url"):
                yield from _texts(value)
    elif isinstance(message, list):
        for value in message:
            yield from _texts(value)


def _search_form() -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": FIND,
        "title": {"type": "plain_text", "text": "Find papers"},
        "submit": {"type": "plain_text", "text": "Search"},
        "close": {"type": "plain_text", "text": "Cancel"},
        "blocks": [
            {
                "type": "input",
                "block_id": "words",
                "label": {"type": "plain_text", "text": "Words, phrases and facets"},
                "hint": {"type": "plain_text", "text": 'For example: diffusion -video author:"Yann LeCun"'},
                "element": {
                    "type": "plain_text_input",
                    "action_id": "words",
                    "max_length": 1_000,
                    "focus_on_load": True,
                },
            }
        ],
    }
