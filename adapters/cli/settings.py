"""What an operator can set: environment variables `PAPERROUND_*`, or the same names in a `.env` file."""

from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import PaperRoundError
from bot.text import shown


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

    sources: str = "huggingface,arxiv"
    """Which sources the service asks, comma separated."""

    arxiv_categories: str = ""
    """Categories and archives of arXiv that are wanted, comma separated, beside those that rules name."""

    arxiv_rss_url: str = "https://rss.arxiv.org"
    """Where arXiv announces."""

    arxiv_api_url: str = "https://export.arxiv.org"
    """Where arXiv is asked about papers by their ids, and for those of days that are over."""

    arxiv_oai_url: str = "https://oaipmh.arxiv.org"
    """Where arXiv tells what changed."""

    semantic_scholar_key: SecretStr = SecretStr("")
    """The key with which Semantic Scholar is asked; without it, it is not."""

    semantic_scholar_url: str = Field(default="https://api.semanticscholar.org", pattern=r"^https?://\S+$")
    """Where Semantic Scholar answers."""

    openalex_key: SecretStr = SecretStr("")
    """The key with which OpenAlex is asked; without it, it is not."""

    openalex_url: str = Field(default="https://api.openalex.org", pattern=r"^https?://\S+$")
    """Where OpenAlex answers."""

    openreview_user: str = ""
    """The login with which OpenReview is asked: a mail address; without it and its password, it is not."""

    openreview_password: SecretStr = SecretStr("")
    """The login's password."""

    openreview_venues: str = ""
    """The venues whose papers are read there, comma separated, as OpenReview names them."""

    openreview_url: str = Field(default="https://api2.openreview.net", pattern=r"^https?://\S+$")
    """Where OpenReview answers."""

    dblp_url: str = Field(default="https://dblp.org", pattern=r"^https?://\S+$")
    """Where DBLP answers."""

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

    discord_token: SecretStr = SecretStr("")
    """Discord: the bot's token."""

    discord_shard_ids: str = ""
    """Discord: the shards of this process, and how many there are in all, as 0-3/8."""

    discord_api_url: str = Field(default="https://discord.com/api/v10", pattern=r"^https?://\S+$")
    """Where Discord answers."""

    discord_gateway_url: str = Field(default="wss://gateway.discord.gg/", pattern=r"^wss?://\S+$")
    """Where Discord tells what happens, if the shards are set; else it says itself where."""

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

    @field_validator(
        "semantic_scholar_key",
        "openalex_key",
        "openreview_password",
        "slack_bot_token",
        "slack_app_token",
        "slack_signing_secret",
        "slack_client_secret",
    )
    @classmethod
    def _bare(cls, value: SecretStr) -> SecretStr:
        """A secret that was read from a file has the file's last line break, which no header takes."""
        return SecretStr(value.get_secret_value().strip())

    @field_validator("encryption_keys")
    @classmethod
    def _keys(cls, value: SecretStr) -> SecretStr:
        """Each is a key. It is not told what stands there instead: it may be one with a letter too few."""
        if value.get_secret_value():
            from storage.vault import wrong_key  # cryptography takes its time, and most have no key

            keys = _parted_keys(value)
            if wrong := wrong_key(keys):
                which = f"what stands there as key {wrong} of {len(keys)}" if len(keys) > 1 else "what stands there"
                raise ValueError(f"{which} is none; make one with: paperround keys new")
        return value

    @field_validator("arxiv_categories")
    @classmethod
    def _known_categories(cls, value: str) -> str:
        """Each is one into which papers come."""
        from bot.arxiv_categories import find_category, nearest_categories, takes_papers

        for one in filter(None, map(str.strip, value.split(","))):
            if not takes_papers(find_category(one) or ""):
                near = nearest_categories(one, 1)
                meant = f"did you mean {near[0]}?" if near else "write it as in cs.CL"
                raise ValueError(f"arXiv has no category “{shown(one, 40)}”; {meant}")
        return value

    @property
    def keys(self) -> tuple[str, ...]:
        """The encryption keys."""
        return _parted_keys(self.encryption_keys)

    @property
    def named_sources(self) -> tuple[str, ...]:
        """What `sources` names, each once, be it right or not."""
        return tuple(dict.fromkeys(filter(None, map(str.strip, self.sources.split(",")))))

    @property
    def asked(self) -> tuple[str, ...]:
        """Those that the service asks: whoever sets a key wants the source that it is for."""
        keyed = {
            "semanticscholar": self.semantic_scholar_key.get_secret_value(),
            "openalex": self.openalex_key.get_secret_value(),
            "openreview": self.openreview_user and self.openreview_password.get_secret_value(),
        }
        with_keys = (source for source, key in keyed.items() if key)
        return tuple(dict.fromkeys([*self.named_sources, *with_keys])) if self.poll else ()

    @property
    def has_slack(self) -> bool:
        """Whether anything is set that only Slack needs, be it enough or not."""
        secrets = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret, self.slack_client_secret)
        return bool(self.slack_client_id or any(secret.get_secret_value() for secret in secrets))

    @property
    def has_discord(self) -> bool:
        """Whether anything is set that only Discord needs, be it enough or not."""
        return bool(self.discord_token.get_secret_value() or self.discord_shard_ids)

    @property
    def store_url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'paperround.db'}"


def _parted_keys(written: SecretStr) -> tuple[str, ...]:
    return tuple(key.strip() for key in written.get_secret_value().split(",") if key.strip())


def load_settings() -> Settings:
    """Return the settings of this process. Raises SettingsError with the name of a wrong one."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError("the file .env can't be read: it is not UTF-8 text") from None
    except OSError as error:
        raise SettingsError(f"the file .env can't be read: {error.strerror}") from None
    except ValidationError as wrong:
        first = wrong.errors()[0]
        field = str(first["loc"][0])
        raise SettingsError(f"the setting PAPERROUND_{field.upper()} is wrong: {_how(field, first)}") from None


_EXAMPLES = {"public_url": "https://papers.example.org", "contact": "papers@example.org"}


def _how(field: str, wrong: ErrorDetails) -> str:
    """Return what to write instead; pydantic itself speaks of patterns and literals."""
    match wrong["type"]:
        case "bool_parsing":
            return "write on or off"
        case "string_pattern_mismatch":
            return f"write it like {_EXAMPLES.get(field) or Settings.model_fields[field].default}"
        case "literal_error":
            return f"write {wrong['ctx']['expected'].replace(chr(39), '')}"
        case _:
            return wrong["msg"].removeprefix("Value error, ")
