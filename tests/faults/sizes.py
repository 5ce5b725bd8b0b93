"""How big a fault test is: a short form with every run of the tests, the full one with `pytest -m faults_long`."""

import pytest

full = pytest.mark.faults_long


def short_and_full(name: str, short: object, long: object) -> pytest.MarkDecorator:
    """Run a test in both sizes."""
    return pytest.mark.parametrize(name, [pytest.param(short, id="short"), pytest.param(long, id="full", marks=full)])


postgresql_in_full = pytest.mark.parametrize(
    "store_url", ["sqlite", pytest.param("postgresql", marks=full)], indirect=True
)
"""Run a test that hardly knows its store on SQLite alone, and in full on PostgreSQL, too."""
