"""`paperround unmerge`: two works that were taken for one are two papers again."""

from adapters.cli.process import MisuseError
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot import text
from bot.paper import Paper
from bot.ports import Clock
from bot.references import parse_reference
from bot.unmerging import called, unmerge


async def part(settings: Settings, clock: Clock, typed: str) -> str:
    """Undo the merge that made an id another paper's; return in words what the two are now. Raises UserError."""
    found = parse_reference(typed)
    if found is None:
        raise MisuseError(f"{text.shown(typed)} is no paper's id; write it like doi:10.1000/182, or 2506.01234")
    async with open_world(settings, clock, index_later=True) as world:
        left, gone = await unmerge(world.store, found.id, clock.now())
        await world.index.catch_up()
    return f"Two papers from now on, whatever a source says:\n  {_words(left)}\n  {_words(gone)}"


def _words(paper: Paper) -> str:
    return f"{called(paper.id, paper)}  {text.cut(text.shown(paper.title, 300), 90)}"
