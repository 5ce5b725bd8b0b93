"""`paperround keys`: the keys with which tokens are stored."""

from adapters.cli.settings import Settings
from bot import text
from bot.ports import Clock
from storage.database import open_store
from storage.vault import SealedVault, new_key


def fresh_key() -> str:
    """Return a new key."""
    return new_key()


async def rotate_keys(settings: Settings, clock: Clock) -> str:
    """Seal every token anew with the first key; return in words how many there were. Raises StoreError."""
    store = await open_store(settings.store_url)
    try:
        count = await SealedVault(store, clock, settings.keys).rotate()
    finally:
        await store.close()
    return (
        f"{text.plural(count, 'token')} sealed with the first key of PAPERROUND_ENCRYPTION_KEYS."
        " When every service runs with that key first, the others can be taken out."
    )
