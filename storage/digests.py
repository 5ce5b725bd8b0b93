"""How the channels' digests are set, and what went into them."""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Final

import sqlalchemy as sa

from bot.digest import Composed, DigestItem, DigestSettings
from bot.errors import StoreError
from bot.paper_ids import PaperId
from bot.store_digests import PostedItem, Quiet, Taken
from bot.team import Channel
from storage.connection import Connection
from storage.digest_rows import item_values, items_of, settings_of, settings_values
from storage.holding import hold
from storage.paper_names import rows_by_paper
from storage.rules import rule_text
from storage.schema import COMES, channels, comes_at, deliveries, digest_items, digest_slots, digests, paper_ids, teams
from storage.statements import insert_missing, insert_or_update, portions

_LAST_DATE: Final = "9999-12-31"


class SqlDigests:
    """Settings, slots and items in their tables."""

    def __init__(self, connection: Connection, changing: bool) -> None:
        self._connection = connection
        self._changing = changing

    async def of_channel(self, channel_id: int) -> list[DigestSettings]:
        """Return the channel's digests by name; in a change, they stay so until its end."""
        await self._hold(channels.c.id == channel_id)
        there = sa.select(digests).where(digests.c.channel == channel_id).order_by(digests.c.name)
        return [settings_of(row) for row in await self._connection.execute(there)]

    async def of_team(self, team_id: int) -> list[tuple[Channel, DigestSettings]]:
        """Return all digests of a team with their channels."""
        return await self._with_channels(channels.c.team == team_id)

    async def of_channels_named(self, key: str) -> list[tuple[Channel, DigestSettings]]:
        """Return the digests of every team's channel of that name."""
        return await self._with_channels(channels.c.key == key)

    async def _with_channels(self, where: sa.ColumnElement[bool]) -> list[tuple[Channel, DigestSettings]]:
        theirs = (
            sa.select(digests, channels.c.team, channels.c.key, channels.c.zone.label("channel_zone"))
            .join(channels, channels.c.id == digests.c.channel)
            .where(where)
            .order_by(channels.c.key, channels.c.team, digests.c.name)
        )
        return [
            (Channel(row.channel, row.team, row.key, row.channel_zone), settings_of(row))
            for row in await self._connection.execute(theirs)
        ]

    async def get(self, digest_id: int) -> DigestSettings | None:
        """Return the settings of a digest; in a change, they and the channel's others stay so until its end."""
        channel = sa.select(digests.c.channel).where(digests.c.id == digest_id)
        await self._hold(channels.c.id == channel.scalar_subquery())
        row = (await self._connection.execute(sa.select(digests).where(digests.c.id == digest_id))).one_or_none()
        return None if row is None else settings_of(row)

    async def put(self, settings: DigestSettings) -> DigestSettings:
        """Store settings: new ones where the id is 0, else in place of the stored. Returns them with their id."""
        values = settings_values(settings)
        if settings.id == 0:
            added = sa.insert(digests).values(values).returning(digests.c.id)
            return dataclasses.replace(settings, id=(await self._connection.execute(added)).scalar_one())
        changed = sa.update(digests).where(digests.c.id == settings.id).values(values)
        if (await self._connection.execute(changed)).rowcount == 0:
            raise StoreError(f"The digest {settings.name} was removed meanwhile.")
        return settings

    async def remove(self, digest_id: int) -> None:
        """Forget the settings and what is not yet posted; the memory of what the channel had stays.

        What is on its way at this moment stays in the ledger, too: nobody knows yet whether it is posted.
        """
        unposted = deliveries.c.state.in_(("pending", "blocked", "parked"))
        await self._connection.execute(sa.delete(deliveries).where(deliveries.c.digest == digest_id, unposted))
        await self._connection.execute(sa.delete(digests).where(digests.c.id == digest_id))

    async def get_many(self, digest_ids: Sequence[int]) -> list[DigestSettings]:
        """Return the settings of those digests, in no promised order; unknown ones are left out."""
        found: list[DigestSettings] = []
        for portion in portions(digest_ids):
            rows = await self._connection.execute(sa.select(digests).where(digests.c.id.in_(portion)))
            found += map(settings_of, rows)
        return found

    async def take(self, digest_ids: Sequence[int], now: dt.datetime) -> list[Taken]:
        """Return those of the digests that are due by now, in the order of `due`.

        They and their channels are held until the change ends; where others hold one, it is left to them.
        """
        due = (
            sa.select(digests, channels.c.team, teams.c.platform)
            .join(channels, channels.c.id == digests.c.channel)
            .join(teams, teams.c.id == channels.c.team)
            .where(digests.c.id.in_(digest_ids), COMES, comes_at <= now)
            .order_by(comes_at, digests.c.id)
        )
        held = due.with_for_update(of=[digests, channels], key_share=True, skip_locked=True)
        return [Taken(settings_of(row), row.team, row.platform) for row in await self._connection.execute(held)]

    async def due(self, now: dt.datetime, limit: int) -> list[int]:
        """Return ids of digests that come (`DigestSettings.comes`) and are due by now, the longest due first.

        One that is paused for a while is not due before that has run out (`paused_until` <= now).
        """
        due = sa.select(digests.c.id).where(COMES, comes_at <= now)
        longest_first = due.order_by(comes_at, digests.c.id).limit(limit)
        return list((await self._connection.execute(longest_first)).scalars())

    async def posted(self, channel_id: int, papers: Collection[PaperId]) -> dict[PaperId, PostedItem]:
        """Return which of those papers the channel has had."""
        had = sa.select(digest_items, paper_ids.c.key).join(paper_ids, paper_ids.c.paper == digest_items.c.paper)
        there = had.where(digest_items.c.channel == channel_id)
        found: dict[PaperId, PostedItem] = {}
        for keys in portions(map(str, papers)):
            for row in await self._connection.execute(there.where(paper_ids.c.key.in_(keys))):
                paper = PaperId.parse(row.key)
                item = DigestItem(paper, row.section, row.place, row.votes, tuple(row.why))
                found[paper] = PostedItem(row.digest_name, row.slot, item)
        return found

    async def had(self, channel_ids: Collection[int], papers: Collection[PaperId]) -> dict[int, set[PaperId]]:
        """Return which of those papers (main ids) each channel has had; channels without any are left out."""
        by_row = {row: paper for paper, row in (await rows_by_paper(self._connection, papers)).items()}
        pairs = sa.select(digest_items.c.channel, digest_items.c.paper)
        theirs = pairs.where(digest_items.c.channel.in_(channel_ids))
        found = defaultdict(set)
        for rows in portions(by_row):
            for row in (await self._connection.execute(theirs.where(digest_items.c.paper.in_(rows)))).all():
                found[row[0]].add(by_row[row[1]])
        return dict(found)

    async def compose(self, composed: Sequence[Composed], now: dt.datetime) -> None:
        """Remember that slots were composed, and which papers they bring to their channels.

        A paper that the channel has had keeps the place of its first time.
        """
        slots = [{"digest": each.settings.id, "slot": each.slot, "composed_at": now} for each in composed]
        if slots:
            await self._connection.execute(insert_or_update(self._connection, digest_slots), slots)
        papers = {item.paper for _, item in items_of(composed)}
        rows = await rows_by_paper(self._connection, papers)
        items = [item_values(each, item, rows[item.paper], now) for each, item in items_of(composed)]
        items.sort(
            key=itemgetter("paper")
        )  # in the order in which papers are saved, so that no two wait for each other
        if items:
            await self._connection.execute(insert_missing(self._connection, digest_items), items)

    async def move_on(self, settings: Sequence[DigestSettings]) -> None:
        """Store when digests come next: `last_slot`, `next_due_at`, and their pause. The rest stays as it is."""
        moved = sa.update(digests).where(digests.c.id == sa.bindparam("of"))
        changed = ("last_slot", "next_due_at", "paused", "paused_until")
        values = [{"of": each.id} | {name: getattr(each, name) for name in changed} for each in settings]
        if values:
            await self._connection.execute(moved.values({name: sa.bindparam(name) for name in changed}), values)

    async def withdraw(self, slots: Collection[tuple[int, str]]) -> None:
        """Forget that these digests' slots were composed, and what they were to bring: a later digest brings it."""
        digest, slot = sa.bindparam("of", type_=sa.Integer), sa.bindparam("gone", type_=sa.String)
        of_channel = sa.delete(digest_items).where(
            digest_items.c.channel == sa.select(digests.c.channel).where(digests.c.id == digest).scalar_subquery(),
            digest_items.c.digest_name == sa.select(digests.c.name).where(digests.c.id == digest).scalar_subquery(),
            digest_items.c.slot == slot,
        )
        of_digest = sa.delete(digest_slots).where(digest_slots.c.digest == digest, digest_slots.c.slot == slot)
        gone = [{"of": digest_id, "gone": name} for digest_id, name in slots]
        for statement in (of_digest, of_channel) if gone else ():
            await self._connection.execute(statement, gone)

    async def block(self, digest_id: int, reason: str | None) -> None:
        """Remember why nothing can be posted for the digest; None when it can again."""
        await self._connection.execute(sa.update(digests).where(digests.c.id == digest_id).values(blocked=reason))

    async def quiet(self, since: dt.datetime, after: int, limit: int) -> list[Quiet]:
        """Return digests with an id above `after`, by id, that come and have a rule, and brought nothing since then.

        They were there by then, and their makers were not told of that rule yet (`quiet_told`).
        """
        brought = sa.exists().where(
            digest_items.c.channel == digests.c.channel,
            digest_items.c.digest_name == digests.c.name,
            digest_items.c.composed_at > since,
        )
        untold = sa.and_(digests.c.rule.is_not(None), digests.c.quiet_rule.is_distinct_from(digests.c.rule))
        found = (
            sa.select(digests, channels.c.team, channels.c.key, channels.c.zone.label("channel_zone"))
            .add_columns(teams.c.platform, teams.c.key.label("team_key"))
            .join(channels, channels.c.id == digests.c.channel)
            .join(teams, teams.c.id == channels.c.team)
            .where(digests.c.id > after, COMES, untold, digests.c.created_at <= since, ~brought)
        )
        rows = await self._connection.execute(found.order_by(digests.c.id).limit(limit))
        return [
            Quiet(
                settings_of(row), Channel(row.channel, row.team, row.key, row.channel_zone), row.platform, row.team_key
            )
            for row in rows
        ]

    async def quiet_told(self, settings: DigestSettings) -> None:
        """Note that the maker was told that the rule brings nothing; of another rule they are told anew."""
        rule = settings.rule and rule_text(settings.rule)
        told = sa.update(digests).where(digests.c.id == settings.id, digests.c.rule == rule)
        await self._connection.execute(told.values(quiet_rule=rule))

    async def composed_at(self, digest_ids: Collection[int], first: dt.date) -> dict[int, dict[dt.date, dt.datetime]]:
        """Return when the slots of these digests from a date on were composed, by digest and date.

        Digests by hand are not among them.
        """
        dated = digest_slots.c.slot.between(str(first), _LAST_DATE)
        found: defaultdict[int, dict[dt.date, dt.datetime]] = defaultdict(dict)
        for portion in portions(digest_ids):
            theirs = sa.select(digest_slots).where(digest_slots.c.digest.in_(portion), dated)
            for row in await self._connection.execute(theirs):
                found[row.digest][dt.date.fromisoformat(row.slot)] = row.composed_at
        return dict(found)

    async def prune(self, before: dt.datetime, limit: int) -> int:
        """Forget slots that were composed before then, at most `limit`; return how many."""
        key = sa.tuple_(digest_slots.c.digest, digest_slots.c.slot)
        old = sa.select(digest_slots.c.digest, digest_slots.c.slot).where(digest_slots.c.composed_at < before)
        return (await self._connection.execute(sa.delete(digest_slots).where(key.in_(old.limit(limit))))).rowcount

    async def _hold(self, which: sa.ColumnElement[bool]) -> None:
        """In a change, hold a channel, then its digests: always in this order, so that no two wait for each other."""
        if self._changing:
            channel = sa.select(channels.c.id).where(which)
            theirs = sa.select(digests.c.id).where(digests.c.channel.in_(channel)).order_by(digests.c.id)
            await hold(self._connection, channel, theirs)
