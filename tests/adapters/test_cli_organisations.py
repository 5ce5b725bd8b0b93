"""`paperround organisation`: one name for the spellings of an organisation, edited by an operator."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command_line import CommandLine
from tests.fakes.huggingface import item


@pytest.fixture
def paperround(tmp_path: Path) -> CommandLine:
    """A store with papers of organisations that are spelled in several ways."""
    shell = CommandLine(tmp_path)
    spelled = ["Deepmind", "google-deepmind", "Acme Labs", "ACME"]
    items = [of(item(f"2506.0000{number}", f"Paper {number}"), name) for number, name in enumerate(spelled, 1)]
    answer = tmp_path / "2025-06-11.json"
    answer.write_text(json.dumps(items))
    assert shell("ingest", "huggingface", "--from-file", answer).status == 0
    return shell


def of(item: dict[str, Any], organisation: str) -> dict[str, Any]:
    """Return an item of an organisation."""
    item["paper"]["organization"] = {"name": organisation, "fullname": organisation}
    return item


def found(paperround: CommandLine, rule: str) -> list[str]:
    """Return the papers that a search finds, each with its organisation."""
    reply = paperround("console", "-c", f"search {rule}", "--json").replies[0]
    return sorted(f"{paper['id'][-1]} {paper['organisation']}" for paper in reply["papers"])


def test_spellings_that_everybody_knows_are_one_name(paperround: CommandLine) -> None:
    assert found(paperround, 'org:"Google DeepMind"') == ["1 Google DeepMind", "2 Google DeepMind"]


def test_an_operator_folds_a_spelling_in_stored_papers_and_in_those_to_come(paperround: CommandLine) -> None:
    told = paperround("organisation", "fold", "acme", "Acme Labs")
    assert (told.status, told.out) == (0, "acme is called Acme Labs from now on: 1 stored paper changed.\n")
    assert found(paperround, 'org:"acme labs"') == ["3 Acme Labs", "4 Acme Labs"]
    later = paperround.folder / "2025-06-12.json"
    later.write_text(json.dumps([of(item("2506.00009", "Paper 9"), "Acme")]))
    paperround("ingest", "huggingface", "--from-file", later)
    assert "9 Acme Labs" in found(paperround, 'org:"acme labs"')
    listed = paperround("organisation", "list", "--json").json
    assert listed["Acme Labs"] == {"papers": 3, "spellings": ["acme"]}
    assert "     3  Acme Labs  (also: acme)\n" in paperround("organisation", "list").out


def test_a_fold_of_ours_that_is_wrong_for_somebody_is_undone_for_what_comes(paperround: CommandLine) -> None:
    paperround("organisation", "fold", "DeepMind", "DeepMind")
    later = paperround.folder / "2025-06-12.json"
    later.write_text(json.dumps([of(item("2506.00009", "Paper 9"), "DeepMind")]))
    paperround("ingest", "huggingface", "--from-file", later)
    assert "9 DeepMind" in found(paperround, "org:deepmind")


def test_a_spelling_that_no_paper_has_is_told_with_the_nearest_and_listed(paperround: CommandLine) -> None:
    told = paperround("organisation", "fold", "Acme Lbas", "ACME").out
    assert told == (
        "Acme Lbas is called ACME from now on: 0 stored papers changed. None is spelled so as yet; did you mean Acme"
        " Labs? paperround organisation list shows how they are.\n"
    )
    told = paperround("organisation", "fold", "Quux Inc", "Quux").out
    assert told.endswith("None is spelled so as yet; paperround organisation list shows how they are.\n")
    listed = paperround("organisation", "list", "--json").json
    assert listed["Quux"] == {"papers": 0, "spellings": ["quux inc"]}
    assert list(listed)[-1] == "Quux", "behind those that papers have"
    assert "     0  Quux  (also: quux inc)\n" in paperround("organisation", "list").out


def test_a_spelling_that_is_folded_again_is_no_unknown_one(paperround: CommandLine) -> None:
    for _ in range(2):
        told = paperround("organisation", "fold", "acme", "Acme Labs").out
    assert told == "acme is called Acme Labs from now on: 0 stored papers changed.\n"


def test_a_name_of_nothing_is_refused(paperround: CommandLine) -> None:
    refused = paperround("organisation", "fold", "...", "Acme")
    assert (refused.status, refused.failure) == (2, "an organisation's name needs at least one letter or digit")
