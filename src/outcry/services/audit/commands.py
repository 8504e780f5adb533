"""Appends to the logs and signs their checkpoints."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Table, bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope
from outcry.ports.database import Database, Transaction
from outcry.services.audit.checkpoints import Checkpoints
from outcry.services.audit.growth import Growth, LogEnd, grow, open_tiles
from outcry.services.audit.leaves import Act, Entry
from outcry.services.audit.models import EntryRow, LogRow, TileRow
from outcry.services.audit.tree import split_hashes
from outcry.services.auth.contracts import AuthFacade, PlainText

_MOST_TOGETHER = 500
_MOST_REMEMBERED = 500
_ENTRIES, _LOGS, _TILES = (cast(Table, row.__table__) for row in (EntryRow, LogRow, TileRow))
# On tables and not on mapped classes: nothing of them is in a session, and looking whether takes longer than writing.
_EXTEND = (
    update(_LOGS)
    .where(
        _LOGS.c.tenant_id == bindparam("of_tenant"),
        _LOGS.c.size == bindparam("from_size"),
        _LOGS.c.peaks == bindparam("from_peaks"),
    )
    .values(size=bindparam("to_size"), peaks=bindparam("to_peaks"))
)
_EXTEND_SIGNED = _EXTEND.values(checkpoint_size=bindparam("signed_size"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An act that is to become an entry, and the envelope of its event; the address in that is in the clear."""

    envelope: Envelope
    act: Act


_Extend = Callable[[Transaction, UUID, list[Entry]], Awaitable[LogEnd]]


