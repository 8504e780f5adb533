"""Whether a store is the one that it was: a copy that was put in its place may be older than what clients saw."""

import asyncio
import os
import secrets
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.adapters.message_log.tables import LineageRow
from outcry.ports.database import Database

_ONLY = 1
# A restored dump has tables, and mostly a database, of other numbers; a server that was put back to an earlier moment
# goes on along another timeline.
_POSTGRESQL_STORE = text(
    "SELECT s.system_identifier || '.' || c.timeline_id || '.' || 'log_lineage'::regclass::oid"
    " FROM pg_control_system() s, pg_control_checkpoint() c"
)


def new_epoch() -> str:
    """Return an epoch that no store had before."""
    return secrets.token_hex(8)


async def open_epoch(database: Database) -> str:
    """Return the epoch of a store, a new one when the store is new or not the one that its epoch was begun in."""
    async with database.transaction() as transaction:
        session = transaction.session
        store = await _store_of(session, database.engine_name)
        row = await session.get(LineageRow, _ONLY, with_for_update=True)
        if row is None:
            row = await _first_row(session, store)
        if row.store != store:
            row.store, row.epoch = store, new_epoch()
        return row.epoch


async def renew_epoch(database: Database) -> str:
    """Begin a new epoch."""
    await open_epoch(database)
    async with database.transaction() as transaction:
        row = await transaction.session.get_one(LineageRow, _ONLY, with_for_update=True)
        row.epoch = new_epoch()
        return row.epoch


async def _first_row(session: AsyncSession, store: str) -> LineageRow:
    try:
        async with session.begin_nested():
            await session.execute(insert(LineageRow).values(id=_ONLY, epoch=new_epoch(), store=store))
    except IntegrityError:
        pass  # another process that starts at the same moment was first
    return await session.get_one(LineageRow, _ONLY, with_for_update=True)


async def _store_of(session: AsyncSession, engine_name: str) -> str:
    """Name the place that the rows are in: of SQLite the file (its inode), of PostgreSQL server, timeline and table."""
    if engine_name == "postgresql":
        return str(await session.scalar(_POSTGRESQL_STORE))
    listed: Any = (await session.execute(text("PRAGMA database_list"))).first()
    found = await asyncio.to_thread(os.stat, listed.file)
    return str(found.st_ino)
