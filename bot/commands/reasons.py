"""Why I did or did not get a paper: follows, mutes, and this channel's digests, each with its reason."""

import datetime as dt
from collections.abc import Mapping

from bot import text
from bot.commands.lookup import find_paper
from bot.commands.table import Call, Command, Param, Shape, required
from bot.composing import local_date
from bot.dates import spoken
from bot.digest import LOOK_BACK, DigestSettings, days_of
from bot.evaluation import Evaluated, evaluate
from bot.follow import Follow, matches_of, muting
from bot.organisations import with_names
from bot.paper import Paper
from bot.ranking import ALL, day_list
from bot.reply import Reply, paper_line
from bot.standing import remedy, resuming, where_it_is
from bot.store import Session
from bot.store_digests import PostedItem


async def why(call: Call) -> Reply:
    """Say why the caller and the channel did or did not get a paper."""
    typed = required(call, "Why which paper? Give its id, address or title.", "why 2506.01234")
    paper = await find_paper(call, typed)
    if isinstance(paper, Reply):
        return paper
    caller = call.caller
    async with call.world.store.read() as session:
        follows = await session.follows.of(caller.member.person_id)
        savers = await session.opinions.savers(caller.team.id, paper.id)
        votes = await session.opinions.votes(caller.team.id, [paper.id])
        channel = await _channel_reasons(call, session, paper)
        names = await session.organisations.names()
    reasons = (*channel, *_personal_reasons(Evaluated(paper, savers), follows, names))
    line = paper_line(paper, votes.get(paper.id, 0), reasons)
    return Reply(heading=f"Why {line.label}", papers=(line,))


async def _channel_reasons(call: Call, session: Session, paper: Paper) -> list[str]:
    channel = call.caller.channel
    posted = (await session.digests.posted(channel.id, [paper.id])).get(paper.id)
    digests = await session.digests.of_channel(channel.id)
    if posted:
        return [await _brought(call, session, posted, digests)]
    if not digests:
        return [f"{channel.key} did not get it: it has no digest"]
    day = paper.announced
    listed = day_list(await session.papers.listed(day, day), day, ALL) if day else []
    names = await session.organisations.names()
    return [
        f"{channel.key} did not get it by digest “{each.name}”: {_why_not(each, paper, listed, names)}"
        for each in digests
    ]


async def _brought(call: Call, session: Session, posted: PostedItem, digests: list[DigestSettings]) -> str:
    """Return which digest brought the paper, or is to bring it: what is composed need not have arrived."""
    channel, because = call.caller.channel, "; ".join(posted.item.why)
    for each in digests:
        row = await session.deliveries.of_slot(each.id, posted.slot) if each.name == posted.digest_name else None
        if row and row.state != "sent":
            where = where_it_is(row, each, call.now)
            then = f"; {remedy(row.last_error or '')}, then {resuming(each, channel)}" if row.state == "blocked" else ""
            has = "may have it" if row.state in ("parked", "sending") else "does not have it yet"
            return f"{channel.key} {has}: it is in {_which(posted)}, which {where}{then} (chosen for: {because})"
    has = "can reach it from" if posted.item.section == "linked" else "had it in"
    return f"{channel.key} {has} {_which(posted)}: {because}"


def _which(posted: PostedItem) -> str:
    by_hand = posted.slot.startswith("now:")
    when = "asked for by hand" if by_hand else f"of {spoken(dt.date.fromisoformat(posted.slot))}"
    digest, place = f"the digest “{posted.digest_name}” {when}", f"as No. {posted.item.place}"
    where = {"main": f", {place}", "late": f", {place}, under Late and rising", "missed": ", under its day"}
    return digest + where.get(posted.item.section, "")


def _why_not(settings: DigestSettings, paper: Paper, listed: list[Paper], names: Mapping[str, str]) -> str:
    """Return the first thing that stands, or stood, between the paper and the digest."""
    if paper.withdrawn:
        return "its authors have withdrawn it"
    if paper.announced is None:
        return "no source has listed it on a day"
    if settings.rule:
        rule = with_names(settings.rule, names)
        verdict = evaluate(rule, Evaluated(paper))
        if not verdict.matched:
            return f"its rule leaves it out: {', '.join(verdict.reasons)}"
        listed = [each for each in listed if evaluate(rule, Evaluated(each)).matched]
    elif paper not in (listed := day_list(listed, paper.announced)):
        return "it was announced, but not picked out by a source; a digest without a rule brings what was"
    if paper.announced < settings.since:
        return f"it was listed on {spoken(paper.announced)}, before the digest was set up"
    place = [each.id for each in listed].index(paper.id) + 1
    where = f"No. {place} of {len(listed)} by votes on {spoken(paper.announced)}"
    if settings.last_slot is None or paper.announced >= settings.last_slot:
        return f"not yet: {where}, and the digest brings the top {settings.top} ({settings.describe_next()})"
    if place <= settings.top:
        if paper.announced < days_of(settings, local_date(settings, settings.next_due_at)).earliest:
            return f"{where} by now, but a digest looks back {LOOK_BACK.days} days only"
        return f"{where} by now; it comes under Late and rising while there is room ({settings.describe_next()})"
    return f"{where}, and the digest brings the top {settings.top}"


def _personal_reasons(paper: Evaluated, entries: list[Follow], names: Mapping[str, str]) -> list[str]:
    matches = matches_of(paper, entries, names)
    reasons = [
        f"your follow {match.follow.number} ({match.follow.rule}) matches it: {', '.join(match.reasons)}"
        for match in matches
    ]
    if mute := muting(paper, entries, names):
        reasons.append(
            f"your mute {mute.follow.number} ({mute.follow.rule}) keeps it away from you: {', '.join(mute.reasons)}"
        )
    if not matches:
        reasons += _nearly(paper, [entry for entry in entries if entry.stance == "follow"], names)
    return reasons


def _nearly(paper: Evaluated, follows: list[Follow], names: Mapping[str, str]) -> list[str]:
    if not follows:
        return ["you follow nothing yet, so no follow could bring it"]
    reasons = []
    for each in follows[:5]:
        if each.paused:
            reasons.append(f"your follow {each.number} ({each.rule}) is paused")
        else:
            verdict = evaluate(with_names(each.rule, names), paper)
            reasons.append(f"your follow {each.number} ({each.rule}) does not match it: {', '.join(verdict.reasons)}")
    if len(follows) > 5:
        reasons.append(f"nor does any of your {text.plural(len(follows) - 5, 'further follow')}")
    return reasons


COMMANDS = (
    Command(
        "why",
        "why I, or this channel, did or did not get a paper",
        why,
        (Param("paper", Shape.PAPER, "id, address or title", required=True),),
        "why 2506.01234",
    ),
)
