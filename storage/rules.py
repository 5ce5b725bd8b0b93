"""Rules as text: as a person would type them."""

from functools import lru_cache

from bot.errors import StoreError, UserError
from bot.query import Rule
from bot.query_parser import parse_rule


def rule_text(rule: Rule) -> str:
    """Return the text to store. Raises UserError where it could not be read back, as when it is too long."""
    written = str(rule)
    parse_rule(written)
    return written


@lru_cache(maxsize=10_000)  # parsing one takes 0.1 ms, and a digest's is read twice whenever it is composed
def rule_of(written: str) -> Rule:
    """Return the rule of a stored text. Raises StoreError where this version can't read it."""
    try:
        return parse_rule(written)
    except UserError as error:
        raise StoreError(f"The store holds a rule that this version can't read, {written!r}: {error}") from error
