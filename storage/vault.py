"""Opens and seals teams' secrets. Without the keys, which are a setting, the database is of no use to anybody.

MultiFernet (https://cryptography.io/en/latest/fernet/): the first key seals, each may open, so that keys can be
changed while the service runs.
"""

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import StoreError
from bot.ports import Clock
from bot.store import Store
from bot.store_secrets import Secret

NO_KEY = (
    "There is no key to encrypt tokens with; make one with: paperround keys new,"
    " and set it as PAPERROUND_ENCRYPTION_KEYS."
)


class SealedVault:
    """Implements `bot.ports.Vault` on a store. Raises StoreError for a key that is none."""

    def __init__(self, store: Store, clock: Clock, keys: Sequence[str]) -> None:
        self._store = store
        self._clock = clock
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None
        except ValueError:
            raise StoreError(
                "PAPERROUND_ENCRYPTION_KEYS holds a key that is none; make one with: paperround keys new"
            ) from None

    async def get(self, platform: str, team: str, name: str) -> str | None:
        """Return a team's secret of that name. Raises StoreError where no key opens it."""
        async with self._store.read() as session:
            found = await session.secrets.get(platform, team, name)
        return None if found is None else self._opened(found)

    async def put(self, platform: str, team: str, name: str, secret: str) -> None:
        """Store it, in place of one that is there. Raises StoreError without a key."""
        if self._fernet is None:
            raise StoreError(NO_KEY)
        sealed = self._fernet.encrypt(secret.encode()).decode()
        async with self._store.write() as session:
            await session.secrets.put(Secret(platform, team, name, sealed), self._clock.now())

    async def forget(self, platform: str, team: str) -> None:
        """Delete all of a team's."""
        async with self._store.write() as session:
            await session.secrets.forget(platform, team)

    async def rotate(self) -> int:
        """Seal everything anew with the first key; return how many secrets that was. Raises StoreError."""
        if self._fernet is None:
            raise StoreError(NO_KEY)
        async with self._store.write() as session:
            found = await session.secrets.all()
            for secret in found:
                sealed = self._fernet.encrypt(self._opened(secret).encode()).decode()
                await session.secrets.put(Secret(secret.platform, secret.team, secret.name, sealed), self._clock.now())
        return len(found)

    def _opened(self, secret: Secret) -> str:
        if self._fernet is None:
            raise StoreError(NO_KEY)
        try:
            return self._fernet.decrypt(secret.sealed.encode()).decode()
        except InvalidToken:
            raise StoreError(
                f"None of PAPERROUND_ENCRYPTION_KEYS opens the {secret.name} of {secret.platform} {secret.team};"
                " add the key with which it was stored, or install the app anew."
            ) from None


def wrong_key(keys: Sequence[str]) -> int | None:
    """Return which of the keys is none, counted from 1."""
    for which, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError:
            return which
    return None


def new_key() -> str:
    """Return a fresh key."""
    return Fernet.generate_key().decode()
