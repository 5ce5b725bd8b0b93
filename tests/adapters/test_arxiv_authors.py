"""Authors' names out of what arXiv writes."""

import gzip
import json
from pathlib import Path

import pytest

from adapters.sources.arxiv_authors import from_line, from_names, from_parts
from bot.names import fold_name

BULK = Path(__file__).parents[3] / "shared" / "data" / "bulk" / "arxiv_papers_50k.jsonl.gz"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Chunhua Liu, Kabir Manandhar Shrestha", ["Chunhua Liu", "Kabir Manandhar Shrestha"]),
        ("Raphael Chetrite, Izaak Neri and \\'Edgar Rold\\'an", ["Raphael Chetrite", "Izaak Neri", "Édgar Roldán"]),
        ("D.V. Shetty, S.J. Yennello, and G.A. Souliotis", ["D.V. Shetty", "S.J. Yennello", "G.A. Souliotis"]),
        ("Tao Luo & Joel Smoller; Bob Li", ["Tao Luo", "Joel Smoller", "Bob Li"]),
        # affiliations in brackets, with commas and brackets of their own
        ("Alex Freire (University of Tennessee, Knoxville), Bo Li (1,2)", ["Alex Freire", "Bo Li"]),
        ("Lee (1), Ek (2) ((1) Universit\\'e de\n  Lyon 1, (2) CMLS)", ["Lee", "Ek"]),
        ("Gontran Lance (LJLL (UMR\\_7598), CaGE ), Enrique Zuazua", ["Gontran Lance", "Enrique Zuazua"]),
        ("Linh V. Nguyen (Texas A & M University)", ["Linh V. Nguyen"]),
        # brackets that are never closed, or never opened
        ("A. Foo (Univ, B. Bar", ["A. Foo", "B. Bar"]),
        ("A. Foo (1), B. Bar (2) ((1) ENS, (2) CEA,", ["A. Foo", "B. Bar"]),
        ("A. Foo), B. Bar", ["A. Foo", "B. Bar"]),
        # collaborations
        ("Planck Collaboration: N. Aghanim, Y. Akrami", ["Planck Collaboration", "N. Aghanim", "Y. Akrami"]),
        ("Marie Ek for the IceCube Collaboration", ["Marie Ek", "IceCube Collaboration"]),
        ("Jan Ek, on behalf of the LHCb collaboration", ["Jan Ek", "LHCb collaboration"]),
        ("R. Torrens, the LAGO Collaboration", ["R. Torrens", "LAGO Collaboration"]),
        ("OpenAI, :, Sandhini Agarwal", ["OpenAI", "Sandhini Agarwal"]),
        # what belongs to a name, and what doesn't
        ("H. Blaine Lawson, Jr., Ann Lee, III", ["H. Blaine Lawson Jr.", "Ann Lee III"]),
        ("A. Sakharov et al.", ["A. Sakharov"]),
        ("Shikhar Murty*, Jue-Sam Chou **, Chantal Cherifi1", ["Shikhar Murty", "Jue-Sam Chou", "Chantal Cherifi"]),
        ("D0 Collaboration", ["D0 Collaboration"]),
        ("Mostafa~Derakhtian, A. ~Savchik, J. Mu~noz", ["Mostafa Derakhtian", "A. Savchik", "J. Muñoz"]),
        ("Michel Le_Borgne", ["Michel Le Borgne"]),
        ("Silvio GuimarÃ£es", ["Silvio Guimarães"]),
        ("Anderson Sandoval, Forrest Gump", ["Anderson Sandoval", "Forrest Gump"]),
        ("", []),
        (" , :, ;", []),
    ],
)
def test_a_line_becomes_the_names_in_it(line: str, names: list[str]) -> None:
    assert list(from_line(line)) == names


def test_a_name_is_the_same_whichever_way_arxiv_tells_it() -> None:
    """Who follows somebody by an announcement must find their papers from the query API, too."""
    announced = from_line(r"Andr\'e Dur\~{a}o (Universit\'e de Nice, France)")
    queried = from_names(["André Durão"])
    harvested = from_names([from_parts("Durão", "André")])
    assert announced == queried == harvested == ("André Durão",)


def test_an_accent_is_found_with_it_and_without() -> None:
    [name] = from_line(r"Oliver Schn\"urer")
    assert fold_name(name) == fold_name("Oliver Schnürer") == fold_name("Oliver Schnurer")


def test_thousands_of_authors_all_come() -> None:
    names = tuple(f"Author {'abcdefghij'[n % 10]}{n:04}x" for n in range(5_000))
    assert from_line(", ".join(names)) == names
    assert from_names(names) == names


def test_what_nobody_can_be_called_ends_somewhere() -> None:
    [name] = from_line("x" * 1_000_000)
    assert len(name) == 300
    assert len(from_line("Bo Li, " * 50_000)) == 6_000
    assert len(from_line("(" * 400_000)) == 0
    assert len(from_line("(a, " * 100_000)) <= 6_000


def test_all_recorded_lists_of_authors_go_through() -> None:
    if not BULK.is_file():
        pytest.skip("the recorded papers (../shared/data/bulk) are not beside this checkout")
    with gzip.open(BULK, "rt", encoding="utf-8") as lines:
        recorded = [json.loads(line)["authors"] for line in lines]
    assert len(recorded) == 50_756
    one_each = sum(len(from_names(names)) == len(names) for names in recorded)
    assert one_each > 50_730  # the others hold brackets cut in two, ":", "10 pages", "Jr."
    for names in recorded:
        found = from_line(", ".join(names))
        assert all(name == name.strip() and any(map(str.isalpha, name)) for name in found)
        assert not any(sign in name for name in found for sign in "()~,;")
