"""What Semantic Scholar recommends to read beside a paper: another opinion than our own of what is like it."""

from collections.abc import Sequence
from typing import Protocol

from bot.paper import Paper
from bot.paper_ids import PaperId

NAME = "Semantic Scholar"


class Recommended(Protocol):
    """Where recommendations are asked for."""

    def knows(self, paper: Paper) -> bool:
        """Return whether it can be asked about the paper: whether it knows a name of that kind."""
        ...

    async def for_paper(self, paper: Paper) -> Sequence[PaperId] | None:
        """Return what it recommends, the best first, within two seconds; all of it is in the store.

        None where there is no answer; where there was one before, that. Raises nothing but StoreError.
        """
        ...
