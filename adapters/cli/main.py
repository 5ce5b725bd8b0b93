"""The `paperround` command. Heavy imports wait inside the commands, so that help comes at once."""

import asyncio
import datetime as dt
import sys
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from adapters.cli.intruders import refuse_intruders
from bot.errors import PaperRoundError, UserError

if TYPE_CHECKING:
    from adapters.cli.settings import Settings

app = typer.Typer(
    help="Paper Round: the daily research papers in your team's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

digests = typer.Typer(help="What the channels' digests would bring.", no_args_is_help=True)
app.add_typer(digests, name="digest")
manifests = typer.Typer(help="What a chat platform must know of the bot.", no_args_is_help=True)
app.add_typer(manifests, name="manifest")
keys = typer.Typer(help="The keys with which tokens are stored.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Result = TypeVar("Result")
_debugging = [False]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Now = Annotated[str | None, typer.Option("--now", metavar="TIME", help="Act as if it were that time (ISO 8601).")]


@app.callback()
def shared(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False) -> None:
    """Paper Round: the daily research papers in your team's chat."""
    _debugging[:] = [debug]


@app.command()
def demo(
    script: Annotated[Path | None, typer.Option("--script", metavar="FILE", help="Run the lines of a file.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Take the last days from Hugging Face itself.")] = False,
) -> None:
    """Try it now: a local workspace with bundled papers, in this terminal, with no token."""
    from adapters.cli.demo import run_demo

    _run(run_demo(_settings(), script, live))


@app.command()
def console(
    command: Annotated[list[str] | None, typer.Option("-c", metavar="TEXT", help="Carry out one command.")] = None,
    team: Annotated[str, typer.Option(help="The team.")] = "local",
    user: Annotated[str, typer.Option(help="The member.")] = "me",
    channel: Annotated[str, typer.Option(help="The channel.")] = "#papers",
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Type the chat's commands at the configured store."""
    from adapters.cli.console import PLATFORM, run_console
    from bot.team import Who

    who = Who(PLATFORM, team, channel, user, may_configure=True)
    if not _run(run_console(_settings(), _clock(now), who, command or [], as_json)):
        raise typer.Exit(1)


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help="The source: huggingface.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files for --from-file.")] = None,
    from_file: Annotated[bool, typer.Option("--from-file", help="Read recorded answers from the files.")] = False,
    date: Annotated[str | None, typer.Option("--date", metavar="DAY", help="Ask for that day.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Ask for all days since then.")] = None,
    as_json: Json = False,
) -> None:
    """Read papers from a source, once: today's, a day's, or recorded answers."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.ingest import ingest_days, ingest_files, report_json, report_words
    from adapters.cli.progress import Bar

    clock = SystemClock()
    with Bar() as bar:
        if from_file or files:
            if not files or not from_file or date or since:
                _misused("write: paperround ingest SOURCE --from-file PATH...")
            report = _run(ingest_files(_settings(), clock, source, files, bar))
        else:
            days = _days(date, since, clock.now().date())
            report = _run(ingest_days(_settings(), clock, source, days, bar))
    for failure in report.failures:
        typer.echo(f"paperround: {failure}", err=True)
    _print(report_json(report) if as_json else report_words(report))
    if report.failed_files:
        raise typer.Exit(1)


@app.command()
def run() -> None:
    """The service: reads the sources and posts every digest when it is due, until it is told to stop."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.logs import SERVICE_LEVEL, take_in_libraries
    from adapters.cli.service import run_service

    settings = _settings(SERVICE_LEVEL)
    take_in_libraries()
    _run(run_service(settings, SystemClock()))


@digests.command("due")
def digest_due(now: Now = None, as_json: Json = False) -> None:
    """Which digests are due, and what they would bring; nothing is posted, and nothing is written."""
    from adapters.cli.digests import digests_due, outlook_json, outlook_words

    outlook = _run(digests_due(_settings(), _clock(now)))
    _print(outlook_json(outlook) if as_json else outlook_words(outlook))


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at all that the service needs: settings, store, index, sources, clock, tokens; and how to mend it."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.doctor import checks_json, checks_words, examine
    from adapters.cli.logs import DEFAULT_LEVEL, set_up_logs, take_in_libraries
    from adapters.cli.settings import load_settings

    set_up_logs(DEFAULT_LEVEL)
    take_in_libraries()
    found = _run(examine(load_settings, SystemClock()))
    _print(checks_json(found) if as_json else checks_words(found))
    if any(each.state == "fail" for each in found):
        raise typer.Exit(1)


