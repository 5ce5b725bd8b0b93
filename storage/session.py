"""One transaction, with a room for each noun."""

import uuid

from storage.connection import Connection
from storage.deliveries import SqlDeliveries
from storage.digests import SqlDigests
from storage.follows import SqlFollows
from storage.leases import SqlLeases
from storage.opinions import SqlOpinions
from storage.papers import SqlPapers
from storage.source_runs import SqlSourceRuns
from storage.teams import SqlTeams


class SqlSession:
    """Implements `bot.ports.Session` on a connection that is within a transaction."""

    def __init__(self, connection: Connection, store_id: uuid.UUID) -> None:
        self.connection = connection
        self.papers = SqlPapers(connection)
        self.opinions = SqlOpinions(connection)
        self.follows = SqlFollows(connection)
        self.teams = SqlTeams(connection)
        self.digests = SqlDigests(connection)
        self.deliveries = SqlDeliveries(connection, store_id)
        self.source_runs = SqlSourceRuns(connection)
        self.leases = SqlLeases(connection)
