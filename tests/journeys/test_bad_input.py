"""Bad input: one clear line with the nearest right form, and nothing changes."""

import datetime as dt
import unicodedata

import pytest

from bot.digest import DigestSettings
from tests.journeys.conftest import Scene

BAD = [
    ("serach diffusion", "did you mean search?"),
    ("folow diffusion", "did you mean follow?"),
    ("diffusion models", "search diffusion models"),
    ("follow colour:red", "There is no kind “colour:”"),
    ("follow autor:LeCun", "author:"),
    ('follow "language model', "is not closed"),
    ("search foo after:someday", "2025-06-12, 12 Jun, yesterday, monday or 7d"),
    ("day someday", "2025-06-12, 12 Jun"),
    ("2025-02-30", "There is no day"),
    ("2026-01-01", "still to come"),
    ("show 2506.99999", "2506.99999 is not among the 124 papers here"),
    ("show 9999.99999", "one looks like 2506.01234"),
    ("show zzzz qqqq", "No paper here is titled"),
    ("why", "Why which paper?"),
    ("vote 2506.99999", "not among the 124 papers"),
    ("digest on 09:00", "Europe/Berlin"),
    ("digest on 25:00 Europe/Berlin", "01:00"),
    ("digest on 9 Europe/Berlin", "09:00 or 21:00"),
    ("digest on 09:00 Europe/Berln", "Europe/Berlin"),
    ("digest on 09:00 EST", "America/New_York"),
    ("digest on 09:00 Europe/Berlin mon,wedd", "wed"),
    ("digest on 09:00 Europe/Berlin top 99", "1 to 10"),
    ("digest on 09:00 Europe/Berlin -- ", "nothing to look for"),
    ("digest on 09:00 Europe/Berlin -- cat:cs.CLL", "cat:cs.CL"),
    ("digest on name:../x 09:00 Europe/Berlin", "can't be a digest's name"),
    ("digest of", "did you mean digest off?"),
    ("digest", "write one of: on, show"),
    ("digest pause", "has no digest"),
    ("digest pause soon", "digest pause 7 days"),
    ("follow", "What shall I follow? For example:"),
    ("follow ;;", "nothing to look for"),
    ("follow -cat:cs.CV", "only excludes"),
    ("unfollow 7", "Your list is empty"),
    ("mine someday", "2025-06-12, 12 Jun"),
    ("mine", "You follow nothing"),
    ("trending year", "day, week or month"),
    ("today page:0", "page:0 is no page; the first is page:1."),
    ("today page:99", "There are 2 pages"),
    ("search x sort:best", "sort:relevance, new or votes"),
    ("help sarch", "did you mean: help search? help alone lists them all"),
    ("help foo", "There is no command “foo”; help alone lists them all"),
    ("x" * 10_240, "10,240 characters"),
    ("follow " + "y" * 3_000, "3,000 characters"),
    ("\x00\x00foo\x00", "There is no command “foo”"),
    ("\u202efoo\u202c", "There is no command “foo”"),
    ("<!channel>", "There is no command “<!channel>”"),
    ("@everyone", "There is no command"),
    ("🤖", "There is no command"),
]


@pytest.mark.parametrize(("typed", "told"), BAD, ids=[f"{typed[:30]!a}" for typed, _ in BAD])
async def test_bad_input_is_told_in_one_clear_line_and_changes_nothing(scene: Scene, typed: str, told: str) -> None:
    before = [await scene.alice(command) for command in ("following", "digest show", "saved", "show 2505.16938")]
    notice = await scene.alice.wrong(typed)
    assert told in notice
    assert "\n" not in notice
    assert len(notice) < 400
    assert not any(unicodedata.category(letter) in ("Cc", "Cs", "Cf") for letter in notice)
    assert [
        await scene.alice(command) for command in ("following", "digest show", "saved", "show 2505.16938")
    ] == before


