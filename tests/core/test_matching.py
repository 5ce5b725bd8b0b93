"""All rules at once against new papers: the same matches as the plain evaluator, and as a plain loop of its own."""

import datetime as dt
import gzip
import json
import random
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import matching, text
from bot.evaluation import Evaluated, evaluate, matches
from bot.matching import MAX_OWNER, Matcher
from bot.names import same_author
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.query import Kind, Rule, Term
from bot.query_parser import parse_rule

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"
DAYS = [dt.date(2025, 6, day) for day in range(1, 6)]
WORDS = ["model", "models", "vision", "language", "Müller", "über", "a", "2024", "🦙"]
NAMES = [
    "Yann LeCun", "LeCun, Yann", "Y. LeCun", "Yann Le Cun", "LeCun", "Zhang Yi", "Yi Zhang", "Y. Zhang", "Zhang",
    "Wei Zhang", "Fernando Sánchez León", "Sanchez Leon, F.", "Jean-Baptiste Alayrac", "J.-B. Alayrac",
    "Hai-Peng Wu", "Haipeng Wu", "Wu Haipeng", "H.P. Wu", "van der Maaten", "Laurens van der Maaten",
    "DeepSeek Team", "the DeepSeek Team", "张伟", "O'Brien, Pat", "P. O'Brien",
    "Ana J. León", "Ana M. León", "L", "Jr, YL", "Solovev", "Solov\u02b9ev", "Ivan Solov'ev", "",
]  # fmt: skip
CATEGORIES = ["cs.CL", "cs.CV", "stat.ML", "cs", "stat", "hep-th"]
PLACES = ["Google DeepMind", "google deep", "DeepMind", "ACL 2025", "acl", "NVIDIA ACL"]
PEOPLE = ["Ana", "ana", "@ana", "Bob", "akhaliq"]
SOURCES = ["huggingface", "arxiv"]
IDS = ["2506.00001", "2506.00002", "doi:10.1/x"]
HAS = ["code", "project", "video", "model"]

phrases = st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=3).map(" ".join)
VALUES: dict[Kind, st.SearchStrategy[str]] = {
    Kind.TEXT: phrases,
    Kind.TITLE: phrases,
    Kind.AUTHOR: st.sampled_from(NAMES[:-1]),
    Kind.CATEGORY: st.sampled_from(CATEGORIES),
    Kind.ORGANISATION: st.sampled_from(PLACES),
    Kind.VENUE: st.sampled_from(PLACES),
    Kind.SOURCE: st.sampled_from(SOURCES),
    Kind.SUBMITTER: st.sampled_from([*PEOPLE, "@BOB"]),
    Kind.PAPER: st.sampled_from(IDS),
    Kind.HAS: st.sampled_from(HAS),
    Kind.VOTES: st.integers(0, 6).map(str),
    Kind.AFTER: st.sampled_from(DAYS).map(str),
    Kind.BEFORE: st.sampled_from(DAYS).map(str),
}
terms = st.sampled_from(list(Kind)).flatmap(
    lambda kind: st.builds(Term, st.just(kind), VALUES[kind], st.sampled_from([False, False, True]))
)
rules = st.lists(terms, max_size=5).map(Rule.of)
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
listings = st.builds(
    Listing,
    st.sampled_from(SOURCES),
    st.sampled_from(DAYS),
    votes=st.none() | st.integers(0, 5),
    submitter=st.none() | st.sampled_from(PEOPLE),
    organisation=st.none() | st.sampled_from(PLACES),
)
papers = st.builds(
    Paper,
    st.sampled_from(IDS[:2]).map(lambda value: PaperId.parse(f"arxiv:{value}")),
    texts,
    st.lists(st.sampled_from(NAMES), max_size=4).map(tuple),
    texts,
    st.none() | st.sampled_from(DAYS),
    st.lists(st.sampled_from(CATEGORIES), max_size=3).map(tuple),
    other_ids=st.sampled_from([(), (PaperId.parse("doi:10.1/x"),)]),
    venue=st.none() | st.sampled_from(PLACES),
    code_url=st.none() | st.just("https://example.org/code"),
    video_url=st.none() | st.just("https://example.org/video"),
    models=st.none() | st.integers(0, 1),
    listings=st.lists(listings, max_size=3).map(tuple),
)
evaluated = st.builds(Evaluated, papers, st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple))


def matcher_of(*rules: Rule) -> Matcher:
    """A matcher of these rules; the owner of each is its place."""
    matcher = Matcher()
    for owner, rule in enumerate(rules):
        matcher.add(rule, owner)
    return matcher


def matched(matcher: Matcher, papers: Sequence[Evaluated]) -> list[list[int]]:
    return [owners.tolist() for owners in matcher.match(papers)]


