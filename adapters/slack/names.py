"""What Slack calls teams, in the words of the core."""


def team_key(enterprise_id: str | None, team_id: str | None) -> str:
    """Return the key of a team: its workspace, within its Enterprise Grid organisation where it is in one.

    An app that is installed for a whole organisation has no workspace: the key is the organisation's.
    Raises ValueError where Slack names neither.
    """
    named = [name for name in (enterprise_id, team_id) if name]
    if not named:
        raise ValueError("Slack named neither a workspace nor an organisation")
    return ".".join(named)


def ids_of(key: str) -> tuple[str | None, str | None]:
    """Return the organisation's and the workspace's ids in a team's key, None for the one that it lacks."""
    first, _, second = key.partition(".")
    if second:
        return first, second
    return (first, None) if first.startswith("E") else (None, first)
