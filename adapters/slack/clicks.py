"""Buttons: each is the command that it stands for, whenever it was made."""

import re

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import home
from adapters.slack.asking import Askers, Body, channel_of, event_of, team_of, user_of
from adapters.slack.buttons import RUN, SHARE, command_of, place_of, placed
from adapters.slack.context import Slack
from adapters.slack.digest import key_of
from adapters.slack.render import reply_message
from adapters.slack.responding import Respond
from bot.vote_edits import VoteEdits, is_vote


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to buttons and menus."""

    @app.action(re.compile(f"^{RUN}:"))
    async def pressed(ack: AsyncAck, body: Body, respond: Respond, client: AsyncWebClient) -> None:
        await ack()
        if not await slack.first(event_of(body)):
            return
        line, channel = command_of(body["actions"][0]), place_of(body["actions"][0])
        reply = await askers.ask(client, body, line, channel)
        if slack.edits and is_vote(line):
            _note(slack.edits, body)
        if (body.get("container") or {}).get("type") == "view":
            await home.publish(askers, client, body, reply, channel)
            return
        message = reply_message(reply, line)
        # A private answer gives way to the next; what all can see stays, and the answer is the presser's alone.
        replaces = bool((body.get("container") or {}).get("is_ephemeral"))
        await respond(
            text=message.text,
            blocks=placed(message.blocks, channel),
            response_type="ephemeral",
            replace_original=replaces,
        )

    @app.action(SHARE)
    async def shared(ack: AsyncAck, body: Body, respond: Respond, client: AsyncWebClient) -> None:
        await ack()
        line = command_of(body["actions"][0])
        shown = (body.get("container") or {}).get("message_ts", "")
        share = f"share {user_of(body)} {shown} {line}"
        if not await slack.first(share):
            return  # a double click, or a second thought: it is there already
        is_there = False
        try:
            reply = await askers.ask(client, body, line)
            message, to = reply_message(reply), "in_channel" if reply.ok else "ephemeral"
            await respond(text=message.text, blocks=message.blocks, response_type=to, replace_original=False)
            is_there = reply.ok
        finally:
            if not is_there:  # the next press is no second one
                await slack.forget(share)


def _note(edits: VoteEdits, body: Body) -> None:
    """Tell whoever keeps the digests' votes right that one was pressed."""
    message = body.get("message")
    message_id, key = (str(message.get("ts", "")), key_of(message)) if message else (None, None)
    edits.pressed(team_of(body), channel_of(body), message_id, key)
