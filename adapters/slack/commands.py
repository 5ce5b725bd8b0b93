"""What people type: the slash command, a mention of the bot, and a direct message to it. One grammar for all."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.asking import Askers, Body, event_of
from adapters.slack.blocks import action_rows
from adapters.slack.context import Slack
from adapters.slack.digest_form import open_digest_form
from adapters.slack.form_parts import DIGEST, DIGEST_BUTTON, FOLLOW, FOLLOW_BUTTON
from adapters.slack.message import Message
from adapters.slack.render import reply_message
from adapters.slack.responding import Respond
from bot.commands.dispatch import find_command
from bot.errors import UserError
from bot.reply import Reply

COMMAND = "/papers"

_USER = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+\|([^>]*)>")
_LINKED = re.compile(r"<(?:(?:https?://|mailto:|tel:)[^|>]*\|)?([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to what people type."""

    @app.command(COMMAND)
    async def typed(ack: AsyncAck, body: Body, respond: Respond, client: AsyncWebClient) -> None:
        await ack()
        line = unlinked(str(body.get("text") or ""))
        # A trigger lives for 3 s: the form is opened before anything else, and a trigger opens one form only.
        opened = form_for(line) == DIGEST and await open_digest_form(askers, client, body)
        if await slack.first(event_of(body)):
            message = await _answer(body, line, client, opened)
            await respond(text=message.text, blocks=message.blocks, response_type="ephemeral")

    @app.event("app_mention")
    async def mentioned(body: Body, event: Body, context: AsyncBoltContext, client: AsyncWebClient) -> None:
        if await _is_new(body, event, client):
            line = unlinked(str(event.get("text") or "").replace(f"<@{context.bot_user_id}>", " "))
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
        if event.get("bot_id") or await askers.is_bot(client, body):
            return False
        return await slack.first(event_of(body))

    async def _answer(body: Body, line: str, client: AsyncWebClient, opened: bool = False) -> Message:
        form = form_for(line)
        if form == DIGEST:
            return with_form(reply_message(Reply(notice=f"{_OPENED if opened else _BUTTON} {_TYPED}")), form)
        message = reply_message(await askers.ask(client, body, line), line)
        return with_form(message, form) if form else message


_OPENED = "The form for a digest is open; the button opens it again."
_BUTTON = "The button opens a form for a digest."
_TYPED = "To type it instead: digest on 09:00 Europe/Berlin weekdays top 5 -- cat:cs.CL"
_FORMS = {"follow": FOLLOW, "digest on": DIGEST}


def form_for(line: str) -> str | None:
    """Return the form that asks for what a line leaves open: that of a command with nothing behind it."""
    try:
        command, rest = find_command(line)
    except UserError:
        return None
    return None if rest else _FORMS.get(command.name)


def with_form(message: Message, form: str) -> Message:
    """Return a message with the button that opens a form."""
    button = FOLLOW_BUTTON if form == FOLLOW else DIGEST_BUTTON
    return Message(message.text, [*message.blocks, *action_rows([button])])


def unlinked(line: str) -> str:
    """Return what somebody typed, without what Slack made of it: links in brackets, mentions, and entities.

    A team mate is named by the id that Slack gives: `by:<@U123|ana>` is `by:@U123`.
    """
    plain = _LINKED.sub(r"\1", _CHANNEL.sub(r"#\1", _USER.sub(r"@\1", line)))
    for entity, letter in _ENTITIES:
        plain = plain.replace(entity, letter)
    return plain.strip()
