"""The fake Discord's routes about channels, messages and threads."""

from collections.abc import Sequence

from tests.fakes.discord_places import Places
from tests.fakes.discord_posting import (
    RefusedError,
    author_only,
    delete,
    edit,
    found_channel,
    found_message,
    invalid,
    known_nonce,
    may_post,
    need,
    no_permission,
    post,
)
from tests.fakes.discord_rest import Answer, Asked, Handler
from tests.fakes.discord_shapes import channel_json, message_json
from tests.fakes.discord_world import Channel, Json, Kind, Message, Permission


def get_channel(places: Places, asked: Asked) -> Answer:
    """GET a channel."""
    return 200, channel_json(found_channel(places, asked.params["channel_id"]))


def edit_channel(places: Places, asked: Asked) -> Answer:
    """PATCH a channel: a thread's state and name; a channel's name."""
    channel = found_channel(places, asked.params["channel_id"])
    own = channel.is_thread and channel.owner_id == places.bot.id
    if not own:
        need(places, channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    to = {key: asked.body[key] for key in ("name", "archived", "locked") if key in asked.body}
    places.change_channel(channel, **to)
    return 200, channel_json(channel)


def delete_channel(places: Places, asked: Asked) -> Answer:
    """DELETE a channel, or a thread: even the app's own takes a permission."""
    channel = found_channel(places, asked.params["channel_id"])
    need(places, channel, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
    told = channel_json(channel)
    places.remove_channel(channel)
    return 200, told


def archived_threads(places: Places, asked: Asked) -> Answer:
    """GET a channel's archived public threads, the one archived last first; all on one page."""
    channel = found_channel(places, asked.params["channel_id"])
    need(places, channel, Permission.READ_MESSAGE_HISTORY)
    assert channel.guild is not None
    found = [one for one in channel.guild.channels.values() if one.parent is channel and one.is_thread and one.archived]
    return 200, {"threads": [channel_json(one) for one in reversed(found)], "members": [], "has_more": False}


def open_direct(places: Places, asked: Asked) -> Answer:
    """POST /users/@me/channels: the conversation with a person, made where there was none."""
    person = places.users.get(int(asked.body["recipient_id"]))
    if person is None:
        raise RefusedError(400, 50033, "Invalid Recipient(s)")
    return 200, channel_json(places.direct(person))


def post_message(places: Places, asked: Asked) -> Answer:
    """POST a message; with a nonce to be enforced, the one that was sent with it before."""
    channel = found_channel(places, asked.params["channel_id"])
    may_post(places, channel)
    known = known_nonce(places, asked.body)
    return 200, message_json(known or post(places, channel, asked.body, asked.files))


def list_messages(places: Places, asked: Asked) -> Answer:
    """GET messages, the newest first: up to `limit`, before, after or around one; none without the permission."""
    channel = found_channel(places, asked.params["channel_id"])
    if not places.may(channel) & Permission.READ_MESSAGE_HISTORY:
        return 200, []
    limit = int(asked.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise invalid(places, [f"limit: {limit}, not 1 to 100"])
    return 200, [message_json(one) for one in reversed(_page(channel.messages, asked.query, limit))]


def _page(messages: Sequence[Message], query: dict[str, str], limit: int) -> Sequence[Message]:
    """Return the messages asked for, the oldest first."""
    if "after" in query:
        return [one for one in messages if one.id > int(query["after"])][:limit]
    if "before" in query:
        return [one for one in messages if one.id < int(query["before"])][-limit:]
    if "around" in query:
        centre = int(query["around"])
        earlier = [one for one in messages if one.id < centre][-(limit // 2) :]
        return [*earlier, *[one for one in messages if one.id >= centre][: limit - len(earlier)]]
    return messages[-limit:]


def get_message(places: Places, asked: Asked) -> Answer:
    """GET one message."""
    channel = found_channel(places, asked.params["channel_id"])
    need(places, channel, Permission.READ_MESSAGE_HISTORY)
    return 200, message_json(found_message(channel, asked.params["message_id"]))


def edit_message(places: Places, asked: Asked) -> Answer:
    """PATCH a message of the app."""
    channel = found_channel(places, asked.params["channel_id"])
    message = found_message(channel, asked.params["message_id"])
    author_only(places, message)
    if channel.archived:
        raise RefusedError(400, 50083, "Thread is archived")
    edit(places, message, asked.body, asked.files)
    return 200, message_json(message)


def delete_message(places: Places, asked: Asked) -> Answer:
    """DELETE a message: the app's own, or with a permission any."""
    channel = found_channel(places, asked.params["channel_id"])
    message = found_message(channel, asked.params["message_id"])
    if message.author is not places.bot:
        need(places, channel, Permission.MANAGE_MESSAGES)
    delete(message)
    return 204, None


# Threads


def thread_from_message(places: Places, asked: Asked) -> Answer:
    """POST a thread on a message: it has the message's id."""
    channel = found_channel(places, asked.params["channel_id"])
    message = found_message(channel, asked.params["message_id"])
    need(places, channel, Permission.CREATE_PUBLIC_THREADS)
    if channel.kind not in (Kind.TEXT, Kind.NEWS):
        raise RefusedError(400, 50024, "Cannot execute action on this channel type")
    if message.thread is not None:
        raise RefusedError(400, 160004, "A thread has already been created for this message")
    message.thread = places.add_thread(channel, _name(places, asked.body), places.bot, id=message.id)
    return 201, channel_json(message.thread)


def open_thread(places: Places, asked: Asked) -> Answer:
    """POST a thread without a message, or a post of a forum with its first one."""
    channel = found_channel(places, asked.params["channel_id"])
    if channel.kind is Kind.FORUM:
        return _forum_post(places, channel, asked)
    if channel.kind not in (Kind.TEXT, Kind.NEWS):
        raise RefusedError(400, 50024, "Cannot execute action on this channel type")
    need(places, channel, Permission.CREATE_PUBLIC_THREADS)
    return 201, channel_json(places.add_thread(channel, _name(places, asked.body), places.bot))


def _forum_post(places: Places, forum: Channel, asked: Asked) -> Answer:
    """In a forum SEND_MESSAGES opens posts; the first message has the thread's id."""
    need(places, forum, Permission.SEND_MESSAGES)
    tags = [int(tag) for tag in asked.body.get("applied_tags") or []]
    if forum.requires_tag and not tags:
        raise RefusedError(400, 40067, "A tag is required to create a forum post in this channel")
    if unknown := set(tags) - {int(tag["id"]) for tag in forum.tags}:
        raise invalid(places, [f"applied_tags: {sorted(unknown)} are none of the forum's"])
    name, body = _name(places, asked.body), asked.body.get("message")
    if body is None:
        raise invalid(places, ["message: required"])
    number = places.new_id()
    thread = Channel(number, Kind.THREAD, name, forum.guild, forum, owner_id=places.bot.id, applied_tags=tags)
    first = post(places, thread, body, asked.files, message_id=number)
    opened = places.add_thread(forum, name, places.bot, id=number, applied_tags=tags, messages=thread.messages)
    first.channel = opened
    return 201, channel_json(opened) | {"message": message_json(first)}


def _name(places: Places, body: Json) -> str:
    name = body.get("name") or ""
    if not 1 <= len(name.strip()) <= 100 or len(name) > 100:
        raise invalid(places, [f"name: {len(name)} characters, not 1 to 100"])
    return str(name)


def join_thread(places: Places, asked: Asked) -> Answer:
    """PUT the app into a thread."""
    found_channel(places, asked.params["channel_id"])
    return 204, None


def typing(places: Places, asked: Asked) -> Answer:
    """POST that the app is typing."""
    if not places.may(found_channel(places, asked.params["channel_id"])) & Permission.SEND_MESSAGES:
        raise no_permission()
    return 204, None


_CHANNEL = "/channels/{channel_id}"
_MESSAGE = f"{_CHANNEL}/messages/{{message_id}}"
ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "/users/@me/channels"): open_direct,
    ("GET", _CHANNEL): get_channel,
    ("PATCH", _CHANNEL): edit_channel,
    ("DELETE", _CHANNEL): delete_channel,
    ("GET", f"{_CHANNEL}/threads/archived/public"): archived_threads,
    ("POST", f"{_CHANNEL}/messages"): post_message,
    ("GET", f"{_CHANNEL}/messages"): list_messages,
    ("GET", _MESSAGE): get_message,
    ("PATCH", _MESSAGE): edit_message,
    ("DELETE", _MESSAGE): delete_message,
    ("POST", f"{_MESSAGE}/threads"): thread_from_message,
    ("POST", f"{_CHANNEL}/threads"): open_thread,
    ("POST", f"{_CHANNEL}/typing"): typing,
    ("PUT", f"{_CHANNEL}/thread-members/@me"): join_thread,
}
