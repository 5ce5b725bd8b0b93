"""Digests composed on a real store: all that are due, each slot once, whatever the clock and other planners do."""

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from adapters.cli.clock import SetClock
from adapters.cli.wakeups import LocalWakeups
from bot.composing import BATCH, compose_due, compose_now
from bot.digest import DigestSettings
from bot.errors import StoreError
from bot.ingest import ingest
from bot.ledger import Delivery, Settlement
from bot.paper import Listing, Paper
from bot.paper_ids import PaperId
from bot.ports import Batch, World
from bot.query_parser import parse_rule
from bot.reply import DigestPost
from bot.schedule import WEEKDAYS, Schedule, next_slot
from bot.store import Session
from storage.database import SqlStore, open_store
from storage.schema import channels, digests
from storage.search_index import TantivyIndex
from tests.fakes.stores import only_on_sqlite

MONDAY = dt.datetime(2025, 6, 9, 7, tzinfo=dt.UTC)
"""When it is 09:00 in Berlin."""

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Bot:
    """A bot that composes, and a platform that takes whatever is claimed."""

    world: World
    clock: SetClock
    store: SqlStore

    async def compose_at(self, instant: dt.datetime) -> int:
        """Let the clock be put there, and compose what is due."""
        self.clock.time = instant
        return await compose_due(self.world)

    async def posts_at(self, instant: dt.datetime) -> list[DigestPost]:
        """Do so, and post it all."""
        await self.compose_at(instant)
        posts = [each.payload for each in await self.post_all()]
        return [post for post in posts if isinstance(post, DigestPost)]

    async def post_all(self) -> list[Delivery]:
        """Post all that is open, as the ledger gives it out."""
        async with self.store.write() as session:
            claimed = await session.deliveries.claim(self.clock.now() + DAY, 1_000, {"slack"}, dt.timedelta(seconds=90))
            for each in claimed:
                await session.deliveries.settle(each, Settlement("sent"), self.clock.now())
        return claimed

    async def list_papers(self, day: dt.date, *papers: Paper, source: str = "huggingface", hour: int = 20) -> None:
        """Let a source list papers on a day."""
        now = dt.datetime.combine(day, dt.time(hour), dt.UTC)
        await ingest(self.store, source, Batch(str(day), papers, {}), now)

    async def digest(self, channel: str = "#papers", **wanted: object) -> DigestSettings:
        """Set a daily digest of three for a channel, from Monday, the ninth, on."""
        async with self.store.write() as session:
            caller = await session.teams.welcome("slack", "Acme", channel, "Alice")
            return await session.digests.put(settings_of(caller.channel.id, **wanted))

    async def stored(self, settings: DigestSettings) -> DigestSettings:
        """Return the settings as they are now."""
        async with self.store.read() as session:
            found = await session.digests.get(settings.id)
        assert found is not None
        return found


def settings_of(channel_id: int, **wanted: object) -> DigestSettings:
    settings = DigestSettings(
        id=0,
        channel_id=channel_id,
        name="daily",
        schedule=Schedule(dt.time(9), "Europe/Berlin", WEEKDAYS),
        top=3,
        rule=None,
        created_by=1,
        created_at=MONDAY - DAY,
        since=MONDAY.date() - DAY,
        next_due_at=MONDAY,
    )
    return replace(settings, **wanted)  # type: ignore[arg-type]


def listed(number: int, day: dt.date, votes: int | None = None, source: str = "huggingface") -> Paper:
    title = f"The paper number {number}"
    return Paper(
        PaperId.parse(f"arxiv:2506.{number:05}"),
        title,
        ("Ada Lovelace",),
        listings=(Listing(source, day, votes=votes),),
    )


@asynccontextmanager
async def bot_on(store: SqlStore, folder: Path, since: dt.datetime = LONG_AGO) -> AsyncIterator[Bot]:
    clock = SetClock(MONDAY - HOUR)
    yield Bot(World(store, TantivyIndex(folder, store), clock, {}, LocalWakeups(), since), clock, store)


