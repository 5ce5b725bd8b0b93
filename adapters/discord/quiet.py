"""What discord.py may log: nothing below a warning, whatever level somebody sets, for there it logs secrets.

Nor that it can't speak, which nobody wants of it: it warns of that in every process. Seen in its client.py.

At DEBUG it writes down every event of the gateway and the address of every answer, both with the interaction's token,
with which anybody may answer in our name for 15 minutes. Seen in discord.py 2.7.1: gateway.py, webhook/async_.py.
"""

import logging

import discord

_LIBRARY = "discord"


def keep_quiet() -> None:
    """Let the library's loggers drop what is below a warning; called once all of it is imported."""
    for name in [_LIBRARY, *(each for each in logging.root.manager.loggerDict if each.startswith(f"{_LIBRARY}."))]:
        logging.getLogger(name).addFilter(_is_grave)  # a filter holds even where the level is set to DEBUG
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False


def _is_grave(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
