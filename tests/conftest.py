"""What every test may ask for."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import SqlStore, open_store


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty store, to be copied: making one anew takes 0.1 s."""
    path = tmp_path_factory.mktemp("empty") / "papers.db"

    async def make() -> None:
        await (await open_store(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


@pytest.fixture
async def store(tmp_path: Path, empty_store: Path) -> AsyncIterator[SqlStore]:
    """An empty store in a file of its own: `tmp_path / "papers.db"`."""
    path = shutil.copy(empty_store, tmp_path / "papers.db")
    opened = await open_store(f"sqlite:///{path}")
    yield opened
    await opened.close()
