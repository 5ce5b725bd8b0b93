"""Typing errors: what is corrected, what is left alone, and that corrections keep up with the index."""

import asyncio
import datetime as dt
import os
import random
import shutil
import signal
import statistics
import string
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.huggingface import read_file
from bot.errors import UserError
from bot.names import same_person
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId, Scheme
from bot.query import Kind, Rule, Term, written
from bot.query_parser import MAX_LENGTH, parse_search
from storage.database import SqlStore, open_store
from storage.index_folder import IndexFolder
from storage.index_writing import IndexWriter
from storage.search_index import TantivyIndex
from tests.fakes.damage import put_in_place

TODAY = dt.date(2025, 6, 30)
NOW = dt.datetime(2025, 6, 30, tzinfo=dt.UTC)
RECORDED = Path(__file__).parents[3] / "shared" / "data" / "hf_daily"


def paper(number: int, title: str, abstract: str = "", **facts: Any) -> Paper:
    return Paper(PaperId(Scheme.ARXIV, f"2506.{number:05}"), title, abstract=abstract, **facts)


def listed(organisation: str) -> tuple[Listing, ...]:
    return (Listing("huggingface", dt.date(2025, 6, 1), organisation=organisation),)


@dataclass
class Shelf:
    """A store and its index."""

    folder: Path
    store: SqlStore

    def __post_init__(self) -> None:
        self.index = self.reopened()

    def reopened(self) -> TantivyIndex:
        return TantivyIndex(self.folder / "index", self.store)

    async def add(self, *papers: Paper) -> None:
        async with self.store.write() as session:
            await session.papers.save(papers, NOW)
        await self.index.catch_up()

    async def meant(self, typed: str) -> str | None:
        """What somebody who types this is taken to mean; None where it is left as it is."""
        return await meant(self.index, typed)


async def meant(index: TantivyIndex, typed: str) -> str | None:
    query = parse_search(typed, TODAY)
    corrected = await index.corrected(query)
    if corrected is None:
        return None
    again = parse_search(written(corrected), TODAY)
    assert written(again) == written(corrected)
    assert (await index.search(again)).total > (await index.search(query)).total
    return written(corrected)


PAPERS = (
    *(paper(number, "Diffusion models", "Flow matching for video.") for number in range(10)),
    paper(20, "Attention is all you need for long video understanding", authors=("Yann LeCun", "Yoshua Bengio")),
    paper(21, "Graphs", "By Samy.", authors=("Samy Bengio", "José García"), listings=listed("Google DeepMind")),
    paper(22, "Trees", venue="EMNLP Findings"),
    paper(23, "Transformers: a survey of surveys"),
)


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """On SQLite alone: what the index makes of papers is the same on any store."""
    return sqlite_url


@pytest.fixture
async def shelf(tmp_path: Path, store: SqlStore) -> Shelf:
    made = Shelf(tmp_path, store)
    await made.add(*PAPERS)
    return made


# --- What is corrected ---


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("difusion", "diffusion"),
        ("difusion modles", "diffusion models"),
        ("idffusion", "diffusion"),
        ('"difusion modles"', '"diffusion models"'),
        ('video "flwo matching"', 'video "flow matching"'),
        ("flow-machting", '"flow matching"'),
        ("flowmatching", '"flow matching"'),
        ("title:grahps", "title:graphs"),
        ("difusion -grahps", "diffusion -grahps"),
        ("difusion after:2025-01-01 ; grahps", None),
        ("difusion ; grahps", "diffusion ; graphs"),
        ('author:"Yan LeCun"', 'author:"Yann LeCun"'),
        ('author:"LeCnu, Yann"', 'author:"Yann LeCun"'),
        ('author:"Lecum Yann"', 'author:"Yann LeCun"'),
        ('author:"Jose Garcai"', 'author:"José García"'),
        ("author:Bengoi", "author:Bengio"),
        ('author:"Yann LeCum" atention', 'attention author:"Yann LeCun"'),
        ('org:"Gogle Deepmind"', 'org:"google deepmind"'),
        ("org:deepmnd", "org:deepmind"),
        ("venue:EMLNP", "venue:emnlp"),
        ("😀 difusion", "diffusion"),
    ],
)
async def test_misspelt_words_and_names_become_the_nearest_that_papers_have(
    shelf: Shelf, typed: str, expected: str | None
) -> None:
    assert await shelf.meant(typed) == (expected or "difusion after:2025-01-01 ; graphs")


