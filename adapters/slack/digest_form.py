"""The form for a channel's digest: where, when, how many, which papers, and what it would bring."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import modals
from adapters.slack.asking import Askers, Body, is_in, may_post, user_of
from adapters.slack.blocks import VIEW_BLOCKS, Block, context, divider, section
from adapters.slack.context import Slack
from adapters.slack.digest import digest_blocks
from adapters.slack.form_parts import (
    DIGEST,
    ERROR,
    OPEN,
    choice,
    field,
    line_input,
    modal,
    option,
    suggested,
    ticked_in,
    typed_in,
    without_buttons,
)
from adapters.slack.text import mrkdwn, plain, with_channels
from bot.commands.digest_chosen import DEFAULT_NAME, digest_name
from bot.commands.digest_wishes import DEFAULT_DAYS, DEFAULT_TIME, DEFAULT_TOP, IN_THREAD
from bot.digest import MAX_TOP
from bot.errors import UserError
from bot.query_parser import MAX_LENGTH, parse_rule
from bot.reply import Reply
from bot.schedule import WEEKDAYS, parse_days

CHANNEL, TIME, DAYS, ZONE, TOP, RULE, NAME = "channel", "time", "days", "zone", "top", "rule", "name"
THREAD = "abstracts"
PREVIEW = "digest_preview"
INVITE = "Type “/invite @papers” in it, then press Start again."

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAME_LENGTH = 30
_ZONE_FILLED = f"{ZONE}-filled"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chose in the form. `settings` is as it would be typed behind `digest on`."""

    channel: str
    settings: str
    wrong: dict[str, str]


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to the button that opens the form, to its preview, and to the form."""

    @app.action(f"{OPEN}:{DIGEST}")
    async def asked_for(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await open_digest_form(askers, client, body)

    @app.action(PREVIEW)
    async def previewed(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = body["view"]
        shown = preview_blocks(await _preview(askers, client, body, wish_of(view)))
        block = zone_block(view)
        zone, kept = typed_in(view, block) or None, modals.kept_in(view)
        await modals.change_form(client, view, digest_view(kept, zone, view["private_metadata"], shown, block))

    @app.view(DIGEST)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        wish = wish_of(body["view"])
        try:
            async with asyncio.timeout(modals.SOON):
                wrong = wish.wrong or await _refused(askers, client, body, wish)
        except TimeoutError:  # Slack waits for 3 s: what is wrong is told in private
            log.info("a form is checked after it is closed")
            await ack()
            wrong = await _refused(askers, client, body, wish)
            if wrong:
                await modals.tell(askers, client, body, Reply(notice=" ".join(wrong.values()), ok=False))
            else:
                await _set_up(body, client, wish)
            return
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await ack()
        await _set_up(body, client, wish)

    async def _set_up(body: Body, client: AsyncWebClient, wish: Wish) -> None:
        if not await modals.was_sent_before(slack, body):
            reply = await askers.ask(client, body, f"digest on {wish.settings}", wish.channel)
            await modals.tell(askers, client, body, reply, wish.channel)


async def open_digest_form(askers: Askers, client: AsyncWebClient, body: Body) -> bool:
    """Open the form at once, and fill the person's zone in when Slack has told it; False where it is too late."""
    origin, zone = modals.origin_of(body), askers.zone_known(body)
    kept = modals.kept_in({"private_metadata": origin})
    shown = await modals.open_form(client, body, digest_view(kept, zone, origin))
    if shown and zone is None and (zone := await askers.zone(client, body)):
        await modals.change_form(client, shown, digest_view(kept, zone, origin))
    return shown is not None


def digest_view(
    kept: dict[str, Any], zone: str | None, metadata: str, shown: Sequence[Block] = (), zone_in: str = ""
) -> Block:
    """Return the form, for the channel in which it was asked for, with a preview where there is one.

    Slack keeps what a field held when a form is changed, and so a zone that is filled in later is a field of its own.
    """
    zone_in = zone_in or (_ZONE_FILLED if zone else ZONE)
    days = [option(day, name) for day, name in zip(WEEKDAYS, _DAY_NAMES, strict=True)]
    by_default = parse_days(DEFAULT_DAYS)
    ticked = [each for each in days if each["value"] in by_default]
    tops = [option(str(top), str(top)) for top in range(1, MAX_TOP + 1)]
    blocks = [
        field(
            CHANNEL,
            "Channel",
            _channels(kept.get("channel")),
            "I must be in it. If I am not, type /invite @papers there.",
        ),
        field(TIME, "Time", {"type": "timepicker", "action_id": TIME, "initial_time": f"{DEFAULT_TIME:%H:%M}"}),
        field(DAYS, "Days", {"type": "checkboxes", "action_id": DAYS, "options": days, "initial_options": ticked}),
        field(zone_in, "Time zone", suggested(ZONE, "Begin to type a city", 0, option(zone, zone) if zone else None)),
        field(TOP, "How many papers", choice(TOP, tops, str(DEFAULT_TOP))),
        field(
            RULE,
            "Only papers that match",
            line_input(RULE, MAX_LENGTH, "For example: cat:cs.CL agents -survey"),
            "Words, or facets such as cat:cs.CL. Left empty, the papers with most votes come.",
            optional=True,
        ),
        field(THREAD, "Abstracts", _thread_box(), optional=True),
        field(
            NAME,
            "Name",
            line_input(NAME, _NAME_LENGTH, initial=DEFAULT_NAME),
            "For a channel with several digests. One of that name that is there already is changed.",
            optional=True,
        ),
        {"type": "actions", "block_id": PREVIEW, "elements": [_preview_button()]},
    ]
    return modal(DIGEST, "Set up a digest", "Start", [*blocks, *shown][:VIEW_BLOCKS], metadata)


