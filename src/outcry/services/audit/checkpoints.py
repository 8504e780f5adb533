"""Signs checkpoints: at round sizes as the log grows, every minute of what grew, and copies each to the Blobs."""

import asyncio
import base64
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.secrets import Secrets
from outcry.services.audit.models import CheckpointRow, LogRow
from outcry.services.audit.notes import Checkpoint, Signer, VerifierKey
from outcry.services.audit.settings import AuditSettings
from outcry.services.audit.tree import root_of, split_hashes

SIGNING_KEY = "audit-signing-key"
_SEED_SIZE = 32
_PAGE = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """How a log stood: ``root``, in base64, is that of its first ``size`` entries; ``note`` is the signed text."""

    size: int
    root: str
    time: datetime
    note: str


class Checkpoints:
    """The signer of every log's checkpoints, and the task that makes them in time."""

    def __init__(
        self, *, database: Database, secrets: Secrets, blobs: Blobs, clock: Clock, settings: AuditSettings
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._blobs = blobs
        self._clock = clock
        self._settings = settings
        self._signer: Signer | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to sign and copy; raises UnavailableError where the key cannot be read."""
        await self.read_key()
        self._task = asyncio.create_task(self._run(), name="audit-checkpoints")

    async def read_key(self) -> None:
        """Read the signing key, made when there is none yet; raises UnavailableError."""
        seed = await self._secrets.get_or_create(SIGNING_KEY, size=_SEED_SIZE)
        self._signer = Signer(self._settings.origin, seed[:_SEED_SIZE])

    async def stop(self) -> None:
        """Stop signing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def key(self) -> VerifierKey:
        """The key that checkpoints are checked by."""
        return self._ready().key

    async def sign(self, session: AsyncSession, tenant_id: UUID, size: int, root: bytes) -> None:
        """Write a checkpoint, in the transaction that holds the log's lock."""
        now = self._clock.now()
        checkpoint = Checkpoint(origin=f"{self._settings.origin}/{tenant_id}", size=size, root=root, time=now)
        values = {
            "tenant_id": tenant_id,
            "size": size,
            "root": root,
            "note": self._ready().sign(checkpoint.to_text()),
            "time": now,
            "copied": False,
        }
        await session.execute(insert(CheckpointRow).values(values))

    async def sign_grown(self) -> int:
        """Sign a checkpoint of every log that grew since its last; return how many."""
        grown = select(LogRow.tenant_id).where(LogRow.size > LogRow.checkpoint_size)
        async with self._database.reading() as session:
            tenants = list(await session.scalars(grown))
        for tenant_id in tenants:
            async with self._database.transaction() as transaction:
                await self._sign_now(transaction.session, tenant_id)
        return len(tenants)

    async def _sign_now(self, session: AsyncSession, tenant_id: UUID) -> None:
        query = select(LogRow).where(LogRow.tenant_id == tenant_id, LogRow.size > LogRow.checkpoint_size)
        row = await session.scalar(query.with_for_update())
        if row is None:  # another process did
            return
        await self.sign(session, tenant_id, row.size, root_of(split_hashes(row.peaks)))
        row.checkpoint_size = row.size

    async def copy_new(self) -> int:
        """Put every checkpoint that the Blobs do not have yet under ``<tenant>/audit/checkpoints/<size>.note``."""
        query = select(CheckpointRow).where(CheckpointRow.copied.is_(False)).limit(_PAGE)
        copied = 0
        while True:
            async with self._database.reading() as session:
                rows = list(await session.scalars(query))
            for row in rows:
                key = f"{row.tenant_id}/audit/checkpoints/{row.size}.note"
                await self._blobs.put_once(key, row.note.encode(), keep_until=self._lock_end())
            async with self._database.transaction() as transaction:
                for row in rows:
                    this = (CheckpointRow.tenant_id == row.tenant_id, CheckpointRow.size == row.size)
                    await transaction.session.execute(update(CheckpointRow).where(*this).values(copied=True))
            copied += len(rows)
            if len(rows) < _PAGE:
                return copied

    def _lock_end(self) -> datetime | None:
        days = self._settings.lock_days
        return self._clock.now() + timedelta(days=days) if days else None

    async def _run(self) -> None:
        # What an earlier process left unsigned or uncopied goes first.
        while True:
            try:
                await self.sign_grown()
                await self.copy_new()
            except (OutcryError, OSError) as error:
                log.warning("checkpoints wait: %s", error)
            except Exception:
                log.exception("checkpoints could not be signed; trying again")
            await asyncio.sleep(self._settings.checkpoint_every_s)

    def _ready(self) -> Signer:
        if self._signer is None:
            raise RuntimeError("the signer of checkpoints was not started")
        return self._signer


def to_signed(row: CheckpointRow) -> SignedCheckpoint:
    """Return a checkpoint as it is given out."""
    return SignedCheckpoint(size=row.size, root=base64.b64encode(row.root).decode(), time=row.time, note=row.note)
