"""One transaction, with a room for each noun."""

import uuid

from storage.arrivals import SqlArrivals
from storage.connection import Connection
from storage.deliveries import SqlDeliveries
from storage.digests import SqlDigests
from storage.follows import SqlFollows
from storage.leases import SqlLeases
from storage.opinions import SqlOpinions
from storage.papers import SqlPapers
from storage.secrets import SqlSecrets
from storage.source_runs import SqlSourceRuns
from storage.teams import SqlTeams


class SqlSession:
    """Implements `bot.ports.Session` on a connection that is within a transaction; `changing` where it may write."""

    def __init__(self, connection: Connection, store_id: uuid.UUID, changing: bool) -> None:
        self.connection = connection
        self.papers = SqlPapers(connection, changing)
        self.opinions = SqlOpinions(connection)
        self.follows = SqlFollows(connection, changing)
        self.teams = SqlTeams(connection, changing)
        self.digests = SqlDigests(connection, changing)
        self.deliveries = SqlDeliveries(connection, store_id)
        self.source_runs = SqlSourceRuns(connection)
        self.leases = SqlLeases(connection)
        self.arrivals = SqlArrivals(connection)
        self.secrets = SqlSecrets(connection)
