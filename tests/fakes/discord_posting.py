"""How the fake Discord takes, edits and deletes messages, whoever sends them by whichever way."""

from datetime import timedelta

from tests.fakes.discord_components import kept
from tests.fakes.discord_pings import pings_of
from tests.fakes.discord_places import Places
from tests.fakes.discord_rules import faults_of_message, faults_of_weight
from tests.fakes.discord_world import Channel, Flag, Json, Kind, Message, Permission, User

SETTABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.IS_COMPONENTS_V2 | Flag.EPHEMERAL


class RefusedError(Exception):
    """An answer that isn't 2xx: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json."""

    def __init__(self, status: int, code: int, message: str, **more: object) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.body: Json = {"code": code, "message": message, **more}


def invalid(places: Places, faults: list[str]) -> RefusedError:
    """Note broken rules, so that the test fails whatever becomes of the answer; return Discord's refusal."""
    places.broken += faults
    if faults == ["message: empty"]:
        return RefusedError(400, 50006, "Cannot send an empty message")
    errors = {"_errors": [{"code": "BASE_TYPE_INVALID", "message": fault} for fault in faults]}
    return RefusedError(400, 50035, "Invalid Form Body", errors=errors)


def missing(name: str, code: int) -> RefusedError:
    """Return the answer for something that isn't there."""
    return RefusedError(404, code, f"Unknown {name}")


def no_access() -> RefusedError:
    """Return the answer for something that the app can't see."""
    return RefusedError(403, 50001, "Missing Access")


def no_permission() -> RefusedError:
    """Return the answer for something that the app may not do."""
    return RefusedError(403, 50013, "Missing Permissions")


def need(places: Places, channel: Channel, permission: Permission) -> None:
    """Raise RefusedError where the app hasn't a permission in a channel it can see."""
    if not places.may(channel) & permission:
        raise no_permission()


def found_channel(places: Places, channel_id: str) -> Channel:
    """Return a channel the app can see. RefusedError where it can't, or where there is none."""
    channel = places.channels.get(int(channel_id))
    if channel is None:
        raise missing("Channel", 10003)
    if channel.guild is not None and channel.guild.unavailable and channel.guild.has_bot:
        raise RefusedError(503, 0, "Service Unavailable")
    if channel.guild is not None and not places.sees(channel):
        raise no_access()
    return channel


def found_message(channel: Channel, message_id: str) -> Message:
    """Return a message of a channel; private answers are not among them."""
    for message in reversed(channel.messages):
        if message.id == int(message_id) and not message.deleted:
            return message
    raise missing("Message", 10008)


def may_post(places: Places, channel: Channel) -> None:
    """Raise RefusedError where the app can't write in a channel."""
    if channel.recipient is not None and channel.recipient.dms_closed:
        raise RefusedError(403, 50007, "Cannot send messages to this user")
    if channel.kind in (Kind.FORUM, Kind.CATEGORY):
        raise RefusedError(400, 50008, "Cannot send messages in a non-text channel")
    if channel.is_thread:
        need(places, channel, Permission.SEND_MESSAGES_IN_THREADS)
        if channel.locked:
            need(places, channel, Permission.MANAGE_THREADS)
        channel.archived = False
    else:
        need(places, channel, Permission.SEND_MESSAGES)


def known_nonce(places: Places, body: Json) -> Message | None:
    """Return the message that the app sent with the same nonce lately, if it's to be enforced ([M] create message).

    RefusedError where that one was deleted: https://github.com/discord/discord-api-docs/pull/6647.
    """
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    message = places.nonces.get(str(nonce))
    if message is None or message.sent_at < places.now() - timedelta(seconds=places.nonce_lives):
        return None
    if message.deleted:
        raise missing("Message", 10008)
    return message


def post(places: Places, channel: Channel, body: Json, files: list[Json], message_id: int | None = None) -> Message:
    """Take a message of the app into a channel. RefusedError where it breaks a rule."""
    message = made(places, channel, body, files, message_id)
    channel.messages.append(message)
    places.messages.append(message)
    if message.nonce is not None:
        places.nonces[message.nonce] = message
    return message


def made(places: Places, channel: Channel, body: Json, files: list[Json], message_id: int | None = None) -> Message:
    """Return a message of the app that obeys the rules, without putting it anywhere."""
    if faults := faults_of_message(body | ({"attachments": files} if files else {})):
        raise invalid(places, faults)
    components = _light(places, kept(body.get("components") or []))
    nonce = body.get("nonce")
    message = Message(
        message_id or places.new_id(), channel, places.bot, places.now(), body.get("content") or "",
        embeds=_embeds(body), components=components, attachments=files,
        flags=(body.get("flags") or 0) & SETTABLE, nonce=None if nonce is None else str(nonce),
        allowed_mentions=body.get("allowed_mentions"),
    )  # fmt: skip
    message.pings = pings_of(message.texts, message.allowed_mentions)
    return message


def edit(places: Places, message: Message, body: Json, files: list[Json]) -> None:
    """Lay an edit over a message of the app. RefusedError where the result breaks a rule."""
    was_v2 = bool(message.flags & Flag.IS_COMPONENTS_V2)
    now_v2 = was_v2 or bool((body.get("flags") or 0) & Flag.IS_COMPONENTS_V2)
    result: Json = {
        "content": message.content, "embeds": message.embeds, "components": message.components,
        "attachments": message.attachments + files, "flags": message.flags,
    }  # fmt: skip
    result |= {key: body[key] for key in ("content", "embeds", "components", "allowed_mentions") if key in body}
    if faults := faults_of_message(result, now_v2):
        raise invalid(places, faults)
    message.components = _light(places, kept(result["components"] or []))
    message.content = result["content"] or ""
    message.embeds = _embeds(result)
    message.attachments = result["attachments"]
    message.flags = message.flags & ~Flag.LOADING | (Flag.IS_COMPONENTS_V2 if now_v2 else 0)
    if "allowed_mentions" in body:
        message.allowed_mentions = body["allowed_mentions"]
    message.pings |= pings_of(message.texts, body.get("allowed_mentions"))
    message.edited_at = places.now()
    message.edits += 1


def delete(message: Message) -> None:
    """Take a message out of its channel."""
    message.deleted = True
    if message in message.channel.messages:
        message.channel.messages.remove(message)


def _light(places: Places, components: list[Json]) -> list[Json]:
    if faults := faults_of_weight(components):
        places.broken += faults
        raise RefusedError(500, 0, "500: Internal Server Error")
    return components


def _embeds(body: Json) -> list[Json]:
    return [{"type": "rich"} | embed for embed in body.get("embeds") or []]


def author_only(places: Places, message: Message) -> None:
    """Raise RefusedError where the message is somebody else's."""
    if message.author is not places.bot:
        raise RefusedError(403, 50005, "Cannot edit a message authored by another user")


def private_to(message: Message, user: User) -> Message:
    """Return the message as a private answer to one person."""
    message.flags |= Flag.EPHEMERAL
    message.seen_by = user
    return message
