"""What the core's tests of delivery begin with."""

from collections.abc import AsyncIterator

import pytest

from storage.database import SqlStore
from tests.fakes.post_office import Office, open_office


@pytest.fixture
async def office(store: SqlStore) -> AsyncIterator[Office]:
    """Nobody delivers yet, and nothing is to be delivered."""
    async with open_office(store) as opened:
        yield opened
