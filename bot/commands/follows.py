"""Each person's follow list: following, muting, and what it brought."""

import asyncio
import datetime as dt
import re

from bot import text
from bot.authors import Unclear, resolve_authors
from bot.commands.search import count_since, saves_named
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.dates import parse_day, spoken
from bot.errors import UserError
from bot.evaluation import Evaluated
from bot.follow import Follow, Stance, matches_of
from bot.likeness import nearest
from bot.paper import Paper
from bot.paper_ids import PaperId
from bot.ports import Session
from bot.query import Kind, Rule, Term
from bot.query_parser import parse_rules
from bot.reply import Action, FollowLine, Reply, paper_line

MAX_FOLLOWS = 500
PREVIEW_DAYS = 30
FLOOD = 150
"""Papers in 30 days from which a follow is told to be a flood: more than five a day."""

_EXACTLY = re.compile(r"exactly\b\s*", re.IGNORECASE)
_CHOICES = 8


async def follow(call: Call) -> Reply:
    """Follow what a rule states."""
    return await _add(call, "follow")


async def mute(call: Call) -> Reply:
    """Keep away what a rule states."""
    return await _add(call, "mute")


async def _add(call: Call, stance: Stance) -> Reply:
    typed = required(call, f"What shall I {stance}?", f'{stance} author:"Yann LeCun" or {stance} diffusion cat:cs.CV')
    exactly = _EXACTLY.match(typed)
    rules = list(parse_rules(typed[exactly.end() :] if exactly else typed))
    if not exactly:
        async with call.world.store.read() as session:
            for place, rule in enumerate(rules):
                rules[place], unclear = await resolve_authors(rule, session.papers)
                if unclear:
                    return await _ask_who(call, stance, rule, unclear[0])
    added = await _store_all(call, rules, stance)
    notices = [await _confirmation(call, stance, rule, stored) for rule, stored in zip(rules, added, strict=True)]
    new = [stored for stored in added if stored is not None]
    return Reply(
        notice=" ".join(notices),
        actions=(*(Action("Undo", f"unfollow {stored.number}") for stored in new), Action("My list", "following")),
    )


async def _store_all(call: Call, rules: list[Rule], stance: Stance) -> list[Follow | None]:
    """Store the rules that are not in the list yet; None stands for one that is."""
    person = call.caller.member.person_id
    added: list[Follow | None] = []
    async with call.world.store.write() as session:
        known = {(each.rule.key, each.stance) for each in await session.follows.of(person)}
        if len(known) + len(rules) > MAX_FOLLOWS:
            raise UserError(f"Your list is full ({MAX_FOLLOWS} rules); remove some first: following")
        for rule in rules:
            fresh = (rule.key, stance) not in known
            known.add((rule.key, stance))
            added.append(await session.follows.add(person, rule, stance, call.now) if fresh else None)
    return added


async def _confirmation(call: Call, stance: Stance, rule: Rule, stored: Follow | None) -> str:
    doing = "follow" if stance == "follow" else "mute"
    if stored is None:
        return f"You {doing} papers {rule.describe()} already."
    count = await count_since(call, rule, _month_ago(call))
    met = f"{text.plural(count, 'paper')} in the last {PREVIEW_DAYS} days"
    if stance == "mute":
        return f"Muted papers {rule.describe()} (number {stored.number}): {met} would have been kept away."
    return f"Following papers {rule.describe()} (number {stored.number}): {met}{_remark(count)}"


def _remark(count: int) -> str:
    if count == 0:
        return ". You will hear of the first one; or check the words with search."
    if count > FLOOD:
        return " — that is a flood; another word or facet narrows it."
    return "."


