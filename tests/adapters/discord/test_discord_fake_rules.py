"""Every limit of Discord's that the fake holds: what is just within is taken, what is just over is refused."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_rules import faults_of_choices, faults_of_message, faults_of_modal
from tests.fakes.discord_spec import described
from tests.fakes.discord_world import Json

V2 = 1 << 15


def text(content: str = "x") -> Json:
    return {"type": 10, "content": content}


def button(number: int = 0, **other: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Vote", "custom_id": f"b{number}"} | other


def row(*inside: Json) -> Json:
    return {"type": 1, "components": list(inside)}


def v2(*components: Json, **other: Any) -> Json:
    return {"flags": V2, "components": list(components)} | other


def section(*texts: Json, accessory: Json | None = None) -> Json:
    return {"type": 9, "components": list(texts), "accessory": accessory or button()}


def menu(count: int = 1, **other: Any) -> Json:
    options = [{"label": f"l{number}", "value": f"v{number}"} for number in range(count)]
    return {"type": 3, "custom_id": "menu", "options": options} | other


def option(**other: Any) -> Json:
    return menu(options=[{"label": "l", "value": "v"} | other])


def embed(**parts: Any) -> Json:
    return {"embeds": [parts]}


def gallery(count: int, **other: Any) -> Json:
    return {"type": 12, "items": [{"media": {"url": "https://x.test/a.png"}} | other for _ in range(count)]}


def thumbnail(description: str) -> Json:
    return {"type": 11, "media": {"url": "https://x.test/a.png"}, "description": description}


WITHIN_AND_OVER: list[tuple[str, Json, Json]] = [
    ("content: 2001", {"content": "x" * 2000}, {"content": "x" * 2001}),
    ("message: empty", {"content": "x"}, {"content": " "}),
    ("embeds: 11", {"embeds": [{"title": "x"}] * 10}, {"embeds": [{"title": "x"}] * 11}),
    ("title: 257", embed(title="x" * 256), embed(title="x" * 257)),
    ("description: 4097", embed(description="x" * 4096), embed(description="x" * 4097)),
    ("fields: 26", embed(fields=[{"name": "n", "value": "v"}] * 25), embed(fields=[{"name": "n", "value": "v"}] * 26)),
    (
        "name: 257",
        embed(fields=[{"name": "n" * 256, "value": "v"}]),
        embed(fields=[{"name": "n" * 257, "value": "v"}]),
    ),
    (
        "value: 1025",
        embed(fields=[{"name": "n", "value": "v" * 1024}]),
        embed(fields=[{"name": "n", "value": "v" * 1025}]),
    ),
    ("footer.text: 2049", embed(footer={"text": "x" * 2048}), embed(footer={"text": "x" * 2049})),
    ("author.name: 257", embed(author={"name": "x" * 256}), embed(author={"name": "x" * 257})),
    (
        "6001 characters in all",
        {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3000}]},
        {"embeds": [{"description": "x" * 3000}, {"description": "x" * 3000, "title": "x"}]},
    ),
    ("nonce: over 25", {"content": "x", "nonce": "n" * 25}, {"content": "x", "nonce": "n" * 26}),
    ("components: 41 in all", v2(*[text()] * 40), v2(*[text()] * 41)),
    (
        "components: 41 in all",
        v2({"type": 17, "components": [text()] * 39}),
        v2({"type": 17, "components": [*[text()] * 37, section(text())]}),
    ),
    ("4001 characters of text", v2(text("x" * 3999), text()), v2(text("x" * 4000), text())),
    ("text display: empty", v2(text()), v2(text(" \n"))),
    ("needs the flag IS_COMPONENTS_V2", v2(text()), {"components": [text()]}),
    ("content: not allowed with", v2(text()), v2(text(), content="x")),
    ("embeds: not allowed with", v2(text()), v2(text(), embeds=[{"title": "x"}])),
    ("6 rows", {"components": [row(button(n)) for n in range(5)]}, {"components": [row(button(n)) for n in range(6)]}),
    ("action row: 6", v2(row(*map(button, range(5)))), v2(row(*map(button, range(6))))),
    ("action row: 2", v2(row(menu())), v2(row(menu(), button()))),
    ("action row: empty", v2(row(button())), v2(row())),
    ("type 10 can't stand here", v2(row(button())), v2(row(text()))),
    ("type 2 can't stand here", v2(row(button())), v2(button())),
    ("container: empty", v2({"type": 17, "components": [text()]}), v2({"type": 17, "components": []})),
    (
        "type 17 can't stand here",
        v2({"type": 17, "components": [text()]}),
        v2({"type": 17, "components": [{"type": 17, "components": [text()]}]}),
    ),
    ("section: 4 texts", v2(section(*[text()] * 3)), v2(section(*[text()] * 4))),
    ("section: 0 texts", v2(section(text())), v2(section())),
    ("type None can't stand here", v2(section(text())), v2({"type": 9, "components": [text()]})),
    ("label: 81", v2(row(button(label="x" * 80))), v2(row(button(label="x" * 81)))),
    ("custom_id: 101", v2(row(button(custom_id="x" * 100))), v2(row(button(custom_id="x" * 101)))),
    ("custom_id: required", v2(row(button())), v2(row(button(custom_id="")))),
    ("stands 2 times", v2(row(button(0), button(1))), v2(row(button(0), button(0)))),
    ("id: 7 stands 2", v2(text() | {"id": 7}, text() | {"id": 8}), v2(text() | {"id": 7}, text() | {"id": 7})),
    ("needs a label", v2(row(button(label=None, emoji={"name": "⭐"}))), v2(row(button(label=None)))),
    ("style: 9", v2(row(button())), v2(row(button(style=9)))),
    (
        "a url belongs to the link style",
        v2(row({"type": 2, "style": 5, "label": "x", "url": "https://x.test"})),
        v2(row(button(style=5, url="https://x.test"))),
    ),
    (
        "is no address",
        v2(row({"type": 2, "style": 5, "label": "x", "url": "https://x.test"})),
        v2(row({"type": 2, "style": 5, "label": "x", "url": "javascript:alert()"})),
    ),
    (
        "url: 513",
        v2(row({"type": 2, "style": 5, "label": "x", "url": "https://" + "x" * 504})),
        v2(row({"type": 2, "style": 5, "label": "x", "url": "https://" + "x" * 505})),
    ),
    ("options: 26", v2(row(menu(25))), v2(row(menu(26)))),
    ("options: 0", v2(row(menu(1))), v2(row(menu(0)))),
    ("options.label: 101", v2(row(option(label="x" * 100))), v2(row(option(label="x" * 101)))),
    ("options.value: 101", v2(row(option(value="x" * 100))), v2(row(option(value="x" * 101)))),
    ("options.description: 101", v2(row(option(description="x" * 100))), v2(row(option(description="x" * 101)))),
    ("a value stands twice", v2(row(menu(2))), v2(row(menu(options=[{"label": "a", "value": "a"}] * 2)))),
    (
        "more defaults",
        v2(row(option(default=True))),
        v2(row(menu(options=[{"label": name, "value": name, "default": True} for name in "ab"]))),
    ),
    ("placeholder: 151", v2(row(menu(placeholder="x" * 150))), v2(row(menu(placeholder="x" * 151)))),
    ("from 2 to 1 values", v2(row(menu(2, min_values=2, max_values=2))), v2(row(menu(2, min_values=2)))),
    ("options: 1, for up to 2", v2(row(menu(2, max_values=2))), v2(row(menu(1, max_values=2)))),
    ("media gallery: 11", v2(gallery(10)), v2(gallery(11))),
    ("media gallery.description: 1025", v2(gallery(1, description="x" * 1024)), v2(gallery(1, description="x" * 1025))),
    (
        "thumbnail.description: 1025",
        v2(section(text(), accessory=thumbnail("x" * 1024))),
        v2(section(text(), accessory=thumbnail("x" * 1025))),
    ),
    (
        "excluded by parse",
        {"content": "x", "allowed_mentions": {"parse": ["roles"], "users": ["1"]}},
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
    ),
    (
        "allowed_mentions.roles: 101",
        {"content": "x", "allowed_mentions": {"roles": [str(n) for n in range(100)]}},
        {"content": "x", "allowed_mentions": {"roles": [str(n) for n in range(101)]}},
    ),
]  # fmt: skip


@pytest.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(spec=None) as discord:
        discord.add_guild("Lab")
        yield discord


@pytest.mark.parametrize(("fault", "within", "over"), WITHIN_AND_OVER, ids=[one[0] for one in WITHIN_AND_OVER])
async def test_a_message_is_refused_just_over_the_limit(
    fake: FakeDiscord, fault: str, within: Json, over: Json
) -> None:
    papers = next(iter(fake.guilds.values())).channel("papers")
    url = f"{fake.api_url}/channels/{papers.id}/messages"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {fake.token}"}) as session:
        async with session.post(url, json=within) as taken:
            assert (taken.status, await taken.text()) == (200, await taken.text())
        with fake.expecting_refusals() as broken:
            async with session.post(url, json=over) as refused:
                assert refused.status == 400
                assert (await refused.json())["code"] == (50006 if fault == "message: empty" else 50035)
    assert any(fault in one for one in broken), broken
    assert len(fake.posted()) == 1


@pytest.mark.parametrize("within", [one[1] for one in WITHIN_AND_OVER], ids=[one[0] for one in WITHIN_AND_OVER])
def test_what_is_within_the_limits_is_as_described(within: Json) -> None:
    spec = described()
    if spec is None:
        pytest.skip("Discord's description of its API is not at hand")
    assert spec.faults_of_request("POST", "/channels/{channel_id}/messages", within) == []


async def test_a_broken_rule_fails_the_test_whatever_the_bot_does() -> None:
    async def break_one() -> None:
        async with FakeDiscord() as fake:
            papers = fake.add_guild().channel("papers")
            url = f"{fake.api_url}/channels/{papers.id}/messages"
            headers = {"Authorization": f"Bot {fake.token}"}
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.post(url, json={"content": "x" * 2001}),
            ):
                pass

    with pytest.raises(AssertionError, match="Discord would have refused: content: 2001"):
        await break_one()


async def test_a_body_that_is_not_as_described_is_refused() -> None:
    if described() is None:
        pytest.skip("Discord's description of its API is not at hand")
    async with FakeDiscord() as fake:
        papers = fake.add_guild().channel("papers")
        url = f"{fake.api_url}/channels/{papers.id}/messages"
        headers = {"Authorization": f"Bot {fake.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            with fake.expecting_refusals() as broken:
                refused = await session.post(url, json={"content": ["x"]})
        assert refused.status == 400
        assert "content" in broken[0]


def test_an_answer_that_is_not_as_described_is_noticed() -> None:
    spec = described()
    if spec is None:
        pytest.skip("Discord's description of its API is not at hand")
    assert spec.faults_of_answer("GET", "/users/@me", 200, {"id": 5})
    assert spec.faults_of_answer("GET", "/channels/{channel_id}", 204, None)
    assert spec.faults_of_answer("POST", "/channels/{channel_id}/messages", 403, {"code": "x"})
    assert spec.faults_of_answer("GET", "/nowhere", 200, {})
    assert spec.faults_of_request("POST", "/nowhere", {})


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        (v2({"type": 99}), "components/0"),
        (v2(row(button(label=5))), "components/0/components/0/label"),
        (v2(section(text(), accessory=menu())), "components/0/accessory"),
        ({"allowed_mentions": {"roles": ["everyone"]}}, "allowed_mentions"),
    ],
)
def test_a_fault_is_found_where_it_is(message: Json, fault: str) -> None:
    spec = described()
    if spec is None:
        pytest.skip("Discord's description of its API is not at hand")
    (found,) = spec.faults_of_request("POST", "/channels/{channel_id}/messages", message)
    assert found.startswith(fault)


async def test_too_many_bytes_of_components_are_an_error_of_discords(fake: FakeDiscord) -> None:
    papers = next(iter(fake.guilds.values())).channel("papers")
    url = f"{fake.api_url}/channels/{papers.id}/messages"
    within, over = "論" * 3386, "論" * 3386 + "x"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {fake.token}"}) as session:
        async with session.post(url, json=v2(text(within))) as taken:
            assert taken.status == 200
        with fake.expecting_refusals() as broken:
            async with session.post(url, json=v2(text(over))) as refused:
                assert refused.status == 500
    assert broken == ["components: 10171 bytes in all, over 10170"]


def test_an_edit_cannot_take_the_new_components_back() -> None:
    edit = {"content": "x", "components": []}
    assert faults_of_message(edit, was_v2=True) == ["content: not allowed with IS_COMPONENTS_V2"]
    assert faults_of_message(edit) == []


def _modal(*components: Json, **other: Any) -> Json:
    return {"title": "Set up", "custom_id": "m", "components": list(components) or [_field()]} | other


def _field(number: int = 0, label: str = "l", **other: Any) -> Json:
    return {"type": 18, "label": label, "component": {"type": 4, "style": 1, "custom_id": f"f{number}"} | other}


@pytest.mark.parametrize(
    ("fault", "within", "over"),
    [
        ("title: 46", _modal(title="x" * 45), _modal(title="x" * 46)),
        ("title: required", _modal(), _modal(title="")),
        ("custom_id: 101", _modal(custom_id="x" * 100), _modal(custom_id="x" * 101)),
        ("components: 6", _modal(*map(_field, range(5))), _modal(*map(_field, range(6)))),
        ("components: 0", _modal(), _modal(components=[])),
        ("label.label: 46", _modal(_field(label="x" * 45)), _modal(_field(label="x" * 46))),
        (
            "label.description: 101",
            _modal(_field() | {"description": "x" * 100}),
            _modal(_field() | {"description": "x" * 101}),
        ),
        ("placeholder: 101", _modal(_field(placeholder="x" * 100)), _modal(_field(placeholder="x" * 101))),
        ("value: 4001", _modal(_field(value="x" * 4000)), _modal(_field(value="x" * 4001))),
        ("value: 6", _modal(_field(value="x" * 5, max_length=5)), _modal(_field(value="x" * 6, max_length=5))),
        ("from 3 to 2", _modal(_field(min_length=2, max_length=2)), _modal(_field(min_length=3, max_length=2))),
        ("from 0 to 4001", _modal(_field(max_length=4000)), _modal(_field(max_length=4001))),
        ("type 2 can't", _modal(), _modal(button())),
        ("stands 2 times", _modal(_field(0), _field(1)), _modal(_field(0), _field(0))),
    ],
)
def test_a_form_is_refused_just_over_the_limit(fault: str, within: Json, over: Json) -> None:
    assert faults_of_modal(within) == []
    assert any(fault in one for one in faults_of_modal(over)), faults_of_modal(over)


def test_suggestions_are_refused_just_over_the_limit() -> None:
    assert faults_of_choices([{"name": "n" * 100, "value": "v" * 100}] * 25) == []
    assert faults_of_choices([{"name": "n", "value": "v"}] * 26) == ["choices: 26, over 25"]
    assert len(faults_of_choices([{"name": "n" * 101, "value": "v" * 101}, {"name": "", "value": 5}])) == 3