@pytest.fixture
async def bot(store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
    """A bot with ten papers on each day from 1 June to 15 July; No. 0 of a day has the most votes."""
    async with bot_on(store, tmp_path / "index") as made:
        papers = [
            listed(100 * passed + place, dt.date(2025, 6, 1) + passed * DAY, 50 - place)
            for passed in range(45)
            for place in range(10)
        ]
        await made.list_papers(dt.date(2025, 6, 1), *papers)
        yield made


def ids(posts: Sequence[DigestPost]) -> list[str]:
    return [line.id for post in posts for line in post.papers]


async def rows(store: SqlStore) -> list[tuple[int, str]]:
    """All slots of the ledger that were composed and not posted."""
    async with store.read() as session:
        settings = [each async for each in all_digests(session)]
        return [(row.digest_id, row.slot) for row in await session.deliveries.standing([each.id for each in settings])]


async def all_digests(session: Session) -> AsyncIterator[DigestSettings]:
    for team in range(1, 3):
        for _, settings in await session.digests.of_team(team):
            yield settings


async def many_channels(store: SqlStore, count: int, **wanted: object) -> list[int]:
    """Set a digest for each of so many channels of a team; return their ids."""
    async with store.write() as session:
        team = (await session.teams.welcome("slack", "Acme", "#all", "Alice")).team.id
        named = [{"team": team, "key": f"#{number}"} for number in range(count)]
        await session.connection.execute(sa.insert(channels), named)
        added = await session.connection.execute(sa.select(channels.c.id).where(channels.c.key != "#all"))
        return [(await session.digests.put(settings_of(channel, **wanted))).id for (channel,) in added.all()]


class TestInBulk:
    async def test_five_planners_at_once_compose_every_digest_once(
        self, bot: Bot, store_url: str, tmp_path: Path
    ) -> None:
        made = await many_channels(bot.store, 500)
        async with AsyncExitStack() as stack:
            planners = [bot]
            for _ in range(4):
                store = await open_store(store_url)
                stack.push_async_callback(store.close)
                planners.append(await stack.enter_async_context(bot_on(store, tmp_path / "index")))
            composed = await asyncio.gather(*(planner.compose_at(MONDAY) for planner in planners))
        assert sum(composed) == 500
        assert sorted(await rows(bot.store)) == [(digest_id, "2025-06-09") for digest_id in sorted(made)]
        assert await bot.compose_at(MONDAY) == 0

    async def test_the_longest_due_are_posted_first(self, bot: Bot) -> None:
        ids = await many_channels(bot.store, 2 * BATCH + 10)
        async with bot.store.write() as session:
            for place, digest_id in enumerate(random.Random(1).sample(ids, len(ids))):
                settings = await session.digests.get(digest_id)
                assert settings
                at = (MONDAY + place * MINUTE).astimezone(dt.UTC)
                schedule = Schedule(at.time(), "UTC", WEEKDAYS)
                await session.digests.put(replace(settings, schedule=schedule, next_due_at=at))
        await bot.compose_at(MONDAY + 3 * HOUR)
        claimed = await bot.post_all()
        assert [each.due_at for each in claimed] == [MONDAY + place * MINUTE for place in range(len(ids))]

    async def test_digests_of_one_channel_that_are_due_together_share_no_paper(self, bot: Bot) -> None:
        await bot.digest()
        await bot.digest(name="more")
        await bot.digest(name="one", rule=parse_rule("paper"))
        posts = await bot.posts_at(MONDAY)
        assert [len(post.papers) for post in posts] == [3, 3, 3]
        assert len(set(ids(posts))) == 9

    async def test_every_rule_is_kept_to(self, bot: Bot) -> None:
        for number in range(700, 706):
            await bot.digest(f"#{number}", rule=parse_rule(f"number {number}"))
        await bot.digest("#nothing", rule=parse_rule("nonsense"))
        posts = await bot.posts_at(MONDAY)
        assert sorted(ids(posts)) == [f"arxiv:2506.00{number}" for number in range(700, 706)]
        assert posts[0].papers[0].why[0] == "No. 1 of 1 that match by votes on Sun 8 Jun 2025"


class TestWhatCannotBeComposed:
    async def damage(self, bot: Bot, digest_id: int, **values: object) -> None:
        async with bot.store.write() as session:
            await session.connection.execute(sa.update(digests).where(digests.c.id == digest_id).values(**values))

    @pytest.mark.parametrize("damage", [{"rule": "cat:no.SUCH"}, {"zone": "Nowhere/Land"}, {"days": ["noday"]}])
    async def test_a_damaged_digest_stops_no_other_and_is_told_once(self, bot: Bot, damage: dict[str, object]) -> None:
        made = await many_channels(bot.store, BATCH + 5)
        await self.damage(bot, made[3], **damage)
        with capture_logs() as logs:
            assert await bot.compose_at(MONDAY) == BATCH + 4
            for minute in range(1, 20):
                assert await bot.compose_at(MONDAY + minute * MINUTE) == 0
        errors = [entry for entry in logs if entry["log_level"] == "error"]
        assert [(entry["event"], entry["digest"]) for entry in errors] == [("a digest can't be composed", made[3])]
        assert errors[0]["reason"]

    async def test_it_is_tried_again_later_and_later_and_comes_once_it_is_mended(self, bot: Bot) -> None:
        settings = await bot.digest()
        await self.damage(bot, settings.id, zone="Nowhere/Land")
        assert await bot.compose_at(MONDAY) == 0
        await self.damage(bot, settings.id, zone="Europe/Berlin")
        assert await bot.compose_at(MONDAY + dt.timedelta(seconds=29)) == 0
        (post,) = await bot.posts_at(MONDAY + 2 * MINUTE)
        assert post.heading.endswith("late: was due Mon 9 Jun 09:00")

    async def test_a_store_out_of_reach_is_told_as_such_and_sets_no_digest_back(self, bot: Bot) -> None:
        await bot.digest()

        class Unwritable:
            read = bot.store.read

            def write(self) -> None:
                raise StoreError("The disk is full.")

        bot.clock.time = MONDAY
        with capture_logs() as logs, pytest.raises(StoreError, match="disk is full"):
            await compose_due(replace(bot.world, store=Unwritable()))  # type: ignore[arg-type]
        assert [entry for entry in logs if entry["log_level"] == "error"] == []
        assert await bot.compose_at(MONDAY) == 1


class TestAfterDowntime:
    async def test_a_digest_on_time_does_not_say_that_it_is_late(self, bot: Bot) -> None:
        await bot.digest()
        (post,) = await bot.posts_at(MONDAY + dt.timedelta(seconds=59))
        assert post.heading == "Daily papers · Sun 8 Jun 2025"

    @pytest.mark.parametrize("down", [MINUTE, 3 * HOUR, DAY - MINUTE], ids=["a minute", "3 hours", "a day"])
    async def test_the_late_digest_comes_once_and_says_so(self, bot: Bot, down: dt.timedelta) -> None:
        await bot.digest()
        (post,) = await bot.posts_at(MONDAY + down)
        assert post.heading == "Daily papers · Sun 8 Jun 2025 · late: was due Mon 9 Jun 09:00"
        assert await bot.posts_at(MONDAY + down) == []
        (next_one,) = await bot.posts_at(MONDAY + DAY)
        assert next_one.heading == "Daily papers · Mon 9 Jun 2025"

    @pytest.mark.parametrize("days", [2, 3, 7, 8, 30])
    async def test_days_of_downtime_bring_one_digest_with_every_paper_in_reach_and_none_twice(
        self, bot: Bot, days: int
    ) -> None:
        await bot.digest()
        before = await bot.posts_at(MONDAY)
        (post,) = await bot.posts_at(MONDAY + days * DAY)
        newest = MONDAY.date() + (days - 1) * DAY
        missed = [MONDAY.date() + passed * DAY for passed in range(days - 1)]
        assert post.sections[0].papers[0].announced == newest
        assert len(post.sections[0].papers) == 3
        buttons = {action.command for action in post.actions}
        assert str(newest) in buttons
        if days <= 7:
            assert {str(day) for day in missed} <= buttons
            assert {line.announced for part in post.sections[1:] for line in part.papers} == set(missed)
            assert all(len(part.papers) == 3 for part in post.sections)
        else:
            assert str(missed[-1]) in buttons
            assert len(post.sections) == 1
        after = [later for day in range(1, 4) for later in await bot.posts_at(MONDAY + (days + day) * DAY)]
        assert len(after) == 3
        assert {line.announced for line in after[0].papers} == {newest + DAY}, "missed days are no news"
        brought = ids([*before, post, *after])
        assert len(brought) == len(set(brought))

    async def test_nothing_new_is_no_message_but_remembered(self, bot: Bot) -> None:
        settings = await bot.digest(rule=parse_rule("nonsense"))
        assert await bot.posts_at(MONDAY + 3 * DAY) == []
        assert (await bot.stored(settings)).last_slot == MONDAY.date() + 3 * DAY
        async with bot.store.read() as session:
            composed = await session.digests.composed_at([settings.id], MONDAY.date())
        assert composed == {settings.id: {MONDAY.date() + 3 * DAY: MONDAY + 3 * DAY}}

    async def test_what_could_not_be_posted_until_the_next_slot_rides_with_it(self, bot: Bot) -> None:
        settings = await bot.digest()
        await bot.compose_at(MONDAY)
        async with bot.store.write() as session:
            (row,) = await session.deliveries.claim(MONDAY, 10, {"slack"}, HOUR)
            await session.deliveries.settle(row, Settlement("blocked", error="the channel is archived"), MONDAY)
        (post,) = await bot.posts_at(MONDAY + DAY)
        assert [line.announced for line in post.papers] == [MONDAY.date()] * 3 + [MONDAY.date() - DAY] * 3
        assert ids([post])[3:] == [f"arxiv:2506.{700 + place:05}" for place in range(3)]
        assert (await bot.stored(settings)).last_slot == MONDAY.date() + DAY
        (third,) = await bot.posts_at(MONDAY + 2 * DAY)
        assert not set(ids([third])) & set(ids([post]))

    async def test_in_a_store_that_may_be_a_backup_nothing_from_before_is_brought_again(
        self, store: SqlStore, bot: Bot
    ) -> None:
        await bot.digest()
        await bot.compose_at(MONDAY)
        bot.world = replace(bot.world, since=MONDAY + HOUR)
        first, second = await bot.posts_at(MONDAY + DAY)
        assert not set(ids([first])) & set(ids([second]))
        assert {line.announced for line in second.papers} == {MONDAY.date()}

    async def test_what_may_have_been_posted_is_not_brought_again(self, bot: Bot) -> None:
        settings = await bot.digest()
        await bot.compose_at(MONDAY)
        async with bot.store.write() as session:
            (row,) = await session.deliveries.claim(MONDAY, 10, {"slack"}, HOUR)
            await session.deliveries.settle(row, Settlement("parked", error="no answer"), MONDAY)
        (post,) = await bot.posts_at(MONDAY + DAY)
        assert {line.announced for line in post.papers} == {MONDAY.date()}
        assert (await bot.stored(settings)).last_slot == MONDAY.date() + DAY


@only_on_sqlite
class TestClocksAndEdits:
    async def dated_slots(self, bot: Bot, settings: DigestSettings) -> list[str]:
        async with bot.store.read() as session:
            composed = await session.digests.composed_at([settings.id], dt.date.min)
        return [str(slot) for slot in sorted(composed.get(settings.id, {}))]

    @pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY], ids=["hour on", "hour back", "day on", "day back"])
    async def test_a_clock_that_jumps_and_is_put_right_doubles_no_slot_and_no_paper(
        self, bot: Bot, jump: dt.timedelta
    ) -> None:
        settings = await bot.digest()
        posts = []
        for hour in range(-2, 24 * 5):
            wrong = hour in (1, 26, 27, 50, 71)
            posts += await bot.posts_at(MONDAY + hour * HOUR + (jump if wrong else 0 * jump))
        slots = await self.dated_slots(bot, settings)
        assert len(posts) == len(slots)
        assert slots == [str(MONDAY.date() + day * DAY) for day in range(5)]
        assert len(set(ids(posts))) == len(ids(posts)) >= 14

    @pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "Pacific/Kiritimati", "Etc/GMT+12"])
    @pytest.mark.parametrize("time", [dt.time(0), dt.time(13), dt.time(23, 59)])
    async def test_a_zone_or_time_changed_after_todays_digest_counts_from_tomorrow(
        self, bot: Bot, zone: str, time: dt.time
    ) -> None:
        settings = await bot.digest()
        await bot.posts_at(MONDAY)
        noon = MONDAY + 3 * HOUR
        today = await bot.stored(settings)
        schedule = Schedule(time, zone, WEEKDAYS)
        due_at = next_slot(schedule, noon, after_date=today.last_slot).due_at
        async with bot.store.write() as session:
            await session.digests.put(replace(today, schedule=schedule, next_due_at=due_at))
        posts = [post for hour in range(72) for post in await bot.posts_at(noon + hour * HOUR)]
        slots = await self.dated_slots(bot, settings)
        assert slots[0] == "2025-06-09"
        assert 2 <= len(slots) == len(set(slots)) <= 4
        assert len(posts) == len(slots) - 1
        assert len(set(ids(posts))) == len(ids(posts))

    async def test_a_paused_digest_resumes_by_itself(self, bot: Bot) -> None:
        settings = await bot.digest(paused=True, paused_until=MONDAY + DAY)
        assert await bot.posts_at(MONDAY) == []
        (post,) = await bot.posts_at(MONDAY + DAY)
        assert post.sections[0].papers[0].announced == MONDAY.date()
        assert not (await bot.stored(settings)).paused

    async def test_a_zone_whose_rules_were_changed_since_still_brings_the_digest(self, bot: Bot) -> None:
        await bot.digest(next_due_at=MONDAY - HOUR)  # as reckoned by older rules
        (post,) = await bot.posts_at(MONDAY - HOUR)
        assert len(post.papers) == 3
        assert await bot.compose_at(MONDAY) == 0
        assert len(await bot.posts_at(MONDAY + DAY)) == 1


