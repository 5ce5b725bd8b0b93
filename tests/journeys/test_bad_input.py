"""Bad input: one clear line with the nearest right form, and nothing changes."""

import unicodedata

import pytest

from bot.commands.dispatch import answer
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
    ("today page:0", "page:2"),
    ("today page:99", "There are 2 pages"),
    ("search x sort:best", "sort:relevance, new or votes"),
    ("help foo", "help alone lists them all"),
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
            reply = await answer(scene.world, scene.alice.who, f"{name} {rest}")
            assert reply.ok or reply.notice
