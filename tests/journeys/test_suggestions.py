"""What is suggested while somebody types half a word."""

import pytest

from bot.suggestions import suggest_authors, suggest_categories, suggest_organisations, suggest_zones
from tests.journeys.conftest import Scene


@pytest.mark.parametrize("typed", ["yuj", "Yujia", "Yujia H", "Hu Yuj", "hu, yujia", "YUJIA HU", "Yuija Hu"])
async def test_an_author_is_found_by_half_a_name(scene: Scene, typed: str) -> None:
    assert "Yujia Hu" in [each.value for each in await suggest_authors(scene.world, typed, 5)]


async def test_authors_with_that_very_name_come_first_then_who_wrote_most(scene: Scene) -> None:
    names = [each.value for each in await suggest_authors(scene.world, "wang", 100)]
    assert names[0].endswith("Wang")
    counts = await scene.world.index.author_counts(names)
    of_the_name = [counts[name] for name in names if name.endswith(" Wang")]
    assert of_the_name == sorted(of_the_name, reverse=True)
    assert len(await suggest_authors(scene.world, "y", 100)) == 100


@pytest.mark.parametrize("typed", ["", "!!", "x" * 300, "%", "_", "\U0010ffff"])
async def test_nobody_is_suggested_for_nothing(scene: Scene, typed: str) -> None:
    assert await suggest_authors(scene.world, typed, 5) == []


@pytest.mark.parametrize(("typed", "first"), [
    ("cl", "cs.CL"), ("cs.c", "cs.CC"), ("machine learn", "cs.LG"), ("machin lerning", "cs.LG"), ("stat", "stat"),
])  # fmt: skip
def test_a_category_is_found_by_its_id_or_its_name(typed: str, first: str) -> None:
    assert suggest_categories(typed, 5)[0].value == first


def test_only_categories_that_take_papers_are_suggested() -> None:
    every = [each.value for each in suggest_categories("", 1_000)]
    assert "cs.CL" in every
    assert "alg-geom" not in every


def test_an_organisation_is_found_by_half_a_word_or_misspelt() -> None:
    known = ["ByteDance", "Google DeepMind", "Google Research"]
    found = {typed: [each.value for each in suggest_organisations(known, typed, 5)] for typed in ("goo", "deep g", "")}
    assert found == {"goo": known[1:], "deep g": ["Google DeepMind"], "": known}
    assert [each.value for each in suggest_organisations(known, "Bytedanse", 5)] == ["ByteDance"]


@pytest.mark.parametrize(("typed", "zones"), [
    ("new y", ["America/New_York"]), ("cet", ["Europe/Berlin"]), ("tokio", ["Asia/Tokyo"]), ("utc", ["UTC"]),
    ("cst", ["America/Chicago", "Asia/Shanghai"]), ("nowhere at all", []),
])  # fmt: skip
def test_a_zone_is_found_by_its_city_and_by_what_chats_call_it(typed: str, zones: list[str]) -> None:
    assert [each.value for each in suggest_zones(typed, "Europe/Paris", 5)] == zones


def test_ones_own_zone_comes_first() -> None:
    assert suggest_zones("", "Europe/Paris", 5)[0].value == "Europe/Paris"
    assert suggest_zones("europe", "Europe/Paris", 5)[0].value == "Europe/Paris"
    assert len(suggest_zones("", None, 100)) == 100