@pytest.mark.parametrize(
    "typed",
    [
        "Atention is al you need for long video undestanding",
        "attention isall you ned for long video understanding",
        '"Attention is all you need for lomg video understandin"',
        "Attention is all you need for long vdeo undersanding -graphs",
    ],
)
async def test_a_misspelt_title_leads_to_its_paper(shelf: Shelf, typed: str) -> None:
    corrected = await shelf.index.corrected(parse_search(typed, TODAY))
    assert corrected
    assert [str(found) for found in (await shelf.index.search(corrected)).ids] == ["arxiv:2506.00020"]


async def test_a_pasted_title_may_have_a_colon(shelf: Shelf) -> None:
    assert await shelf.meant("Transfomers: a survey of surveis") is not None
    assert (await shelf.index.search(parse_search("Transformers: a survey of surveys", TODAY))).total == 1


# --- What is left alone ---


@pytest.mark.parametrize(
    "typed",
    [
        "diffusion",
        "trees",  # rare, and yet a word
        "graphs -difusion",
        "zzzzqqqq",
        "difusion min:99999",  # found nothing, and corrected neither
        "gpt5",
        'author:"Xqzwv Bbrrgghh"',
        "by:alcie",
        "paper:2506.00001 paper:2506.99999",
        "diffusion graphs",  # both well spelt, but nowhere together
    ],
)
async def test_what_finds_enough_or_is_like_nothing_stays_as_it_is(shelf: Shelf, typed: str) -> None:
    assert await shelf.meant(typed) is None


async def test_a_rare_word_is_an_error_only_if_the_right_one_is_far_commoner(shelf: Shelf) -> None:
    await shelf.add(paper(50, "Difusion"), paper(51, "Graps"))
    assert await shelf.meant("difusion") is None  # 1 paper, and 10 have the other
    await shelf.add(*(paper(number, "Diffusion") for number in range(60, 80)))
    assert await shelf.meant("difusion") == "diffusion"
    assert await shelf.meant("graps") is None


@pytest.mark.parametrize(
    "typed",
    [
        "difusion^2~1 (modles) [a TO b] {c} +d && !e \\ /f/", 'title:"difusion:modles* ~2"', "a" * 900,
        "difusion " * 60, "x́̂̃ difusoin 𝓭𝓲𝓯𝓾𝓼𝓲𝓸𝓷", "注意力机制", 'author:"' + "Yann " * 100 + '"', "😀😀😀 x",
        " ; ".join(["difusion modles grahps"] * 15),
    ],
)  # fmt: skip
async def test_nothing_that_can_be_typed_breaks_it_or_takes_long(shelf: Shelf, typed: str) -> None:
    query = parse_search(typed[:MAX_LENGTH], TODAY)
    await shelf.index.corrected(query)
    start = time.perf_counter()
    await shelf.index.corrected(query)
    assert time.perf_counter() - start < 2.0  # a few ms for each rule; this machine may be busy


# --- Names ---


