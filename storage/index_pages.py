"""Pages of search results, in an order that does not depend on how the index is laid out on disk."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import tantivy

from bot.names import fold_name
from bot.paper_ids import PaperId
from bot.ports import Found, Order
from storage import index_documents as fields
from storage.index_engine import engine_failures

_Hit = tuple[float, tantivy.DocAddress]


def find_page(searcher: tantivy.Searcher, query: tantivy.Query, order: Order, offset: int, limit: int) -> Found:
    """Return the page and how many papers there are in all.

    Papers that the order leaves equal come the newest first, then by id: the engine would take them as they lie
    in its files. So all papers that are equal to the page's last are fetched.
    """
    end, size = offset + limit, offset + limit + 1
    hits, total = _best(searcher, query, order, size)
    if limit == 0:
        return Found((), total)
    while len(hits) == size and hits[end - 1][0] == hits[-1][0]:
        size *= 4
        hits, _ = _best(searcher, query, order, size)
    return Found(tuple(settled(searcher, hits, offset, end)), total)


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


def _best(searcher: tantivy.Searcher, query: tantivy.Query, order: Order, size: int) -> tuple[list[_Hit], int]:
    """Return the best hits with what they are ordered by, and the number of all."""
    # The engine makes room for as many hits as it is asked for, and refuses to be asked for none.
    limit = max(1, min(size, searcher.num_docs))
    match order:
        case "relevance":
            result = searcher.search(query, limit, weight_by_field=fields.PRIOR)
        case "newest":
            result = searcher.search(query, limit, order_by_field=fields.NEWEST)
        case "votes":
            result = searcher.search(query, limit, order_by_field=fields.MOST_VOTED)
    return result.hits, result.count  # type: ignore[attr-defined]  # tantivy 0.27's stub leaves `count` out


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
