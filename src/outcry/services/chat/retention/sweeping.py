"""Looks now and then for messages that are too old: one process at a time, in small steps."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.rounds import Rounds
from outcry.ports.database import Database
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.models import MessageRow, RoomRow
from outcry.services.chat.retention.expiring import STEP, Expirer
from outcry.services.chat.retention.models import EVERYWHERE, HoldRow, RuleRow, SweepRow
from outcry.services.chat.search.indexer import Indexer

EVERY_S = 600.0
# Longer than a step ever takes: after that, whoever had the work is gone.
CLAIMED_FOR = timedelta(minutes=10)


class RetentionSweeper:
    """Has what is too old taken away, ten minutes after the start and every ten minutes."""

    def __init__(
        self, *, database: Database, expirer: Expirer, indexer: Indexer, citations: Citations, clock: Clock
    ) -> None:
        self._database = database
        self._expirer = expirer
        self._indexer = indexer
        self._citations = citations
        self._clock = clock
        self._rounds = Rounds(self.sweep, name="retention-sweeper", rest_s=EVERY_S, rest_first=True)

    async def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop; what is not done is found again."""
        await self._rounds.stop()

    async def sweep(self) -> int:
        """Take away all that is too old now; return how many messages. 0 while another process does it."""
        if not await self._claim():
            return 0
        done = 0
        try:
            for room_id in await self._due():
                done += await self._empty(room_id)
        finally:
            await self._hold_until(self._clock.now())
        if done:
            # What the AI quoted of it elsewhere goes too, and no file of the index holds the words.
            await self._citations.forget_gone()
            await self._indexer.forget()
        return done

    async def _empty(self, room_id: UUID) -> int:
        done = 0
        while True:
            step = await self._expirer.step(room_id)
            done += step
            if step < STEP:
                return done
            await self._hold_until(self._clock.now() + CLAIMED_FOR)

    async def _claim(self) -> bool:
        now = self._clock.now()
        free = update(SweepRow).where(SweepRow.id == 1, SweepRow.claimed_until <= now)
        async with self._database.transaction() as transaction:
            taken = await transaction.session.execute(free.values(claimed_until=now + CLAIMED_FOR))
            if cast(CursorResult[Any], taken).rowcount:
                return True
            if await transaction.session.get(SweepRow, 1) is not None:
                return False
        try:
            async with self._database.transaction() as transaction:
                transaction.session.add(SweepRow(id=1, claimed_until=now + CLAIMED_FOR))
        except IntegrityError:
            # Another process was here a moment before.
            return False
        return True

    async def _hold_until(self, moment: datetime) -> None:
        async with self._database.transaction() as transaction:
            await transaction.session.execute(update(SweepRow).where(SweepRow.id == 1).values(claimed_until=moment))

    async def _due(self) -> list[UUID]:
        """Return the rooms whose oldest message is too old."""
        async with self._database.reading() as session:
            rules = (await session.scalars(select(RuleRow))).all()
            found: list[UUID] = []
            for rule in rules:
                before = self._clock.now() - timedelta(days=rule.days)
                if rule.days:
                    found += await _rooms(session, _which(rule), before)
        return sorted(set(found))


def _which(rule: RuleRow) -> ColumnElement[bool]:
    """Return the condition of the rooms that a rule is for."""
    if rule.room_id != EVERYWHERE:
        return (RoomRow.id == rule.room_id) & (RoomRow.tenant_id == rule.tenant_id)
    ruled = select(RuleRow.room_id).where(RuleRow.tenant_id == rule.tenant_id)
    return (RoomRow.tenant_id == rule.tenant_id) & RoomRow.id.not_in(ruled)


async def _rooms(session: AsyncSession, which: ColumnElement[bool], before: datetime) -> list[UUID]:
    held = select(HoldRow.room_id).where(HoldRow.tenant_id == RoomRow.tenant_id)
    held = held.where(HoldRow.room_id.in_((RoomRow.id, EVERYWHERE)))
    query = (
        select(RoomRow.id)
        # Sequences have no gaps, so the oldest that is there is the one above the floor.
        .join(MessageRow, (MessageRow.room_id == RoomRow.id) & (MessageRow.sequence == RoomRow.floor + 1))
        .where(which, MessageRow.created_at < before, ~held.exists())
    )
    return list(await session.scalars(query))
