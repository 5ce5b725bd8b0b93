"""Each person's follow list: following, muting, and what it brought."""

import re

from bot import text
from bot.authors import resolve_authors
from bot.commands.follow_preview import PREVIEW_DAYS, Preview, month_ago, preview
from bot.commands.search import count_since
from bot.commands.table import PAGE, PAGE_SIZE, Call, Command, Param, Shape, page_actions, required
from bot.commands.whom import ask_which_bearer, ask_whom
from bot.errors import UserError
from bot.follow import Follow, Stance
from bot.likeness import nearest
from bot.query import Rule
from bot.query_parser import parse_rules
from bot.reply import Action, FollowLine, Reply
from bot.store import Session

MAX_FOLLOWS = 500

_EXACTLY = re.compile(r"exactly\b\s*", re.IGNORECASE)


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
                rules[place], unclear = await resolve_authors(rule, session.papers, call.world.index)
                if unclear:
                    return await ask_whom(call, stance, rule, unclear[0])
        for rule in rules:
            if question := await ask_which_bearer(call, stance, rule):
                return question
    added = await _store_all(call, rules, stance)
    confirmed = [await _confirmed(call, stance, rule, stored) for rule, stored in zip(rules, added, strict=True)]
    undo = [Action("Undo", f"unfollow {stored.number}") for stored in added if stored is not None]
    alternatives = [action for one in confirmed for action in one.actions]
    return Reply(
        notice=" ".join(one.words for one in confirmed),
        actions=(*undo, *alternatives, Action("My list", "following")),
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


async def _confirmed(call: Call, stance: Stance, rule: Rule, stored: Follow | None) -> Preview:
    """Return the sentence that confirms a rule, with what it would have met of late."""
    if stored is None:
        return Preview(f"You {stance} {rule.describe_papers()} already.")
    if stance == "mute":
        count = await count_since(call, rule, month_ago(call))
        met = f"{text.plural(count, 'paper')} in the last {PREVIEW_DAYS} days would have been kept away"
        return Preview(f"Muted {rule.describe_papers()} (number {stored.number}): {met}.")
    found = await preview(call, rule)
    return Preview(f"Following {rule.describe_papers()} (number {stored.number}): {found.words}", found.actions)


async def unfollow(call: Call) -> Reply:
    """Remove a follow or a mute, by number or by the rule as it was typed."""
    typed = required(call, "Which one? Give its number or the rule.", "unfollow 2")
    async with call.world.store.write() as session:
        gone = await _of_list(call, session, typed, "unfollow")
        await session.follows.remove(gone)
    said = "Unfollowed" if gone.stance == "follow" else "Unmuted"
    return Reply(
        notice=f"{said} {gone.rule.describe_papers()}.",
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
    near = nearest(typed, [str(entry.rule) for entry in entries], floor=50)
    hint = f"did you mean: {verb} {near}" if near else "following shows it, with the numbers."
    raise UserError(f"Your list has no “{text.shown(typed)}”; {hint}")


async def following(call: Call) -> Reply:
    """Show the caller's whole list, a page at a time."""
    async with call.world.store.read() as session:
        entries = await session.follows.of(call.caller.member.person_id)
    pages = call.pages(len(entries))
    shown = entries[call.offset : call.offset + PAGE_SIZE]
    counts = [await count_since(call, entry.rule, month_ago(call)) for entry in shown]
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
)
