"""Damage done to files that somebody may have mapped into memory."""

from pathlib import Path


def put_in_place(file: Path, content: bytes) -> None:
    """Put a file of other content in the place of this one.

    Never cut a file itself: an index that still has it mapped would die of SIGBUS, and the whole process with it.
    """
    other = file.with_name(f"{file.name}.other")
    other.write_bytes(content)
    other.replace(file)