def paper(title: str = "Vision models", **facts: object) -> Evaluated:
    return Evaluated(Paper(PaperId.parse("arxiv:2506.00001"), title, **facts))  # type: ignore[arg-type]


@given(st.lists(rules, max_size=12), st.lists(evaluated, max_size=6))
def test_the_matcher_means_what_the_evaluator_means(rules: list[Rule], papers: list[Evaluated]) -> None:
    plain = [[owner for owner, rule in enumerate(rules) if matches(rule, paper)] for paper in papers]
    assert matched(matcher_of(*rules), papers) == plain


@given(st.data())
@settings(max_examples=60)
def test_rules_that_come_and_go_leave_no_trace(data: st.DataObject) -> None:
    matcher, held = Matcher(), list[tuple[Rule, int]]()
    known = data.draw(st.lists(rules, min_size=1, max_size=4))
    batch = data.draw(st.lists(evaluated, min_size=1, max_size=3))
    for _ in range(data.draw(st.integers(1, 40))):
        if held and data.draw(st.integers(0, 2)) == 0:
            matcher.remove(*held.pop(data.draw(st.integers(0, len(held) - 1))))
        else:
            held.append((data.draw(st.sampled_from(known) | rules), data.draw(st.integers(0, 5))))
            matcher.add(*held[-1])
        assert matched(matcher, batch) == [
            sorted({owner for rule, owner in held if matches(rule, paper)}) for paper in batch
        ]
    for rule, owner in held:
        matcher.remove(rule, owner)
    assert len(matcher) == 0
    assert matched(matcher, batch) == [[] for _ in batch]


@given(
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=8),
    st.lists(st.text("YyJjRrZ.-', éø", max_size=9), max_size=8),
)
def test_odd_spellings_meet_those_that_may_be_the_same_person(names: list[str], odd: list[str]) -> None:
    typed = [name for name in names + odd if text.words(name)]
    matcher = matcher_of(*(Rule.of([Term(Kind.AUTHOR, name)]) for name in typed))
    for name in names + odd:
        found = matched(matcher, [paper(authors=(name,))])
        assert found == [[owner for owner, wanted in enumerate(typed) if same_author(wanted, name)]], name


def test_more_papers_than_are_looked_at_together_keep_their_places() -> None:
    matcher = matcher_of(parse_rule("odd"), parse_rule("paper -odd"), parse_rule('"paper number 150"'))
    batch = [paper(f"Paper number {number} {'odd' if number % 2 else ''}") for number in range(200)]
    assert matched(matcher, batch) == [[0] if number % 2 else [1, 2] if number == 150 else [1] for number in range(200)]


def test_what_a_team_mate_saved_is_found_however_the_name_is_typed() -> None:
    matcher = matcher_of(parse_rule("by:@BOB"), parse_rule("by:bob"), parse_rule("vision -by:@bob"))
    assert matched(matcher, [Evaluated(paper().paper, saved_by=("Bob",)), paper()]) == [[0], [2]]


def test_an_owner_of_several_rules_is_named_once_for_each_paper() -> None:
    matcher = Matcher()
    for typed in ("vision", "models", "MODEL", "vision models"):
        matcher.add(parse_rule(typed), 7)
    assert matched(matcher, [paper(), paper("Models"), paper("Speech")]) == [[7], [7], []]
    assert len(matcher) == 3  # "models" and "MODEL" are one rule
    matcher.remove(parse_rule("models"), 7)
    assert matched(matcher, [paper("Models")]) == [[7]]
    matcher.remove(parse_rule("MODEL"), 7)
    assert matched(matcher, [paper("Models")]) == [[]]


def test_a_rule_is_matched_from_the_next_papers_on_until_it_is_removed() -> None:
    matcher, rule = Matcher(), parse_rule("vision")
    assert matched(matcher, [paper()]) == [[]]
    matcher.add(rule, 1)
    matcher.add(rule, 2)
    assert matched(matcher, [paper()]) == [[1, 2]]
    matcher.remove(rule, 1)
    assert matched(matcher, [paper()]) == [[2]]


def test_what_was_never_added_cannot_be_removed() -> None:
    matcher = matcher_of(parse_rule("vision"))
    with pytest.raises(KeyError, match="7 has no rule vision"):
        matcher.remove(parse_rule("vision"), 7)
    with pytest.raises(KeyError, match="0 has no rule speech"):
        matcher.remove(parse_rule("speech"), 0)
    assert matched(matcher, [paper()]) == [[0]]


@pytest.mark.parametrize("owner", [-1, MAX_OWNER + 1])
def test_an_owner_that_is_no_id_is_refused(owner: int) -> None:
    with pytest.raises(ValueError, match="an owner is a number from 0 to"):
        Matcher().add(parse_rule("vision"), owner)


