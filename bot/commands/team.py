"""What a team does with papers: votes and saves. All are set, never toggled, so that a doubled click does no harm."""

from bot import text
from bot.commands.lookup import one_paper
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.dates import spoken
from bot.latex import readable
from bot.paper import Paper
from bot.reply import Action, Reply, paper_line


async def vote(call: Call) -> Reply:
    """Vote for a paper, for the team to see."""
    paper = await _meant(call, "vote")
    async with call.world.store.write() as session:
        fresh = await session.opinions.vote(call.caller, paper.id, call.now)
        votes = (await session.opinions.votes(call.caller.team.id, [paper.id]))[paper.id]
    said = "You voted" if fresh else "Your vote was there already"
    return _done(paper, f"{said} for “{text.cut(readable(paper.title), 80)}”; the team's votes: {votes:,}.", "unvote")


async def unvote(call: Call) -> Reply:
    """Take a vote back."""
    paper = await _meant(call, "unvote")
    async with call.world.store.write() as session:
        gone = await session.opinions.unvote(call.caller, paper.id)
        votes = (await session.opinions.votes(call.caller.team.id, [paper.id])).get(paper.id, 0)
    said = "You took your vote back" if gone else "There was no vote of yours"
    return _done(paper, f"{said} for “{text.cut(readable(paper.title), 80)}”; the team's votes: {votes:,}.", "vote")


async def save(call: Call) -> Reply:
    """Keep a paper for later."""
    paper = await _meant(call, "save")
    async with call.world.store.write() as session:
        fresh = await session.opinions.save(call.caller, paper.id, call.now)
    said = "Saved" if fresh else "Saved already:"
    return _done(paper, f"{said} “{text.cut(readable(paper.title), 80)}”.", "unsave")


async def unsave(call: Call) -> Reply:
    """Drop a paper from the saved ones."""
    paper = await _meant(call, "unsave")
    async with call.world.store.write() as session:
        gone = await session.opinions.unsave(call.caller, paper.id)
    said = "No longer saved:" if gone else "It was not among your saved papers:"
    return _done(paper, f"{said} “{text.cut(readable(paper.title), 80)}”.", "save")


async def saved(call: Call) -> Reply:
    """Show what the caller saved, the newest first."""
    team = call.caller.team.id
    async with call.world.store.read() as session:
        kept = await session.opinions.saved(call.caller)
        pages = call.pages(len(kept))
        shown = {one.paper: one.at for one in kept[call.offset : call.offset + PAGE_SIZE]}
        papers = await session.papers.get_many(list(shown))
        votes = await session.opinions.votes(team, list(shown))
    lines = [
        paper_line(paper, votes.get(paper.id, 0), (f"saved {spoken(shown[paper.id].date())}",)) for paper in papers
    ]
    return Reply(
        notice=None if kept else "You saved nothing yet; save ID keeps a paper, for example: save 2506.01234",
        heading=f"Saved by you · {text.plural(len(kept), 'paper')}",
        papers=tuple(lines),
        pages=pages,
        actions=page_actions("saved", pages),
    )


async def _meant(call: Call, verb: str) -> Paper:
    return await one_paper(call, required(call, "Which paper? Give its id, address or title.", f"{verb} 2506.01234"))


def _done(paper: Paper, notice: str, undo: str) -> Reply:
    label = paper_line(paper).label
    return Reply(notice=notice, actions=(Action("Undo", f"{undo} {label}"), Action("Card", f"show {label}")))


_PAPER = (Param("paper", Shape.PAPER, "id, address or title", required=True),)
COMMANDS = (
    Command("vote", "vote for a paper, for the team to see", vote, _PAPER, "vote 2506.01234"),
    Command("unvote", "take my vote back", unvote, _PAPER, "unvote 2506.01234"),
    Command("save", "keep a paper for later", save, _PAPER, "save 2506.01234"),
    Command("unsave", "drop it from my saved papers", unsave, _PAPER, "unsave 2506.01234"),
    Command("saved", "the papers that I saved", saved, (PAGE,)),
)
