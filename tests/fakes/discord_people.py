"""What people do in the fake Discord: they type commands, press buttons, choose, fill forms in; and what they see.

Only what Discord would offer can be done: a command that isn't synced, a button that isn't there or one that the
person lacks the permission for is a `NotOfferedError`, since no such thing reaches the bot.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes.discord_answers import FIRST_WITHIN, THINKING
from tests.fakes.discord_forms import filled_in
from tests.fakes.discord_options import command_data, offered, resolved_of
from tests.fakes.discord_permissions import permissions_of
from tests.fakes.discord_places import Places
from tests.fakes.discord_seen import Interaction, Seen
from tests.fakes.discord_shapes import channel_json, member_json, message_json, user_json
from tests.fakes.discord_world import ORDINARY, Channel, Json, Kind, Message, Permission, Role, User

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5


class NotOfferedError(AssertionError):
    """Discord doesn't offer this to the person."""


@dataclass(slots=True, eq=False)
class Person:
    """Somebody in a place, doing things there. `wait=False` returns after the first response (3 s at most)."""

    places: Places
    user: User
    channel: Channel

    async def types(self, command: str, /, wait: bool = True, **options: Any) -> Seen:
        """Run a slash command ("papers follow author") with its options: texts, numbers, users, channels, roles."""
        found = self._offered(command, 1)
        return await self._act(COMMAND, command_data(found, command, options, self.channel), wait=wait)

    async def suggests(self, command: str, /, focused: str, **options: Any) -> Seen:
        """Type into an option that has autocomplete; `options` holds what is typed so far, there and elsewhere."""
        found = self._offered(command, 1)
        data = command_data(found, command, options, self.channel, focused=focused)
        return await self._act(AUTOCOMPLETE, data, wait=False)

    async def picks(self, menu: str, target: Message | User, wait: bool = True) -> Seen:
        """Run a context menu's entry on a message or a person."""
        kind = 3 if isinstance(target, Message) else 2
        found = self._offered(menu, kind)
        resolved = (
            {"messages": {str(target.id): message_json(target)}}
            if isinstance(target, Message)
            else resolved_of([target], self.channel)
        )
        data = {"id": found["id"], "name": menu, "type": kind, "target_id": str(target.id), "resolved": resolved}
        return await self._act(COMMAND, data, wait=wait)

    async def presses(self, message: Message, button: str, wait: bool = True) -> Seen:
        """Press a button, named by its custom_id or its label."""
        part = self._control(message, button)
        if part["type"] != 2:
            raise NotOfferedError(f"{button} is no button")
        return await self._act(COMPONENT, _pressed(part), source=message, wait=wait)

    async def chooses(
        self, message: Message, menu: str, *values: str | User | Role | Channel, wait: bool = True
    ) -> Seen:
        """Choose entries of a menu, named by its custom_id or placeholder: by value or label, or things themselves."""
        part = self._control(message, menu)
        things = [value for value in values if not isinstance(value, str)]
        told = [str(value.id) if not isinstance(value, str) else _value(part, value) for value in values]
        if not part.get("min_values", 1) <= len(told) <= part.get("max_values", 1):
            raise NotOfferedError(f"{menu} takes no {len(told)} values")
        data = _pressed(part) | {"values": told}
        if things:
            data["resolved"] = resolved_of(things, self.channel)
        return await self._act(COMPONENT, data, source=message, wait=wait)

    async def submits(self, form: Seen | Json, values: dict[str, Any] | None = None, wait: bool = True) -> Seen:
        """Send a form that was opened, with values by custom_id or label; the rest stays as it was shown."""
        modal = form.modal if isinstance(form, Seen) else form
        source = form.interaction.source if isinstance(form, Seen) else None
        parts, things = filled_in(modal, values or {})
        data: Json = {"custom_id": modal["custom_id"], "components": parts}
        if things:
            data["resolved"] = resolved_of(things, self.channel)
        return await self._act(SUBMIT, data, source=source, wait=wait)

    def at(self, channel: Channel) -> "Person":
        """Return the same person elsewhere."""
        return Person(self.places, self.user, channel)

    def _offered(self, command: str, kind: int) -> Json:
        if self.channel.kind is Kind.FORUM:
            raise NotOfferedError("nothing can be typed in a forum itself, only in its posts")
        found = offered(self.places, self.user, self.channel, command.split()[0] if kind == 1 else command, kind)
        if isinstance(found, str):
            raise NotOfferedError(f"{self.user.name} is not offered {command!r} in {self.channel.name!r}: {found}")
        return found

    def _control(self, message: Message, name: str) -> Json:
        if message.deleted or (message.seen_by is not None and message.seen_by is not self.user):
            raise NotOfferedError("the message isn't there")
        if message.seen_by is None and not self._sees(message.channel):
            raise NotOfferedError(f"{self.user.name} doesn't see the channel")
        keys = ("custom_id", "label", "placeholder")
        named = [one for one in message.controls if name in [one.get(key) for key in keys]]
        usable = [one for one in named if not one.get("disabled") and one.get("style") not in (5, 6)]
        if len(usable) != 1:
            shown = [one.get("label") or one.get("custom_id") for one in message.controls]
            raise NotOfferedError(f"{len(usable)} controls that work are called {name!r}; there are {shown}")
        return usable[0]

    def _sees(self, channel: Channel) -> bool:
        guild = channel.guild
        return guild is None or bool(permissions_of(guild, self.user, channel) & Permission.VIEW_CHANNEL)

    async def _act(self, kind: int, data: Json, source: Message | None = None, wait: bool = True) -> Seen:
        """Send an interaction; return what was seen after the first response, or after the answer itself."""
        number = self.places.new_id()
        channel = source.channel if source is not None else self.channel
        interaction = Interaction(
            number, f"token-{number}", kind, self.user, channel, self.places.now(), time.monotonic(), source
        )
        payload = self._payload(interaction, data)
        interaction.is_private_only = self._is_private_only(channel)
        self.places.interactions[interaction.token] = interaction
        self.places.gateway.dispatch("INTERACTION_CREATE", payload, channel.guild.id if channel.guild else None)
        seen = Seen(interaction)
        try:
            async with asyncio.timeout(FIRST_WITHIN):
                while interaction.first is None:
                    interaction.waiting.clear()
                    await interaction.waiting.wait()
        except TimeoutError:
            return seen
        if wait and interaction.first == THINKING:
            await seen.answered()
        return seen

    def _is_private_only(self, channel: Channel) -> bool:
        """An app that isn't in the guild answers in private where members may not use external apps."""
        guild = channel.guild
        if guild is None or guild.has_bot:
            return False
        return not permissions_of(guild, self.user, channel) & Permission.USE_EXTERNAL_APPS

    def _payload(self, interaction: Interaction, data: Json) -> Json:
        channel, guild = interaction.channel, interaction.channel.guild
        payload: Json = {
            "id": str(interaction.id), "application_id": str(self.places.bot.id), "type": interaction.kind,
            "token": interaction.token, "version": 1, "data": data, "channel_id": str(channel.id),
            "channel": channel_json(channel), "locale": self.user.locale, "entitlements": [],
            "app_permissions": str(int(_of_app(self.places, channel))), "attachment_size_limit": 10485760,
            "authorizing_integration_owners": self._owners(channel),
            "context": 0 if guild else (1 if channel.kind is Kind.DM else 2),
        }  # fmt: skip
        if interaction.source is not None:
            payload["message"] = message_json(interaction.source)
        if guild is None:
            return payload | {"user": user_json(self.user)}
        member = member_json(guild, guild.members[self.user.id], channel)
        told_guild = {"id": str(guild.id), "locale": guild.locale, "features": []}
        return payload | {
            "guild_id": str(guild.id),
            "guild": told_guild,
            "member": member,
            "guild_locale": guild.locale,
        }

    def _owners(self, channel: Channel) -> dict[str, str]:
        """Return by which installs the app is there: "0" a guild's ("0" in its own DM), "1" the person's."""
        owners = {"1": str(self.user.id)} if self.user.has_app else {}
        if channel.guild is None:
            return owners | ({"0": "0"} if channel.kind is Kind.DM else {})
        return owners | ({"0": str(channel.guild.id)} if channel.guild.has_bot else {})


def _of_app(places: Places, channel: Channel) -> int:
    """Return what the app may do there: for one that isn't in the guild, as any external app."""
    if channel.guild is None or not channel.guild.has_bot:
        return ORDINARY
    return places.may(channel)


def _pressed(part: Json) -> Json:
    return {"custom_id": part["custom_id"], "component_type": part["type"], "id": part.get("id", 0)}


def _value(part: Json, chosen: str) -> str:
    """Return the value of a menu's entry, given by that or by its label."""
    options: Sequence[Json] = part.get("options") or ()
    for option in options:
        if chosen in (option["value"], option["label"]):
            return str(option["value"])
    raise NotOfferedError(f"{chosen!r} is not in the menu: {[option['label'] for option in options]}")
