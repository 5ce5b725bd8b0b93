"""What Slack's libraries may log: nothing below a warning, whatever level somebody sets, for there they log secrets.

At DEBUG slack_sdk writes down what it sends and gets: a client's secret, an installation's token, the address of a
socket. At INFO bolt writes down the whole body of a badly signed request. Seen in slack_sdk 3.47 and slack_bolt 1.30.
"""

import logging

LIBRARY = logging.getLogger("paperround.slack.library")
"""The logger that bolt is given: its own take over the level and the filter."""

_LOUD = (
    "slack_sdk.web.async_base_client",
    "slack_sdk.web.async_slack_response",
    "slack_sdk.webhook.async_client",
    "slack_sdk.socket_mode.aiohttp",
)


def keep_quiet() -> None:
    """Let the libraries' loggers drop what is below a warning."""
    LIBRARY.setLevel(logging.WARNING)
    for logger in (LIBRARY, *map(logging.getLogger, _LOUD)):
        logger.addFilter(_is_grave)  # a filter holds even where the level is set to DEBUG; a second one is none


def _is_grave(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
