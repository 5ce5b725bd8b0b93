"""What an operator can set: environment variables `PAPERROUND_*`, or the same names in a `.env` file."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
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

    poll: bool = True
    """Whether the service asks the sources on the network."""

    inbox: Path | None = None
    """A folder from which the service takes recorded answers of Hugging Face."""

    slack_bot_token: SecretStr = SecretStr("")
    """Slack: the bot's token of a single workspace."""

    slack_app_token: SecretStr = SecretStr("")
    """Slack: the app's token for Socket Mode."""

    slack_signing_secret: SecretStr = SecretStr("")
    """Slack: what requests over HTTP are signed with."""

    slack_client_id: str = ""
    """Slack: the app that many workspaces may install."""

    slack_client_secret: SecretStr = SecretStr("")
    """Slack: its secret."""

    slack_with_history: bool = False
    """Slack: whether workspaces that install the app are asked for the history of their channels."""

    slack_api_url: str = Field(default="https://slack.com/api/", pattern=r"^https?://\S+$")
    """Where Slack answers."""

    encryption_keys: SecretStr = SecretStr("")
    """The keys with which tokens are stored, comma separated; the first seals, each opens."""

    public_url: str = Field(default="", pattern=r"^$|^https?://\S+$")
    """Where the service's web side is reached from outside."""

    http_bind: str = Field(default="127.0.0.1:8585", pattern=r"^(\[[0-9a-fA-F:.]+\]|[^:\s]+):[0-9]{1,5}$")
    """Where the service's web side is served: host and port."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] | None = None
    """What is logged; without it, what the command thinks right (`logs.DEFAULT_LEVEL`, the service tells more)."""

    @field_validator("inbox", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """An empty variable sets nothing: it would name the folder in which the service was started."""
        return value or None

    @property
    def keys(self) -> tuple[str, ...]:
        """The encryption keys."""
        return tuple(key.strip() for key in self.encryption_keys.get_secret_value().split(",") if key.strip())

    @property
    def has_slack(self) -> bool:
        """Whether anything is set that only Slack needs, be it enough or not."""
        secrets = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret, self.slack_client_secret)
        return bool(self.slack_client_id or any(secret.get_secret_value() for secret in secrets))

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
