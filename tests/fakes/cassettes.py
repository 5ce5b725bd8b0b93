"""Recorded answers of services, kept by pytest plugins as "cassettes": YAML with the bodies as text, or packed."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

SHARED = Path(__file__).parents[3] / "shared" / "data"
"""Where recorded answers are, beside a checkout; elsewhere there are none."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One answer."""

    uri: str
    status: int
    content_type: str
    body: bytes


def recorded_in(path: Path) -> Iterator[Recorded]:
    """Give the answers of a cassette in their order."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for interaction in yaml.load(path.read_bytes(), Loader=loader)["interactions"]:
        request, response = interaction["request"], interaction["response"]
        told = response["content"] if "content" in response else response["body"]["string"]
        body = told if isinstance(told, bytes) else told.encode()
        headers = {name.lower(): values for name, values in response["headers"].items()}
        status = response["status"]["code"] if "status" in response else response["status_code"]
        yield Recorded(
            request["uri"],
            int(status),
            " ".join(headers.get("content-type", [])),
            gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body,
        )
