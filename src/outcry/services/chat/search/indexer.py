"""Keeps the index of messages true to the database: what changed is noted there, and stays until the index has it.

A batch has a number, which the index commits with it and the database with the removal of the notes, in this order. So
the index is at the database's number, or one ahead after a crash, and then hears the same again, which changes nothing.
Anything else is an index, or a database, of another time: the index is filled anew, by walking through all messages.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import UnavailableError
from outcry.ports.database import Database
from outcry.ports.text_search import Document, Removal, TextSearch
from outcry.services.chat.models import MessageRow
from outcry.services.chat.search.documents import to_document
from outcry.services.chat.search.models import ChangeRow, StateRow

log = logging.getLogger(__name__)

PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
BATCH = 2_000
_IDS_A_QUERY = 500
_PURGE_TRIES = 5
_DONE = "done"


# Of what the documents are made. An index of other ones is filled anew.
_MADE_AS = "2"


@dataclass(frozen=True, slots=True)
class Position:
    """How far an index is: its batch, and the last message of the walk through all, or that this is ``done``."""

    batch: int
    walked: str

    @classmethod
    def read(cls, text: str) -> "Position | None":
        """Return what ``str`` made; None for a new index and for what somebody else wrote."""
        made_as, _, place = text.partition(":")
        batch, colon, walked = place.partition(":")
        return cls(int(batch), walked) if made_as == _MADE_AS and colon and batch.isdecimal() else None

    def __str__(self) -> str:
        return f"{_MADE_AS}:{self.batch}:{self.walked}"


class Indexer:
    """Fills the index, one batch at a time."""

    def __init__(self, *, database: Database, index: TextSearch) -> None:
        self._database = database
        self._index = index
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; what an earlier process left goes first."""
        self._task = asyncio.create_task(self._run(), name="message-indexer")

    async def stop(self) -> None:
        """Stop; what is not indexed yet is found again at the next start."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def catch_up(self) -> None:
        """Return once the index has everything that was committed before."""
        while await self._step():
            pass

    async def forget(self) -> None:
        """Bring the index up to date, then have no file of it hold what is gone; raises UnavailableError."""
        await self.catch_up()
        for tried in range(1, _PURGE_TRIES + 1):
            try:
                async with self._one_at_a_time:
                    await self._index.purge()
            except UnavailableError:
                # A search that is under way may still read the old files.
                if tried == _PURGE_TRIES:
                    raise
                await asyncio.sleep(0.05 * tried)
            else:
                return

    async def _run(self) -> None:
        pause = PAUSE_S
        while True:
            try:
                await self.catch_up()
                pause = PAUSE_S
            except UnavailableError as error:
                log.warning("messages cannot be indexed now: %s", error.detail)
                pause = min(LONGEST_PAUSE_S, pause * 2)
            except Exception:
                log.exception("messages could not be indexed; trying again")
                pause = min(LONGEST_PAUSE_S, pause * 2)
            await asyncio.sleep(pause)

    async def _step(self) -> bool:
        """Index one batch; False when there is nothing to do."""
        async with self._one_at_a_time:
            position = await self._where()
            async with self._database.reading() as session:
                changes = list(await session.scalars(select(ChangeRow).order_by(ChangeRow.position).limit(BATCH)))
                documents, removals = await _apply(session, changes)
                walked = position.walked
                if walked != _DONE:
                    page, walked = await _walk(session, walked)
                    documents = [*page, *documents]
            if not changes and position.walked == _DONE:
                return False
            batch = position.batch + 1
            await self._index.write(documents, removals, position=str(Position(batch, walked)))
            await self._settle([change.position for change in changes], batch)
            return len(changes) == BATCH or walked != _DONE

    async def _where(self) -> Position:
        """Return how far the index is; one that does not belong to this state of the database begins anew."""
        async with self._database.reading() as session:
            known = await session.scalar(select(StateRow.batch).where(StateRow.id == 1)) or 0
        told = await self._index.position()
        position = Position.read(told)
        if position is not None and known <= position.batch <= known + 1:
            return position
        if told:
            log.warning("the index of messages is not of this state of the database; filling it anew")
            await self._index.clear()
        return Position(known, "")

    async def _settle(self, positions: Sequence[int], batch: int) -> None:
        async with self._database.transaction() as transaction:
            session = transaction.session
            for start in range(0, len(positions), _IDS_A_QUERY):
                some = positions[start : start + _IDS_A_QUERY]
                await session.execute(delete(ChangeRow).where(ChangeRow.position.in_(some)))
            await session.merge(StateRow(id=1, batch=batch))


async def _apply(session: AsyncSession, changes: Sequence[ChangeRow]) -> tuple[list[Document], list[Removal]]:
    """Return what the index has to do about changes; what is in the database now counts, not what was then."""
    ids = sorted({change.message_id for change in changes if change.message_id is not None})
    documents: dict[UUID, Document] = {}
    for start in range(0, len(ids), _IDS_A_QUERY):
        query = select(MessageRow).where(MessageRow.id.in_(ids[start : start + _IDS_A_QUERY]))
        for row in await session.scalars(query):
            document = to_document(row)
            if document is not None:
                documents[row.id] = document
    removals = {
        Removal(tenant_id=change.tenant_id, scope_id=change.room_id)
        if change.message_id is None
        else Removal(tenant_id=change.tenant_id, document_id=change.message_id)
        for change in changes
        if change.message_id not in documents
    }
    return list(documents.values()), list(removals)


async def _walk(session: AsyncSession, walked: str) -> tuple[list[Document], str]:
    """Return the documents of the next messages, and the last one's id, or that there are no more."""
    query = select(MessageRow).order_by(MessageRow.id).limit(BATCH)
    if walked:
        query = query.where(MessageRow.id > UUID(walked))
    rows = list(await session.scalars(query))
    documents = [document for row in rows if (document := to_document(row)) is not None]
    return documents, str(rows[-1].id) if len(rows) == BATCH else _DONE