def test_the_largest_id_is_an_owner_like_any_other() -> None:
    matcher = Matcher()
    matcher.add(parse_rule("vision"), MAX_OWNER)
    assert matched(matcher, [paper()] * 64) == [[MAX_OWNER]] * 64


def test_no_papers_and_no_rules_make_no_matches() -> None:
    assert matched(matcher_of(parse_rule("vision")), []) == []
    assert matched(Matcher(), [paper(), paper()]) == [[], []]


def test_a_rule_that_a_hundred_thousand_follow_names_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_MANY", 150_000)  # so that papers are taken one by one
    matcher, rule = Matcher(), parse_rule("vision")
    for owner in range(100_000):
        matcher.add(rule, owner)
    batch = [paper(), paper("Speech"), paper()]
    assert [len(owners) for owners in matcher.match(batch)] == [100_000, 0, 100_000]
    for owner in range(0, 100_000, 100):
        matcher.remove(rule, owner)
    assert matcher.match(batch)[2].tolist() == [owner for owner in range(100_000) if owner % 100]


def test_a_rule_without_a_word_which_the_parser_never_makes_matches_nothing() -> None:
    assert matched(matcher_of(Rule.of([Term(Kind.TEXT, "🦙")])), [paper("🦙 models"), paper("")]) == [[], []]


def test_strange_papers_and_the_longest_rules_are_matched_too() -> None:
    sixty = " ".join(f"word{number}" for number in range(60))
    phrase = f'"{sixty}"'
    matcher = matcher_of(
        *map(parse_rule, (sixty, phrase, "🦙 llama", 'author:"Ana Author 3302"', "-x untitled", "tail"))
    )
    long_abstract = paper("Long", abstract="word " * 100_000 + "tail")
    crowd = paper("Crowd", authors=tuple(f"Ana Author {number}" for number in range(3_303)))
    batch = [
        paper("Untitled"), paper("Llama \ud800 🦙"), paper(sixty), paper(sixty.replace(" ", " x ")),
        long_abstract, crowd, paper(""),
    ]  # fmt: skip
    assert matched(matcher, batch) == [[4], [2], [0, 1], [0], [5], [3], []]


def test_rules_may_change_while_papers_are_matched() -> None:
    """Every paper is matched by the rules before or after a change, never by something in between."""
    matcher, batch = matcher_of(parse_rule("vision")), [paper()] * 640
    stop = threading.Event()

    def change() -> None:
        for number in range(1_000_000):
            if stop.is_set():
                return
            rule = parse_rule(f"vision -word{number}")
            matcher.add(rule, 1)
            matcher.remove(rule, 1)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for _ in range(5):
            assert all(owners in ([0], [0, 1]) for owners in matched(matcher, batch))
    finally:
        stop.set()
        changing.join()
    assert matched(matcher, [paper()]) == [[0]]


def test_people_who_change_their_minds_daily_need_no_more_room() -> None:
    matcher = Matcher()
    changing = [parse_rule(f'"vision {one}" {other} -speech') for one in "abcdefgh" for other in "ijklmnop"]

    def change(times: int) -> None:
        for owner in range(times):
            for rule in changing:
                matcher.add(rule, owner)
            for rule in changing:
                matcher.remove(rule, owner)

    change(2)
    tracemalloc.start()
    try:
        change(100)
        assert tracemalloc.get_traced_memory()[0] < 20_000
    finally:
        tracemalloc.stop()


# The independent reference: it shares only the analyser and the likeness of two names with what it checks.


def reference(rule: Rule, paper: Paper) -> bool:
    """Whether the rule matches, read from the definition of the query language, term by term."""
    if any(holds(paper, term) for term in rule.terms if term.excluded):
        return False
    wanted = [term for term in rule.terms if not term.excluded]
    if not all(holds(paper, term) for term in wanted if term.kind is Kind.TEXT):
        return False
    facets = {term.kind for term in wanted if term.kind is not Kind.TEXT}
    return all(any(holds(paper, term) for term in wanted if term.kind is kind) for kind in facets)


def holds(paper: Paper, term: Term) -> bool:
    value = term.value
    if term.kind is Kind.TEXT:
        return line(text.stems, value) in line(text.stems, paper.title) + "|" + line(text.stems, paper.abstract)
    if term.kind is Kind.TITLE:
        return line(text.stems, value) in line(text.stems, paper.title)
    if term.kind is Kind.AUTHOR:
        return any(one_person(value, name) for name in paper.authors)
    if term.kind is Kind.CATEGORY:
        return any(held == value or held.startswith(value + ".") for held in paper.categories)
    if term.kind is Kind.VENUE:
        return line(text.words, value) in line(text.words, paper.venue or "")
    if term.kind is Kind.HAS:
        return value == "code" and paper.code_url is not None
    assert term.kind is Kind.VOTES, "the samples have no other kind"
    return any(listing.votes is not None and listing.votes >= int(value) for listing in paper.listings)


