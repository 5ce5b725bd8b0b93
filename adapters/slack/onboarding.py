"""The first words, to whoever installed the app and to nobody else: nothing is posted in a channel before."""

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of
from adapters.slack.blocks import action_rows, context, header, section
from adapters.slack.buttons import buttons
from adapters.slack.form_parts import DIGEST_BUTTON
from adapters.slack.message import Message
from adapters.slack.tokens import Installation
from bot.reply import Action

log = structlog.get_logger()

_HELLO = "I bring the daily research papers to your team. Nothing is posted in any channel before you say so."
_QUESTIONS = (
    "*Which channel?* Invite me there first: type `/invite @papers` in it.\n"
    "*Which topics? What time?* Press *Set up a digest*. The form asks for both, shows what it would bring, and begins"
    " with *Start*.\n"
    "*What is a digest like?* Press *Preview*. You alone see it."
)
_HERE = "In this conversation every command works without the /papers: try `today`, or `search diffusion`."
_ACTIONS = (
    Action("Preview", "digest preview 09:00"),
    Action("Today's papers", "today"),
    Action("All commands", "help"),
)


def first_message() -> Message:
    """Return the first words, with the form for a digest, and a preview of one."""
    asked = action_rows([DIGEST_BUTTON, *buttons(_ACTIONS)])
    blocks = [header("Welcome to Paper Round"), section(_HELLO), section(_QUESTIONS), *asked, context([_HERE])]
    return Message(f"Welcome to Paper Round. {_HELLO}", blocks)


async def welcome(client: AsyncWebClient, installation: Installation) -> bool:
    """Write to the installer; False where Slack did not say who that is, or does not let us."""
    if installation.installer is None:
        return False
    message = first_message()
    try:
        await client.chat_postMessage(
            token=installation.token, channel=installation.installer, text=message.text, blocks=message.blocks
        )
    except SlackApiError as refused:
        log.warning("the installer could not be welcomed", team=installation.team, reason=error_of(refused))
        return False
    return True
