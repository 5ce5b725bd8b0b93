"""On which platforms the journeys are played, and which of them on one alone, with the reason."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager

from tests.journeys.on_discord import discord
from tests.journeys.on_slack import slack
from tests.journeys.on_terminal import terminal
from tests.journeys.stage import Stage

STAGES: Mapping[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "terminal": terminal,
    "slack": slack,
    "discord": discord,
}

NO_MESSAGE = "it calls a function of the core, and nothing is shown"
MACHINES = "it is about JSON for machines, which no platform shows"
TIME = "it measures the core's time; the bench measures that of platforms"
GRAMMAR = "it is about what the core makes of a line; hundreds of them would tell nothing more of a platform"
THE_STAGE = "it is about how the stage reads that platform's messages, or what that platform alone does with words"

ON_ONE: Mapping[str, tuple[str, str]] = {
    "test_suggestions.py": ("terminal", NO_MESSAGE),
    "test_a_crash_between_composing_and_posting_loses_nothing": ("terminal", NO_MESSAGE),
    "test_whatever_stands_behind_a_command_is_answered": ("terminal", GRAMMAR),
    "test_a_search_is_quick_even_when_it_is_corrected": ("terminal", TIME),
    "test_every_reply_is_json_of_the_documented_shape": ("terminal", MACHINES),
    "test_machines_get_ids_and_reasons": ("terminal", MACHINES),
    "test_machines_are_told_no_passages": ("terminal", MACHINES),
    "test_on_slack.py": ("slack", THE_STAGE),
    "test_on_discord.py": ("discord", THE_STAGE),
}
"""Tests, or whole files of them, by name, that are played on one platform alone, and why. (Those of
`test_postgresql.py` have two worlds, and set their own stage.)"""


def platforms_of(file: str, test: str) -> list[str]:
    """Return the platforms on which a test is played."""
    alone = ON_ONE.get(file) or ON_ONE.get(test)
    return [alone[0]] if alone else list(STAGES)
