"""The words and names that the papers use, each once: what a misspelt one is corrected from.

It lies beside the search index and is taken in with the same changes, always committed before it, so that it knows
every word that the index knows, and perhaps some that it no longer does. Its terms are in the engine's sorted
dictionaries, in which an automaton walks to those within one or two typing errors: no list is ever scanned.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from collections.abc import Set as AbstractSet

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
_LONG_NAME = 10
_MANY = 400_000  # entries remembered as known; 40 MB
_MANY_PENDING = 400_000  # entries that wait to be committed; 40 MB. Fewer make more segments, each walked on its own
_CANDIDATES = 250  # fetched of those that are equally near, of which short words have many

_Entries = dict[str, dict[str, str]]
"""By field and term, which no other entry has, how each is spelled."""


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


class Known:
    """What a vocabulary is sure to hold, remembered from one writer to the next so that it need not be asked.

    That is safe because a vocabulary only grows: whatever was committed stays.
    """

    def __init__(self) -> None:
        self._index: tantivy.Index | None = None
        self._size = 0
        self._terms: defaultdict[str, set[str]] = defaultdict(set)

    def recall(self, index: tantivy.Index) -> None:
        """Forget everything, unless `index` is the very one that `remember` saw last, and has not lost anything."""
        if index is not self._index or index.searcher().num_docs < self._size:
            self._terms.clear()
        self._index = index

    def without(self, field: str, terms: AbstractSet[str]) -> AbstractSet[str]:
        """Return those of the terms that may be missing."""
        return terms - self._terms[field]

    def remember(self, found: _Entries) -> None:
        """Take note of what was committed."""
        assert self._index is not None  # `recall` came first
        if _count(self._terms) + _count(found) > _MANY:
            self._terms.clear()
        for field, terms in found.items():
            self._terms[field].update(terms)
        self._size = self._index.searcher().num_docs


class VocabularyWriter:
    """Adds what papers bring that is not there yet. Blocks."""

    def __init__(self, index: tantivy.Index, known: Known) -> None:
        with engine_failures():
            known.recall(index)
        self._index = index
        self._known = known
        self._writer = open_writer(index)
        self._pending: _Entries = defaultdict(dict)  # found, and not committed yet: lost if this writer is
        self._added = False

    def take_in(self, papers: Sequence[Paper], words: AbstractSet[str]) -> None:
        """Add the words and names of papers; `words` are those of all their titles and abstracts."""
        entries = _entries(papers, words, self._known)
        with engine_failures():
            searcher = self._index.searcher()
            for field, found in entries.items():
                pending = self._pending[field]
                for term, spelled in found.items():
                    if term in pending:
                        continue
                    pending[term] = spelled
                    if not searcher.doc_freq(field, term):
                        self._writer.add_document(_document(field, term, spelled))
                        self._added = True
        if _count(self._pending) > _MANY_PENDING:
            self.commit()

    def commit(self) -> None:
        """Make what was added lasting and visible."""
        with engine_failures():
            if self._added:
                self._writer.commit()
                self._index.reload()
                self._added = False
            self._known.remember(self._pending)
        self._pending.clear()

    def close(self) -> None:
        """Give the writer's place free; what was not committed is dropped."""
        self._writer.wait_merging_threads()


def _count(terms: Mapping[str, Sized]) -> int:
    return sum(map(len, terms.values()))


def _entries(papers: Sequence[Paper], words: AbstractSet[str], known: Known) -> _Entries:
    """Return what papers bring that may be new, the words in order, so that equal papers make equal files."""
    organisations = {listing.organisation or "" for paper in papers for listing in paper.listings}
    venues = {paper.venue or "" for paper in papers}
    found = {
        field: {word: word for word in sorted(known.without(field, brought)) if correctable(word)}
        for field, brought in ((WORD, words), (ORGANISATION, _words_of(organisations)), (VENUE, _words_of(venues)))
    }
    names: dict[str, str] = {}
    for name in dict.fromkeys(name for paper in papers for name in paper.authors):
        if len(name) <= _LONGEST_NAME:
            names.setdefault(fold_name(name), name)
    found[NAME] = {folded: names[folded] for folded in sorted(known.without(NAME, names.keys())) if folded}
    return found


def _words_of(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in text.words(name)}


def _document(field: str, term: str, spelled: str) -> tantivy.Document:
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
        """Return names two errors away; those with one apart, which the many of a short name would crowd out.

        A long name that is one error from somebody's hardly ever means another's: of 200 misspelt names one did. The
        walk to all within two takes ten times as long.
        """
        near = self._found(self._near(NAME, folded, 1))
        return near if near and len(folded) >= _LONG_NAME else near + self._found(self._near(NAME, folded, 2))

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