async def test_a_misspelt_name_that_agrees_with_initials_may_mean_somebody_known_in_full(shelf: Shelf) -> None:
    await shelf.add(
        *(paper(60 + number, "A", authors=("M. Fischer",)) for number in range(4)),
        paper(70, "B", authors=("Markus Fischer",)),
        *(paper(80 + number, "C", authors=("N. Weber", "Norma Webber")) for number in range(4)),
    )
    assert await shelf.meant('author:"Mqrkus Fischer"') == 'author:"Markus Fischer"'
    assert await shelf.meant('author:"Mqrkus Fischer" b') == 'b author:"Markus Fischer"'
    for right in ("Markus Fischer", "M. Fischer", "M. K. Fischer", "Mo Fischer", "Fischer", "Norbert Weber"):
        assert await shelf.meant(f'author:"{right}"') is None, right


async def test_names_like_a_misspelt_one_come_the_likest_first(shelf: Shelf) -> None:
    await shelf.add(
        *(paper(60 + number, "A", authors=("Jon Smith",)) for number in range(3)),
        paper(70, "B", authors=("John Smith", "Joan Smyth", "Smithson, John")),
    )
    assert await shelf.index.names_like("Jonh Smith") == ["Jon Smith", "John Smith"]
    assert await shelf.index.names_like("Jonh Smith", limit=1) == ["Jon Smith"]  # of equally near ones who writes most
    assert await shelf.index.names_like("Geof Bengio") == []
    assert await shelf.index.names_like("YannLeCun") == ["Yann LeCun"]
    assert await shelf.index.names_like("Xqzwv") == await shelf.index.names_like("") == []


# --- Keeping up ---


async def test_new_papers_bring_new_words_and_names(shelf: Shelf) -> None:
    assert await shelf.meant("perovksite") is None
    await shelf.add(paper(90, "Perovskite cells", authors=("Marie Curie",)))
    assert await shelf.meant("perovksite") == "perovskite"
    assert await shelf.index.names_like("Marie Cuire") == ["Marie Curie"]
    assert await meant(shelf.reopened(), "perovksite") == "perovskite"


async def test_words_that_no_paper_has_any_more_are_not_offered(shelf: Shelf) -> None:
    await shelf.add(paper(22, "Bushes", authors=("Ada Lovelace",)))
    await shelf.add(paper(22, "Shrubs"))
    for _ in range(2):
        assert await shelf.meant("bushse") is None
        assert await shelf.index.names_like("Ada Lovelcae") == []
        await shelf.index.rebuild()


def remove_the_folder(folder: Path) -> None:
    shutil.rmtree(folder)


def remove_the_vocabulary(folder: Path) -> None:
    (words,) = folder.glob("*/words")
    shutil.rmtree(words)


def cut_the_vocabulary(folder: Path) -> None:
    file = next(folder.glob("*/words/*.term"))
    put_in_place(file, file.read_bytes()[:20])


