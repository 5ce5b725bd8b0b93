"""A rule in the search engine's terms: exactly what `bot.evaluation` says that it means."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import tantivy

from bot import text
from bot.evaluation import paper_id_of
from bot.names import fold_name, is_family_only
from bot.paper_ids import PaperId
from bot.query import Kind, Query, Rule
from storage import index_documents as fields

_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_RANKED = (Kind.TEXT, Kind.TITLE)
_FACETS_ALONE = 0.1  # what a rule without words scores beside rules with words: less than any word


def lone_word(query: Query) -> str | None:
    """Return the stem that is all that the query asks for, or None where there is more to it."""
    terms = query[0].terms if len(query) == 1 else ()
    if len(terms) != 1 or terms[0].kind is not Kind.TEXT or terms[0].excluded:
        return None
    stems = text.stems(terms[0].value)
    return stems[0] if len(stems) == 1 else None


def is_ranked(query: Query) -> bool:
    """Return whether the query has words by which papers can be more or less relevant."""
    return any(rule.wanted(kind) for rule in query for kind in _RANKED)


class Translator:
    """Turns rules into the engine's queries.

    `authors` are the folded names that each author value of the rules means, lone family names apart; `saves` what
    the team mate of each `@name` saved.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        authors: Mapping[str, Collection[str]],
        saves: Mapping[str, Collection[PaperId]],
    ) -> None:
        self._schema = schema
        self._authors = authors
        self._saves = {text.fold(name): papers for name, papers in saves.items()}

    def search(
        self, query: Query, excluding: Sequence[Rule], since: dt.date | None, until: dt.date | None
    ) -> tantivy.Query:
        """Return the query for papers that match one of the rules and none of `excluding`, in those days."""
        clauses = [(_MUST, _any_of([self._scored_rule(rule) for rule in query]))]
        clauses += [(_MUST_NOT, self._rule(rule)) for rule in excluding]
        if since or until:
            clauses.append((_MUST, _unscored(self._dated(since, until))))
        return tantivy.Query.boolean_query(clauses)

    def _scored_rule(self, rule: Rule) -> tantivy.Query:
        made = self._rule(rule)
        return made if is_ranked((rule,)) else tantivy.Query.const_score_query(made, _FACETS_ALONE)

    def _rule(self, rule: Rule) -> tantivy.Query:
        clauses = [clause for value in rule.wanted(Kind.TEXT) for clause in self._wanted(value)]
        for kind in Kind:
            if kind is not Kind.TEXT and (values := rule.wanted(kind)):
                found = _any_of([self._term(kind, value) for value in values])
                clauses.append((_MUST, found if kind in _RANKED else _unscored(found)))
        if not clauses:
            clauses.append((_MUST, _unscored(tantivy.Query.all_query())))
        clauses += [(_MUST_NOT, self._term(term.kind, term.value)) for term in rule.excluded]
        return tantivy.Query.boolean_query(clauses)

    def _term(self, kind: Kind, value: str) -> tantivy.Query:
        return _TRANSLATIONS[kind](self, value)

    def lone_word(self, stem: str) -> tantivy.Query:
        """Return the query for a word that so many papers have that title and abstract need not be scored apart.

        The engine passes over papers that can't be among the best only where a query is one word in one field.
        """
        return self._run(fields.TEXT, [stem])

    def _wanted(self, value: str) -> Iterator[tuple[tantivy.Occur, tantivy.Query]]:
        """Yield what a paper must have and is scored by.

        A word is looked up in title and abstract together, and scored only in papers that have all words: for two
        words, the time falls by a third.
        """
        stems = text.stems(value)
        if len(stems) > 1:
            yield _MUST, self._in_text(value)
        else:
            yield _MUST, _unscored(self._exactly(fields.TEXT, stems[0]))
            yield _SHOULD, self._in_title(value)
            yield _SHOULD, self._run(fields.ABSTRACT, stems)

    def _in_text(self, value: str) -> tantivy.Query:
        stems = text.stems(value)
        if len(stems) == 1:
            return self._exactly(fields.TEXT, stems[0])
        return _any_of([self._in_title(value), self._run(fields.ABSTRACT, stems)])

    def _in_title(self, value: str) -> tantivy.Query:
        return tantivy.Query.boost_query(self._run(fields.TITLE, text.stems(value)), fields.TITLE_COUNTS)

    def _author(self, value: str) -> tantivy.Query:
        if is_family_only(value):
            return self._exactly(fields.FAMILY, fold_name(value))
        return self._one_of(fields.AUTHOR, self._authors.get(value, ()))

    def _category(self, value: str) -> tantivy.Query:
        return self._exactly(fields.CATEGORY, value)

    def _organisation(self, value: str) -> tantivy.Query:
        return self._run(fields.ORGANISATION, text.words(value))

    def _venue(self, value: str) -> tantivy.Query:
        return self._run(fields.VENUE, text.words(value))

    def _source(self, value: str) -> tantivy.Query:
        return self._exactly(fields.SOURCE, value)

    def _submitter(self, value: str) -> tantivy.Query:
        if value.startswith("@"):
            return self._one_of(fields.KEY, map(str, self._saves.get(text.fold(value), ())))
        return self._exactly(fields.SUBMITTER, text.fold(value))

    def _paper(self, value: str) -> tantivy.Query:
        return self._exactly(fields.IDS, str(paper_id_of(value)))

    def _has(self, value: str) -> tantivy.Query:
        return self._exactly(fields.HAS, value)

    def _votes(self, value: str) -> tantivy.Query:
        return self._range(fields.VOTES, int(value), None)

    def _after(self, value: str) -> tantivy.Query:
        return self._dated(dt.date.fromisoformat(value), None)

    def _before(self, value: str) -> tantivy.Query:
        return self._range(fields.DATE, None, dt.date.fromisoformat(value).toordinal())

    def _dated(self, first: dt.date | None, last: dt.date | None) -> tantivy.Query:
        return self._range(fields.DATE, first.toordinal() if first else None, last.toordinal() + 1 if last else None)

    def _range(self, field: str, first: int | None, end: int | None) -> tantivy.Query:
        """Return the query for a number of at least `first` and below `end`."""
        return tantivy.Query.range_query(
            self._schema, field, tantivy.FieldType.Unsigned, first, end, include_upper=end is None
        )

    def _run(self, field: str, words: Sequence[str]) -> tantivy.Query:
        """Return the query for words next to each other in that order."""
        if len(words) == 1:
            return tantivy.Query.term_query(self._schema, field, words[0], "freq")
        return tantivy.Query.phrase_query(self._schema, field, list(words))

    def _exactly(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value, "basic")

    def _one_of(self, field: str, values: Iterable[str]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, field, list(values))


_TRANSLATIONS: dict[Kind, Callable[[Translator, str], tantivy.Query]] = {
    Kind.TEXT: Translator._in_text,
    Kind.TITLE: Translator._in_title,
    Kind.AUTHOR: Translator._author,
    Kind.CATEGORY: Translator._category,
    Kind.ORGANISATION: Translator._organisation,
    Kind.VENUE: Translator._venue,
    Kind.SOURCE: Translator._source,
    Kind.SUBMITTER: Translator._submitter,
    Kind.PAPER: Translator._paper,
    Kind.HAS: Translator._has,
    Kind.VOTES: Translator._votes,
    Kind.AFTER: Translator._after,
    Kind.BEFORE: Translator._before,
}


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(_SHOULD, query) for query in queries])


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)
