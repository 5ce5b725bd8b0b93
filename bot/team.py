"""Who talks to the bot and where: teams, their channels, and members."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Team:
    """A Slack workspace, a Discord guild, or the local terminal. `key` is the platform's own name for it."""

    id: int
    platform: str
    key: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A place in a team where digests go. `zone` is the IANA zone last used here; None where none is known."""

    id: int
    team_id: int
    key: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A platform's user in a team. Follows belong to the person behind, who may be several members."""

    id: int
    team_id: int
    person_id: int
    key: str
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """Who typed something and where, in the platform's own names, and what the platform allows them.

    `may_configure`: whether this member may change the channel's digests. `zone`: the IANA zone in which the
    platform says they live, None where it does not.
    """

    platform: str
    team: str
    channel: str
    member: str
    may_configure: bool
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The member who typed something, and where, as the store knows them."""

    team: Team
    channel: Channel
    member: Member

    @property
    def zone(self) -> str | None:
        """The zone in which this person, here, means a time: the channel's, else their own."""
        return self.channel.zone or self.member.zone
