"""An old and a new version on one database, while the replicas are replaced one by one: expand, then contract."""

import asyncio

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from storage.upgrade import MIGRATIONS
from tests.fakes.postgres import create_database, drop_database
from tests.fakes.stores import only_on_postgresql
from tests.faults.conftest import MakeGround
from tests.faults.old_version import POST, deliver_as_before


@only_on_postgresql
def test_case_15_old_and_new_version_deliver_together(make_ground: MakeGround) -> None:
    ground = make_ground(seed=15, before=0.2, after=0.2, ways_before=("500 before", "reset before"), slow=0.1)
    ground.write_papers()
    ground.set_digests(120)
    ground.start()
    settled = asyncio.run(deliver_as_before(ground))
    ground.settle()
    ground.assert_once_each()
    composed = sum(message["post"]["heading"] == POST.heading for message in ground.board.visible())
    assert 0 < settled < 120, "both have delivered"
    assert composed > 0, "the new version has delivered what the old one composed, or the other way round"


def test_case_15_every_migration_only_adds(postgres: str) -> None:
    """What the version before reads and writes stays as it was; what is new has a default, or may be left out."""
    url = create_database(postgres, "migrations")
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    try:
        _migrate(engine, "0001")
        before = _columns(engine)
        _migrate(engine, "head")
        after = _columns(engine)
        assert before.items() <= after.items()
        added = {column: facts for column, facts in after.items() if column not in before}
        tables = {table for table, _ in before}
        assert not [
            column
            for column, (_, nullable, default) in added.items()
            if column[0] in tables and not nullable and not default
        ]
    finally:
        engine.dispose()
        drop_database(postgres, "migrations")


def _migrate(engine: sa.Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def _columns(engine: sa.Engine) -> dict[tuple[str, str], tuple[str, bool, bool]]:
    """Return each column's type, whether it may be null, and whether it has a default."""
    inspector = sa.inspect(engine)
    return {
        (table, column["name"]): (str(column["type"]), column["nullable"], column["default"] is not None)
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }
