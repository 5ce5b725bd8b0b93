"""Refuses an environment in which another distribution has a package of our name."""

import sys
from importlib import metadata


def refuse_intruders() -> None:
    """Stop where another distribution owns a package of our name: one would silently hide the other."""
    owners = metadata.packages_distributions()
    for package in ("bot", "adapters", "storage"):
        others = sorted({owner for owner in owners.get(package, ()) if owner.lower() != "paperround"})
        if others:
            sys.stderr.write(
                f"paperround: {others[0]} is installed here too, and has a package named {package} as well;"
                " install paperround in an environment of its own.\n"
            )
            raise SystemExit(1)
