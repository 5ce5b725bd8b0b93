"""How a paper stands in the search index: the fields, and what each holds.

Text comes in as words that `bot.text` has cut and `bot.names` has folded; the engine only parts them at spaces, so
that index and evaluator agree by construction.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import tantivy

from bot import text
from bot.arxiv_categories import archive_of
from bot.names import fold_name, parse_name
from bot.paper import Paper
from bot.paper_ids import PaperId, Scheme

FORMAT = 4
"""To be raised whenever a field, the analyser or the folding of names changes: older indexes are then built anew."""

KEY = "key"  # the main id, the only thing that is stored
IDS = "ids"
TITLE = "title"
ABSTRACT = "abstract"
TEXT = "text"  # the title `TITLE_COUNTS` times and the abstract, in which single words are looked for
AUTHOR = "author"
FAMILY = "family"
CATEGORY = "category"  # with its archive
ORGANISATION = "organisation"
VENUE = "venue"
SOURCE = "source"
SUBMITTER = "submitter"
HAS = "has"
ANYTHING = "anything"  # what every paper has, so that the engine tells how many it holds with the deleted ones
VOTES = "votes"
DATE = "date"  # as an ordinal
SEQUENCE = "sequence"  # the number of the change that the document shows
NEWEST = "newest"  # sort keys, highest first
MOST_VOTED = "most_voted"
PRIOR = "prior"

TITLE_COUNTS = 3
"""Times that a word in the title counts as much as one in the abstract."""

_IN_WORDS = (TITLE, ABSTRACT, ORGANISATION, VENUE)
_EXACT = (IDS, AUTHOR, FAMILY, CATEGORY, SOURCE, SUBMITTER, HAS)
_NUMBERS = (VOTES, DATE, SEQUENCE, NEWEST, MOST_VOTED)


def schema() -> tantivy.Schema:
    """Return the fields of the index."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KEY, stored=True, tokenizer_name="raw", index_option="basic")
    for name in _IN_WORDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    builder.add_text_field(TEXT, tokenizer_name="whitespace", index_option="freq")
    for name in _EXACT:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in _NUMBERS:
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field(PRIOR, fast=True)
    return builder.build()


@dataclass(frozen=True, slots=True)
class Analysed:
    """A paper with what `bot.text.stems` makes of its title and abstract, parted by spaces."""

    paper: Paper
    title: str
    abstract: str


class _Stems(dict[str, str]):
    """Stems by word, found when first asked for."""

    def __missing__(self, word: str) -> str:
        stems = self[word] = " ".join(text.word_stems(word))
        return stems


def analysed(papers: Sequence[Paper]) -> tuple[list[Analysed], AbstractSet[str]]:
    """Return papers with their stems, and all the words of their titles and abstracts, unstemmed.

    Together, because most words of a paper are in others, too: each is stemmed once.
    """
    known = _Stems()

    def stems(of: str) -> str:
        return " ".join(map(known.__getitem__, text.words(of)))

    return [Analysed(paper, stems(paper.title), stems(paper.abstract)) for paper in papers], known.keys()


def document(sequence: int, read: Analysed) -> tantivy.Document:
    """Return a paper as the index holds it since that change."""
    paper = read.paper
    made = tantivy.Document()
    made.add_text(KEY, str(paper.id))
    made.add_text(TITLE, read.title)
    made.add_text(ABSTRACT, read.abstract)
    made.add_text(TEXT, " ".join((*[read.title] * TITLE_COUNTS, read.abstract)))
    for name, values in _exact_values(paper).items():
        for value in dict.fromkeys(values):
            made.add_text(name, value)
    for organisation in _named(listing.organisation for listing in paper.listings):
        made.add_text(ORGANISATION, " ".join(text.words(organisation)))
    if paper.venue:
        made.add_text(VENUE, " ".join(text.words(paper.venue)))
    for name, number in _numbers(paper).items():
        made.add_unsigned(name, number)
    made.add_unsigned(SEQUENCE, sequence)
    made.add_float(PRIOR, prior(paper.votes, paper.date))
    return made


def _exact_values(paper: Paper) -> dict[str, list[str]]:
    return {
        IDS: [str(paper_id) for paper_id in (paper.id, *paper.other_ids)],
        AUTHOR: [fold_name(name) for name in paper.authors],
        FAMILY: [parse_name(name).family for name in paper.authors],
        CATEGORY: [value for name in paper.categories for value in (name, archive_of(name))],
        SOURCE: [listing.source for listing in paper.listings],
        SUBMITTER: [text.fold(name) for name in _named(listing.submitter for listing in paper.listings)],
        HAS: [ANYTHING, *sorted(paper.has)],
    }


def _named(values: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _numbers(paper: Paper) -> dict[str, int]:
    """Return the numbers that the paper has: one without votes or date has no such field, and no filter finds it."""
    votes, day = paper.votes, paper.date
    numbers = {NEWEST: newest_key(votes, day, paper.id), MOST_VOTED: most_voted_key(votes, day, paper.id)}
    if votes is not None:
        numbers[VOTES] = votes
    if day is not None:
        numbers[DATE] = day.toordinal()
    return numbers


# The engine orders by one number at a time, so each order is packed into 64 bits: 18 of the date, 18 of the votes,
# 28 of the id.
_PART = 18
_LARGEST = (1 << _PART) - 1
_DAY_ZERO = dt.date(1600, 1, 1).toordinal()  # before the first journal; the last day that fits is in 2317
_ID_BITS = 28
_LARGEST_ID = (1 << _ID_BITS) - 1


def newest_key(votes: int | None, day: dt.date | None, paper_id: PaperId) -> int:
    """Return a number that is highest for the newest date, then the most votes, then the first id."""
    return (_day_part(day) << _PART | _votes_part(votes)) << _ID_BITS | _id_part(paper_id)


def most_voted_key(votes: int | None, day: dt.date | None, paper_id: PaperId) -> int:
    """Return a number that is highest for the most votes, then the newest date, then the first id."""
    return (_votes_part(votes) << _PART | _day_part(day)) << _ID_BITS | _id_part(paper_id)


def _day_part(day: dt.date | None) -> int:
    return 0 if day is None else min(max(1, day.toordinal() - _DAY_ZERO), _LARGEST)


def _votes_part(votes: int | None) -> int:
    return 0 if votes is None else min(votes + 1, _LARGEST)


def _id_part(paper_id: PaperId) -> int:
    """Return more for ids that come first in order; the same for those that the bits don't tell apart."""
    if paper_id.scheme < Scheme.ARXIV:
        return _LARGEST_ID
    month, dot, number = paper_id.value.partition(".")
    if paper_id.scheme is not Scheme.ARXIV or not dot:
        return 0  # an old id of arXiv begins with a letter, and so comes after all that begin with a digit
    months = int(month[:2]) * 12 + int(month[2:])
    return _LARGEST_ID - 1 - (months << 17 | int(number))


_DOUBLED_VOTES = 0.05  # a paper with 31 votes counts a quarter more than one without
_YEAR = 0.02
_FIRST_DAY = dt.date(1990, 1, 1)


def prior(votes: int | None, day: dt.date | None) -> float:
    """Return what a score is multiplied by: mildly more for votes and for being new.

    A year counts the same whenever it was, so nothing needs to be indexed anew as time goes by.
    """
    years = max(0.0, (day - _FIRST_DAY).days / 365.25) if day else 0.0
    return 1 + _DOUBLED_VOTES * math.log2(1 + (votes or 0)) + _YEAR * years
