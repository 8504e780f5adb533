"""Requests with a key, in the edge's database: each runs once, and its answer is kept for a day.

A row is ``begun`` while the request runs; then ``kept`` with its answer, ``unkept`` when that must not or cannot be
kept, or ``unknown`` when the request was interrupted. A request that did nothing loses its row: it may come again.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, CursorResult, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.edge.idempotency.claims import Claim
from outcry.edge.idempotency.errors import TooManyKeysError
from outcry.edge.idempotency.models import KeyedRequestRow
from outcry.edge.settings import EdgeSettings
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.ids import new_id
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade, PlainText, SealedText

KEPT = timedelta(hours=24)
_CLEANING_S = 3600
_COME_BACK_S = 3600
# How much longer than it may take a request is waited for before nobody knows how it ended.
_MARGIN = timedelta(seconds=10)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier request with the same key. ``running`` says that its answer may still come."""

    fingerprint: bytes
    state: str
    sealed: str | None
    running: bool


class KeyedRequests:
    """The rows of requests with a key, and the task that removes old ones."""

    def __init__(self, *, database: Database, auth: AuthFacade, clock: Clock, settings: EdgeSettings) -> None:
        self._database = database
        self._auth = auth
        self._clock = clock
        self._most_keys = settings.idempotency_keys_per_day
        self._longest = timedelta(seconds=settings.request_seconds) + _MARGIN
        self._run_id = new_id()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Remove old rows now and then every hour."""
        self._task = asyncio.create_task(self._run(), name="keyed-requests")

    async def stop(self) -> None:
        """Stop removing old rows."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def begin(self, claim: Claim) -> Earlier | None:
        """Claim a request: None says that it is the caller's to run, and everybody else's to wait for.

        Raises TooManyKeysError.
        """
        async with self._database.reading() as session:
            earlier = await self._find(session, claim)
        if earlier is not None:
            return earlier
        async with self._database.transaction() as transaction:
            session = transaction.session
            await self._make_room(session, claim)
            try:
                async with session.begin_nested():
                    await session.execute(insert(KeyedRequestRow).values(self._row(claim)))
            except IntegrityError:
                # Somebody was faster. Their row is committed, or the database would have had us wait.
                return await self._find(session, claim)
        return None

    async def keep(self, claim: Claim, *, status: int, answer: str | None) -> None:
        """Keep the answer of a request that was begun; None where only that it was done may be known."""
        sealed = await self._seal(claim.person_id, answer) if answer is not None else None
        await self._end(claim, state="unkept" if sealed is None else "kept", status=status, sealed=sealed)

    async def leave_unknown(self, claim: Claim) -> None:
        """Say that nobody knows how a request ended that was begun."""
        await self._end(claim, state="unknown")

    async def let_go(self, claim: Claim) -> None:
        """Forget a request that did nothing: its key may come again."""
        async with self._database.transaction() as transaction:
            await transaction.session.execute(delete(KeyedRequestRow).where(*self._ours(claim)))

    async def open(self, claim: Claim, sealed: str) -> str | None:
        """Return a kept answer; None when it does not open any more."""
        items = (SealedText(person_id=claim.person_id, sealed=sealed),)
        return (await self._auth.open_for_people(items=items))[0]

    async def remove_old(self) -> int:
        """Remove what was kept for a day; return how many rows."""
        async with self._database.transaction() as transaction:
            old = delete(KeyedRequestRow).where(KeyedRequestRow.begun_at < self._oldest())
            return cast(CursorResult[Any], await transaction.session.execute(old)).rowcount

    async def _run(self) -> None:
        while True:
            try:
                await self.remove_old()
            except UnavailableError as error:
                log.warning("old answers could not be removed: %s", error.detail)
            except Exception:
                log.exception("old answers could not be removed")
            await asyncio.sleep(_CLEANING_S)

    def _oldest(self) -> datetime:
        return self._clock.now() - KEPT

    async def _find(self, session: AsyncSession, claim: Claim) -> Earlier | None:
        query = select(KeyedRequestRow).where(
            KeyedRequestRow.id == claim.id,
            KeyedRequestRow.tenant_id == claim.tenant_id,
            KeyedRequestRow.begun_at >= self._oldest(),
        )
        row = await session.scalar(query)
        if row is None:
            return None
        running = row.state == "begun" and self._may_run(row)
        return Earlier(fingerprint=row.fingerprint, state=row.state, sealed=row.sealed, running=running)

    def _may_run(self, row: KeyedRequestRow) -> bool:
        """Say whether a begun request may still be answered. On SQLite there is one process: another's run is over."""
        alone = self._database.engine_name == "sqlite"
        if alone and row.run_id != self._run_id:
            return False
        return self._clock.now() - row.begun_at < self._longest

    async def _make_room(self, session: AsyncSession, claim: Claim) -> None:
        old = delete(KeyedRequestRow).where(KeyedRequestRow.id == claim.id, KeyedRequestRow.begun_at < self._oldest())
        await session.execute(old)
        theirs = select(func.count()).where(
            KeyedRequestRow.person_id == claim.person_id, KeyedRequestRow.begun_at >= self._oldest()
        )
        if (await session.scalar(theirs) or 0) >= self._most_keys:
            raise TooManyKeysError(wait_s=_COME_BACK_S)

    def _row(self, claim: Claim) -> dict[str, object]:
        return {
            "id": claim.id,
            "tenant_id": claim.tenant_id,
            "person_id": claim.person_id,
            "run_id": self._run_id,
            "fingerprint": claim.fingerprint,
            "begun_at": self._clock.now(),
            "state": "begun",
        }

    def _ours(self, claim: Claim) -> tuple[ColumnElement[bool], ...]:
        row = KeyedRequestRow
        return row.id == claim.id, row.tenant_id == claim.tenant_id, row.run_id == self._run_id, row.state == "begun"

    async def _end(self, claim: Claim, *, state: str, status: int | None = None, sealed: str | None = None) -> None:
        change = update(KeyedRequestRow).where(*self._ours(claim)).values(state=state, status=status, sealed=sealed)
        async with self._database.transaction() as transaction:
            await transaction.session.execute(change)

    async def _seal(self, person_id: UUID, answer: str) -> str | None:
        try:
            return (await self._auth.seal_for_people(items=(PlainText(person_id=person_id, text=answer),)))[0]
        except UnavailableError as error:
            log.warning("an answer could not be sealed, and is not kept: %s", error.detail)
            return None
