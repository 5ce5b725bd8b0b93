"""The form for a follow: a kind, its value with suggestions where we have any, and what to leave out."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import modals
from adapters.slack.asking import Askers, Body
from adapters.slack.blocks import Block
from adapters.slack.context import Slack
from adapters.slack.form_parts import (
    ERROR,
    FOLLOW,
    OPEN,
    choice,
    field,
    line_input,
    modal,
    option,
    suggested,
    typed_in,
)
from adapters.slack.text import plain
from bot.errors import UserError
from bot.query import Kind
from bot.query_parser import MAX_LENGTH
from bot.rule_form import FORM_KINDS, rule_typed, without

KIND = "kind"
VALUE = "value"
UNWANTED = "unwanted"
SUGGESTED = {
    Kind.AUTHOR: "Begin to type a name",
    Kind.CATEGORY: "Begin to type: cs.CL, vision",
    Kind.ORGANISATION: "Begin to type a name",
}
"""The kinds whose values are suggested, with what stands in the empty field."""


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Listen to the button that opens the form, and to the form."""

    @app.action(f"{OPEN}:{FOLLOW}")
    async def asked_for(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        await modals.open_form(client, body, follow_view(Kind.TEXT, modals.origin_of(body)))

    @app.action(KIND)
    async def chosen(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        view = body["view"]
        await modals.change_form(client, view, follow_view(_kind(view), view["private_metadata"]))

    @app.view(FOLLOW)
    async def submitted(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        rule, wrong = rule_of(body["view"])
        if wrong:
            await ack(response_action="errors", errors=wrong)
            return
        await ack()
        if not await modals.was_sent_before(slack, body):
            await modals.tell(askers, client, body, await askers.ask(client, body, f"follow {rule}"))


def follow_view(kind: Kind, metadata: str) -> Block:
    """Return the form, as it asks for a kind."""
    asked = FORM_KINDS[kind]
    kinds = [option(each, told.label) for each, told in FORM_KINDS.items()]
    if kind in SUGGESTED:
        element = suggested(kind, SUGGESTED[kind])
    else:
        element = line_input(VALUE, MAX_LENGTH, f"For example: {asked.example}")
    blocks = [
        field(KIND, "Bring me papers by", choice(KIND, kinds, kind)) | {"dispatch_action": True},
        field(_value_block(kind), asked.label, element, asked.hint),
        field(
            UNWANTED,
            "But not",
            line_input(UNWANTED, MAX_LENGTH, "For example: survey"),
            "Leave out papers with these words, or facets such as cat:cs.CV.",
            optional=True,
        ),
    ]
    return modal(FOLLOW, "Add a follow", "Follow", blocks, metadata)


def rule_of(view: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the rule that somebody put together, as it would be typed, and what is wrong with it, by field."""
    kind, wrong = _kind(view), dict[str, str]()
    try:
        rule = rule_typed(kind, typed_in(view, _value_block(kind)))
    except UserError as why:
        wrong[_value_block(kind)] = plain(str(why), ERROR)
        rule = "x"  # any rule does, to see what is wrong with the rest
    try:
        rule = without(rule, typed_in(view, UNWANTED))
    except UserError as why:
        wrong[UNWANTED] = plain(str(why), ERROR)
    return rule, wrong


def _kind(view: dict[str, Any]) -> Kind:
    return Kind(typed_in(view, KIND) or Kind.TEXT)


def _value_block(kind: Kind) -> str:
    """Return the value's field: lines keep what was typed when the kind changes, suggestions do not fit another."""
    return f"{VALUE}-{kind}" if kind in SUGGESTED else VALUE
