"""What is linked with a paper on Hugging Face: models, datasets and Spaces whose descriptions name it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bot import text
from bot.paper import Paper
from bot.paper_ids import Scheme

_SITE = "https://huggingface.co"


@dataclass(frozen=True, slots=True)
class LinkedCounts:
    """How many there are of each."""

    models: int = 0
    datasets: int = 0
    spaces: int = 0


class Linked(Protocol):
    """Where they are asked for."""

    async def of(self, paper: Paper) -> LinkedCounts | None:
        """Return how many there are, within two seconds; None where nobody knows. Raises nothing but StoreError."""
        ...


def linked_links(paper: Paper, counts: LinkedCounts) -> Iterator[tuple[str, str]]:
    """Yield the links of a card to what there is, each with its label: "3 models"."""
    paper_id = next(name.value for name in paper.names if name.scheme is Scheme.ARXIV)
    found = (
        (counts.models, "model", f"models?other=arxiv:{paper_id}"),
        (counts.datasets, "dataset", f"datasets?other=arxiv:{paper_id}"),
        (counts.spaces, "Space", f"papers/{paper_id}"),  # whose page names them: Spaces can't be looked for by paper
    )
    for count, thing, place in found:
        if count:
            yield text.plural(count, thing), f"{_SITE}/{place}"
