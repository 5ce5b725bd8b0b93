"""The fake Discord's routes for answering what people do: the first response, its edits, and what follows."""

import time
from datetime import timedelta

from tests.fakes.discord_places import Places
from tests.fakes.discord_posting import RefusedError, delete, edit, invalid, made, missing, private_to
from tests.fakes.discord_rest import Answer, Asked, Handler
from tests.fakes.discord_rules import faults_of_choices, faults_of_modal
from tests.fakes.discord_seen import Interaction
from tests.fakes.discord_shapes import message_json, user_json
from tests.fakes.discord_world import Flag, Json, Message

FIRST_WITHIN, TOKEN_LIVES = 3.0, timedelta(minutes=15)  # [I]: "within 3 seconds", "tokens are valid for 15 minutes"
MESSAGE, THINKING, DEFERRED, UPDATE, SUGGESTIONS, MODAL = 4, 5, 6, 7, 8, 9
_MAY_ANSWER = {2: (MESSAGE, THINKING, MODAL), 3: (MESSAGE, THINKING, DEFERRED, UPDATE, MODAL), 4: (SUGGESTIONS,)}
_MAY_ANSWER[5] = (MESSAGE, THINKING, DEFERRED, UPDATE)


def respond(places: Places, asked: Asked) -> Answer:
    """POST the first response: within 3 s, once."""
    interaction = places.interactions.get(asked.params["interaction_token"])
    after = time.monotonic() - interaction.sent if interaction else 0.0
    if interaction is None or str(interaction.id) != asked.params["interaction_id"] or after > FIRST_WITHIN:
        if interaction is not None:
            interaction.is_late = True
            interaction.happened()
        raise missing("interaction", 10062)
    if interaction.first is not None:
        raise RefusedError(400, 40060, "Interaction has already been acknowledged.")
    kind, data = asked.body["type"], asked.body.get("data") or {}
    if kind not in _MAY_ANSWER[interaction.kind] or (kind in (DEFERRED, UPDATE) and interaction.source is None):
        raise invalid(places, [f"type: {kind} can't answer an interaction of type {interaction.kind}"])
    _take_first(places, interaction, kind, data, asked.files)
    interaction.first, interaction.first_after = kind, after
    interaction.happened()
    if asked.query.get("with_response") not in ("1", "true"):
        return 204, None
    return 200, _told(interaction, kind)


def _take_first(places: Places, interaction: Interaction, kind: int, data: Json, files: list[Json]) -> None:
    if kind == MODAL:
        if faults := faults_of_modal(data):
            raise invalid(places, faults)
        interaction.modal = data
    elif kind == SUGGESTIONS:
        if faults := faults_of_choices(data.get("choices") or []):
            raise invalid(places, faults)
        interaction.choices = data.get("choices") or []
    elif kind in (DEFERRED, UPDATE):
        interaction.original = interaction.source
        if kind == UPDATE and interaction.source is not None:
            edit(places, interaction.source, data, files)
    elif kind == MESSAGE:
        interaction.original = _put(places, interaction, made(places, interaction.channel, data, files), data)
    else:
        waiting = Message(places.new_id(), interaction.channel, places.bot, places.now(), flags=Flag.LOADING)
        interaction.original = _put(places, interaction, waiting, data)


def _put(places: Places, interaction: Interaction, message: Message, data: Json) -> Message:
    """Show a message to everybody in the channel, or to the one person alone."""
    message.interaction = _metadata(interaction)
    if (data.get("flags") or 0) & Flag.EPHEMERAL or interaction.is_private_only:
        places.private.append(private_to(message, interaction.user))
    else:
        message.flags &= ~Flag.EPHEMERAL
        message.channel.messages.append(message)
        places.messages.append(message)
    return message


def _metadata(interaction: Interaction) -> Json:
    told: Json = {"id": str(interaction.id), "type": interaction.kind, "user": user_json(interaction.user)}
    told["authorizing_integration_owners"] = {}
    if interaction.kind == 3 and interaction.source is not None:
        told["interacted_message_id"] = str(interaction.source.id)
    if interaction.kind == 5:
        told["triggering_interaction_metadata"] = told | {"type": 2}
    return told


def _told(interaction: Interaction, kind: int) -> Json:
    told: Json = {"interaction": {"id": str(interaction.id), "type": interaction.kind}}
    if (message := interaction.original) is None or kind in (MODAL, SUGGESTIONS):
        return told
    told["interaction"] |= {
        "response_message_id": str(message.id), "response_message_loading": message.is_loading,
        "response_message_ephemeral": message.is_private,
    }  # fmt: skip
    if kind in (MESSAGE, UPDATE):
        told["resource"] = {"type": kind, "message": message_json(message)}
    return told


def _open(places: Places, asked: Asked) -> Interaction:
    """Return the interaction whose token this is: answered first, and not older than 15 minutes."""
    interaction = places.interactions.get(asked.params["webhook_token"])
    if interaction is None or int(asked.params["webhook_id"]) != places.bot.id or interaction.first is None:
        raise missing("Webhook", 10015)
    if places.now() - interaction.begun_at > TOKEN_LIVES:
        raise RefusedError(401, 50027, "Invalid Webhook Token")
    return interaction


def _message(interaction: Interaction, which: str) -> Message:
    if which == "@original":
        found = interaction.original
    else:
        known = [*interaction.followups, *([interaction.original] if interaction.original else [])]
        found = next((one for one in known if str(one.id) == which), None)
    if found is None or found.deleted:
        raise missing("Message", 10008)
    return found


def follow_up(places: Places, asked: Asked) -> Answer:
    """POST another message; the first one after "thinking" takes its place and its privacy."""
    interaction = _open(places, asked)
    original = interaction.original
    if original is not None and original.is_loading and not original.deleted:
        edit(places, original, asked.body, asked.files)
        message = original
    else:
        message = _put(places, interaction, made(places, interaction.channel, asked.body, asked.files), asked.body)
        interaction.followups.append(message)
    interaction.happened()
    return 200, message_json(message)


def get_answer(places: Places, asked: Asked) -> Answer:
    """GET the original answer, or one that followed."""
    return 200, message_json(_message(_open(places, asked), asked.params.get("message_id", "@original")))


def edit_answer(places: Places, asked: Asked) -> Answer:
    """PATCH the original answer, or one that followed."""
    interaction = _open(places, asked)
    message = _message(interaction, asked.params.get("message_id", "@original"))
    edit(places, message, asked.body, asked.files)
    interaction.happened()
    return 200, message_json(message)


def delete_answer(places: Places, asked: Asked) -> Answer:
    """DELETE the original answer, or one that followed."""
    interaction = _open(places, asked)
    delete(_message(interaction, asked.params.get("message_id", "@original")))
    interaction.happened()
    return 204, None


_HOOK = "/webhooks/{webhook_id}/{webhook_token}"
_ANSWERS: dict[str, Handler] = {"GET": get_answer, "PATCH": edit_answer, "DELETE": delete_answer}
ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): respond,
    ("POST", _HOOK): follow_up,
}
for _which in ("@original", "{message_id}"):
    ROUTES |= {(method, f"{_HOOK}/messages/{_which}"): handler for method, handler in _ANSWERS.items()}