async def test_whatever_stands_behind_a_command_is_answered(scene: Scene) -> None:
    from bot.commands.dispatch import TABLE

    odd = [
        "",
        '"',
        "-",
        ";",
        ":",
        "page:",
        "name:",
        "sort:",
        "<@U1>",
        "\ud800",
        "a" * 3_900,
        "() [] {} ^ ~ * \\",
        "%s {0}",
        "' OR 1=1 --",
        "--",
        "-- x",
        "top",
        "top x",
    ]
    for name in TABLE:
        for rest in odd:
            reply = await scene.alice.says(f"{name} {rest}")
            assert reply.ok or reply.notice


WRONG_EDITS = [
    ("digest on Europe/Berln", "Europe/Berlin"),
    ("digest on Mars/Base", "Region/City, such as Europe/Berlin"),
    ("digest on 25:00", "01:00"),
    ("digest on 9", "09:00 or 21:00"),
    ("digest on 18:00 mon,wedd", "mon,wed"),
    ("digest on top 0", "1 to 10"),
    ("digest on 18:00 top 3 -- zzyzx cat:cs.CL", "Nearest: cat:cs.CL"),
    ("digest on -- resoning zzyzx", "digest on exactly"),
    ("digest on name:evening", "digest off name:NAME"),
    ("digest on name:other -- zzyzx", "digest on exactly"),
    ("digest off name:dayly", "name:daily"),
    ("digest pause 900", "digest pause 7 days"),
    ("digest now perhaps", "digest now yes"),
    ("digest now yes request:../x", "digest now"),
    ("digest again 00000000-0000-0000-0000-000000000000", "status tells"),
    ("digest arrived nonsense", "status tells"),
    ("digest again", "waits for an answer"),
]


@pytest.mark.parametrize(("typed", "told"), WRONG_EDITS, ids=[typed for typed, _ in WRONG_EDITS])
async def test_a_wrong_edit_leaves_the_stored_settings_as_they_were(scene: Scene, typed: str, told: str) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin weekdays top 4 -- reasoning")
    if typed == "digest on name:evening":
        for number in range(9):
            await scene.alice(f"digest on name:no{number} 10:00")

    async def stored() -> tuple[list[DigestSettings], str | None]:
        async with scene.world.store.read() as session:
            who = scene.alice.who
            caller = await session.teams.caller(who.platform, who.team, who.channel, who.member)
            assert caller
            return await session.digests.of_channel(caller.channel.id), caller.channel.zone

    before = await stored()
    notice = await scene.alice.wrong(typed)
    assert told in notice
    assert "\n" not in notice
    assert len(notice) < 400
    assert await stored() == before
    assert scene.wall.posts == []


async def test_a_channel_that_is_not_there_is_told_and_nothing_is_set_for_it(scene: Scene) -> None:
    await scene.alice("digest on 09:00 Europe/Berlin")
    elsewhere = scene.person("alice", channel="#gone")
    for typed in ("digest off", "digest pause", "digest resume", "digest now yes", "digest preview"):
        assert f"{elsewhere.who.channel} has no digest; set one, for example: digest on 09:00" in await elsewhere.wrong(
            typed
        )
    shown = (await scene.alice("digest show")).digests
    assert shown is not None
    assert len(shown) == 1


async def test_a_rule_that_matches_nothing_is_refused_with_the_nearest_and_can_be_set_all_the_same(
    scene: Scene,
) -> None:
    reply = await scene.alice.says("digest on name:odd 9am Berlin top 3 -- zzyzx cat:cs.CL")
    assert not reply.ok
    assert (await scene.alice("digest show")).digests == ()
    nearest, anyway = reply.actions[0], reply.actions[-1]
    assert (nearest.label, nearest.command) == (
        "Only cat:cs.CL",
        "digest on name:odd 09:00 Europe/Berlin top 3 -- cat:cs.CL",
    )
    await scene.alice(anyway.command)
    await scene.alice(nearest.command)
    await scene.alice("digest on name:odd exactly -- zzyzx")
    shown = (await scene.alice("digest show")).digests
    assert shown is not None
    assert [(line.name, line.time, line.top, line.rule) for line in shown] == [("odd", "09:00", 3, "zzyzx")]


async def test_a_rule_is_not_refused_where_there_are_no_papers_of_late(scene: Scene) -> None:
    scene.clock.time += dt.timedelta(days=60)
    await scene.alice("digest on 09:00 Europe/Berlin -- zzyzx")
