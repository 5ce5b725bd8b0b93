"""The house's own rules: style, types, imports, packaging, and that the README tells the truth."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


def run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment and return what it said."""
    program = BIN / command[0]
    return subprocess.run([str(program), *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "format", "--check", "--no-cache", "."),
        ("ruff", "check", "--no-cache", "."),
        ("mypy",),
        ("lint-imports", "--no-cache"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_the_code_passes(command: tuple[str, ...]) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


# For each contract, an import that breaks it, and the file in which to plant it.
PLANTS = [
    ("bot/paper.py", "import sqlalchemy"),
    ("bot/paper.py", "import aiohttp"),
    ("bot/paper.py", "import storage.schema"),
    ("bot/paper.py", "import adapters.terminal.render"),
    ("storage/papers.py", "import adapters.sources.huggingface"),
    ("storage/papers.py", "import discord"),
    ("adapters/terminal/render.py", "import adapters.sources.huggingface"),
    ("adapters/terminal/render.py", "import storage.schema"),
    ("adapters/sources/huggingface.py", "import adapters.cli.run"),
    ("adapters/sources/huggingface.py", "import rich"),
    ("adapters/terminal/render.py", "import slack_bolt"),
]


@pytest.mark.parametrize(("file", "line"), PLANTS)
def test_an_import_against_the_rule_is_seen(tmp_path: Path, file: str, line: str) -> None:
    for wing in ("bot", "adapters", "storage"):
        for source in (ROOT / wing).rglob("*.py"):
            copy = tmp_path / source.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    planted = tmp_path / file
    planted.write_text(planted.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    done = run("lint-imports", "--no-cache", cwd=tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_ci_calls_exactly_the_test_line_of_the_readme() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert script[-1] in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()


def test_pins_have_hashes_and_no_addresses() -> None:
    pins = (ROOT / ".ci/requirements.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|file:|--(index|extra|find)", pins)
    entries = re.split(r"\n(?=[a-z])", pins.strip())
    assert len(entries) > 40
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_group_for_uv_repeats_the_test_extra() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["dependency-groups"]["dev"] == ["paperround[test]"]
    assert "test" in project["project"]["optional-dependencies"]


def test_the_wheel_holds_the_three_wings_and_no_tests(tmp_path: Path) -> None:
    done = run("python", "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"bot", "adapters", "storage"}
    wanted = ("bot/py.typed", "adapters/cli/sample.json", "storage/migrations/env.py", "bot/commands/dispatch.py")
    assert set(wanted) <= set(names)
    assert any(re.fullmatch(r"storage/migrations/versions/\w+\.py", name) for name in names)
