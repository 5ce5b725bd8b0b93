"""Papers like a given one, by the words that tell most about it, its authors and its categories.

Measured (tantivy 0.27) on recorded papers: 5,841 of Hugging Face, where alike are papers with two authors in common,
or with three of the keywords that a model gave them; and 50,756 of arXiv, alike by two authors or by the first
category. nDCG@10 of the text alone, and milliseconds (p50 / p95) of the bare search among a million papers:

    method                                          authors  keywords  authors  category     ms
    random                                            .003      .000     .000      .027
    BM25 of the title's words                         .058      .055     .165      .304
    BM25 of every word                                .076      .117     .258      .359
    more-like-this of tantivy, as it comes            .071      .103     .174      .282
    more-like-this, the 50 best terms                 .096      .140     .251      .347
    cosine of TF-IDF vectors                          .105      .145     .263      .364
    25 terms by TF-IDF, weighed by its root           .096      .140     .260      .373    5 / 8
    40 terms: chosen                                  .099      .156     .279      .390    9 / 15
    60 terms                                          .102      .168     .295      .395   24 / 61
    40 terms, the better of title and abstract each   .099      .151     .285      .390   39 / 97

The authors' weight lifts papers of one organisation from .040 to .076 and keywords to .159; twice that costs keywords.
The categories' lifts two authors in arXiv from .279 to .297. Votes and newness change next to nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import tantivy

from bot.names import fold_name
from bot.paper import Paper
from bot.ports import Similar
from bot.similar import stem_counts
from storage import index_documents as fields
from storage.index_engine import engine_failures
from storage.index_pages import settled

NEAREST = 50
"""The most papers that count as similar, however many share a word."""

_TERMS = 40
_TITLE_WEIGHT = 0.5  # its words are rarer in titles, and weigh more by that already
_AUTHOR_WEIGHT = 1.0
_CATEGORY_WEIGHT = 4.0
_AUTHORS = 30  # of those with more, the first; a collaboration of thousands is no clue
_LEAST = 0.05  # of what the terms are worth together; the paper itself scores 1.2, a paper taken at random 0.03
_MUST, _SHOULD = tantivy.Occur.Must, tantivy.Occur.Should


@dataclass(frozen=True, slots=True, order=True)
class _Term:
    """A word of the paper, by stem; the one that tells most comes first."""

    order: float
    stem: str
    worth: float  # the IDF times the weight: what the engine gives a paper that uses it once
    weight: float
    shared: bool


def find_similar(index: tantivy.Index, paper: Paper, offset: int, limit: int) -> Similar:
    """Return a page of the papers that are most like the given one, which need not be in the index.

    Raises UnusableIndexError over damaged files.
    """
    with engine_failures():
        searcher = index.searcher()
        own = _own(searcher, index.schema, paper)
        telling = _telling(searcher, paper, known_in=len(own))
        shared = [term for term in telling if term.shared][:_TERMS]
        hits = _nearest(searcher, _query(index.schema, paper, shared), len(own) + NEAREST)
        least = _LEAST * sum(term.worth for term in telling[:_TERMS])
        like = [hit for hit in hits if hit[1] not in own and hit[0] >= least][:NEAREST]
        ids = tuple(settled(searcher, like, offset, offset + limit))
    return Similar(ids, len(like), tuple(term.stem for term in shared))


def _own(searcher: tantivy.Searcher, schema: tantivy.Schema, paper: Paper) -> list[tantivy.DocAddress]:
    """Return where the paper itself stands, under any of its ids."""
    ids = (paper.id, *paper.other_ids)
    named = [tantivy.Query.term_query(schema, fields.IDS, str(paper_id), "basic") for paper_id in ids]
    query = tantivy.Query.boolean_query([(_SHOULD, each) for each in named])
    return [address for _, address in _nearest(searcher, query, len(ids))]


def _telling(searcher: tantivy.Searcher, paper: Paper, known_in: int) -> list[_Term]:
    """Return the paper's words by TF-IDF, the highest first; `shared` are those that another paper uses too.

    A word weighs the root of its TF-IDF: the engine multiplies that with the IDF once more.
    """
    papers = searcher.num_docs
    terms = []
    for stem, count in stem_counts(paper).items():
        users = [searcher.doc_freq(field, stem) for field in (fields.TITLE, fields.ABSTRACT)]
        known = min(max(users), papers)  # the engine still counts deleted ones
        idf = math.log(1 + (papers - known + 0.5) / (known + 0.5))
        tfidf = (1 + math.log(count)) * idf
        weight = math.sqrt(tfidf)
        terms.append(_Term(-tfidf, stem, idf * weight, weight, sum(users) > known_in))
    return sorted(terms)


def _query(schema: tantivy.Schema, paper: Paper, terms: Sequence[_Term]) -> tantivy.Query:
    """Return the query: any of the words or authors; categories bring no paper in, but raise those that are."""

    def clause(field: str, value: str, weight: float, option: str = "basic") -> tuple[tantivy.Occur, tantivy.Query]:
        return _SHOULD, tantivy.Query.boost_query(tantivy.Query.term_query(schema, field, value, option), weight)

    alike = [clause(fields.ABSTRACT, term.stem, term.weight, "freq") for term in terms]
    alike += [clause(fields.TITLE, term.stem, term.weight * _TITLE_WEIGHT, "freq") for term in terms]
    alike += [clause(fields.AUTHOR, fold_name(name), _AUTHOR_WEIGHT) for name in paper.authors[:_AUTHORS]]
    raised = [clause(fields.CATEGORY, name, _CATEGORY_WEIGHT) for name in paper.categories]
    return tantivy.Query.boolean_query([(_MUST, tantivy.Query.boolean_query(alike)), *raised])


def _nearest(searcher: tantivy.Searcher, query: tantivy.Query, most: int) -> Sequence[tuple[float, tantivy.DocAddress]]:
    # Without a count the engine passes over papers that can't be among the best.
    hits: Sequence[tuple[float, tantivy.DocAddress]] = searcher.search(query, most, count=False).hits
    return hits
