"""The commands that look after a service: what it lacks, its keys, its backups, and what platforms must know of it."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.process import Json, carried_out, print_out, settings_of_process

app = typer.Typer()
manifests = typer.Typer(help="What a chat platform must know of the bot.", no_args_is_help=True)
keys = typer.Typer(help="The keys with which tokens are stored.", no_args_is_help=True)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at all that the service needs: settings, store, index, sources, clock, tokens; and how to mend it."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.doctor import checks_json, checks_words, examine
    from adapters.cli.logs import DEFAULT_LEVEL, set_up_logs, take_in_libraries
    from adapters.cli.settings import load_settings

    set_up_logs(DEFAULT_LEVEL)
    take_in_libraries()
    found = carried_out(examine(load_settings, SystemClock()))
    print_out(checks_json(found) if as_json else checks_words(found))
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

    made, link = manifest_of(settings_of_process(), with_history)
    print_out({"manifest": made, "link": link} if as_json else f"{json.dumps(made, indent=2)}\n\n{link}")


@keys.command("new")
def keys_new() -> None:
    """Print a fresh key, to be set first in PAPERROUND_ENCRYPTION_KEYS."""
    from adapters.cli.keys import fresh_key

    print_out(fresh_key())


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal every stored token anew with the first key."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.keys import rotate_keys

    print_out(carried_out(rotate_keys(settings_of_process(), SystemClock())))


@app.command()
def migrate() -> None:
    """Bring the store's tables to this version; every start does so by itself."""
    from adapters.cli.upkeep import migrate as bring_up_to_date

    print_out(carried_out(bring_up_to_date(settings_of_process())))


@app.command()
def backup(path: Annotated[Path, typer.Argument(help="The file to be written; it must not be there yet.")]) -> None:
    """Copy the store to a file, while the service goes on."""
    from adapters.cli.upkeep import backup as copy_store

    print_out(carried_out(copy_store(settings_of_process(), path)))


@app.command()
def restored() -> None:
    """After a backup was put back, before the service starts: nothing that was posted since is posted again."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.restored import restored as mark

    print_out(carried_out(mark(settings_of_process(), SystemClock())))


@app.command()
def reindex() -> None:
    """Build the search index anew; searches go on meanwhile."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.upkeep import reindex as build_anew

    print_out(carried_out(build_anew(settings_of_process(), SystemClock())))


app.add_typer(manifests, name="manifest")
app.add_typer(keys, name="keys")
