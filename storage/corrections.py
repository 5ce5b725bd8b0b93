"""Other readings of a rule that finds nothing or little: its misspelt words and names as the papers have them.

Only wanted words that hardly any paper has, and authors whom no paper names in full, are touched; exclusions never.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import tantivy
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from bot import text
from bot.names import fold_name, has_initials, is_family_only, likeness, parse_name
from bot.paper_ids import PaperId
from bot.query import Kind, Rule, Term
from storage import index_documents as fields
from storage.index_engine import engine_failures
from storage.vocabulary import LONGEST, ORGANISATION, VENUE, WORD, Vocabulary, correctable

FEW = 3
"""Papers below which a rule finds so little that it may be misspelt."""

_HARDLY_ANY = 2  # papers that have a word which may still be an error: somebody else's
_ONE_IN = 20_000  # or so many of all papers, where that is more
_FAR_MORE = 20  # times as many papers that then have the right one
_MOST_WORDS = 8  # looked up, of those that may be misspelt
_MOST_READINGS = 8
_OPTIONS = 3  # for each word or name
_ERROR_COSTS = 1.8  # a letter wrong weighs as much as a word that is some sixty times rarer
_FIRST_LETTER_COSTS = 0.7
_NAME_LIKENESS = 80.0
_ERROR_IN_A_NAME = 10.0
_SAME_PERSON = 95.0  # from this likeness on, two names may be one's
_MUCH_FARTHER = 20.0
_PAPERS_COUNT = 1.5  # likeness that ten times as many papers are worth
_LOOKED_AT = 60  # names compared in earnest
_TITLE_WORDS = 2  # typed at least, where a title is looked for
_SURE_TITLE_WORDS = 6  # so many, and so like a title, are that title, whatever else they might find
_SURE_TITLE = 90.0
_TITLE_CLUES = 10
_TITLE_CANDIDATES = 40
_TITLE_LIKENESS = 84.0
_NO_QUOTES = str.maketrans(dict.fromkeys('"“”„‟«»＂', " "))

_HELD_IN: dict[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.TEXT: (WORD, (fields.TITLE, fields.ABSTRACT)),
    Kind.TITLE: (WORD, (fields.TITLE,)),
    Kind.ORGANISATION: (ORGANISATION, (fields.ORGANISATION,)),
    Kind.VENUE: (VENUE, (fields.VENUE,)),
}
"""For each kind of words: their field of the vocabulary, and those of the index that hold them."""


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A word, or a whole author's name, that may be misspelt: where it stands, and what it may have been."""

    term: int
    word: int
    options: tuple[str, ...]


