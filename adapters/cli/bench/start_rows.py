"""Benches of starting: a process from nothing to its end, timed from outside."""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from adapters.cli.bench.ground import Ground
from adapters.cli.bench.rows import Row

PAPERROUND = "from adapters.cli.main import main; main()"
"""The program that is the command line."""

# A process inherits the peak of whoever started it until its exec (Linux: `setmax_mm_hiwater_rss` in exec_mmap),
# so that all would seem as large as the bench. Hence a small process stands between; its 10 MB are the floor.
_BETWEEN = """
import json, os, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run([sys.executable, "-c", *sys.argv[1:]], capture_output=True, text=True)
took = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([took, peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024), done.returncode, done.stderr]))
"""


async def help_time(ground: Ground) -> list[Row]:
    """`paperround --help` beside the bare import of typer; median of 5."""
    folder = ground.new_folder()
    ours, raw = [], []
    for _ in ground.times(5):
        ours.append(run_process(folder, PAPERROUND, "--help")[0])
        raw.append(run_process(folder, "import typer")[0])
    return [Row("help", median(ours), "s", median(raw), below=0.5)]


async def start(ground: Ground) -> list[Row]:
    """`paperround console -c status` on the full store beside a bare interpreter; median of 5."""
    settings = await ground.full()
    ours, raw = [], []
    for _ in ground.times(5):
        ours.append(run_process(settings.data_dir, PAPERROUND, "console", "-c", "status"))
        raw.append(run_process(settings.data_dir, "pass"))
    took, peak = (median(figures) for figures in zip(*ours, strict=True))
    bare_took, bare_peak = (median(figures) for figures in zip(*raw, strict=True))
    return [Row("start", took, "s", bare_took, below=3), Row("start memory", peak, "MB", bare_peak, below=250)]


def run_process(folder: Path, program: str, *arguments: str) -> tuple[float, float]:
    """Run a Python program on the data of a folder; return its seconds, and its peak memory in MB."""
    command = [sys.executable, "-I", "-S", "-c", _BETWEEN, program, *arguments]
    done = subprocess.run(command, cwd=folder, env=settings_of(folder), capture_output=True, check=True, timeout=60)
    took, peak, status, complaint = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"paperround {' '.join(arguments)} failed: {complaint}")
    return took, peak


def settings_of(folder: Path) -> dict[str, str]:
    """Return the environment of a process on the data of a folder, without any setting of this one."""
    without = {name: value for name, value in os.environ.items() if not name.startswith("PAPERROUND_")}
    return without | {"PAPERROUND_DATA_DIR": str(folder)}
