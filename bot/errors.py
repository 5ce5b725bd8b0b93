"""The failures that the core names, each meant for someone."""


class PaperRoundError(Exception):
    """The root of every failure that Paper Round raises on purpose."""


class UserError(PaperRoundError):
    """Something a person typed can't be done; shown to that person as it stands.

    The message is one sentence that says what is wrong and what to type instead.
    Whoever raises it has changed nothing.
    """


class SourceError(PaperRoundError):
    """A source of papers failed, or answered with something that is not what was asked for.

    The message says which source and what went wrong, for an operator.
    """


class StoreError(PaperRoundError):
    """The store can't be opened or used; the message says why and how to mend it."""


class DiskFullError(StoreError):
    """Nothing more can be stored until somebody makes room; what was asked for is not at fault."""
