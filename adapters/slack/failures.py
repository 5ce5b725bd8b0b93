"""What nobody foresaw: the person gets an apology with an id, and the log the trace under that id."""

import asyncio
import uuid
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.asking import Body

_BOLT_LOOKS = 0.05
"""Seconds within which bolt, which looks every 0.01 s, has seen that a listener acknowledged.

It forgets that when this handler returns (asyncio_runner.py of slack_bolt 1.30: `ack.response = response`), and then
Slack gets a 404 after 3 s.
"""

log = structlog.get_logger()


def register(app: AsyncApp) -> None:
    """Answer for every listener that raises."""

    @app.error
    async def failed(error: Exception, body: Body, context: AsyncBoltContext) -> None:
        await asyncio.sleep(_BOLT_LOOKS)
        key = uuid.uuid4().hex[:8]
        log.error("a listener failed", id=key, kind=body.get("type") or body.get("command"), exc_info=error)
        sorry = f"Sorry, that went wrong on my side. If it goes on, tell whoever runs me: error {key}."
        told: dict[str, Any] = {"text": sorry, "response_type": "ephemeral", "replace_original": False}
        if context.response_url and context.respond:
            await context.respond(**told)
        elif context.channel_id and context.user_id and context.client:
            await context.client.chat_postEphemeral(channel=context.channel_id, user=context.user_id, text=sorry)
        elif context.user_id and context.client:  # a form, or the home
            await context.client.chat_postMessage(channel=context.user_id, text=sorry)
