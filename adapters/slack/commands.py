"""What people type: the slash command, a mention of the bot, and a direct message to it. One grammar for all."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Askers, Body, channel_of, event_of, team_of, user_of
from adapters.slack.context import Slack
from adapters.slack.message import Message
from adapters.slack.render import reply_message

COMMAND = "/papers"

_MENTION = re.compile(r"<@[A-Z0-9]+(?:\|[^>]*)?>")
_LINKED = re.compile(r"<(?:https?://[^|>]*\|)?([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to what people type."""

    @app.command(COMMAND)
    async def typed(ack: AsyncAck, body: Body, respond: AsyncRespond, client: AsyncWebClient) -> None:
        await ack()
        if await slack.first(event_of(body)):
            line = unlinked(str(body.get("text") or ""))
            message = await _answer(body, line, client)
            await respond(text=message.text, blocks=message.blocks, response_type="ephemeral")

    @app.event("app_mention")
    async def mentioned(body: Body, event: Body, client: AsyncWebClient) -> None:
        if await _is_new(body, event, client):
            line = unlinked(_MENTION.sub(" ", str(event.get("text") or "")))
            message = await _answer(body, line, client)
            place: dict[str, Any] = {"channel": event["channel"], "user": event["user"]}
            if event.get("thread_ts"):
                place["thread_ts"] = event["thread_ts"]
            await client.chat_postEphemeral(**place, text=message.text, blocks=message.blocks)

    @app.event("message")
    async def written(body: Body, event: Body, client: AsyncWebClient) -> None:
        said = event.get("channel_type") == "im" and not event.get("subtype") and not event.get("bot_id")
        if said and await _is_new(body, event, client):
            message = await _answer(body, unlinked(str(event.get("text") or "")), client)
            await client.chat_postMessage(channel=event["channel"], text=message.text, blocks=message.blocks)

    async def _is_new(body: Body, event: Body, client: AsyncWebClient) -> bool:
        if event.get("bot_id") or await askers.is_bot(client, team_of(body), user_of(body)):
            return False
        return await slack.first(event_of(body))

    async def _answer(body: Body, line: str, client: AsyncWebClient) -> Message:
        who = await askers.who(client, team_of(body), channel_of(body), user_of(body), line)
        return reply_message(await slack.answer(who, line), line)


def unlinked(line: str) -> str:
    """Return what somebody typed, without what Slack made of it: links in brackets, and entities."""
    plain = _LINKED.sub(r"\1", line)
    for entity, letter in _ENTITIES:
        plain = plain.replace(entity, letter)
    return plain.strip()
