"""A crowd in the fake Discord, in a process of its own beside the bot that is measured.

Start it in the project's folder with `python -c "from tests.fakes.discord_crowd import main; main()"`. It prints where
Discord is: {"token", "api_url", "gateway_url"}. For each line of JSON that it reads, it prints one:

{"do": "guilds", "count": 1000}: makes guilds with a channel and a person each; prints {"guilds": [[guild, channel]]}.
{"do": "type", "seconds": 10, "per_second": 200, "commands": [["papers search", {"words": "diffusion"}]]}: lets people
type these in turn, whether earlier ones are answered or not; prints {"acks", "answers": milliseconds, "failed",
"posted": what else the bot posted meanwhile}.
{"do": "suggest", ..., "commands": [["papers follow author", {"name": "yan"}]]}: the same for what is typed into the
first option of each; without "answers".
{"do": "posted"}: prints {"posted": how many messages the bot has posted, "broken": the rules it broke}.
"""

import asyncio
import itertools
import json
import sys
import time
from typing import Any

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_people import Person
from tests.fakes.discord_world import Json

_ANSWERED_WITHIN = 60.0


class Crowd:
    """People of as many guilds as were asked for."""

    def __init__(self, fake: FakeDiscord) -> None:
        self.fake = fake
        self.people: list[Person] = []

    async def does(self, told: Json) -> Json:
        """Do what a line says; return what to print."""
        if told["do"] == "guilds":
            return {"guilds": [self._settle(number) for number in range(told["count"])]}
        if told["do"] == "posted":
            return {"posted": len(self.fake.posted()), "broken": self.fake.broken}
        return await self._busy(told)

    def _settle(self, number: int) -> list[str]:
        guild = self.fake.add_guild(f"Lab {number}")
        channel = guild.channel("papers")
        self.people.append(self.fake.person(f"person {number}", channel))
        return [str(guild.id), str(channel.id)]

    async def _busy(self, told: Json) -> Json:
        """Start everything at its time; wait until all is answered."""
        before, began = len(self.fake.posted()), time.perf_counter()
        acks: list[float | None] = []
        answers: list[float] = []
        people, commands = itertools.cycle(self.people), itertools.cycle(told["commands"])
        async with asyncio.TaskGroup() as tasks:
            for number in range(int(told["seconds"] * told["per_second"])):
                await asyncio.sleep(max(0.0, began + number / told["per_second"] - time.perf_counter()))
                command, options = next(commands)
                doing = self._suggest if told["do"] == "suggest" else self._type
                tasks.create_task(doing(next(people), command, options, acks, answers))
        during = len(self.fake.posted()) - before
        in_time = [ack for ack in acks if ack is not None]
        return {"acks": in_time, "answers": answers, "failed": len(acks) - len(in_time), "posted": during}

    async def _type(
        self, person: Person, command: str, options: Json, acks: list[float | None], answers: list[float]
    ) -> None:
        began = time.perf_counter()
        seen = await person.types(command, wait=False, **options)
        acks.append(None if seen.failed else seen.first_after * 1000)
        if not seen.failed:
            await seen.answered(within=_ANSWERED_WITHIN)
            answers.append((time.perf_counter() - began) * 1000)

    async def _suggest(
        self, person: Person, command: str, options: Json, acks: list[float | None], answers: list[float]
    ) -> None:
        seen = await person.suggests(command, focused=next(iter(options)), **options)
        acks.append(None if seen.failed else seen.first_after * 1000)


async def serve() -> None:
    """Be Discord, and the crowd in it, until there are no more lines."""
    async with FakeDiscord(spec=None) as fake:
        _say({"token": fake.token, "api_url": fake.api_url, "gateway_url": fake.gateway_url})
        crowd = Crowd(fake)
        while line := await asyncio.to_thread(sys.stdin.readline):
            _say(await crowd.does(json.loads(line)))


def _say(told: Any) -> None:
    print(json.dumps(told), flush=True)  # noqa: T201 - it is what the bench reads


def main() -> None:
    """Run until the standard input ends."""
    asyncio.run(serve())