def scratch_the_vocabulary(folder: Path) -> None:
    for file in folder.glob("*/words/*.store"):
        whole = file.read_bytes()
        put_in_place(file, b"\xff" * (len(whole) // 2) + whole[len(whole) // 2 :])


def make_it_of_the_format_before(folder: Path) -> None:
    remove_the_vocabulary(folder)
    current = folder / "current"
    current.write_text(f"1 {current.read_text().split()[1]}\n")


@pytest.mark.parametrize(
    "damage",
    [
        remove_the_folder, remove_the_vocabulary, cut_the_vocabulary, scratch_the_vocabulary,
        make_it_of_the_format_before,
    ],
)  # fmt: skip
async def test_a_lost_or_damaged_vocabulary_is_built_anew(shelf: Shelf, damage: Callable[[Path], None]) -> None:
    damage(shelf.folder / "index")
    with structlog.testing.capture_logs() as lines:
        index = shelf.reopened()
        assert await meant(index, "difusion modles") == "diffusion models"
        assert await index.names_like("Yan LeCun") == ["Yann LeCun"]
    assert len(lines) == 1
    await shelf.add(paper(95, "Perovskites"))
    assert await shelf.meant("perovksites") == "perovskites"


def die_between_vocabulary_and_papers() -> None:
    """Run in a process of its own: killed when the words are committed and the papers are not."""
    commit = IndexWriter.commit

    def deadly(self: IndexWriter) -> None:
        self._words.commit()
        os.kill(os.getpid(), signal.SIGKILL)
        commit(self)

    async def run() -> None:
        folder = Path(os.environ["SHELF"])
        store = await open_store(f"sqlite:///{folder / 'papers.db'}")
        IndexWriter.commit = deadly  # type: ignore[method-assign]  # in a process of its own
        await TantivyIndex(folder / "index", store).catch_up()

    asyncio.run(run())


async def test_a_process_killed_between_words_and_papers_leaves_both_usable(shelf: Shelf) -> None:
    async with shelf.store.write() as session:
        await session.papers.save([paper(96, "Perovskite cells")], NOW)
    here = Path(__file__).parent
    code = f"import sys; sys.path.insert(0, {str(here)!r}); import {Path(__file__).stem} as t"
    environment = {**os.environ, "PYTHONPATH": str(here.parents[1]), "SHELF": str(shelf.folder)}
    killed = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", f"{code}; t.die_between_vocabulary_and_papers()"],
        env=environment,
        cwd=here.parents[1],
    )
    assert killed.returncode == -signal.SIGKILL
    index = shelf.reopened()
    assert await meant(index, "perovksite") is None  # the word is known, but no paper has it yet
    assert await index.catch_up() == 1
    assert await meant(index, "perovksite") == "perovskite"
    words = IndexFolder(shelf.folder / "index").vocabulary().searcher()
    assert words.doc_freq("word", "perovskite") == 1


def times_known(shelf: Shelf, word: str) -> int:
    return IndexFolder(shelf.folder / "index").vocabulary().searcher().doc_freq("word", word)


async def test_a_catch_up_that_fails_before_its_commit_leaves_no_word_taken_for_known(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: IndexWriter) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as full:
        full.setattr(IndexWriter, "commit", fail)
        with pytest.raises(OSError, match="no space left"):
            await shelf.add(paper(96, "Perovskite cells"))
    assert times_known(shelf, "perovskite") == 0
    assert await shelf.index.catch_up() == 1
    assert times_known(shelf, "perovskite") == 1


async def test_words_known_before_another_process_rebuilt_the_index_are_added_anew(shelf: Shelf) -> None:
    await shelf.add(paper(96, "Perovskite cells"))
    async with shelf.store.write() as session:
        await session.papers.save([paper(96, "Solar cells")], NOW)
    await shelf.reopened().rebuild()
    assert times_known(shelf, "perovskite") == 0
    await shelf.add(paper(97, "Perovskite panels"))
    assert times_known(shelf, "perovskite") == 1


async def test_words_known_before_older_files_were_put_back_are_added_anew(shelf: Shelf) -> None:
    copied = shutil.copytree(shelf.folder / "index", shelf.folder / "copy")
    await shelf.add(paper(96, "Perovskite cells"))
    shutil.rmtree(shelf.folder / "index")
    copied.rename(shelf.folder / "index")
    await shelf.index.catch_up()
    assert times_known(shelf, "perovskite") == 1


async def test_a_word_of_many_catch_ups_is_kept_once(shelf: Shelf) -> None:
    for number in (96, 97, 98):
        await shelf.add(paper(number, "Perovskite cells"))
    assert times_known(shelf, "perovskite") == 1


# --- How good it is, on recorded papers ---


def mistyped(written_right: str, errors: int, chance: random.Random) -> str:
    """Letters added, left out, replaced, or swapped with the next."""
    for _ in range(errors):
        at, letter = chance.randrange(len(written_right)), chance.choice(string.ascii_lowercase)
        before, here, after = written_right[:at], written_right[at], written_right[at + 1 :]
        written_right = chance.choice(
            [
                before + letter + here + after,
                before + after,
                before + letter + after,
                before + after[:1] + here + after[1:],
            ]
        )
    return written_right


@pytest.fixture(scope="module")
def recorded() -> list[Paper]:
    if not RECORDED.exists():
        pytest.skip(f"the recorded days are not here: {RECORDED}")
    files = sorted(RECORDED.glob("*.json"))[::8]
    return list({one.id: one for file in files for one in read_file(file).papers}.values())


@pytest.fixture
async def library(tmp_path: Path, store: SqlStore, recorded: list[Paper]) -> TantivyIndex:
    async with store.write() as session:
        await session.papers.save(recorded, NOW)
    index = TantivyIndex(tmp_path / "index", store)
    await index.rebuild()
    return index


async def test_titles_with_two_errors_find_their_papers(library: TantivyIndex, recorded: list[Paper]) -> None:
    chance, found = random.Random(1), []
    for one in chance.sample([each for each in recorded if len(each.title.split()) >= 6], 100):
        try:
            query = parse_search(mistyped(one.title, 2, chance), TODAY)
        except UserError:  # an error made a facet of it
            found.append(False)
            continue
        page = await library.search(query, limit=5)
        if page.total < 3 and (corrected := await library.corrected(query)):
            page = await library.search(corrected, limit=5)
        found.append(one.id in page.ids)
    assert statistics.mean(found) >= 0.95


@pytest.mark.parametrize(("errors", "recall"), [(1, 0.97), (2, 0.9)])
async def test_names_with_errors_are_among_the_first_five(
    library: TantivyIndex, recorded: list[Paper], errors: int, recall: float
) -> None:
    chance, found = random.Random(2), []
    names = sorted({name for one in recorded for name in one.authors if 8 <= len(name) < 40})
    for name in chance.sample(names, 150):
        near = await library.names_like(mistyped(name, errors, chance))
        found.append(any(same_person(name, each) for each in near))
    assert statistics.mean(found) >= recall


async def test_no_name_that_papers_have_is_corrected(library: TantivyIndex, recorded: list[Paper]) -> None:
    names = sorted({name for one in recorded for name in one.authors if len(name) < 60 and '"' not in name})
    for name in random.Random(3).sample(names, 1_000):
        query = (Rule.of([Term(Kind.AUTHOR, name)]),)
        assert await library.corrected(query) is None, name


# --- The law: a correction finds more, and nothing else changes ---

vocabulary = st.sampled_from(
    ["difusion", "diffusion", "modles", "grahps", "video", "zq", "trees", "flwo matching", "a"]
)
people = st.sampled_from(["Yan LeCun", "Bengoi", "Jose Garcia", "Q Q"])
term_lists = st.lists(
    st.builds(Term, st.sampled_from([Kind.TEXT, Kind.TITLE]), vocabulary, st.booleans())
    | st.builds(Term, st.just(Kind.AUTHOR), people, st.booleans())
    | st.builds(Term, st.just(Kind.ORGANISATION), st.sampled_from(["gogle", "google"]), st.booleans()),
    min_size=1,
    max_size=4,
)


@given(st.lists(st.lists(term_lists.map(Rule.of), min_size=1, max_size=2).map(tuple), min_size=5, max_size=20))
@settings(max_examples=10, deadline=None)
def test_a_correction_finds_more_and_excludes_the_same(
    empty_store: Path, tmp_path_factory: pytest.TempPathFactory, queries: list[tuple[Rule, ...]]
) -> None:
    async def check() -> None:
        folder = tmp_path_factory.mktemp("shelf")
        store = await open_store(f"sqlite:///{shutil.copy(empty_store, folder / 'papers.db')}")
        made = Shelf(folder, store)
        await made.add(*PAPERS)
        for query in queries:
            corrected = await made.index.corrected(query)
            for old, new in zip(query, corrected or query, strict=True):
                assert old.excluded == new.excluded
                before, after = [(await made.index.search((rule,))).total for rule in (old, new)]
                assert after > before or old == new
        await store.close()

    with structlog.testing.capture_logs():
        asyncio.run(check())
