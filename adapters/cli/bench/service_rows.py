"""Benches of the service: from nothing to ready on a big store, and what it holds while it has nothing to do."""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from adapters.cli.bench.big_corpus import big_corpus
from adapters.cli.bench.ground import Ground
from adapters.cli.bench.rows import Row
from adapters.cli.bench.start_rows import PAPERROUND, run_process, settings_of

# Stands between for the same reason as in `start_rows`. It is timed until the log says "ready"; then the service
# idles for some of its ticks, and is stopped.
_BETWEEN = """
import json, resource, signal, subprocess, sys, time
began = time.perf_counter()
service = subprocess.Popen([sys.executable, "-c", sys.argv[1], "run"], stderr=subprocess.PIPE, text=True)
told = []
for line in service.stderr:
    told.append(line)
    if '"ready"' in line:
        break
took = time.perf_counter() - began
time.sleep(float(sys.argv[2]))
service.send_signal(signal.SIGTERM)
told.append(service.communicate(timeout=60)[1])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([took, peak / (1e6 if sys.platform == "darwin" else 1e6 / 1024), service.returncode, "".join(told)]))
"""

_IDLE = 3
"""Seconds."""


async def run_ready(ground: Ground) -> list[Row]:
    """`paperround run` on the big store, until it is ready, beside a bare interpreter; and its peak while idle."""
    corpus = (await big_corpus(ground)).copy()
    folder = corpus.settings.data_dir
    ours = [_run_service(folder) for _ in ground.times(3)]
    raw = [run_process(folder, "pass") for _ in ground.times(3)]
    took, peak = (median(figures) for figures in zip(*ours, strict=True))
    bare_took, bare_peak = (median(figures) for figures in zip(*raw, strict=True))
    return [
        Row(f"run ready, {corpus.name}", took, "s", bare_took, below=3),
        Row(f"run memory, {corpus.name}", peak, "MB", bare_peak, below=250),
    ]


def _run_service(folder: Path) -> tuple[float, float]:
    """Run the service on the data of a folder; return the seconds until it was ready, and its peak memory in MB."""
    command = [sys.executable, "-I", "-S", "-c", _BETWEEN, PAPERROUND, str(_IDLE)]
    environment = settings_of(folder) | {"PAPERROUND_POLL": "off"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, timeout=120)
    took, peak, status, told = json.loads(done.stdout)
    if status:
        raise RuntimeError(f"paperround run failed: {told}")
    return took, peak