async def _ask_who(call: Call, stance: Stance, rule: Rule, unclear: Unclear) -> Reply:
    """Ask which author is meant, each with how many papers they have here."""
    counts = [(await _papers_by(call, name), name) for name in unclear.names[: 5 * _CHOICES]]
    if unclear.known:  # names that only look alike stand in order of likeness
        counts.sort(key=lambda pair: (-pair[0], pair[1]))
    named = [f"{name} ({text.plural(count, 'paper')})" for count, name in counts[:_CHOICES]]
    more = len(unclear.names) - len(named)
    if unclear.known:
        people = text.plural(len(unclear.names), "person", "people")
        question = f"“{text.shown(unclear.typed)}” may be {people}: {', '.join(named)}"
        question += f" and {more:,} more. Give the name in full." if more > 0 else ". Whom do you mean?"
    else:
        question = f"No paper here is by “{text.shown(unclear.typed)}”. Did you mean {text.either(named)}?"
    question += f" Write, for example: {stance} {_with_author(rule, unclear.typed, counts[0][1])}"
    actions = [Action(name, f"{stance} {_with_author(rule, unclear.typed, name)}") for _, name in counts[:_CHOICES]]
    actions.append(Action(f"As typed: {text.shown(unclear.typed, 20)}", f"{stance} exactly {rule}"))
    return Reply(notice=question, actions=tuple(actions))


async def _papers_by(call: Call, name: str) -> int:
    found = await call.world.index.search((Rule.of([Term(Kind.AUTHOR, name)]),), limit=0)
    return found.total


def _with_author(rule: Rule, typed: str, name: str) -> Rule:
    """Return the rule with one author's name in place of what was typed."""
    return Rule.of(
        Term(term.kind, name, term.excluded) if (term.kind, term.value) == (Kind.AUTHOR, typed) else term
        for term in rule.terms
    )


async def unfollow(call: Call) -> Reply:
    """Remove a follow or a mute, by number or by the rule as it was typed."""
    typed = required(call, "Which one? Give its number or the rule.", "unfollow 2")
    async with call.world.store.write() as session:
        gone = await _of_list(call, session, typed, "unfollow")
        await session.follows.remove(gone)
    said = "Unfollowed" if gone.stance == "follow" else "Unmuted"
    return Reply(
        notice=f"{said} papers {gone.rule.describe()}.",
        actions=(Action("Undo", f"{gone.stance} exactly {gone.rule}"), Action("My list", "following")),
    )


async def pause(call: Call) -> Reply:
    """Leave a follow or mute in the list, without effect."""
    return await _set_paused(call, True)


async def resume(call: Call) -> Reply:
    """Give a paused follow or mute its effect again."""
    return await _set_paused(call, False)


async def _set_paused(call: Call, paused: bool) -> Reply:
    verb, opposite = ("pause", "resume") if paused else ("resume", "pause")
    typed = required(call, "Which one? Give its number.", f"{verb} 2")
    async with call.world.store.write() as session:
        chosen = await _of_list(call, session, typed, verb)
        await session.follows.set_paused(chosen, paused)
    return Reply(
        notice=f"{'Paused' if paused else 'Resumed'} number {chosen.number}: {chosen.stance} {chosen.rule}",
        actions=(Action("Undo", f"{opposite} {chosen.number}"), Action("My list", "following")),
    )


async def _of_list(call: Call, session: Session, typed: str, verb: str) -> Follow:
    """Return the entry of the caller's list that a number or a rule names. Raises UserError."""
    entries = await session.follows.of(call.caller.member.person_id)
    if not entries:
        raise UserError('Your list is empty; start it, for example: follow author:"Yann LeCun"')
    if re.fullmatch(r"#?[0-9]{1,9}", typed):
        number = int(typed.lstrip("#"))
        chosen = next((entry for entry in entries if entry.number == number), None)
        if chosen is None:
            raise UserError(f"Your list has no number {number}; following shows it, with the numbers.")
        return chosen
    keys = {rule.key for rule in parse_rules(_EXACTLY.sub("", typed, count=1))}
    for entry in entries:
        if entry.rule.key in keys:
            return entry
    near = nearest(typed, [str(entry.rule) for entry in entries], floor=50) or str(entries[0].rule)
    raise UserError(f"Your list has no “{text.shown(typed)}”; did you mean: {verb} {near}")


async def following(call: Call) -> Reply:
    """Show the caller's whole list, a page at a time."""
    async with call.world.store.read() as session:
        entries = await session.follows.of(call.caller.member.person_id)
    pages = call.pages(len(entries))
    shown = entries[call.offset : call.offset + PAGE_SIZE]
    counts = [await count_since(call, entry.rule, _month_ago(call)) for entry in shown]
    lines = {
        stance: tuple(
            FollowLine(entry.number, str(entry.rule), count, entry.paused)
            for entry, count in zip(shown, counts, strict=True)
            if entry.stance == stance
        )
        for stance in ("follow", "mute")
    }
    return Reply(
        notice=None if entries else 'You follow nothing yet. Start, for example: follow author:"Yann LeCun"',
        heading="Your follow list",
        pages=pages,
        follows=lines["follow"],
        mutes=lines["mute"] or None,
        actions=(*_list_actions(shown), *page_actions("following", pages)),
    )


