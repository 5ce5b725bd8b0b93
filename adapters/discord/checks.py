"""What `paperround doctor` asks Discord: is the token good, how do events arrive, and what may the bot do where."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from adapters.discord.answers import GONE, gone_words, posting_of
from adapters.discord.messenger import FORUMS, THREADS
from adapters.discord.permissions import RefusedError, allowed_in, lacking, value_of
from adapters.discord.rest import BROKEN, Rest

ADDRESS = "check the network, and PAPERROUND_DISCORD_API_URL where it is set"
_TOKEN = "reset it on the app's page “Bot”, and set it as PAPERROUND_DISCORD_TOKEN"
_LET = "let the bot in the channel's settings, under Permissions; or invite it anew: paperround invite discord"
_GRAVE = frozenset({"View Channel", "Send Messages"})
_GRAVE_IN_THREAD = frozenset({"View Channel", "Send Messages In Threads"})
_NEEDLESS_IN_FORUM = frozenset({"create_public_threads"})
_NEEDLESS_IN_THREAD = _NEEDLESS_IN_FORUM | {"send_messages"}
_LOCKED = 160005
_WANTS_TAG = 1 << 4
_FEW_STARTS = 50


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: how it is, and, where it is not well, how to mend it."""

    check: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    fix: str = ""


async def token_check(rest: Rest) -> Check:
    """Check whether Discord takes the token."""
    what = "discord token"
    try:
        told = value_of(await rest.ask("GET", "/users/@me"))
    except RefusedError as refused:
        fix = _TOKEN if refused.answer.status == 401 else ADDRESS
        return Check(what, "fail", str(posting_of(refused.answer).reason), fix)
    except BROKEN as broken:
        return Check(what, "fail", f"Discord can't be reached: {broken or type(broken).__name__}", ADDRESS)
    return Check(what, "ok", f"it speaks as {told.get('username')}")


InSync = Callable[[str], Awaitable[bool]]
"""Tells whether an app's commands, by its id, were told to Discord as they are now."""


async def app_checks(
    rest: Rest, shard_count: int | None, commands: Sequence[str], in_sync: InSync
) -> AsyncIterator[Check]:
    """Check how events arrive, and whether Discord has the commands (by name). Raises RefusedError and `BROKEN`."""
    app = value_of(await rest.ask("GET", "/applications/@me"))
    yield _events(app)
    yield _starts(value_of(await rest.ask("GET", "/gateway/bot")), shard_count)
    told = value_of(await rest.ask("GET", f"/applications/{app['id']}/commands"), list)
    yield _commands({str(each.get("name")) for each in told}, commands, await in_sync(str(app["id"])))


def _events(app: dict[str, Any]) -> Check:
    what = "discord events"
    if address := app.get("interactions_endpoint_url"):
        return Check(
            what,
            "fail",
            f"commands and presses are sent to {address}, not to the bot",
            "on the app's page “General Information”, clear “Interactions Endpoint URL”",
        )
    return Check(what, "ok", "they come by the gateway; no privileged intent is asked for, and none is needed")


def _starts(told: dict[str, Any], shard_count: int | None) -> Check:
    what, wanted = "discord gateway", int(told.get("shards") or 1)
    left = int((told.get("session_start_limit") or {}).get("remaining", _FEW_STARTS))
    if shard_count is not None and shard_count < wanted:
        return Check(
            what,
            "warn",
            f"{shard_count} shards are set, and Discord advises {wanted}",
            "set PAPERROUND_DISCORD_SHARD_IDS for so many, in each process",
        )
    if left < _FEW_STARTS:
        return Check(what, "warn", f"it may connect only {left} times more today", "see in the log why it reconnects")
    return Check(what, "ok", f"it may connect {left:,} times more today; shards advised: {wanted}")


def _commands(there: set[str], wanted: Sequence[str], same: bool) -> Check:
    what, fix = "discord commands", "paperround run tells them where they changed; paperround discord sync in any case"
    if missing := [name for name in wanted if name not in there]:
        return Check(what, "warn", f"Discord does not know: {', '.join(missing)}", fix)
    if not same:
        return Check(what, "warn", "Discord was told others than there are now", fix)
    return Check(what, "ok", f"Discord knows all {len(wanted)}")


async def channel_check(rest: Rest, team: str, channel: str) -> Check:
    """Check what the bot may do in a channel that has a digest. Raises `BROKEN`."""
    what = f"discord channel {channel}"
    try:
        place = value_of(await rest.ask("GET", f"/channels/{channel}"))
        allowed = await allowed_in(rest, team, place)
    except RefusedError as refused:
        answer = refused.answer
        if answer.status not in (403, 404):
            return Check(what, "fail", str(posting_of(answer).reason), "try again; where it goes on, see the log")
        fix = _LET if answer.status == 403 else "invite the bot anew, or turn the digest off"
        return Check(what, "fail", gone_words(answer), fix)
    forum, thread = place.get("type") in FORUMS, place.get("type") in THREADS
    if forum and int(place.get("flags") or 0) & _WANTS_TAG:
        return Check(what, "fail", GONE[40067], "in the forum's settings, turn “Require people to select tags” off")
    if thread and (place.get("thread_metadata") or {}).get("locked") and not allowed.manage_threads:
        return Check(what, "fail", GONE[_LOCKED], "unlock it, or turn the digest off there")
    missing = lacking(allowed, _NEEDLESS_IN_FORUM if forum else _NEEDLESS_IN_THREAD if thread else ())
    if missing:
        grave = _GRAVE_IN_THREAD if thread else _GRAVE
        state: Literal["warn", "fail"] = "fail" if grave.intersection(missing) else "warn"
        return Check(what, state, f"in #{place.get('name')} it lacks: {', '.join(missing)}", _LET)
    return Check(what, "ok", f"it has all that it needs in #{place.get('name')}")
