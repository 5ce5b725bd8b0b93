"""What was measured: a row beside its yardstick, as a table for people and as JSON for machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

NAME_WIDTH = 44


@dataclass(frozen=True, slots=True)
class Row:
    """A figure beside what a plain script needs for the same work, in one unit; less is better in both.

    `below` is the goal: an absolute figure that the value should stay under, in the same unit; None for no goal.
    Where more is better, the goal is `at_least`.
    """

    name: str
    value: float
    unit: str
    yardstick: float
    below: float | None = None
    at_least: float | None = None

    @property
    def ratio(self) -> float:
        """How many yardsticks the value is."""
        return self.value / self.yardstick

    @property
    def goal(self) -> str | None:
        """The goal in words."""
        if self.at_least is not None:
            return f">= {self.at_least:,g} {self.unit}"
        return None if self.below is None else f"< {self.below:.4g} {self.unit}"

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return None if self.below is None else self.value < self.below


def rows_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows as `bench --json` prints them."""
    names = ("name", "value", "unit", "yardstick", "ratio", "goal", "met")
    return [{name: getattr(row, name) for name in names} for row in rows]


def rows_table(rows: Sequence[Row]) -> str:
    """Return the rows as an aligned table of at most 95 columns."""
    lines = [("what", "value", "yardstick", "ratio", "goal", "met"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    name = row.name if len(row.name) <= NAME_WIDTH else row.name[: NAME_WIDTH - 1] + "…"
    met = "" if row.met is None else "yes" if row.met else "no"
    return (
        name,
        _figure(row.value, row.unit),
        _figure(row.yardstick, row.unit),
        _times(row.ratio),
        row.goal or "",
        met,
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    name, *figures, met = cells
    shown = (figure.rjust(width) for figure, width in zip(figures, widths[1:-1], strict=True))
    return "  ".join((name.ljust(widths[0]), *shown, met)).rstrip()


def _figure(value: float, unit: str) -> str:
    return f"{_three_digits(value)} {unit}"


def _times(ratio: float) -> str:
    return f"{_three_digits(ratio)}x"


def _three_digits(value: float) -> str:
    places = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{places}f}"
