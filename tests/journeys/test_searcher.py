"""A searcher's way: find by words, names, ids and addresses; be forgiven typing errors; see why something was found."""

import json
import time

import pytest

from adapters.terminal.papers import paper_lines
from bot.ingest import ingest
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch
from bot.reply import PaperLine, Reply
from bot.reply_json import reply_json
from tests.journeys.conftest import Scene


async def add_papers(scene: Scene, *papers: tuple[str, str], authors: tuple[str, ...] = ()) -> None:
    """Add papers by title and abstract, numbered 2506.90000 and on."""
    day = scene.clock.now().date()
    made = tuple(
        Paper(
            PaperId.parse(f"arxiv:2506.9{number:04}"), title, authors, abstract,
            listings=(Listing("huggingface", day, votes=1),),
        )
        for number, (title, abstract) in enumerate(papers)
    )  # fmt: skip
    await ingest(scene.world.store, "huggingface", Batch("a test", made, {}), scene.clock.now())
    await scene.world.index.catch_up()


def titles(reply: Reply) -> list[str]:
    return [line.title for line in reply.papers or ()]


def labels(reply: Reply) -> dict[str, str]:
    return {action.label: action.command for action in reply.actions}


def passage(line: PaperLine) -> str:
    return "".join(f"[{piece}]" if marked else piece for piece, marked in line.snippet)


# --- Typing errors ---


async def test_a_misspelt_search_shows_what_was_meant_and_says_so(scene: Scene) -> None:
    right = await scene.alice("search diffusion models")
    reply = await scene.alice("search difusion modles")
    assert reply.notice == (
        "Showing results for “diffusion models” (you typed “difusion modles”)."
        " To search for that as typed: search exactly difusion modles"
    )
    assert titles(reply) == titles(right)
    assert reply.pages == right.pages
    assert reply.heading == right.heading
    assert {**labels(right), "Search as typed": "search exactly difusion modles"} == labels(reply)


async def test_what_is_searched_for_exactly_is_not_corrected(scene: Scene) -> None:
    asked = await scene.alice("search difusion modles sort:new")
    reply = await scene.alice(labels(asked)["Search as typed"])
    assert reply.papers == ()
    assert reply.notice == ("None of 124 papers matches difusion modles. Try fewer words, or one of them alone.")
    sorted_anew = await scene.alice("search exactly diffusion")
    assert labels(sorted_anew)["Newest first"] == "search exactly diffusion sort:new"


async def test_a_misspelt_author_is_found_and_named(scene: Scene) -> None:
    reply = await scene.alice('search author:"Juanzy Li" -video')
    assert reply.notice is not None
    assert reply.notice.startswith('Showing results for “author:"Juanzi Li" -video”')
    assert reply.papers
    assert all("Juanzi Li" in line.authors for line in reply.papers)


async def test_pages_and_orders_of_a_corrected_search_are_those_of_the_right_one(scene: Scene) -> None:
    first = await scene.alice("search languge")
    second = await scene.alice(labels(first)["Next page"])
    assert second.notice is None
    assert titles(second) == titles(await scene.alice("search language page:2"))
    newest = await scene.alice("search difusion sort:new")
    assert newest.heading == (await scene.alice("search diffusion sort:new")).heading


async def test_a_rare_word_is_kept_and_the_commoner_one_offered(scene: Scene) -> None:
    await add_papers(scene, ("Lama", "A quirk."), *[(f"Note {number}", "On llama.") for number in range(6)])
    reply = await scene.alice("search lama")
    assert titles(reply) == ["Lama"]
    assert reply.notice is None or reply.notice.startswith("Did you mean “llama”")


async def test_a_whole_title_with_errors_leads_to_its_paper(scene: Scene) -> None:
    reply = await scene.alice("search MiMo-VL Technicl Rport")
    assert titles(reply) == ["MiMo-VL Technical Report"]
    await add_papers(scene, ("Mamba: Linear-Time Sequence Modeling with Selective State Spaces", ""))
    for typed in (
        "Mamba: Linear-Time Sequence Modeling with Selective State Spaces",
        "Mamba: Linear-Tme Sequence Modelling wih Selective State Spaces",
    ):
        assert titles(await scene.alice(f"search {typed}"))[0].startswith("Mamba: Linear-Time")


async def test_nothing_is_offered_for_what_is_like_nothing(scene: Scene) -> None:
    reply = await scene.alice("search xqzwv")
    assert reply.notice == "None of 124 papers matches xqzwv. Try another word."
    assert reply.actions == ()


async def test_a_known_author_is_not_doubted_when_the_rest_finds_nothing(scene: Scene) -> None:
    reply = await scene.alice('search author:"Juanzi Li" xqzwv')
    assert reply.notice is not None
    assert "Did you mean" not in reply.notice


@pytest.mark.parametrize("typed", ["difusion modles", 'author:"Jaunzi Li"', "MiMo-VL Technicl Rport", "xqzwv", "video"])
async def test_a_search_is_quick_even_when_it_is_corrected(scene: Scene, typed: str) -> None:
    await scene.alice(f"search {typed}")
    times = []
    for _ in range(5):
        start = time.perf_counter()
        await scene.alice(f"search {typed}")
        times.append(time.perf_counter() - start)
    assert min(times) < 0.1