@only_on_sqlite
class TestOnceEver:
    """A paper reaches a channel once, whatever its versions, cross-lists and sources."""

    SUNDAY = MONDAY.date() - DAY

    async def posted_for_days(self, bot: Bot, *arrivals: tuple[int, Paper, str]) -> list[str]:
        """Let papers arrive on days from Sunday on, a digest coming every morning; return all ids that came."""
        await bot.digest(top=10)
        came: list[str] = []
        for passed in range(6):
            for day, paper, source in arrivals:
                if day == passed:
                    await bot.list_papers(self.SUNDAY + passed * DAY, paper, source=source)
            came += ids(await bot.posts_at(MONDAY + passed * DAY))
        return came

    @pytest.fixture
    async def bot(self, store: SqlStore, tmp_path: Path) -> AsyncIterator[Bot]:
        async with bot_on(store, tmp_path / "index") as made:
            yield made

    async def test_listed_on_two_days(self, bot: Bot) -> None:
        again = [(day, listed(1, self.SUNDAY + day * DAY, 5 + day), "huggingface") for day in (0, 2)]
        assert await self.posted_for_days(bot, *again) == ["arxiv:2506.00001"]

    async def test_listed_by_another_source_days_later(self, bot: Bot) -> None:
        other = listed(1, self.SUNDAY + 3 * DAY, source="arxiv")
        first = listed(1, self.SUNDAY, 5)
        assert await self.posted_for_days(bot, (0, first, "huggingface"), (3, other, "arxiv")) == ["arxiv:2506.00001"]

    async def test_listed_by_two_sources_on_one_day_with_the_votes_of_the_one_that_counts_them(self, bot: Bot) -> None:
        second = [listed(number, self.SUNDAY, source="arxiv") for number in (1, 2)]
        await bot.list_papers(self.SUNDAY, *second, source="arxiv")
        await bot.list_papers(self.SUNDAY, listed(1, self.SUNDAY, 3), listed(2, self.SUNDAY, 9))
        await bot.digest()
        (post,) = await bot.posts_at(MONDAY)
        assert [(line.id, line.votes) for line in post.papers] == [("arxiv:2506.00002", 9), ("arxiv:2506.00001", 3)]

    async def test_a_new_version_and_new_categories(self, bot: Bot) -> None:
        first = listed(1, self.SUNDAY, 5)
        newer = replace(listed(1, self.SUNDAY + 2 * DAY), title="Another title", version=2, categories=("cs.CL",))
        assert await self.posted_for_days(bot, (0, first, "huggingface"), (2, newer, "arxiv")) == ["arxiv:2506.00001"]

    async def test_a_second_id_and_a_listing_under_it(self, bot: Bot) -> None:
        doi = PaperId.parse("doi:10.1234/one")
        first = listed(1, self.SUNDAY, 5)
        both = replace(listed(1, self.SUNDAY + DAY), other_ids=(doi,), listings=())
        under_it = replace(listed(1, self.SUNDAY + 2 * DAY, 7), id=doi)
        came = await self.posted_for_days(bot, (0, first, "huggingface"), (1, both, "crossref"), (2, under_it, "other"))
        assert came == ["arxiv:2506.00001"]


async def test_a_digest_by_hand_has_a_slot_of_its_own_and_the_due_one_brings_the_rest(bot: Bot) -> None:
    settings = await bot.digest()
    bot.clock.time = MONDAY - HOUR
    assert await compose_now(bot.world, settings, "r1") == "now:r1"
    (by_hand,) = await bot.post_all()
    assert by_hand.slot == "now:r1"
    assert (await bot.stored(settings)).last_slot is None
    (post,) = await bot.posts_at(MONDAY)
    assert not set(ids([post])) & {line.id for line in by_hand.payload.papers}


async def test_a_digest_by_hand_of_what_was_removed_meanwhile_brings_nothing(bot: Bot) -> None:
    settings = await bot.digest()
    async with bot.store.write() as session:
        await session.digests.remove(settings.id)
    assert await compose_now(bot.world, settings, "r1") is None
