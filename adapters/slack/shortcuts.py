"""Shortcuts: finding papers from anywhere, and what can be done with the papers in a message."""

from collections.abc import Iterator
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Askers, Body, event_of, user_of
from adapters.slack.context import Slack
from adapters.slack.render import reply_message
from adapters.slack.responding import Respond
from bot.message_papers import lines_to_follow, lines_to_save, papers_in, together
from bot.reply import Reply

FIND, SAVE, FOLLOW = "find_papers", "save_papers", "follow_authors"
SHORTCUTS = (
    {"name": "Find papers", "type": "global", "callback_id": FIND, "description": "Search the daily papers"},
    {"name": "Save papers", "type": "message", "callback_id": SAVE, "description": "Save the papers in this message"},
    {"name": "Follow authors", "type": "message", "callback_id": FOLLOW, "description": "Follow its papers' authors"},
)


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
    async def saves(ack: AsyncAck, body: Body, respond: Respond, client: AsyncWebClient) -> None:
        await ack()
        if await slack.first(event_of(body)):
            lines = lines_to_save(papers_in(texts_of(body["message"])))
            await _tell(respond, [await askers.ask(client, body, line) for line in lines], "save")

    @app.shortcut(FOLLOW)
    async def follows(ack: AsyncAck, body: Body, respond: Respond, client: AsyncWebClient) -> None:
        await ack()
        if await slack.first(event_of(body)):
            lines = await lines_to_follow(slack.world, papers_in(texts_of(body["message"])))
            await _tell(respond, [await askers.ask(client, body, line) for line in lines], "follow")


async def _tell(respond: Respond, replies: list[Reply], verb: str) -> None:
    message = reply_message(together(replies, verb))
    await respond(text=message.text, blocks=message.blocks, response_type="ephemeral", replace_original=False)


def texts_of(message: Any) -> Iterator[str]:
    """Yield all text in a message: also in its blocks and attachments."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, dict):
        for key, value in message.items():
            if key in ("text", "blocks", "elements", "attachments", "url", "fallback", "title_link", "from_url"):
                yield from texts_of(value)
    elif isinstance(message, list):
        for value in message:
            yield from texts_of(value)


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
