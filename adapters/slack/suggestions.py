"""What the fields of forms suggest while somebody types: at most 100 entries, and soon, for Slack waits 3 s."""

import asyncio
import re

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import modals
from adapters.slack.asking import Askers, Body
from adapters.slack.blocks import Block
from adapters.slack.context import Slack
from adapters.slack.digest_form import ZONE
from adapters.slack.form_parts import SUGGEST, fits, option
from bot import text
from bot.query import Kind
from bot.suggestions import (
    Suggestion,
    suggest_authors,
    suggest_categories,
    suggest_organisations,
    suggest_zones,
)

MOST = 100
_KEPT_FOR = 600.0
"""Seconds for which the organisations are kept in memory."""

log = structlog.get_logger()


def register(app: AsyncApp, slack: Slack, askers: Askers) -> None:
    """Answer what fields ask while somebody types."""
    suggesting = Suggesting(slack)

    @app.options(re.compile(f"^{SUGGEST}:"))
    async def suggests(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        kind, typed = str(body["action_id"]).partition(":")[2], str(body.get("value") or "")
        found: list[Suggestion] = []
        try:
            async with asyncio.timeout(modals.SOON):
                zone = await askers.zone(client, body) if kind == ZONE else None
                found = await suggesting.of(kind, typed, zone)
        except TimeoutError:
            log.warning("suggestions took too long", kind=kind)
        await ack(options=options_of(found))


class Suggesting:
    """Finds what may be meant."""

    def __init__(self, slack: Slack) -> None:
        self._world = slack.world
        self._organisations: tuple[float, list[str]] | None = None

    async def of(self, kind: str, typed: str, zone: str | None = None) -> list[Suggestion]:
        """Return what somebody may mean who typed that into a field; people live in a zone."""
        if kind == ZONE:
            return await asyncio.to_thread(suggest_zones, typed, zone, MOST)
        if kind == Kind.CATEGORY:
            return suggest_categories(typed, MOST)
        if kind == Kind.AUTHOR:
            return or_as_typed(await suggest_authors(self._world, typed, MOST - 1), typed)
        known = await self._known_organisations()
        return or_as_typed(await asyncio.to_thread(suggest_organisations, known, typed, MOST - 1), typed)

    async def _known_organisations(self) -> list[str]:
        now = self._world.clock.monotonic()
        if self._organisations is None or now - self._organisations[0] > _KEPT_FOR:
            async with self._world.store.read() as session:
                self._organisations = now, await session.papers.organisations()
        return self._organisations[1]


def or_as_typed(found: list[Suggestion], typed: str) -> list[Suggestion]:
    """Return suggestions, and what was typed itself: who has no paper here yet can be followed all the same."""
    name = text.clean(typed).replace('"', "")
    if not text.words(name) or any(text.fold(each.value) == text.fold(name) for each in found):
        return found
    return [*found, Suggestion(name, f"{name} (as typed)")]


def options_of(found: list[Suggestion]) -> list[Block]:
    """Return suggestions as Slack takes them; one that is too long for it is left out."""
    return [option(each.value, each.label) for each in found if fits(each.value)][:MOST]
