"""Questions for one thing by its id, where "we don't have that" is an answer."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.ports import Batch

if TYPE_CHECKING:  # aiohttp takes 0.15 s to import; whoever reads files alone does without
    from adapters.sources.fetcher import Fetcher


async def looked_up(fetcher: "Fetcher", url: str, params: Mapping[str, str], who: str, what: str) -> object:
    """Return the JSON value found there. AbsentError "`who` does not know `what`." for a 404; else SourceError."""
    from adapters.sources.refusals import AbsentError  # with aiohttp: see above

    try:
        return await fetcher.json(url, params)
    except AbsentError as absent:
        raise AbsentError(f"{who} does not know {what}.") from absent


def known(batch: Batch, who: str, what: str) -> Batch:
    """Return a batch with what was found. AbsentError, as above, where an empty list stands for a 404."""
    from adapters.sources.refusals import AbsentError

    if not batch.papers and not batch.skipped:
        raise AbsentError(f"{who} does not know {what}.")
    return batch