class AuditLog:
    """Every organisation's log. Drafts that come while a transaction runs go into the next one together."""

    def __init__(
        self, *, database: Database, auth: AuthFacade, checkpoints: Checkpoints, checkpoint_entries: int
    ) -> None:
        self._database = database
        self._auth = auth
        self._checkpoints = checkpoints
        self._every = checkpoint_entries
        self._waiting: list[tuple[Draft, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        # Where each log ended when this process wrote to it last; another's writing shows by the size.
        self._ends: OrderedDict[UUID, LogEnd] = OrderedDict()
        kept = self._upsert(_TILES)
        self._keep_tiles = kept.on_conflict_do_update(
            index_elements=["tenant_id", "level", "index"], set_={"hashes": kept.excluded.hashes}
        )

    def append(self, draft: Draft) -> "asyncio.Future[None]":
        """Return what is done once the entry is in its log for good; an event that is there already changes nothing.

        It fails with UnavailableError when the database or the keys do not answer: then nothing was written.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((draft, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting(), name="audit-writer")
        return done

    async def stop(self) -> None:
        """Write what waits."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _write_waiting(self) -> None:
        while self._waiting:
            together, self._waiting = self._waiting[:_MOST_TOGETHER], self._waiting[_MOST_TOGETHER:]
            try:
                await self._write([draft for draft, _ in together])
            except Exception as error:
                await self._write_apart(together, error)
            else:
                _answer(together, None)

    async def _write_apart(self, together: Sequence[tuple[Draft, "asyncio.Future[None]"]], error: Exception) -> None:
        """Tell all that nothing was written; or, where one of them may be what is wrong, write each by itself."""
        if len(together) == 1 or isinstance(error, UnavailableError):
            _answer(together, error)
            return
        for one in together:
            try:
                await self._write([one[0]])
            except Exception as its_own:
                _answer([one], its_own)
            else:
                _answer([one], None)

    async def _write(self, drafts: Sequence[Draft]) -> None:
        entries = {entry.id: entry for entry in await self._seal(drafts)}
        by_tenant: dict[UUID, list[Entry]] = {}
        for entry in entries.values():
            by_tenant.setdefault(entry.tenant_id, []).append(entry)
        try:
            ends = await self._commit(by_tenant, self._extend_known)
        except IntegrityError:
            # An event has come before: look which, now.
            ends = await self._commit(by_tenant, self._extend)
        for tenant_id, end in ends.items():
            self._ends[tenant_id] = end
            self._ends.move_to_end(tenant_id)
        while len(self._ends) > _MOST_REMEMBERED:
            self._ends.popitem(last=False)

    async def _commit(self, by_tenant: dict[UUID, list[Entry]], extend: _Extend) -> dict[UUID, LogEnd]:
        ends: dict[UUID, LogEnd] = {}
        async with self._database.transaction() as transaction:
            # Always in the same order, so that two processes never wait for each other.
            for tenant_id in sorted(by_tenant):
                ends[tenant_id] = await extend(transaction, tenant_id, by_tenant[tenant_id])
        return ends

    async def _seal(self, drafts: Sequence[Draft]) -> list[Entry]:
        """Return the entries, their addresses encrypted under the key of whom they belong to."""
        owners = [draft.envelope.actor_id or draft.act.person_id for draft in drafts]
        plain = [
            PlainText(person_id=owner, text=draft.envelope.address)
            for draft, owner in zip(drafts, owners, strict=True)
            if owner and draft.envelope.address
        ]
        sealed = iter(await self._auth.seal_for_people(items=tuple(plain)) if plain else ())
        return [_entry(draft, owner, sealed) for draft, owner in zip(drafts, owners, strict=True)]

    async def _extend_known(self, transaction: Transaction, tenant_id: UUID, entries: list[Entry]) -> LogEnd:
        """Extend a log from where this process left it, without reading it first, if nobody else wrote to it since."""
        held = self._ends.get(tenant_id)
        if held is None:
            return await self._extend(transaction, tenant_id, entries)
        end, growth = grow(held, entries, root_every=self._every)
        if not await self._move_end(transaction.session, tenant_id, (held, end), growth):
            return await self._extend(transaction, tenant_id, entries)
        await self._insert(transaction, tenant_id, growth)
        return end

    async def _extend(self, transaction: Transaction, tenant_id: UUID, entries: list[Entry]) -> LogEnd:
        """Write the entries that are not there yet, under the lock of their log."""
        session = transaction.session
        row = await self._lock(session, tenant_id)
        there = set(await session.scalars(select(EntryRow.id).where(EntryRow.id.in_([entry.id for entry in entries]))))
        begun = await self._end(session, row)
        fresh = [entry for entry in entries if entry.id not in there]
        if not fresh:
            return begun
        end, growth = grow(begun, fresh, root_every=self._every)
        await self._move_end(session, tenant_id, (begun, end), growth)
        await self._insert(transaction, tenant_id, growth)
        return end

    async def _move_end(
        self, session: AsyncSession, tenant_id: UUID, ends: tuple[LogEnd, LogEnd], growth: Growth
    ) -> bool:
        """Note where the log ends now; return whether it ended where it was thought to."""
        before, after = ends
        values = {
            "of_tenant": tenant_id,
            "from_size": before.size,
            "from_peaks": b"".join(before.peaks),
            "to_size": after.size,
            "to_peaks": b"".join(after.peaks),
        }
        statement = _EXTEND
        if growth.roots:
            statement, values["signed_size"] = _EXTEND_SIGNED, max(growth.roots)
        return cast(CursorResult[Any], await session.execute(statement, values)).rowcount == 1

    async def _lock(self, session: AsyncSession, tenant_id: UUID) -> Any:
        query = select(LogRow.tenant_id, LogRow.size, LogRow.peaks).where(LogRow.tenant_id == tenant_id)
        row = (await session.execute(query.with_for_update())).one_or_none()
        if row is None:
            values = {"tenant_id": tenant_id, "size": 0, "peaks": b"", "checkpoint_size": 0}
            await session.execute(self._upsert(_LOGS).values(values).on_conflict_do_nothing())
            row = (await session.execute(query.with_for_update())).one()
        return row

    async def _end(self, session: AsyncSession, row: Any) -> LogEnd:
        held = self._ends.get(row.tenant_id)
        peaks = split_hashes(row.peaks)
        if held is not None and held.size == row.size and held.peaks == peaks:
            return held
        keys = open_tiles(row.size)
        query = select(TileRow.level, TileRow.index, TileRow.hashes).where(
            TileRow.tenant_id == row.tenant_id, tuple_(TileRow.level, TileRow.index).in_(keys)
        )
        rows = await session.execute(query) if keys else ()
        # By place, not by name: a row is a tuple, whose ``index`` is a method.
        return LogEnd(row.size, peaks, {(level, index): hashes for level, index, hashes in rows})

    async def _insert(self, transaction: Transaction, tenant_id: UUID, growth: Growth) -> None:
        session = transaction.session
        rows = [_row(entry, index, leaf, hashed) for entry, index, leaf, hashed in growth.leaves]
        await transaction.add_rows(_ENTRIES, rows)
        tiles = [
            {"tenant_id": tenant_id, "level": level, "index": index, "hashes": hashes}
            for (level, index), hashes in growth.tiles.items()
        ]
        await session.execute(self._keep_tiles, tiles)
        for size, root in growth.roots.items():
            await self._checkpoints.sign(session, tenant_id, size, root)

    def _upsert(self, table: Table) -> Any:
        return (postgresql.insert if self._database.engine_name == "postgresql" else sqlite.insert)(table)


def _entry(draft: Draft, owner: UUID | None, sealed: Any) -> Entry:
    envelope = draft.envelope
    address: dict[str, str] = {}
    if envelope.address and owner:
        # The key of somebody who was erased meanwhile is gone, and with it what it would have hidden.
        address = {"of": str(owner), "sealed": next(sealed) or ""}
    elif envelope.address:
        address = {"plain": envelope.address}
    return Entry(
        id=envelope.id,
        time=envelope.time,
        tenant_id=envelope.tenant_id,
        actor_id=envelope.actor_id,
        request=envelope.causation_id,
        trace=envelope.trace,
        address=address,
        act=draft.act,
    )


def _row(entry: Entry, index: int, leaf: bytes, leaf_hash: bytes) -> dict[str, Any]:
    act = entry.act
    return {
        "tenant_id": entry.tenant_id,
        "index": index,
        "id": entry.id,
        "time": entry.time,
        "actor_id": entry.actor_id,
        "person_id": act.person_id,
        "act": act.kind,
        "object_type": act.object_type,
        "object_id": act.object_id,
        "outcome": act.outcome,
        "leaf": leaf,
        "leaf_hash": leaf_hash,
    }


def _answer(together: Iterable[tuple[Draft, "asyncio.Future[None]"]], error: Exception | None) -> None:
    for _, done in together:
        if done.done():  # its handler was cancelled
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
