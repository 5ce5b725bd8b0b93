"""Lines that are not typed at a prompt: those of a script or of a pipe."""

import sys
from pathlib import Path

from bot.errors import PaperRoundError


def given_lines(script: Path | None = None) -> list[str] | None:
    """Return the lines of a script, else of a pipe, without comments; None at a terminal. Raises PaperRoundError."""
    if script is None and sys.stdin is not None and sys.stdin.isatty():
        return None
    try:
        content = _piped() if script is None else script.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise PaperRoundError(f"{_name(script)} can't be read: it is not UTF-8 text") from None
    except OSError as wrong:
        raise PaperRoundError(f"{_name(script)} can't be read: {wrong.strerror}") from None
    lines = (line.strip() for line in content.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _piped() -> str:
    return "" if sys.stdin is None else sys.stdin.read()  # Python has no stream where the descriptor is closed


def _name(script: Path | None) -> str:
    return "the standard input" if script is None else f"the script {script}"
