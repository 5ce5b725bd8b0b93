"""`paperround restored`: after a backup was put back, nothing that was posted since is posted again."""

from adapters.cli.lock import one_service
from adapters.cli.run import inbox_memory, open_world
from adapters.cli.settings import Settings
from bot import text
from bot.ports import Clock


async def restored(settings: Settings, clock: Clock) -> str:
    """Mark what may be known no more, and return in words what will be read back.

    Raises StoreError, also where a service runs on the SQLite file: it would go on with what it remembers.
    """
    with one_service(settings.store_url):
        return await _restored(settings, clock)


async def _restored(settings: Settings, clock: Clock) -> str:
    async with open_world(settings, clock, index_later=True) as world:
        async with world.store.write() as session:
            count = await session.deliveries.restored(clock.now(), world.timings.restored)
        inbox_memory(settings, world).unlink(missing_ok=True)  # what it brought may be lost: it is read again
        days = text.plural(world.timings.restored.days, "day")
    return (
        f"The service will read back what may have been posted: {text.plural(count, 'message')} of the last {days} or"
        " still on the way, and every digest that was due before now. What stands in its channel is not posted again."
        " Start it now: paperround run"
    )
