"""Two people of one name are told apart by what they write on and with whom."""

from bot.namesakes import people, portrait
from bot.paper import Paper
from bot.paper_ids import PaperId

NAME = "Yi Zhang"


def paper(number: int, coauthors: str, categories: str) -> Paper:
    """A paper of the name, with coauthors and categories divided by commas."""
    named = tuple(filter(None, coauthors.split(",")))
    held = tuple(filter(None, categories.split(",")))
    return Paper(PaperId.parse(f"arxiv:2506.{number:05}"), "A paper", (NAME, *named), categories=held)


def test_papers_in_one_archive_are_one_persons() -> None:
    papers = [paper(1, "Ana Diaz", "cs.CL"), paper(2, "Bo Chen", "cs.CV"), paper(3, "", "cs.LG,stat.ML")]
    (one,) = people(NAME, papers)
    assert (one.papers, one.archives) == (3, ("cs", "stat"))


def test_papers_in_other_archives_with_other_people_are_somebody_elses() -> None:
    papers = [paper(1, "Ana Diaz", "cs.CL"), paper(2, "Ana Diaz,Bo Chen", "cs.CL"), paper(3, "Kim Lee", "hep-th")]
    assert [(each.papers, each.coauthors[0], each.archives) for each in people(NAME, papers)] == [
        (2, "Ana Diaz", ("cs",)),
        (1, "Kim Lee", ("hep-th",)),
    ]


def test_a_shared_coauthor_joins_what_archives_part_also_through_others() -> None:
    papers = [paper(1, "Ana Diaz", "cs.CL"), paper(2, "Kim Lee", "hep-th"), paper(3, "Diaz A,Kim Lee,Ana Díaz", "")]
    assert len(people(NAME, papers)) == 1


def test_papers_without_categories_part_nobody() -> None:
    papers = [paper(1, "Ana Diaz", ""), paper(2, "Bo Chen", ""), paper(3, "Kim Lee", "cs.CL")]
    assert [each.papers for each in people(NAME, papers)] == [1]


def test_a_portrait_names_the_most_frequent_first() -> None:
    found = portrait(NAME, [paper(1, "Ana Diaz", "cs.CL"), paper(2, "Ana Diaz,Bo Chen", "cs.CL,cs.LG")])
    assert found.coauthors == ("Ana Diaz", "Bo Chen")
    assert found.categories == ("cs.CL", "cs.LG")
