"""The words and names that the papers use, each once: what a misspelt one is corrected from.

It lies beside the search index and is taken in with the same changes, always committed before it, so that it knows
every word that the index knows, and perhaps some that it no longer does. Its terms are in the engine's sorted
dictionaries, in which an automaton walks to those within one or two typing errors: no list is ever scanned.
"""

from collections.abc import Iterable, Iterator, Sequence

import tantivy

from bot import text
from bot.names import fold_name, parse_name
from bot.paper import Paper
from storage.index_engine import engine_failures, open_writer

WORD = "word"  # of titles and abstracts, folded, not stemmed
ORGANISATION = "organisation"  # a word of an organisation's name
VENUE = "venue"
NAME = "name"  # an author's folded name
FAMILY = "family"
GIVEN = "given"
SPELLED = "spelled"  # the word, or the name as the first paper spells it: the only thing that is stored

_SHORTEST, LONGEST = 3, 32  # letters of a word worth correcting
_LONGEST_NAME = 60
_MANY = 250_000  # entries remembered as known; 25 MB
_CANDIDATES = 250  # fetched of those that are equally near, of which short words have many

_Entry = tuple[str, str]  # the field and the term that no other entry has


def vocabulary_schema() -> tantivy.Schema:
    """Return the fields of the vocabulary."""
    builder = tantivy.SchemaBuilder()
    for name in (WORD, ORGANISATION, VENUE, NAME, FAMILY, GIVEN):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(SPELLED, stored=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def correctable(word: str) -> bool:
    """Return whether a folded word may be misspelt: short ones and numbers (gpt4) are like too many others."""
    return _SHORTEST <= len(word) <= LONGEST and word.isalpha()


class VocabularyWriter:
    """Adds what papers bring that is not there yet. Blocks."""

    def __init__(self, index: tantivy.Index) -> None:
        self._index = index
        self._writer = open_writer(index)
        self._known: set[_Entry] = set()
        self._added = False

    def take_in(self, papers: Iterable[Paper]) -> None:
        """Add the words and names of papers."""
        found: dict[_Entry, str] = {}
        for paper in papers:
            found |= _entries(paper)
        with engine_failures():
            searcher = self._index.searcher()
            for entry, spelled in found.items():
                if entry not in self._known and not searcher.doc_freq(*entry):
                    self._writer.add_document(_document(entry, spelled))
                    self._added = True
            self._known.update(found)
            if len(self._known) > _MANY:
                self.commit()
                self._known.clear()

    def commit(self) -> None:
        """Make what was added lasting and visible."""
        if self._added:
            with engine_failures():
                self._writer.commit()
                self._index.reload()
            self._added = False

    def close(self) -> None:
        """Give the writer's place free; what was not committed is dropped."""
        self._writer.wait_merging_threads()


def _entries(paper: Paper) -> dict[_Entry, str]:
    """Return all that a paper brings, each with how it is spelled."""
    words = {*text.words(paper.title), *text.words(paper.abstract)}
    entries = {(WORD, word): word for word in words if correctable(word)}
    organisations = {listing.organisation for listing in paper.listings if listing.organisation}
    for field, names in ((ORGANISATION, organisations), (VENUE, {paper.venue or ""})):
        entries |= {(field, word): word for name in names for word in text.words(name) if correctable(word)}
    entries |= {(NAME, fold_name(name)): name for name in paper.authors if len(name) <= _LONGEST_NAME}
    entries.pop((NAME, ""), None)
    return entries


def _document(entry: _Entry, spelled: str) -> tantivy.Document:
    field, term = entry
    made = tantivy.Document()
    made.add_text(field, term)
    made.add_text(SPELLED, spelled)
    if field == NAME:
        name = parse_name(spelled)
        made.add_text(FAMILY, name.family)
        for given in dict.fromkeys(name.given):
            made.add_text(GIVEN, given)
    return made


class Vocabulary:
    """What there is near a misspelt word or name. Blocks, for a millisecond or two."""

    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()

    def knows(self, field: str, term: str) -> bool:
        """Return whether there is such an entry."""
        with engine_failures():
            return self._searcher.doc_freq(field, term) > 0

    def words_near(self, field: str, word: str, errors: int) -> set[str]:
        """Return the words that are at most so many (1 or 2) letters added, left out, replaced or swapped away."""
        return set(self._found(self._near(field, word, errors))) - {word}

    def names_near(self, typed: str) -> list[str]:
        """Return author names that somebody who typed that may have meant, in no order.

        Names two typing errors away, else with the family first; where there are none, those of a near family with a
        near given name, of which what was typed may be the beginning ("Geof Hintn").
        """
        name = parse_name(typed)
        if not name.family or len(typed) > _LONGEST_NAME:
            return []
        found = self._with_errors(" ".join((*name.given, name.family)))
        if not name.given:
            found += self._found(self._near(FAMILY, name.family, 1 if len(name.family) < 5 else 2))
        if name.given and not found:
            found = self._with_errors(" ".join((name.family, *name.given)))
        if name.given and not found:
            first = [self._near(GIVEN, given, 1, prefix=True) for given in name.given[:1] if len(given) > 1]
            found = self._found(_all_of([self._near(FAMILY, name.family, 1), *first]))
        return list(dict.fromkeys(found))

    def _with_errors(self, folded: str) -> list[str]:
        """Return names two errors away; those with one apart, which the many of a short name would crowd out."""
        return self._found(self._near(NAME, folded, 1)) + self._found(self._near(NAME, folded, 2))

    def _near(self, field: str, term: str, errors: int, prefix: bool = False) -> tantivy.Query:
        return tantivy.Query.fuzzy_term_query(self._schema, field, term, errors, True, prefix)

    def _found(self, query: tantivy.Query) -> list[str]:
        with engine_failures():
            return list(self._spelled(query))

    def _spelled(self, query: tantivy.Query) -> Iterator[str]:
        for _, address in self._searcher.search(query, _CANDIDATES, count=False).hits:
            yield str(self._searcher.doc(address)[SPELLED][0])


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])
