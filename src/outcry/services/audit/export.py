"""Gives a log out, up to a signed checkpoint, as a zip that anybody can verify without the server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.services.audit import export_files as files
from outcry.services.audit.checkpoints import Checkpoints
from outcry.services.audit.errors import CheckpointNotFoundError, NotCheckpointedError
from outcry.services.audit.events import LogExported
from outcry.services.audit.export_readme import README
from outcry.services.audit.leaf_store import LeafStore, StoredLeaf
from outcry.services.audit.leaves import canonical
from outcry.services.audit.models import CheckpointRow, EntryRow, LogRow
from outcry.services.audit.notes import VerifierKey
from outcry.services.audit.views import sealed_of
from outcry.services.auth.contracts import SealedText

_PAGE = 2_000
_OPENED_PAGE = 500
_HASHES_PAGE = 20_000

Open = Callable[[tuple[SealedText, ...]], Awaitable[tuple[str | None, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedExport:
    """A log up to its checkpoint of ``size`` entries, whose signed note and time stand beside it."""

    tenant_id: UUID
    size: int
    note: str
    time: datetime


class Exports:
    """Reads a log page by page and packs it as it goes, so that an export of any size needs little memory."""

    def __init__(
        self, *, database: Database, store: LeafStore, open_sealed: Open, checkpoints: Checkpoints, clock: Clock
    ) -> None:
        self._database = database
        self._store = store
        self._open = open_sealed
        self._checkpoints = checkpoints
        self._clock = clock

    async def begin(self, *, tenant_id: UUID, size: int | None, actor_id: UUID | None) -> WantedExport:
        """Find the checkpoint, else the newest, and publish that the log is exported up to it, before any of it is.

        ``actor_id`` is None for the operator at the command line. Raises CheckpointNotFoundError and
        NotCheckpointedError.
        """
        query = select(CheckpointRow).where(CheckpointRow.tenant_id == tenant_id)
        if size is not None:
            query = query.where(CheckpointRow.size == size)
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(query.order_by(CheckpointRow.size.desc()).limit(1))
            if row is None and size is not None:
                raise CheckpointNotFoundError()
            if row is None:
                raise NotCheckpointedError("The log has no checkpoint yet. Try again in a minute.")
            event = LogExported(exporter_id=actor_id, size=row.size)
            transaction.publish(event, tenant_id=tenant_id, key=f"audit:{tenant_id}", actor_id=actor_id)
        return WantedExport(tenant_id=tenant_id, size=row.size, note=row.note, time=row.time)

    async def sign_newest(self) -> dict[UUID, int]:
        """Sign what grew, for who exports without waiting a minute; return the size of every log that has entries."""
        async with self._database.reading() as session:
            sizes = await session.execute(select(LogRow.tenant_id, LogRow.size).where(LogRow.size > 0))
            logs: dict[UUID, int] = {row[0]: row[1] for row in sizes}
        if logs:  # else an installation that does not exist would get a key
            await self._checkpoints.read_key()
            await self._checkpoints.sign_grown()
        return logs

    async def stream(self, wanted: WantedExport) -> AsyncIterator[bytes]:
        """Give the zip, piece by piece."""
        zipped = files.StreamedZip(self._clock.now().astimezone(UTC))
        try:
            for name, parts in self._members(wanted):
                zipped.begin(name)
                async for part in parts:
                    yield await asyncio.to_thread(zipped.write, part)
                yield zipped.end()
            yield zipped.close()
        finally:
            zipped.close()

    def _members(self, wanted: WantedExport) -> list[tuple[str, AsyncIterator[bytes]]]:
        keys: dict[str, VerifierKey] = {}
        gone = _Gone()
        return [
            (files.README, _once(lambda: README.encode())),
            (files.NEWEST, _once(lambda: wanted.note.encode())),
            (files.CHECKPOINTS, self._notes(wanted, keys)),
            (files.KEYS, _once(lambda: _text_of_keys(keys))),
            (files.HASHES, self._hashes(wanted)),
            (files.ENTRIES, self._leaves(wanted, gone)),
            (files.MANIFEST, _once(lambda: self._manifest(wanted, gone))),
            (files.OPENED, self._opened(wanted)),
        ]

    def _manifest(self, wanted: WantedExport, gone: "_Gone") -> bytes:
        values = {
            "format": files.FORMAT,
            "version": files.FORMAT_VERSION,
            "origin": wanted.note.partition("\n")[0],
            "tenant": str(wanted.tenant_id),
            "size": wanted.size,
            "leaves_from": gone.oldest,
            "checkpoint_time": wanted.time.astimezone(UTC).isoformat(timespec="microseconds"),
            "exported_at": self._clock.now().astimezone(UTC).isoformat(timespec="microseconds"),
        }
        return json.dumps(values, indent=2).encode() + b"\n"

    async def _notes(self, wanted: WantedExport, keys: dict[str, VerifierKey]) -> AsyncIterator[bytes]:
        """Give every checkpoint, a line each; and note under which names they were signed."""
        after = -1
        while True:
            query = (
                select(CheckpointRow.size, CheckpointRow.note)
                .where(
                    CheckpointRow.tenant_id == wanted.tenant_id,
                    CheckpointRow.size > after,
                    CheckpointRow.size <= wanted.size,
                )
                .order_by(CheckpointRow.size)
                .limit(_PAGE)
            )
            async with self._database.reading() as session:
                rows = (await session.execute(query)).all()
            for _, note in rows:
                name = note.partition("\n")[0].rpartition("/")[0]
                keys.setdefault(name, VerifierKey(name, self._checkpoints.key.public))
            yield b"".join(canonical({"size": size, "note": note}) + b"\n" for size, note in rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    async def _hashes(self, wanted: WantedExport) -> AsyncIterator[bytes]:
        after = -1
        while True:
            query = (
                select(EntryRow.index, EntryRow.leaf_hash)
                .where(EntryRow.tenant_id == wanted.tenant_id, EntryRow.index > after, EntryRow.index < wanted.size)
                .order_by(EntryRow.index)
                .limit(_HASHES_PAGE)
            )
            async with self._database.reading() as session:
                rows = (await session.execute(query)).all()
            yield b"".join(leaf_hash for _, leaf_hash in rows)
            if len(rows) < _HASHES_PAGE:
                return
            after = rows[-1][0]

    async def _leaves(self, wanted: WantedExport, gone: "_Gone") -> AsyncIterator[bytes]:
        """Give every leaf, a line each; the line of one that was archived away is empty."""
        async for page in self._store.read_leaves(wanted.tenant_id, 0, wanted.size, page=_PAGE):
            gone.count(page)
            yield b"".join(one.leaf + b"\n" for one in page)

    async def _opened(self, wanted: WantedExport) -> AsyncIterator[bytes]:
        """Give what the sealed values of each entry say, while their person is not erased."""
        async for page in self._store.read_leaves(wanted.tenant_id, 0, wanted.size, page=_OPENED_PAGE):
            there = [one for one in page if one.leaf]
            found = [sealed_of(json.loads(one.leaf)) for one in there]
            items = tuple(item for some in found for _, item in some)
            opened = iter(await self._open(items) if items else ())
            lines = []
            for one, some in zip(there, found, strict=True):
                texts = {name or "address": next(opened) for name, _ in some}
                if readable := {name: text for name, text in texts.items() if text is not None}:
                    lines.append(canonical({"index": one.index, "opened": readable}) + b"\n")
            yield b"".join(lines)


@dataclass(slots=True)
class _Gone:
    """How many of the oldest entries have no leaf any more."""

    oldest: int = 0

    def count(self, page: list[StoredLeaf]) -> None:
        for one in page:
            if one.leaf or one.index != self.oldest:
                return
            self.oldest += 1


async def _once(make: Callable[[], bytes]) -> AsyncIterator[bytes]:
    yield make()


def _text_of_keys(keys: dict[str, VerifierKey]) -> bytes:
    values = {
        "keys": [str(key) for _, key in sorted(keys.items())],
        "note": "These came with the export: compare them with the key that you keep elsewhere.",
    }
    return json.dumps(values, indent=2).encode() + b"\n"
