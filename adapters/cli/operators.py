"""The commands that look after a service: what it lacks, its keys, its backups, and what platforms must know of it."""

from pathlib import Path
from typing import Annotated

import typer

from adapters.cli.process import Json, carried_out, failed, print_out, settings_of_process
from bot.errors import PaperRoundError

app = typer.Typer()
manifests = typer.Typer(help="What a chat platform must know of the bot.", no_args_is_help=True)
keys = typer.Typer(help="The keys with which tokens are stored.", no_args_is_help=True)
invitations = typer.Typer(help="The link by which a chat platform lets the bot in.", no_args_is_help=True)
discords = typer.Typer(help="What Discord must know of the bot.", no_args_is_help=True)
names = typer.Typer(help="Which spellings of organisations are one.", no_args_is_help=True)


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

    try:
        made, link = manifest_of(settings_of_process(), with_history)
    except PaperRoundError as wrong:
        failed(wrong)
    print_out({"manifest": made, "link": link} if as_json else f"{json.dumps(made, indent=2)}\n\n{link}")


@invitations.command("discord")
def invite_discord(as_json: Json = False) -> None:
    """The link that invites the bot to a Discord server, with exactly the permissions that it uses."""
    from adapters.cli.discord import invitation, invitation_words

    found = carried_out(invitation(settings_of_process()))
    print_out(found if as_json else invitation_words(found))


@discords.command("sync")
def discord_sync() -> None:
    """Tell Discord the slash commands, even where it was told them before; the service does so when they changed."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.discord import sync_commands

    print_out(carried_out(sync_commands(settings_of_process(), SystemClock())))


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
def unmerge(paper: Annotated[str, typer.Argument(help="The id of the work that is not the same.")]) -> None:
    """Part two works that were taken for one paper; they stay two, whatever a source says."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.unmerge import part

    print_out(carried_out(part(settings_of_process(), SystemClock(), paper)))


@app.command()
def reindex() -> None:
    """Build the search index anew; searches go on meanwhile."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.upkeep import reindex as build_anew

    print_out(carried_out(build_anew(settings_of_process(), SystemClock())))


@names.command("list")
def organisation_list(as_json: Json = False) -> None:
    """The organisations of the stored papers, and which spellings are folded into each."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.organisations import organisations, organisations_words

    found = carried_out(organisations(settings_of_process(), SystemClock()))
    print_out(found if as_json else organisations_words(found))


@names.command("fold")
def organisation_fold(
    spelling: Annotated[str, typer.Argument(help="How papers may spell it; twice the same: leave it alone.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
) -> None:
    """Call an organisation by one name, in stored papers too."""
    from adapters.cli.clock import SystemClock
    from adapters.cli.organisations import fold

    print_out(carried_out(fold(settings_of_process(), SystemClock(), spelling, name)))


app.add_typer(manifests, name="manifest")
app.add_typer(invitations, name="invite")
app.add_typer(discords, name="discord")
app.add_typer(keys, name="keys")
app.add_typer(names, name="organisation")
