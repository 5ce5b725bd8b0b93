"""Where platforms asked to be left alone for a while, as this process remembers it."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(slots=True)
class Pauses:
    """Platforms and teams that nothing is posted to for now.

    Without it, each of a team's digests would be sent only to be told the same.
    """

    _platforms: dict[str, dt.datetime] = field(default_factory=dict)
    _teams: dict[int, dt.datetime] = field(default_factory=dict)

    def hold(self, platform: str, team_id: int, until: dt.datetime, everywhere: bool) -> None:
        """Leave the team alone until then, or the whole platform; an earlier end changes nothing."""
        if everywhere:
            self._platforms[platform] = max(until, self._platforms.get(platform, until))
        else:
            self._teams[team_id] = max(until, self._teams.get(team_id, until))

    def holds(self, platform: str, team_id: int, now: dt.datetime) -> bool:
        """Whether nothing may be posted to the team now."""
        return platform in self.platforms(now) or team_id in self.teams(now)

    def platforms(self, now: dt.datetime) -> set[str]:
        """Return the platforms that are to be left alone now."""
        self._platforms = {name: until for name, until in self._platforms.items() if until > now}
        return set(self._platforms)

    def teams(self, now: dt.datetime) -> set[int]:
        """Return the ids of the teams that are to be left alone now."""
        self._teams = {team: until for team, until in self._teams.items() if until > now}
        return set(self._teams)
