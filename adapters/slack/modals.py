"""How forms come and go: opened before anything slow, and answered where they were asked for."""

import json
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import home
from adapters.slack.asking import Askers, Body, user_of
from adapters.slack.blocks import Block
from adapters.slack.buttons import placed
from adapters.slack.context import Slack
from adapters.slack.render import reply_message
from bot.reply import Reply

SOON = 2.0
"""Seconds that may be spent before an answer to Slack, which waits for 3."""


def origin_of(body: Body) -> str:
    """Return where a form is asked for, to be kept in it: the address for private answers, none in the home."""
    channel = body.get("channel_id") or (body.get("channel") or {}).get("id")
    return json.dumps({"url": body.get("response_url"), "channel": channel})


def kept_in(view: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was kept in a form."""
    kept: dict[str, Any] = json.loads(view.get("private_metadata") or "{}")
    return kept


async def open_form(client: AsyncWebClient, body: Body, view: Block) -> Block | None:
    """Open a form; return it as Slack shows it, or None where it is too late, or opened already."""
    try:
        opened = await client.views_open(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as refused:
        if refused.response.get("error") in ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id"):
            return None
        raise
    shown: Block = opened["view"]
    return shown


async def change_form(client: AsyncWebClient, shown: Mapping[str, Any], view: Block) -> None:
    """Put another form in the place of one that is shown; what was typed stays in the fields that both have.

    One that was closed meanwhile, or has changed, is left alone.
    """
    try:
        await client.views_update(view_id=shown["id"], hash=shown.get("hash"), view=view)
    except SlackApiError as refused:
        if refused.response.get("error") not in ("not_found", "hash_conflict"):
            raise


async def was_sent_before(slack: Slack, body: Body) -> bool:
    """Return whether this form arrived before: what Slack sends again acts once."""
    view = body["view"]
    return not await slack.first(f"view {view['id']} {view.get('hash', '')}")


async def tell(askers: Askers, client: AsyncWebClient, body: Body, reply: Reply, channel: str | None = None) -> None:
    """Tell in private what a form did, where it was asked for; `channel` is where its buttons act.

    That is the home where it was opened there. An address for private answers ends after half an hour or five
    answers: then it is a direct message.
    """
    url = kept_in(body["view"]).get("url")
    if not url:
        await home.publish(askers, client, body, reply, channel)
        return
    message = reply_message(reply)
    told: dict[str, Any] = {"text": message.text, "blocks": placed(message.blocks, channel)}
    answer = await AsyncRespond(response_url=url)(**told, response_type="ephemeral", replace_original=False)
    if answer.status_code != 200:
        await client.chat_postMessage(channel=user_of(body), **told)