@manifests.command("slack")
def manifest_slack(
    with_history: Annotated[
        bool, typer.Option("--with-history", help="Ask for the history of channels, to see what has arrived.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The manifest of the Slack app, and a link that makes the app from it."""
    import json

    from adapters.cli.slack import manifest_of

    made, link = manifest_of(_settings(), with_history)
    _print({"manifest": made, "link": link} if as_json else f"{json.dumps(made, indent=2)}\n\n{link}")


@keys.command("new")
def keys_new() -> None:
    """Print a fresh key, to be set first in PAPERROUND_ENCRYPTION_KEYS."""
    from adapters.cli.keys import fresh_key

    _print(fresh_key())


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal every stored token anew with the first key."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.keys import rotate_keys

    _print(_run(rotate_keys(_settings(), SystemClock())))


@app.command()
def restored() -> None:
    """After a backup was put back, before the service starts: nothing that was posted since is posted again."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.restored import restored as mark

    _print(_run(mark(_settings(), SystemClock())))


@app.command()
def reindex() -> None:
    """Build the search index anew; searches go on meanwhile."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.upkeep import reindex as build_anew

    _print(_run(build_anew(_settings(), SystemClock())))


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="What to measure; else all.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A small corpus, and each once.")] = False,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="A folder of recorded days, or a file of papers.")
    ] = None,
    size: Annotated[str, typer.Option(metavar="SIZE", help="Papers of the big store: 10k, 100k or 1m.")] = "10k",
    keep: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the big store is built, and kept.")] = None,
    as_json: Json = False,
) -> None:
    """Measure speed and memory, each beside a yardstick from the same run."""
    from adapters.cli.bench.bench import choose, measure
    from adapters.cli.bench.big_corpus import size_of
    from adapters.cli.bench.rows import rows_json, rows_table

    try:
        benches, papers = choose(names or []), size_of(size)
    except UserError as wrong:
        _misused(str(wrong))
    tell = partial(typer.echo, err=True)
    rows = _run(measure(benches, _settings(), data, quick, tell, papers, keep))
    _print(rows_json(rows) if as_json else rows_table(rows))


def _days(date: str | None, since: str | None, today: dt.date) -> list[dt.date]:
    from bot.dates import parse_day

    if date and since:
        _misused("--date and --since exclude each other")
    try:
        first = parse_day(date or since or str(today), today)
    except UserError as wrong:
        _misused(str(wrong))
    last = first if date else today
    if first > today:
        _misused(f"{first} is still to come")
    return [first + dt.timedelta(days=passed) for passed in range((last - first).days + 1)]


def _settings(level: str | None = None) -> "Settings":
    """Return the settings of this process, and log as they say, else from that level on."""
    from adapters.cli.logs import DEFAULT_LEVEL, set_up_logs
    from adapters.cli.settings import load_settings

    try:
        settings = load_settings()
    except PaperRoundError as wrong:
        _fail(wrong)
    set_up_logs(settings.log_level or level or DEFAULT_LEVEL)
    return settings


def _clock(now: str | None) -> Any:
    from adapters.cli.clock import SetClock, SystemClock, parse_instant

    if now is None:
        return SystemClock()
    try:
        return SetClock(parse_instant(now))
    except ValueError:
        _misused(f"--now {now!r} is no time; write it like 2025-06-12T09:00+02:00")


def _run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; what fails on purpose is told in one line, with exit status 1."""
    try:
        return asyncio.run(work)
    except PaperRoundError as wrong:
        _fail(wrong)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _fail(wrong: PaperRoundError) -> NoReturn:
    if any(_debugging):
        raise wrong
    typer.echo(f"paperround: {wrong}", err=True)
    raise typer.Exit(1)


def _misused(how: str) -> NoReturn:
    typer.echo(f"paperround: {how}", err=True)
    raise typer.Exit(2)


def _print(found: object) -> None:
    import json

    typer.echo(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def main() -> None:
    """Run the command line: what nobody foresaw is told in one line too, unless `--debug` asks for more."""
    refuse_intruders()
    try:
        app()
    except Exception as unforeseen:
        if any(_debugging):
            raise
        sys.stderr.write(
            f"paperround: this should not have happened: {type(unforeseen).__name__}: {unforeseen}."
            " paperround --debug shows where; please report it.\n"
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
