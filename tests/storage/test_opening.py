"""Opening an SQLite file: new, old, newer, foreign, broken."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError
from storage.database import SqlStore, open_store
from tests.fakes.store_file import path_of
from tests.fakes.stores import only_on_sqlite


async def open_and_close(path: Path) -> None:
    await (await open_store(f"sqlite:///{path}")).close()


async def test_a_new_file_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "papers.db"
    await open_and_close(path)
    assert path.exists()


@only_on_sqlite
async def test_a_store_keeps_its_id(store: SqlStore, tmp_path: Path) -> None:
    again = await open_store(f"sqlite+pysqlite:///{path_of(store)}")
    await again.close()
    other = await open_store(f"sqlite:///{tmp_path / 'other.db'}")
    await other.close()
    assert again.store_id == store.store_id != other.store_id


async def test_several_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.database import open_store\n"
        "async def main():\n"
        "    store = await open_store(sys.argv[1])\n"
        "    print(store.store_id)\n"
        "    await store.close()\n"
        "asyncio.run(main())\n"
    )
    command = (sys.executable, "-c", script, f"sqlite:///{tmp_path / 'papers.db'}")
    several = [await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE) for _ in range(4)]
    answers = {(await each.communicate())[0] for each in several}
    assert [each.returncode for each in several] == [0] * 4
    assert len(answers) == 1


async def test_a_text_file_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match=r"notes\.txt is not an SQLite database"):
        await open_and_close(path)
    assert path.read_text().startswith("Dear diary")


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
    with pytest.raises(StoreError, match="another program"):
        await open_and_close(path)


@only_on_sqlite
async def test_a_newer_version_is_named(store: SqlStore) -> None:
    with closing(sqlite3.connect(path_of(store))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer version"):
        await open_and_close(path_of(store))


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"):
        await open_and_close(tmp_path)


async def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"folder .*file.* can't be made"):
        await open_and_close(tmp_path / "file" / "papers.db")


@only_on_sqlite
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_read_only_file_is_named(store: SqlStore) -> None:
    path_of(store).chmod(0o400)
    with pytest.raises(StoreError, match="read-only"):
        await open_and_close(path_of(store))


@only_on_sqlite
async def test_a_damaged_file_is_named(store: SqlStore) -> None:
    await store.close()
    content = bytearray(path_of(store).read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path_of(store).write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        await open_and_close(path_of(store))


@pytest.mark.parametrize(
    "url",
    [
        "papers.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://me:secret@host/papers",
        "postgresql://me:secret@host:port/papers",
        "postgresql//me:secret@host/papers",
        "postgresql://me:secret@host",
        "",
    ],
)
async def test_an_address_that_can_not_hold_the_store(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///papers\.db") as told:
        await open_store(url)
    assert "secret" not in str(told.value)


async def test_an_unused_store_can_be_closed_twice(store: SqlStore) -> None:
    await store.close()
    await store.close()