@cache
def line(analyse: Callable[[str], list[str]], whole: str) -> str:
    return f" {' '.join(analyse(whole))} "


one_person = cache(same_author)


def real_papers() -> Iterator[Paper]:
    """300 papers of arXiv from all over the file, with votes, venues and code made up."""
    pick = random.Random(300)
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        for line in pick.sample(list(lines), 300):
            found = json.loads(line)
            yield made_paper(
                pick, found["id"], found["title"], found["abstract"], found["authors"], found["categories"]
            )


def made_papers() -> Iterator[Paper]:
    """300 papers of few words and names, so that rules find several of them."""
    pick = random.Random(301)
    words = text.words(
        "deep vision language models learn plan robots agents graph neural networks speech naïve data of"
    )
    given, family = ["Yann", "Y.", "Wei", "W.", "Ana", "María"], ["LeCun", "Zhang", "Li", "León", "Müller", "Wang"]
    for number in range(300):
        authors = [f"{pick.choice(given)} {pick.choice(family)}" for _ in range(pick.randrange(6))]
        title, abstract = " ".join(pick.choices(words, k=8)), " ".join(pick.choices(words, k=40))
        yield made_paper(
            pick, f"2506.{number:05}", title, abstract, authors, pick.sample(["cs.CL", "cs.CV", "hep-th"], 2)
        )


def made_paper(
    pick: random.Random, key: str, title: str, abstract: str, authors: list[str], categories: list[str]
) -> Paper:
    votes = Listing("huggingface", DAYS[0], votes=pick.randrange(50))
    return Paper(
        PaperId.parse(f"arxiv:{key}"), title, tuple(authors), abstract, DAYS[0], tuple(categories),
        venue=pick.choice([None, "ACL 2025", "NeurIPS 2024 Workshop"]),
        code_url=pick.choice([None, "https://example.org/code"]),
        listings=(votes,) if pick.random() < 0.5 else (),
    )  # fmt: skip


def sampled_rules(papers: list[Paper], count: int) -> Iterator[Rule]:
    """Rules from the papers' own words, names and categories, one to four terms, a third with an exclusion."""
    pick = random.Random(2_000)
    while count:
        found = [sampled_term(pick, pick.choice(papers)) for _ in range(pick.choice((1, 1, 2, 3)))]
        if pick.random() < 0.3:
            excluded = sampled_term(pick, pick.choice(papers))
            found.append(Term(excluded.kind, excluded.value, excluded=True))
        if all(text.words(term.value) for term in found):
            count -= 1
            yield Rule.of(found)


def sampled_term(pick: random.Random, paper: Paper) -> Term:
    words = text.words(pick.choice([paper.title, paper.abstract])) or ["model"]
    at, size = pick.randrange(len(words)), pick.choice((1, 1, 2, 3))
    match pick.randrange(12):
        case 0 | 1 | 2 | 3 | 4:
            return Term(Kind.TEXT, " ".join(words[at : at + size]))
        case 5:
            return Term(Kind.TITLE, pick.choice(text.words(paper.title) or ["model"]))
        case 6 | 7 | 8:
            return Term(Kind.AUTHOR, spelt(pick, pick.choice(paper.authors or ("Yann LeCun",))))
        case 9:
            category = pick.choice(paper.categories or ("cs.CL",))
            return Term(Kind.CATEGORY, pick.choice([category, category.split(".")[0]]))
        case 10:
            return Term(Kind.VOTES, str(pick.randrange(40)))
        case _:
            return pick.choice([Term(Kind.HAS, "code"), Term(Kind.VENUE, "acl"), Term(Kind.VENUE, "2024 workshop")])


def spelt(pick: random.Random, name: str) -> str:
    """The name as people type it: as it is, the family first, with initials, the family alone."""
    given, _, family = name.rpartition(" ")
    if not given:
        return name
    return pick.choice([name, f"{family}, {given}", f"{given[0]}. {family}", family, f"{family} {given}", name.lower()])


@pytest.mark.parametrize(
    "source",
    [
        made_papers,
        pytest.param(real_papers, marks=pytest.mark.skipif(not BULK.exists(), reason=f"no recorded papers in {BULK}")),
    ],
)
def test_two_thousand_rules_match_what_an_independent_loop_finds(source: Callable[[], Iterator[Paper]]) -> None:
    papers = list(source())
    rules = list(sampled_rules(papers, 2_000))
    found = matched(matcher_of(*rules), [Evaluated(paper) for paper in papers])
    plain = [[owner for owner, rule in enumerate(rules) if reference(rule, paper)] for paper in papers]
    assert found == plain
    assert sum(map(len, found)) > 4_000
    batch = Evaluated(papers[0])
    assert all(evaluate(rules[owner], batch).reasons for owner in found[0])
