"""The `paperround` command. Heavy imports wait inside the commands, so that help comes at once."""

import datetime as dt
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.cli import operators
from adapters.cli.intruders import refuse_intruders
from adapters.cli.process import (
    Json,
    Now,
    carried_out,
    clock_at,
    debugging,
    misused,
    print_out,
    settings_of_process,
)
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.paper_ids import PaperId

app = typer.Typer(
    help="Paper Round: the daily research papers in your team's chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

digests = typer.Typer(help="What the channels' digests would bring.", no_args_is_help=True)
app.add_typer(digests, name="digest")


@app.callback()
def shared(debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a failure.")] = False) -> None:
    """Paper Round: the daily research papers in your team's chat."""
    debugging[:] = [debug]


@app.command()
def demo(
    script: Annotated[Path | None, typer.Option("--script", metavar="FILE", help="Run the lines of a file.")] = None,
    live: Annotated[bool, typer.Option("--live", help="Take the last days from Hugging Face itself.")] = False,
) -> None:
    """Try it now: a local workspace with bundled papers, in this terminal, with no token."""
    from adapters.cli.demo import run_demo

    carried_out(run_demo(settings_of_process(), script, live))


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
    if not carried_out(run_console(settings_of_process(), clock_at(now), who, command or [], as_json)):
        raise typer.Exit(1)


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help="The source, such as huggingface or arxiv.")],
    files: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files for --from-file.")] = None,
    from_file: Annotated[bool, typer.Option("--from-file", help="Read recorded answers from the files.")] = False,
    date: Annotated[str | None, typer.Option("--date", metavar="DAY", help="Ask for that day.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Ask for all days since then; 7d is a week ago.")
    ] = None,
    ids: Annotated[list[str] | None, typer.Option("--id", metavar="ID", help="Ask for that paper.")] = None,
    wishes: Annotated[
        list[str] | None, typer.Option("--for", metavar="TERM", help='Ask for that, such as author:"Ada Byron".')
    ] = None,
    as_json: Json = False,
) -> None:
    """Read papers from a source, once: today's, a day's, all since a day, one, what a rule names, or recorded ones."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.ingest import ingest_days, ingest_files, ingest_ids, ingest_wishes, report_json, report_words
    from adapters.cli.progress import Bar

    clock = SystemClock()
    with Bar() as bar:
        if from_file or files:
            if not files or not from_file or date or since or ids or wishes:
                misused("write: paperround ingest SOURCE --from-file PATH...")
            report = carried_out(ingest_files(settings_of_process(), clock, source, files, bar))
        elif ids:
            if date or since or wishes:
                misused("--id goes without --date, --since and --for")
            report = carried_out(ingest_ids(settings_of_process(), clock, source, _paper_ids(ids)))
        else:
            first, last = _days(source, date, since, clock.now())
            report = carried_out(
                ingest_wishes(settings_of_process(), clock, source, wishes, first)
                if wishes
                else ingest_days(settings_of_process(), clock, source, first, last, bar, bar.tell)
            )
    for failure in report.failures:
        typer.echo(f"paperround: {failure}", err=True)
    print_out(report_json(report) if as_json else report_words(report))
    if report.failed_files:
        raise typer.Exit(1)


@app.command()
def run() -> None:
    """The service: reads the sources and posts every digest when it is due, until it is told to stop."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.logs import SERVICE_LEVEL, take_in_libraries
    from adapters.cli.misspelt import tell_misspelt
    from adapters.cli.service import run_service

    settings = settings_of_process(SERVICE_LEVEL)
    take_in_libraries()
    tell_misspelt()
    carried_out(run_service(settings, SystemClock()))


@digests.command("due")
def digest_due(now: Now = None, as_json: Json = False) -> None:
    """Which digests are due, and what they would bring; nothing is posted, and nothing is written."""
    from adapters.cli.digests import digests_due, due_json, outlook_words

    outlook = carried_out(digests_due(settings_of_process(), clock_at(now)))
    print_out(due_json(outlook.due) if as_json else outlook_words(outlook))


@digests.command("preview")
def digest_preview(
    channel: Annotated[str, typer.Argument(help="The channel, as its platform names it.")],
    now: Now = None,
    as_json: Json = False,
) -> None:
    """What a channel's next digest would bring, as things stand; nothing is posted, and nothing is written."""
    from adapters.cli.digests import digests_previewed, due_json, due_words

    found = carried_out(digests_previewed(settings_of_process(), clock_at(now), channel))
    print_out(due_json(found) if as_json else "\n".join(map(due_words, found)))


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
        misused(str(wrong))
    tell = partial(typer.echo, err=True)
    rows = carried_out(measure(benches, settings_of_process(), data, quick, tell, papers, keep))
    print_out(rows_json(rows) if as_json else rows_table(rows))


def _days(source: str, date: str | None, since: str | None, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that are asked for; today is where the source's days begin."""
    from adapters.cli.sources import SOURCES
    from bot.dates import parse_day

    if date and since:
        misused("--date and --since exclude each other")
    kind = SOURCES.get(source)
    today = now.astimezone(kind.zone if kind else dt.UTC).date()
    if date and kind and kind.back:
        misused(f"{source} has no lists of days; write --since DAY")
    try:
        first = parse_day(date or since or str(today - (kind.back if kind else dt.timedelta())), today)
    except UserError as wrong:
        misused(str(wrong))
    if first > today:
        misused(f"{first} is still to come")
    return first, first if date else today


def _paper_ids(ids: list[str]) -> "list[PaperId]":
    from bot import text
    from bot.references import parse_reference

    found = [(one, parse_reference(one)) for one in ids]
    for one, reference in found:
        if reference is None:
            misused(f"“{text.shown(one)}” is no id of a paper; write it like 2506.01234")
    return [reference.id for _, reference in found if reference]


app.add_typer(operators.app)


def main() -> None:
    """Run the command line: what nobody foresaw is told in one line too, unless `--debug` asks for more."""
    refuse_intruders()
    try:
        app()
    except Exception as unforeseen:
        if any(debugging):
            raise
        sys.stderr.write(
            f"paperround: this should not have happened: {type(unforeseen).__name__}: {unforeseen}."
            " paperround --debug shows where; please report it.\n"
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