class Corrector:
    """Reads rules anew with what index and vocabulary hold at the moment. Blocks, for milliseconds."""

    def __init__(self, papers: tantivy.Index, words: Vocabulary) -> None:
        self._schema = papers.schema
        self._papers = papers.searcher()
        self._words = words

    def readings(self, rule: Rule, authors: Mapping[str, Collection[str]]) -> list[Rule]:
        """Return the rule with its doubtful words and names replaced, the likeliest reading first.

        `authors` are the folded names of the papers' authors that each author value stands for.
        """
        doubts = list(islice(self._doubts(rule, authors), _MOST_WORDS))
        if not doubts:
            return []
        ways = product(*(range(len(doubt.options)) for doubt in doubts))
        likeliest = sorted(islice(ways, 1_000), key=lambda way: (sum(way), way))[:_MOST_READINGS]
        return [_read_as(rule, doubts, way) for way in likeliest]

    def names_near(self, typed: str, limit: int) -> list[str]:
        """Return authors' names like the typed one, the likest first; of equally like ones who has most papers."""
        coarse = process.extract(
            typed, self._words.names_near(typed), scorer=fuzz.token_sort_ratio, processor=str.lower, limit=_LOOKED_AT
        )
        likest = {name: _likeness(typed, name) for name, _, _ in coarse}
        floor = max(_NAME_LIKENESS, max(likest.values(), default=0.0) - _MUCH_FARTHER)
        with engine_failures():
            papers = {name: self._papers.doc_freq(fields.AUTHOR, fold_name(name)) for name in likest}
        known = [name for name, alike in likest.items() if papers[name] and alike >= floor]
        return sorted(known, key=lambda name: (-likest[name] - _PAPERS_COUNT * math.log10(papers[name]), name))[:limit]

    def title_candidates(self, rule: Rule) -> list[PaperId]:
        """Return papers whose titles share the rarest of the rule's words."""
        words = _title_words(rule)
        stems = dict.fromkeys(stem for word in words for stem in text.word_stems(word))
        with engine_failures():
            counted = [(self._papers.doc_freq(fields.TITLE, stem), stem) for stem in stems]
            clues = [stem for count, stem in sorted(counted) if count][:_TITLE_CLUES]
            terms = [tantivy.Query.term_query(self._schema, fields.TITLE, stem, "freq") for stem in clues]
            shared = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
            hits = self._papers.search(shared, _TITLE_CANDIDATES, count=False).hits
            return [PaperId.parse(str(self._papers.doc(address)[fields.KEY][0])) for _, address in hits]

    def _doubts(self, rule: Rule, authors: Mapping[str, Collection[str]]) -> Iterator[_Doubt]:
        for place, term in enumerate(rule.terms):
            if term.excluded:
                continue
            if term.kind is Kind.AUTHOR:
                if options := self._authors_for(term.value, authors):
                    yield _Doubt(place, 0, options)
            elif term.kind in _HELD_IN:
                for number, word in enumerate(text.words(term.value)):
                    if options := self._words_for(term.kind, word):
                        yield _Doubt(place, number, options)

    def _authors_for(self, typed: str, authors: Mapping[str, Collection[str]]) -> tuple[str, ...]:
        """Return whom a name may mean, the likest first; nobody else where papers have it, and not just by initials."""
        if not self._has_papers(typed, authors):
            return self._people(typed)
        if initials_alone(typed, authors):
            return self._people(typed, in_full=True)
        return ()

    def _has_papers(self, typed: str, authors: Mapping[str, Collection[str]]) -> bool:
        family = is_family_only(typed)
        names = [fold_name(typed)] if family else authors.get(typed, ())
        with engine_failures():
            return any(self._papers.doc_freq(fields.FAMILY if family else fields.AUTHOR, name) for name in names)

    def _people(self, typed: str, in_full: bool = False) -> tuple[str, ...]:
        near = [name for name in self.names_near(typed, _LOOKED_AT) if not (in_full and has_initials(name))]
        names = [name for name in near[:_OPTIONS] if likeness(typed, name) >= _NAME_LIKENESS]
        if is_family_only(typed):
            names = [_family_of(name) for name in names]
        return tuple(dict.fromkeys(names))

    def _words_for(self, kind: Kind, word: str) -> tuple[str, ...]:
        """Return what a word may have been, the likeliest first; nothing for one that papers have."""
        having = self._papers_with(kind, word)
        if having > max(_HARDLY_ANY, self._papers.num_docs // _ONE_IN) or len(word) > LONGEST:
            return ()
        if not correctable(word):
            return () if having else tuple(self._in_two(kind, word))
        place, _ = _HELD_IN[kind]
        errors = 1 if having or len(word) < 5 else 2
        near = {found for most in range(1, errors + 1) for found in self._words.words_near(place, word, most)}
        stems = text.word_stems(word)
        counted = {found: self._papers_with(kind, found) for found in near if text.word_stems(found) != stems}
        worth = {found: count for found, count in counted.items() if count > having * _FAR_MORE}
        likeliest = sorted(worth, key=lambda found: (_improbability(word, found, worth[found]), found))
        distinct = {text.word_stems(found): found for found in reversed(likeliest)}  # of one stem, the likeliest
        best = [found for found in likeliest if found in distinct.values()][:_OPTIONS]
        return tuple(best) if having else (*best, *self._in_two(kind, word))

    def _in_two(self, kind: Kind, word: str) -> Iterator[str]:
        """Yield the likeliest two words that were written as one: "vision language" for "visionlanguage"."""
        parts = [(word[:at], word[at:]) for at in range(2, len(word)) if at < len(word) - 2 or word[at:].isdigit()]
        known = [(min(self._papers_with(kind, part) for part in pair), pair) for pair in parts]
        papers, pair = max(known, default=(0, ("", "")))
        if papers:
            yield " ".join(pair)

    def _papers_with(self, kind: Kind, word: str) -> int:
        _, held_in = _HELD_IN[kind]
        parts = text.word_stems(word) if kind in (Kind.TEXT, Kind.TITLE) else (word,)
        with engine_failures():
            return max(min(self._papers.doc_freq(field, part) for part in parts) for field in held_in)


def initials_alone(typed: str, authors: Mapping[str, Collection[str]]) -> bool:
    """Return whether all whom a name in full words may mean are known by initials.

    "Mqrkus Fischer" agrees with "M. Fischer", whoever that is, and more likely means Markus Fischer, if papers have
    somebody of that name.
    """
    names = authors.get(typed, ())
    return bool(names) and not has_initials(typed) and all(map(has_initials, names))


def _likeness(typed: str, name: str) -> float:
    """Return the names' likeness: by typing errors where these are one or two, which a short name bears no less."""
    alike = likeness(typed, name)
    folded = fold_name(typed), fold_name(name)
    errors = OSA.distance(*folded, score_cutoff=2)
    if alike >= _SAME_PERSON or errors > 2:
        return alike
    return 100 - _ERROR_IN_A_NAME * errors + alike / 12 + 2 * (folded[0][:1] == folded[1][:1])


@dataclass(frozen=True, slots=True)
class Titled:
    """A rule with a title in the place of its words; `sure` where they can hardly mean anything else."""

    rule: Rule
    sure: bool


def titled(rule: Rule, titles: Sequence[str]) -> Titled | None:
    """Return the rule for the likest of the titles, where one may be what was meant."""
    words = _title_words(rule)
    typed = " ".join(words)
    scored = [(fuzz.ratio(typed, " ".join(text.words(title))), title) for title in titles]
    likest, title = max(scored, default=(0.0, ""))
    value = text.clean(title.translate(_NO_QUOTES)).strip(",.!?()[]{}… ")
    if likest < _TITLE_LIKENESS or not text.words(value):
        return None
    others = [term for term in rule.terms if term.excluded or term.kind not in (Kind.TEXT, Kind.TITLE)]
    sure = len(words) >= _SURE_TITLE_WORDS and likest >= _SURE_TITLE
    return Titled(Rule.of([Term(Kind.TITLE, value), *others]), sure)


def may_be_title(rule: Rule) -> bool:
    """Return whether the rule has as many words as a title that can be told by them."""
    return len(_title_words(rule)) >= _TITLE_WORDS


def _title_words(rule: Rule) -> list[str]:
    wanted = (*rule.wanted(Kind.TEXT), *rule.wanted(Kind.TITLE))
    return [word for value in wanted for word in text.words(value)][:40]


def _improbability(typed: str, word: str, papers: int) -> float:
    """Return how much stands against a word: typing errors, the first one's letter above all, and rarity."""
    errors = OSA.distance(typed, word) * _ERROR_COSTS
    return errors + (_FIRST_LETTER_COSTS if typed[0] != word[0] else 0.0) - math.log10(papers)


def _read_as(rule: Rule, doubts: Sequence[_Doubt], way: Sequence[int]) -> Rule:
    chosen = {(doubt.term, doubt.word): doubt.options[option] for doubt, option in zip(doubts, way, strict=True)}
    return Rule.of(_reread(term, place, chosen) for place, term in enumerate(rule.terms))


def _reread(term: Term, place: int, chosen: Mapping[tuple[int, int], str]) -> Term:
    if place not in {named for named, _ in chosen}:
        return term
    if term.kind is Kind.AUTHOR:
        return Term(term.kind, chosen[place, 0])
    words = [chosen.get((place, number), word) for number, word in enumerate(text.words(term.value))]
    return Term(term.kind, " ".join(words))


def _family_of(name: str) -> str:
    """Return the family as it is spelled within a name."""
    words = name.split()
    ends = (" ".join(words[-count:]) for count in range(1, len(words)))
    family = parse_name(name).family
    return next((end for end in ends if is_family_only(end) and parse_name(end).family == family), family)
