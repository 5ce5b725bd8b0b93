"""`paperround organisation`: which spellings of organisations are one, to be looked at and edited."""

from collections.abc import Iterable, Mapping

from adapters.cli.process import MisuseError
from adapters.cli.run import open_world
from adapters.cli.settings import Settings
from bot import text
from bot.likeness import nearest
from bot.organisations import SPELLINGS, folded, key, with_folded
from bot.ports import Clock


async def organisations(settings: Settings, clock: Clock) -> dict[str, dict[str, object]]:
    """Return every organisation that papers have, by name: how many papers, and what is folded into it.

    Behind them come those that only the operator has named.
    """
    async with open_world(settings, clock, index_later=True) as world, world.store.read() as session:
        names, spelled = await session.organisations.names(), await session.organisations.spelled()
    counts = dict.fromkeys(names.values(), 0) | spelled
    return {
        name: {"papers": count, "spellings": _spellings(name, names)}
        for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    }


def organisations_words(found: Mapping[str, Mapping[str, object]]) -> str:
    """Return the same as a person reads it."""
    lines = []
    for name, told in found.items():
        spellings = told["spellings"]
        also = f"  (also: {', '.join(spellings)})" if isinstance(spellings, list) and spellings else ""
        lines.append(f"{told['papers']:>6,}  {text.shown(name, 100)}{also}")
    return "\n".join(lines) or "No paper here has an organisation yet."


async def fold(settings: Settings, clock: Clock, spelling: str, name: str) -> str:
    """Call a spelling by a name from now on, in stored papers too; return what changed, in words.

    A spelling that is folded into itself is left alone, whatever our own table says of it. Raises MisuseError.
    """
    told, wanted = text.shown(spelling, 300), text.shown(name, 300)
    if not key(told) or not key(wanted):
        raise MisuseError("an organisation's name needs at least one letter or digit")
    async with open_world(settings, clock) as world:
        async with world.store.write() as session:
            ruled = key(told) in await session.organisations.names()
            await session.organisations.set_name(told, wanted)
            names, spelled = await session.organisations.names(), await session.organisations.spelled()
            changed = 0
            for each in spelled:
                if key(each) == key(told) and folded(each, names) != each:
                    held = await session.papers.known(await session.organisations.papers_of(each))
                    papers = [with_folded(stored[0], names) for stored in held.values()]
                    await session.papers.save(papers, clock.now())
                    changed += len(papers)
        await world.index.catch_up()
    done = f"{told} is called {wanted} from now on: {text.plural(changed, 'stored paper')} changed."
    return done if ruled or any(key(each) == key(told) for each in spelled) else f"{done} {_unknown(told, spelled)}"


def _unknown(told: str, spelled: Iterable[str]) -> str:
    """Return what to do where no paper has a spelling: it is to come, or misspelt."""
    near = nearest(told, spelled)
    meant = f"did you mean {text.shown(near, 100)}? " if near else ""
    return f"None is spelled so as yet; {meant}paperround organisation list shows how they are."


def _spellings(name: str, names: Mapping[str, str]) -> list[str]:
    ours = [each for each in SPELLINGS.get(name, ()) if folded(each, names) == name]
    return sorted({*ours, *(each for each, into in names.items() if into == name and each != key(name))})
