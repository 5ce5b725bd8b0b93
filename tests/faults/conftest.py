"""The ground of the fault tests, on both kinds of database."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.faults.far_ends import FAR_ENDS
from tests.faults.fleet import Fleet, nursery
from tests.faults.ground import Ground
from tests.faults.work import Work

MakeGround = Callable[..., Ground]


@pytest.fixture(scope="session")
def workers() -> Iterator["subprocess.Popen[str]"]:
    """What forks workers."""
    with nursery() as process:
        yield process


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty store of the test's own: what a killed worker left under way disturbs no other test."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def make_ground(store_url: str, workers: "subprocess.Popen[str]", tmp_path: Path) -> Iterator[MakeGround]:
    """Make a ground with a board, or another far end, that has these faults; all that runs ends with the test."""
    with grounds(store_url, workers, tmp_path) as make:
        yield make


@contextmanager
def grounds(store_url: str, workers: "subprocess.Popen[str]", folder: Path) -> Iterator[MakeGround]:
    """Give a maker of grounds on a store; all that runs on them ends with the block."""
    with ExitStack() as stack:

        def make(on: str = "board", **faults: object) -> Ground:
            platform = FAR_ENDS[on]
            board = stack.enter_context(platform.start(folder)(**faults))
            log, clock = str(folder / "workers.log"), str(folder / "clock")
            fleet = Fleet(workers, Work(store_url, board.url, log, platform.name, clock=clock))
            stack.callback(fleet.kill_all)
            ground = Ground(store_url, board, fleet, folder, platform.name, platform.key)
            stack.callback(ground.engine.dispose)
            return ground

        yield make
