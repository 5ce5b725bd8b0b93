"""Roles, where a platform has them: groups of members, one of which a digest may mention."""

from typing import Protocol


class Roles(Protocol):
    """The roles of a platform on which a digest may mention one."""

    def chosen(self, team: str, typed: str) -> str:
        """Return the id of the role that was typed, by its id or its mention; never that of everybody.

        Raises UserError, in words, where a digest can't mention it.
        """
        ...
