"""Discord's own description of its API, where it's at hand: every request and every answer is held against it.

The file is no part of the project. Where it's absent the hand-written rules (discord_rules.py) run alone, as always.
Known gaps of the description: 4000 characters of content where a bot has 2000, and no 6000 over all embeds.
"""

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has no types
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.fakes.discord_world import Json

FILE = Path(__file__).parents[2].parent / "shared" / "specs" / "discord-openapi.json"
_BASE = "urn:discord"

EXCEPTIONS: tuple[tuple[str, str], ...] = (
    (
        "SnowflakeType in requests is text or a number",
        "discord.py sends ids as numbers (recipient_id, allowed_mentions.users and .roles), and Discord takes them",
    ),
)
"""Where the description is not followed, and why. Answers are held to it without exception."""


class Spec:
    """The description, with a validator for each body that was met."""

    def __init__(self, told: Json) -> None:
        self.paths: Json = told["paths"]
        self._of_answers: Registry[Any] = _registry(told)
        schemas = told["components"]["schemas"]
        either = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
        widened = told | {"components": told["components"] | {"schemas": schemas | {"SnowflakeType": either}}}
        self._of_requests: Registry[Any] = _registry(widened)
        self._schemas: Json = schemas
        plain = jsonschema.Draft202012Validator
        quicker = {word: self._by_type(plain.VALIDATORS[word]) for word in ("oneOf", "anyOf")}
        self._kind = jsonschema.validators.extend(plain, quicker)

    def faults_of_request(self, method: str, route: str, body: Any) -> list[str]:
        """Return what is wrong with a request's body."""
        operation = self._operation(method, route)
        if operation is None:
            return ["is not described"]
        if "requestBody" not in operation or body is None:
            return []
        place = ("paths", route, method.lower(), "requestBody", "content", "application/json", "schema")
        return self._faults(place, body)

    def faults_of_answer(self, method: str, route: str, status: int, body: Any) -> list[str]:
        """Return what is wrong with an answer's body."""
        operation = self._operation(method, route)
        if operation is None:
            return ["is not described"]
        if status >= 500:
            return []
        if status == 429 or status >= 400:
            named = "ClientRatelimitedResponse" if status == 429 else "ClientErrorResponse"
            return self._faults(("components", "responses", named, "content", "application/json", "schema"), body)
        if (answer := operation["responses"].get(str(status))) is None:
            return [f"no answer {status} is described"]
        if "content" not in answer:
            return [] if body is None else [f"{status} has no body"]
        place = ("paths", route, method.lower(), "responses", str(status), "content", "application/json", "schema")
        return self._faults(place, body)

    def _operation(self, method: str, route: str) -> Json | None:
        found: Json | None = self.paths.get(route, {}).get(method.lower())
        return found

    def _faults(self, place: tuple[str, ...], body: Any) -> list[str]:
        return _told(self._validator(place).iter_errors(body))

    @functools.cache  # noqa: B019 - one Spec lives as long as the process
    def _validator(self, place: tuple[str, ...]) -> Any:
        pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
        registry = self._of_requests if "requestBody" in place else self._of_answers
        return self._kind({"$ref": f"{_BASE}#/{pointer}"}, registry=registry)

    def _by_type(self, usual: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        """Return a choice between schemas that looks at the one alone whose `type` a thing has, where there is one.

        The same is refused as by trying them all, ten times as fast, and the fault is that of the schema meant.
        """

        def choose(validator: Any, choices: list[Json], thing: Any, schema: Json) -> Iterator[Any]:
            fitting = [one for one in choices if self._may_be(one, thing)]
            if len(fitting) == 1:
                yield from validator.descend(thing, fitting[0])
            else:
                yield from usual(validator, choices, thing, schema)

        return choose

    def _may_be(self, schema: Json, thing: Any) -> bool:
        """Whether a thing's `type` doesn't exclude a schema already."""
        if not isinstance(thing, dict) or "type" not in thing:
            return True
        schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        kinds = schema.get("properties", {}).get("type", {}).get("enum")
        return schema.get("type") in (None, "object") and (kinds is None or thing["type"] in kinds)


def _registry(told: Json) -> Registry[Any]:
    registry: Registry[Any] = Registry().with_resource(_BASE, DRAFT202012.create_resource(told))
    return registry


def _told(errors: Iterable[Any]) -> list[str]:
    """Return errors as text; of a choice between schemas, what is wrong with the likeliest."""
    found = []
    for error in errors:
        deepest = jsonschema.exceptions.best_match([error])
        path = "/".join(str(part) for part in deepest.absolute_path)
        found.append(f"{path or 'body'}: {deepest.message[:300]}")
    return found


@functools.cache
def described() -> Spec | None:
    """Return Discord's description, None where it isn't at hand."""
    return Spec(json.loads(FILE.read_text())) if FILE.exists() else None
