"""One transaction, with a room for each noun."""

import uuid

from storage.arrivals import SqlArrivals
from storage.connection import Connection
from storage.deliveries import SqlDeliveries
from storage.digests import SqlDigests
from storage.events import SqlEvents
from storage.follows import SqlFollows
from storage.known_papers import KnownPapers
from storage.leases import SqlLeases
from storage.merges import SqlMerges
from storage.opinions import SqlOpinions
from storage.organisations import SqlOrganisations
from storage.papers import SqlPapers
from storage.remembered import SqlRemembered
from storage.secrets import SqlSecrets
from storage.source_gates import SqlGates
from storage.source_runs import SqlSourceRuns
from storage.spans import SqlSpans
from storage.team_feeds import SqlTeamFeeds
from storage.teams import SqlTeams
from storage.validators import SqlKnownAnswers
from storage.wishes import SqlWishes


class SqlSession:
    """Implements `bot.ports.Session` on a connection that is within a transaction; `changing` where it may write."""

    def __init__(
        self, connection: Connection, store_id: uuid.UUID, changing: bool, known: KnownPapers | None = None
    ) -> None:
        self.connection = connection
        self.papers = SqlPapers(connection, changing, known)
        self.spans = SqlSpans(connection, known)
        self.opinions = SqlOpinions(connection)
        self.follows = SqlFollows(connection, changing)
        self.teams = SqlTeams(connection, changing)
        self.digests = SqlDigests(connection, changing)
        self.deliveries = SqlDeliveries(connection, store_id)
        self.source_runs = SqlSourceRuns(connection)
        self.wishes = SqlWishes(connection)
        self.gates = SqlGates(connection)
        self.known_answers = SqlKnownAnswers(connection)
        self.leases = SqlLeases(connection)
        self.arrivals = SqlArrivals(connection)
        self.secrets = SqlSecrets(connection)
        self.remembered = SqlRemembered(connection)
        self.feeds = SqlTeamFeeds(connection, changing)
        self.organisations = SqlOrganisations(connection)
        self.merges = SqlMerges(connection)
        self.events = SqlEvents(connection)
