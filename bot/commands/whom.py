"""Asks which author a name in a rule means: several names that it could be, or several people of one name."""

from bot import text
from bot.authors import Unclear
from bot.commands.table import Call
from bot.follow import Stance
from bot.namesakes import Portrait, people
from bot.paper import Paper
from bot.query import Kind, Rule, Term
from bot.reply import Action, Reply

_CHOICES = 8
_LOOKED_AT = 100
"""Papers of a name that are looked at to tell its bearers apart: the newest."""


async def ask_whom(call: Call, stance: Stance, rule: Rule, unclear: Unclear) -> Reply:
    """Ask which of several names is meant, each with how many papers it has here."""
    counts = await call.world.index.author_counts(unclear.names)
    names = sorted(unclear.names, key=lambda name: -counts[name]) if unclear.known else list(unclear.names)
    named = [f"{name} ({text.plural(counts[name], 'paper')})" for name in names[:_CHOICES]]
    more = len(names) - len(named)
    if unclear.known:
        several = text.plural(len(names), "person", "people")
        question = f"“{text.shown(unclear.typed)}” may be {several}: {', '.join(named)}"
        question += f" and {more:,} more. Give the name in full." if more > 0 else ". Whom do you mean?"
    else:
        question = f"No paper here is by “{text.shown(unclear.typed)}”. Did you mean {text.either(named)}?"
    question += f" Write, for example: {stance} {_with_author(rule, unclear.typed, names[0])}"
    actions = [Action(name, f"{stance} {_with_author(rule, unclear.typed, name)}") for name in names[:_CHOICES]]
    actions.append(Action(f"As typed: {text.shown(unclear.typed, 20)}", f"{stance} exactly {rule}"))
    return Reply(notice=question, actions=tuple(actions))


async def ask_which_bearer(call: Call, stance: Stance, rule: Rule) -> Reply | None:
    """Ask which of several people of one name is meant; None where the papers tell of one alone.

    Only a rule that is nothing but that name is asked about: anything else in it tells people apart already.
    """
    if len(rule.terms) != 1 or not rule.wanted(Kind.AUTHOR):
        return None
    (name,) = rule.wanted(Kind.AUTHOR)
    bearers = people(name, await _papers_by(call, rule))
    if len(bearers) < 2:
        return None
    choices = [Rule.of([*rule.terms, *(Term(Kind.CATEGORY, name) for name in each.archives)]) for each in bearers]
    told = " ".join(f"{choice}: {_portrayed(each)}." for choice, each in zip(choices, bearers, strict=True))
    everybody = f"{stance} exactly {rule}"
    return Reply(
        notice=f"{rule} may be {len(bearers)} people. {told} For {_all(len(bearers))}: {everybody}",
        actions=(
            *(Action(text.cut(str(choice), 40), f"{stance} {choice}") for choice in choices),
            Action("All of them", everybody),
        ),
    )


def _all(count: int) -> str:
    return "both" if count == 2 else f"all {count}"


async def _papers_by(call: Call, rule: Rule) -> list[Paper]:
    found = await call.world.index.search((rule,), order="newest", limit=_LOOKED_AT)
    async with call.world.store.read() as session:
        return await session.papers.get_many(found.ids)


def _portrayed(bearer: Portrait) -> str:
    beside = f", with {text.either(list(bearer.coauthors[:2])).replace(' or ', ' and ')}" if bearer.coauthors else ""
    return f"{text.plural(bearer.papers, 'paper')}{beside}"


def _with_author(rule: Rule, typed: str, name: str) -> Rule:
    """Return the rule with one author's name in place of what was typed."""
    return Rule.of(
        Term(term.kind, name, term.excluded) if (term.kind, term.value) == (Kind.AUTHOR, typed) else term
        for term in rule.terms
    )