@pytest.mark.parametrize(
    "typed",
    ["A:b difusion", "[(difusoin)]~^*", "😀 difusion", "difusion " * 50, "“difusion modles”", "exactly difusion"],
)
async def test_whatever_is_typed_the_buttons_work(scene: Scene, typed: str) -> None:
    reply = await scene.alice(f"search {typed}")
    for action in reply.actions:
        if not action.command.startswith("follow"):
            await scene.alice(action.command)


async def test_exactly_alone_is_nothing_to_look_for(scene: Scene) -> None:
    assert "nothing to look for" in await scene.alice.wrong("search exactly")
    assert "100,000" not in await scene.alice.wrong("search " + "difusion " * 1_200)


# --- Ids and addresses ---


@pytest.mark.parametrize(
    "typed",
    [
        "2506.03569", "arXiv:2506.03569v1", "https://arxiv.org/abs/2506.03569", "<https://arxiv.org/pdf/2506.03569v2>",
        "https://huggingface.co/papers/2506.03569", "https://doi.org/10.48550/arXiv.2506.03569", "MiMo 2506.03569",
        "https://arxiv.org/abs/2506.03569 technical report", "zzz ; 2506.03569",
    ],
)  # fmt: skip
async def test_ids_and_addresses_are_found_directly_words_beside_them_too(scene: Scene, typed: str) -> None:
    reply = await scene.alice(f"search {typed}")
    assert [line.id for line in reply.papers or ()] == ["arxiv:2506.03569"]


async def test_an_excluded_id_is_left_out(scene: Scene) -> None:
    assert titles(await scene.alice("search MiMo -2506.03569")) == []


# --- Plurals and hyphens ---


async def test_plurals_and_hyphens_make_no_difference(scene: Scene) -> None:
    await add_papers(scene, ("On vision-language models", ""), ("A vision language model", ""))
    for typed in (
        '"vision language model"',
        "vision-language-models",
        '"Vision-Language Models"',
        "vision-language model",
    ):
        found = titles(await scene.alice(f"search title:{typed}" if typed[0] == '"' else f"search {typed}"))
        assert {"On vision-language models", "A vision language model"} <= set(found)


@pytest.mark.parametrize(
    "spellings",
    [
        ("multimodal", "multi-modal", '"multi modal"'),
        ("pretraining", "pre-trained", '"pre train"'),
        ("finetuned", "fine-tuning", '"fine tunes"'),
        ("fewshot", "few-shot", '"few shots"'),
    ],
)
async def test_compounds_are_found_however_they_are_joined(scene: Scene, spellings: tuple[str, ...]) -> None:
    await add_papers(scene, *((f"Quixotic {spelling}".replace('"', ""), "") for spelling in spellings))
    for typed in spellings:
        reply = await scene.alice(f"search quixotic {typed}")
        assert len(titles(reply)) == 3
        assert reply.notice is None


async def test_a_prefix_that_only_looks_like_one_is_none(scene: Scene) -> None:
    await add_papers(scene, ("Quixotic predictions of multiple finery", ""))
    for typed in ("pre", "multi", "fine"):
        assert titles(await scene.alice(f"search exactly quixotic {typed}")) == []


async def test_two_words_written_as_one_are_parted(scene: Scene) -> None:
    reply = await scene.alice("search visionlanguage")
    assert reply.notice is not None
    assert reply.notice.startswith('Showing results for “"vision language"”')


# --- Why it was found ---


async def test_results_show_the_passage_with_the_words_marked(scene: Scene) -> None:
    long = "We begin with something else. " * 10
    await add_papers(scene, ("Robots", f"{long}Our robots plan grasps by quixotic planning. {long}"))
    (line,) = (await scene.alice("search quixotic plans")).papers or ()
    assert passage(line) == (
        "…Our robots [plan] grasps by [quixotic] [planning]. We begin with something else. We begin with something"
        " else. We begin with something else. We begin with something…"
    )
    drawn = paper_lines(line, 60)
    assert any("by quixotic planning." in row.plain for row in drawn)
    marked = {row.plain[span.start : span.end] for row in drawn for span in row.spans if "underline" in str(span.style)}
    assert {"plan", "quixotic", "planning"} <= marked


async def test_without_words_to_mark_the_summary_stays(scene: Scene) -> None:
    reply = await scene.alice("search 2506.03569")
    assert reply.papers
    assert reply.papers[0].snippet == ()
    shown = "\n".join(row.plain for row in paper_lines(reply.papers[0], 200))
    assert "Xiaomi's open 7B vision model" in shown


async def test_machines_are_told_no_passages(scene: Scene) -> None:
    told = reply_json(await scene.alice("search diffusion"))
    assert "snippet" not in json.dumps(told)


async def test_help_tells_how_results_are_ordered(scene: Scene) -> None:
    reply = await scene.alice("help search")
    told = "\n".join(line.summary for line in reply.help or ())
    for order in ("relevance: ", "new: ", "votes: ", "exactly"):
        assert order in told
