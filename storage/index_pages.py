"""Pages of search results, in an order that does not depend on how the index is laid out on disk.

Measured (tantivy 0.27, a million papers, common words, p50): 1.3 ms for the best by BM25 of title and abstract apart,
3.1 ms where the engine weighs every score by votes and newness; so only the best are weighed. Title and abstract in one
field take 0.7 ms for the ten best and 0.8 ms for the 300 best, since the engine passes over papers that can't be among
them. Of the ten that are best when every score is weighed, all are among those 300, 99 % among the best 200, and 86 %
among the best 100. One field costs known titles by two of their words a tenth of their reciprocal rank, however: it is
scored only for a word alone that is common.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import tantivy

from bot.names import fold_name
from bot.paper_ids import PaperId
from bot.ports import Found, Order
from storage import index_documents as fields
from storage.index_engine import engine_failures

WEIGHED = 300
"""The papers, of the best by words alone, that votes and newness put in another order."""

_MANY = 10_000  # papers with a word
_Hit = tuple[float, tantivy.DocAddress]


def find_page(
    searcher: tantivy.Searcher, query: tantivy.Query, order: Order, offset: int, limit: int, many: Found | None = None
) -> Found:
    """Return the page and how many papers there are in all; `many` is that number, where it is known.

    Papers that the order leaves equal come the newest first, then by id: the engine would take them as they lie
    in its files. So all papers that are equal to the page's last are fetched.
    """
    if many and not limit:
        return many
    weighed = WEIGHED if order == "relevance" and limit else 0
    end, size = offset + limit, max(offset + limit, weighed) + 1
    hits, counted = _best(searcher, query, order, size, count=many is None)
    total = many or Found((), counted)
    if limit == 0:
        return total
    head = _above(hits, weighed)
    while end > head and len(hits) == size and hits[end - 1][0] == hits[-1][0]:
        size *= 4
        hits, _ = _best(searcher, query, order, size, count=False)
    first = settled(searcher, _weighed(searcher, hits[:head]), offset, end)
    rest = settled(searcher, hits[head:], max(0, offset - head), end - head)
    return Found((*first, *rest), total.total, total.at_least)


def many_with(searcher: tantivy.Searcher, stem: str) -> Found | None:
    """Return how many papers have the word, where they are many: told, not counted; None where they are few.

    The engine knows how many it has put down with the word, and how many of all were deleted or changed since, but not
    how many of these had the word.
    """
    gone = searcher.doc_freq(fields.HAS, fields.ANYTHING) - searcher.num_docs
    surely = searcher.doc_freq(fields.TEXT, stem) - gone
    return Found((), surely, at_least=gone > 0) if surely > _MANY else None


def _above(hits: Sequence[_Hit], most: int) -> int:
    """Return how many of the first hits score above the one after `most` hits; all that there are, if these are fewer.

    Where they are cut thus, the same papers are in front of the cut however the index lies on disk.
    """
    if len(hits) <= most:
        return len(hits) if most else 0
    return next(place for place, (score, _) in enumerate(hits) if score == hits[most][0])


def _weighed(searcher: tantivy.Searcher, hits: Sequence[_Hit]) -> list[_Hit]:
    """Return the hits in the order of their scores times their priors."""
    addresses = [address for _, address in hits]
    priors = searcher.fast_field_values(fields.PRIOR, addresses)
    weighed = [(score * (prior or 1.0), address) for (score, address), prior in zip(hits, priors, strict=True)]
    return sorted(weighed, key=lambda hit: -hit[0])


def count_authors(index: tantivy.Index, names: Collection[str]) -> dict[str, int]:
    """Return for each name how many papers have an author of just that name, however it is spelled."""
    searcher = index.searcher()
    found = {}
    with engine_failures():
        for name in names:
            query = tantivy.Query.term_query(index.schema, fields.AUTHOR, fold_name(name), "basic")
            found[name] = _best(searcher, query, "newest", 1)[1]
    return found


def newest_sequence(searcher: tantivy.Searcher) -> int:
    """Return the highest change number among the documents: how far the index has got; 0 when it is empty.

    It needs no record of its own, which a crash could part from the documents: changes are taken in in order.
    """
    hits = searcher.search(tantivy.Query.all_query(), 1, count=False, order_by_field=fields.SEQUENCE).hits
    return int(hits[0][0]) if hits else 0


def _best(
    searcher: tantivy.Searcher, query: tantivy.Query, order: Order, size: int, count: bool = True
) -> tuple[list[_Hit], int]:
    """Return the best hits with what they are ordered by, and the number of all, 0 where it is not asked for."""
    # The engine makes room for as many hits as it is asked for, and refuses to be asked for none.
    limit = max(1, min(size, searcher.num_docs))
    match order:
        case "relevance":
            result = searcher.search(query, limit, count)
        case "newest":
            result = searcher.search(query, limit, count, order_by_field=fields.NEWEST)
        case "votes":
            result = searcher.search(query, limit, count, order_by_field=fields.MOST_VOTED)
    return result.hits, result.count or 0  # type: ignore[attr-defined]  # tantivy 0.27's stub leaves `count` out


def settled(searcher: tantivy.Searcher, hits: Sequence[_Hit], offset: int, end: int) -> Iterator[PaperId]:
    """Yield the ids from `offset` to `end`, with equal hits put in order."""
    place = 0
    for _, run in groupby(hits, key=lambda hit: hit[0]):
        equal = [address for _, address in run]
        first, place = place, place + len(equal)
        if place <= offset:
            continue
        if first >= end:
            return
        yield from _in_order(searcher, equal)[max(0, offset - first) : end - first]


def _in_order(searcher: tantivy.Searcher, equal: list[tantivy.DocAddress]) -> list[PaperId]:
    keys = [str(searcher.doc(address)[fields.KEY][0]) for address in equal]
    if len(keys) > 1:
        newness = searcher.fast_field_values(fields.NEWEST, equal)
        keys = [key for _, key in sorted((-(new or 0), key) for new, key in zip(newness, keys, strict=True))]
    return [PaperId.parse(key) for key in keys]
