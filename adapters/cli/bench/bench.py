"""Which benches there are, choosing among them, and running them. A new one is a function and its line in BENCHES."""

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.cli.bench import (
    big_ingest_rows,
    command_rows,
    digest_rows,
    discord_rows,
    fan_out_rows,
    ingest_rows,
    matching_rows,
    misspelt_rows,
    month_rows,
    search_rows,
    service_rows,
    slack_rows,
    start_rows,
)
from adapters.cli.bench.corpus import find_corpus
from adapters.cli.bench.ground import Ground
from adapters.cli.bench.rows import Row
from adapters.cli.settings import Settings
from bot import text
from bot.errors import UserError
from bot.likeness import nearest

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What is measured in one go; each of its rows is named as the bench, or begins with that name."""

    name: str
    measure: Callable[[Ground], Awaitable[list[Row]]]


BENCHES = (
    Bench("ingest days", ingest_rows.all_days),
    Bench("ingest one day", ingest_rows.one_day),
    Bench("ingest again", ingest_rows.again),
    Bench("day view", command_rows.day_view),
    Bench("command", command_rows.commands),
    Bench("month list", month_rows.month_lists),
    Bench("help", start_rows.help_time),
    Bench("start", start_rows.start),
    Bench("run", service_rows.run_ready),
    Bench("ranked search", search_rows.ranked_search),
    Bench("misspelt author", misspelt_rows.misspelt_author),
    Bench("misspelt title", misspelt_rows.misspelt_title),
    Bench("ingest into", big_ingest_rows.ingest_into),
    Bench("matching", matching_rows.matching),
    Bench("digests", digest_rows.digests),
    Bench("fan out", fan_out_rows.fan_out),
    Bench("slack render", slack_rows.render),
    Bench("slack", slack_rows.slack),
    Bench("discord render", discord_rows.render),
    Bench("discord autocomplete", discord_rows.autocomplete),
    Bench("discord", discord_rows.discord_commands),
)


def choose(names: Sequence[str]) -> list[Bench]:
    """Return the benches of those names, all where there are none; `day-view` will do too. Raises UserError."""
    benches = {bench.name: bench for bench in BENCHES}
    wanted = [name.replace("-", " ").lower() for name in names]
    for typed, name in zip(names, wanted, strict=True):
        if name not in benches:
            near = nearest(name, benches, floor=50)
            hint = f"did you mean {near!r}?" if near else f"write {text.either([repr(known) for known in benches])}"
            raise UserError(f"there is no bench “{text.shown(typed, 30)}”; {hint}")
    return [bench for bench in BENCHES if bench.name in wanted or not wanted]


async def measure(
    benches: Sequence[Bench],
    settings: Settings,
    data: Path | None,
    quick: bool,
    tell: Tell,
    size: int = 10_000,
    keep: Path | None = None,
) -> list[Row]:
    """Run the benches in a folder that is thrown away; `tell` hears what is under way.

    `data` is a folder of recorded days, or a file of recorded papers to make the big corpus of, which has `size`
    papers and is built or found in `keep`.

    It hears lines, not a bar: a bar is drawn by a thread, ten times a second, beside what is measured.
    """
    with tempfile.TemporaryDirectory(prefix="paperround-bench-") as folder:
        made = Path(folder) / "made"
        made.mkdir()
        days, bulk = _parted(data)
        corpus = find_corpus(days, made, quick)
        ground = Ground(settings, Path(folder), corpus, quick, size, keep, bulk, tell)
        tell(f"{ground.corpus.described}; {'each once' if quick else 'medians of 5, of 3 for what takes long'}")
        rows = []
        for number, bench in enumerate(benches, start=1):
            tell(f"{number} of {len(benches)}: {bench.name}")
            rows += await bench.measure(ground)
        return rows


def _parted(data: Path | None) -> tuple[Path | None, Path | None]:
    """Return the data as days, or as papers."""
    return (None, data) if data and data.is_file() else (data, None)
