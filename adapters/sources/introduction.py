"""How we introduce ourselves to the services that we ask."""

import re
from importlib import metadata


def user_agent(contact: str | None) -> str:
    """Return how we introduce ourselves: `paperround/VERSION (+URL; mailto:CONTACT)`, of which what is known.

    ValueError when the contact can't stand in a header.
    """
    if contact is not None and not re.fullmatch(r"[!-'*-~]+", contact):
        raise ValueError(f"not an email address: {contact[:100]!r}")
    version, site = _release()
    about = [f"+{site}" if site else "", f"mailto:{contact}" if contact else ""]
    return f"paperround/{version} ({'; '.join(filter(None, about))})" if any(about) else f"paperround/{version}"


def _release() -> tuple[str, str | None]:
    """Return the version and the address of the project, as the installed package tells them."""
    try:
        package = metadata.metadata("paperround")
    except metadata.PackageNotFoundError:  # run from a checkout
        return "dev", None
    urls = (entry.partition(", ") for entry in package.get_all("Project-URL", []))
    return package["Version"], next((url for label, _, url in urls if label.lower() == "homepage"), None)