def wish_of(view: dict[str, Any]) -> Wish:
    """Return what somebody chose, and what can be seen to be wrong with it, by field."""
    rule, name = typed_in(view, RULE).strip(), typed_in(view, NAME).strip() or DEFAULT_NAME
    wrong: dict[str, str] = {}
    zone = zone_block(view)
    for block, needed in ((CHANNEL, "Choose a channel."), (TIME, "Choose a time."), (zone, "Choose a time zone.")):
        if not typed_in(view, block):
            wrong[block] = needed
    if not (days := ticked_in(view, DAYS)):
        wrong[DAYS] = "Tick a day at least."
    for block, check in ((RULE, lambda: rule and parse_rule(rule)), (NAME, lambda: digest_name(name))):
        try:
            check()
        except UserError as why:
            wrong[block] = plain(str(why), ERROR)
    settings = f"name:{name} {typed_in(view, TIME)} {typed_in(view, zone)} {','.join(days)}"
    settings += f" top {typed_in(view, TOP) or DEFAULT_TOP} abstracts:{(ticked_in(view, THREAD) or ['off'])[0]}"
    return Wish(typed_in(view, CHANNEL), f"{settings} -- {rule}" if rule else settings, wrong)


def zone_block(view: dict[str, Any]) -> str:
    """Return the field of the zone."""
    return _ZONE_FILLED if _ZONE_FILLED in view["state"]["values"] else ZONE


async def _refused(askers: Askers, client: AsyncWebClient, body: Body, wish: Wish) -> dict[str, str]:
    """Return what Slack, or the core, has against a wish, by field."""
    if not await may_post(client, wish.channel):
        return {CHANNEL: f"I am not in that channel. {INVITE}"}
    who = await askers.who(client, body, "digest on", wish.channel)
    if not who.may_configure:
        return {CHANNEL: "Only full members of that channel can set up its digests; ask one of them."}
    tried = await askers.ask(client, body, f"digest preview {wish.settings}", wish.channel)
    return {} if tried.ok else {RULE if " -- " in wish.settings else CHANNEL: plain(tried.notice or "", ERROR)}


async def _preview(askers: Askers, client: AsyncWebClient, body: Body, wish: Wish) -> Reply:
    if wish.wrong:
        return Reply(notice=" ".join(wish.wrong.values()), ok=False)
    if not await is_in(client, wish.channel, user_of(body)):
        return Reply(notice=f"I see no such channel with both of us in it. {INVITE}", ok=False)
    return await askers.ask(client, body, f"digest preview {wish.settings}", wish.channel)


def preview_blocks(reply: Reply) -> list[Block]:
    """Return what a form shows of a preview: the papers, without their buttons."""
    said = with_channels(mrkdwn(reply.notice or "", 2_800))
    blocks = [divider(), *([section(said if reply.ok else f"*No preview:* {said}")] if said else [])]
    if reply.digest:
        blocks += without_buttons(digest_blocks(reply.digest, 1))
        blocks.append(context(["Press Preview again when you have changed something."]))
    return blocks


def _channels(chosen: str | None) -> Block:
    element: Block = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    is_channel = bool(chosen) and str(chosen).startswith(("C", "G"))
    return element | ({"initial_conversation": chosen} if is_channel else {"default_to_current_conversation": True})


def _thread_box() -> Block:
    box = option(IN_THREAD, "Post the papers' abstracts in the digest's thread")
    return {"type": "checkboxes", "action_id": THREAD, "options": [box]}


def _preview_button() -> Block:
    text = {"type": "plain_text", "text": "Preview", "emoji": False}
    return {"type": "button", "action_id": PREVIEW, "text": text, "value": "preview"}
