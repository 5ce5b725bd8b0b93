"""The yardstick of matching: the plain loop does the same work as the matcher."""

from adapters.cli.bench.made_follows import made_follows
from adapters.cli.bench.plain_matching import PlainPaper, PlainRule, plain_loop
from adapters.cli.sample import sample_days
from bot.evaluation import Evaluated
from bot.matching import Matcher


def test_the_plain_loop_finds_what_the_matcher_finds() -> None:
    papers = [paper for _, batch in sample_days() for paper in batch.papers]
    analysed = [Evaluated(paper) for paper in papers]
    rules = made_follows(papers, 2_000)
    matcher = Matcher()
    for owner, rule in enumerate(rules):
        matcher.add(rule, owner)
    found = [(place, owner) for place, owners in enumerate(matcher.match(analysed)) for owner in owners.tolist()]
    assert found == plain_loop([PlainRule(rule) for rule in rules], [PlainPaper(paper) for paper in analysed])
    assert len(found) > 2_000
