"""The first words, to whoever installed the app and to nobody else: nothing is posted in a channel before."""

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import error_of
from adapters.slack.render import reply_message
from adapters.slack.tokens import Installation
from bot.reply import Action, Reply

log = structlog.get_logger()

_FIRST = Reply(
    heading="Welcome to Paper Round",
    notice=(
        "I bring the daily research papers to your team; nothing is posted before you say where. Which channel? Invite"
        " me there, and type in it: /papers digest on 09:00, with the time you like. Which topics? Add them behind two"
        " dashes: /papers digest on 09:00 -- cat:cs.CL agents. What would it bring? /papers digest preview shows it to"
        " you alone. And here, in this talk, everything works without the /papers: try today."
    ),
    actions=(Action("Today's papers", "today"), Action("All commands", "help")),
)


async def welcome(client: AsyncWebClient, installation: Installation) -> bool:
    """Write to the installer; False where Slack did not say who that is, or does not let us."""
    if installation.installer is None:
        return False
    message = reply_message(_FIRST)
    try:
        await client.chat_postMessage(
            token=installation.token, channel=installation.installer, text=message.text, blocks=message.blocks
        )
    except SlackApiError as refused:
        log.warning("the installer could not be welcomed", team=installation.team, reason=error_of(refused))
        return False
    return True
