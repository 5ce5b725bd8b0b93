"""Commands are worked on a few at a time, in their order, and nobody waits for long behind a slow one."""

import asyncio
import itertools

from adapters.discord.turns import Turns


async def test_a_few_work_at_once_in_the_order_in_which_they_came() -> None:
    turns, began, at_work, most = Turns(at_once=2, patience=60), [], 0, 0

    async def work(number: int) -> None:
        nonlocal at_work, most
        async with turns.one():
            began.append(number)
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1

    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(work(number))
    assert (began, most) == (list(range(20)), 2)


async def test_who_waited_long_enough_goes_on_beside_the_slow_one() -> None:
    turns, ended = Turns(at_once=1, patience=0.02), asyncio.Event()

    async def slow() -> None:
        async with turns.one():
            await ended.wait()

    slow_one = asyncio.create_task(slow())
    await asyncio.sleep(0)
    async with asyncio.timeout(5), turns.one():
        assert not slow_one.done()
    ended.set()
    await slow_one


async def test_a_turn_that_fails_or_is_given_up_is_free_again() -> None:
    turns = Turns(at_once=1, patience=60)

    async def broken() -> None:
        async with turns.one():
            raise ZeroDivisionError

    async def waiting() -> None:
        async with turns.one():
            await asyncio.Event().wait()

    for _ in itertools.repeat(None, 3):
        assert isinstance((await asyncio.gather(broken(), return_exceptions=True))[0], ZeroDivisionError)
        given_up = [asyncio.create_task(waiting()) for _ in range(2)]
        await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
    async with asyncio.timeout(1), turns.one():
        pass
