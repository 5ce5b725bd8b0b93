"""Settings that are none: names that begin as ours do, and that nothing reads."""

from dataclasses import dataclass

import structlog
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from adapters.cli.settings import Settings
from bot import text
from bot.likeness import nearest

_OURS = "paperround_"
_OF_TESTS = "paperround_test_"  # as PAPERROUND_TEST_POSTGRES_URL, which the tests read in the same shell

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Misspelt:
    """A name of the environment, or of the file .env, that is no setting; and the setting that may be meant."""

    name: str
    meant: str | None

    @property
    def advice(self) -> str:
        """Return what to do."""
        if self.meant:
            return f"did you mean {self.meant}? else take it out"
        return "take it out; the README says how the settings are called"


def misspelt_settings() -> list[Misspelt]:
    """Return the names that nothing reads, in order. They come as pydantic reads them: in any case."""
    named = {*EnvSettingsSource(Settings).env_vars, *DotEnvSettingsSource(Settings).env_vars}
    ours = {name.removeprefix(_OURS) for name in named if name.startswith(_OURS) and not name.startswith(_OF_TESTS)}
    return [
        Misspelt(text.shown(f"{_OURS}{field}".upper(), 80), near and f"{_OURS}{near}".upper())
        for field in sorted(ours - Settings.model_fields.keys())
        for near in (nearest(field, Settings.model_fields, floor=60),)
    ]


def tell_misspelt() -> None:
    """Warn of each in the log."""
    for each in misspelt_settings():
        log.warning("there is no such setting; nothing reads it", setting=each.name, advice=each.advice)
