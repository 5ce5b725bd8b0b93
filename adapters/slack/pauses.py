"""The pauses that Slack asks for with a 429: until they are over, nothing is sent that it would refuse."""

import datetime as dt
from collections.abc import Callable


class Pauses:
    """Which methods are to be left alone in which team. Slack counts requests of a method in a workspace.

    Without them, fifty digests to a workspace that is over its limit would be fifty requests that Slack does not want
    (https://docs.slack.dev/apis/web-api/rate-limits). A channel's own limit, a message a second, ends in a second.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._until: dict[tuple[str, str], float] = {}

    def begin(self, team: str, method: str, wait: dt.timedelta) -> None:
        """Note that a method is to be left alone in a team for that long."""
        until = self._seconds() + wait.total_seconds()
        self._until[team, method] = max(until, self._until.get((team, method), until))

    def left(self, team: str, method: str) -> dt.timedelta | None:
        """Return how long it is still to be left alone; None where it isn't."""
        until = self._until.get((team, method))
        if until is None:
            return None
        if (left := until - self._seconds()) > 0:
            return dt.timedelta(seconds=left)
        del self._until[team, method]
        return None