def _list_actions(entries: list[Follow]) -> list[Action]:
    return [
        action
        for entry in entries
        for action in (
            Action(
                f"{'Resume' if entry.paused else 'Pause'} {entry.number}",
                f"{'resume' if entry.paused else 'pause'} {entry.number}",
            ),
            Action(f"Remove {entry.number}", f"unfollow {entry.number}"),
        )
    ]


def _month_ago(call: Call) -> dt.date:
    return call.today - dt.timedelta(days=PREVIEW_DAYS)


async def mine(call: Call) -> Reply:
    """Show what matched the caller's follows since a day, with the rules that brought each paper."""
    since = parse_day(call.rest, call.today) if call.rest else call.today - dt.timedelta(days=7)
    async with call.world.store.read() as session:
        entries = await session.follows.of(call.caller.member.person_id)
    active = [entry for entry in entries if entry.stance == "follow" and not entry.paused]
    if not active:
        raise UserError('You follow nothing that could bring papers; start, for example: follow author:"Yann LeCun"')
    query = tuple(entry.rule for entry in active)
    mutes = [entry.rule for entry in entries if entry.stance == "mute" and not entry.paused]
    saves = await saves_named(call, (*query, *mutes))
    found = await call.world.index.search(
        query,
        order="newest",
        since=since,
        until=call.today,
        excluding=mutes,
        saves=saves,
        offset=call.offset,
        limit=PAGE_SIZE,
    )
    async with call.world.store.read() as session:
        papers = await session.papers.get_many(found.ids)
        votes = await session.opinions.votes(call.caller.team.id, found.ids)
        savers = (
            {paper.id: await session.opinions.savers(call.caller.team.id, paper.id) for paper in papers}
            if saves
            else {}
        )
    reasons = await asyncio.to_thread(_reasons, papers, active, savers)
    pages = call.pages(found.total)
    command = f"mine {call.rest}".strip()
    return Reply(
        notice=None if papers else f"Nothing matched your {text.plural(len(active), 'follow')} since {spoken(since)}.",
        heading=f"Matched by your follows since {spoken(since)} · {text.plural(found.total, 'paper')}",
        papers=tuple(paper_line(paper, votes.get(paper.id, 0), reasons[paper.id]) for paper in papers),
        pages=pages,
        actions=page_actions(command, pages),
    )


def _reasons(
    papers: list[Paper], follows: list[Follow], savers: dict[PaperId, list[str]]
) -> dict[PaperId, tuple[str, ...]]:
    """Return for each paper which follow brought it, and by which words."""
    return {
        paper.id: tuple(
            f"follow {match.follow.number}: {match.follow.rule} — {', '.join(match.reasons)}"
            for match in matches_of(Evaluated(paper, savers.get(paper.id, ())), follows)
        )
        for paper in papers
    }


_RULE = Param("rule", Shape.RULE, "words, phrases and facets; ; separates rules", required=True)
_ENTRY = Param("number", Shape.NUMBER, "its number in your list, or the rule", required=True)
COMMANDS = (
    Command(
        "follow",
        "bring me papers that match a rule",
        follow,
        (_RULE,),
        'follow author:"Yann LeCun" ; diffusion -cat:cs.CV',
    ),
    Command("unfollow", "remove a follow or a mute", unfollow, (_ENTRY,), "unfollow 2"),
    Command("following", "my follows and mutes, to pause or remove", following, (PAGE,)),
    Command("mute", "never bring me papers that match a rule", mute, (_RULE,), "mute cat:cs.CR"),
    Command("pause", "leave a follow or mute in my list without effect", pause, (_ENTRY,), "pause 2"),
    Command("resume", "give it its effect again", resume, (_ENTRY,), "resume 2"),
    Command(
        "mine",
        "what my follows brought, each with the rule",
        mine,
        (Param("since", Shape.DAY, "from that day on; 7 days where none is given"), PAGE),
        "mine 30d",
    ),
)
