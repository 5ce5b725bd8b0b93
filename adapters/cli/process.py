"""What every `paperround` command does alike: settings, the clock, one line for a failure, and what is printed."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from bot.errors import PaperRoundError, UserError

if TYPE_CHECKING:
    from adapters.cli.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Now = Annotated[str | None, typer.Option("--now", metavar="TIME", help="Act as if it were that time (ISO 8601).")]

Result = TypeVar("Result")
debugging = [False]


class MisuseError(UserError):
    """What was typed behind the command can't be meant: exit status 2."""


def settings_of_process(level: str | None = None) -> "Settings":
    """Return the settings of this process, and log as they say, else from that level on."""
    from adapters.cli.logs import DEFAULT_LEVEL, set_up_logs
    from adapters.cli.settings import load_settings

    try:
        settings = load_settings()
    except PaperRoundError as wrong:
        failed(wrong)
    set_up_logs(settings.log_level or level or DEFAULT_LEVEL)
    return settings


def clock_at(now: str | None) -> Any:
    from adapters.cli.clock import SetClock, SystemClock, parse_instant

    if now is None:
        return SystemClock()
    try:
        return SetClock(parse_instant(now))
    except ValueError:
        misused(f"--now “{now}” is no time; write it like 2025-06-12T09:00+02:00")


def carried_out(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; what fails on purpose is told in one line, with exit status 1, or 2 for wrong usage."""
    try:
        return asyncio.run(work)
    except MisuseError as wrong:
        misused(str(wrong))
    except PaperRoundError as wrong:
        failed(wrong)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def failed(wrong: PaperRoundError) -> NoReturn:
    if any(debugging):
        raise wrong
    typer.echo(f"paperround: {wrong}", err=True)
    raise typer.Exit(1)


def misused(how: str) -> NoReturn:
    typer.echo(f"paperround: {how}", err=True)
    raise typer.Exit(2)


def print_out(found: object) -> None:
    import json

    typer.echo(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))
