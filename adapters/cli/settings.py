"""What an operator can set: environment variables `PAPERROUND_*`, or the same names in a `.env` file."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import PaperRoundError


class SettingsError(PaperRoundError):
    """A setting is wrong; the message names it."""


class Settings(BaseSettings):
    """The settings, with their defaults."""

    model_config = SettingsConfigDict(env_prefix="PAPERROUND_", env_file=".env", extra="ignore")

    data_dir: Path = user_data_path("paperround", appauthor=False)
    """Where the embedded database and the search index live."""

    database_url: str = ""
    """The database; without one, `paperround.db` in the data folder."""

    hf_url: str = "https://huggingface.co"
    """Where Hugging Face answers."""

    contact: str = Field(default="", pattern=r"^$|^[^@\s<>]+@[^@\s<>]+$")
    """A mail address that the sources may write to; sent with every request to them."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "WARNING"
    """What is logged: DEBUG, INFO, WARNING or ERROR."""

    @property
    def store_url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'paperround.db'}"


def load_settings() -> Settings:
    """Return the settings of this process. Raises SettingsError with the name of a wrong one."""
    try:
        return Settings()
    except ValidationError as wrong:
        first = wrong.errors()[0]
        name = f"PAPERROUND_{str(first['loc'][0]).upper()}"
        raise SettingsError(f"the setting {name} is wrong: {first['msg']}") from None
