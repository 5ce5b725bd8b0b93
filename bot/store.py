"""What the core needs of a store: a transaction with a room for each noun. The storage wing implements it."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.gates import Gates
from bot.ledger import Deliveries
from bot.organisations import Organisations
from bot.store_digests import Digests
from bot.store_feeds import TeamFeeds
from bot.store_merges import Events, Merges
from bot.store_opinions import Opinions
from bot.store_papers import Papers
from bot.store_remembered import Remembered
from bot.store_secrets import Secrets
from bot.store_sources import SourceRuns
from bot.store_spans import Spans
from bot.store_teams import Follows, Teams
from bot.store_turns import Arrivals, Leases
from bot.store_wishes import Wishes
from bot.validators import KnownAnswers


class Session(Protocol):
    """One transaction on the store, with a room for each noun."""

    @property
    def papers(self) -> Papers: ...
    @property
    def spans(self) -> Spans: ...
    @property
    def opinions(self) -> Opinions: ...
    @property
    def follows(self) -> Follows: ...
    @property
    def teams(self) -> Teams: ...
    @property
    def digests(self) -> Digests: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def source_runs(self) -> SourceRuns: ...
    @property
    def wishes(self) -> Wishes: ...
    @property
    def gates(self) -> Gates: ...
    @property
    def known_answers(self) -> KnownAnswers: ...
    @property
    def leases(self) -> Leases: ...
    @property
    def arrivals(self) -> Arrivals: ...
    @property
    def secrets(self) -> Secrets: ...
    @property
    def feeds(self) -> TeamFeeds: ...
    @property
    def organisations(self) -> Organisations: ...
    @property
    def merges(self) -> Merges: ...
    @property
    def events(self) -> Events: ...
    @property
    def remembered(self) -> Remembered: ...


class Store(Protocol):
    """Everything that must last."""

    def read(self) -> AbstractAsyncContextManager[Session]:
        """Open a consistent view; nothing can be written in it."""
        ...

    def write(self) -> AbstractAsyncContextManager[Session]:
        """Open a transaction: committed at the end of the block, rolled back if it raises."""
        ...
