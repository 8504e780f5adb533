"""The tables of the audit service. Rows of entries, tiles and checkpoints are only ever added; leaves may move away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from outcry.ports.database import Instant


class Base(DeclarativeBase):
    """The base of this service's tables."""


class LogRow(Base):
    """An organisation's log as it stands. ``peaks`` are the roots of its complete subtrees, 32 bytes each.

    Who appends holds this row's lock. ``checkpoint_size`` is the size at its newest checkpoint.
    """

    __tablename__ = "log"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    peaks: Mapped[bytes] = mapped_column(LargeBinary)
    checkpoint_size: Mapped[int] = mapped_column(BigInteger)


class EntryRow(Base):
    """An entry: its leaf, exactly as it was hashed, and beside it what entries are found by.

    ``id`` is that of the event, which is how an event that comes twice is known. ``leaf`` is empty once it lies in the
    archive; LeafStore finds it there.
    """

    __tablename__ = "entry"
    __table_args__ = (
        Index("entry_time", "tenant_id", "time"),
        Index("entry_actor", "tenant_id", "actor_id", "index"),
        Index("entry_person", "tenant_id", "person_id", "index"),
        Index("entry_object", "tenant_id", "object_id", "index"),
    )

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    time: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID | None] = mapped_column(Uuid)
    person_id: Mapped[UUID | None] = mapped_column(Uuid)
    act: Mapped[str] = mapped_column(String(120))
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(20))
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class TileRow(Base):
    """Up to 256 hashes of one height, one after the other; see tiles.py."""

    __tablename__ = "tile"

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)


class CheckpointRow(Base):
    """A signed checkpoint. ``copied`` says that the Blobs have it too."""

    __tablename__ = "checkpoint"
    __table_args__ = (Index("checkpoint_copied", "copied"),)

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(Instant)
    copied: Mapped[bool] = mapped_column(Boolean)


class ArchiveRow(Base):
    """A range of a log whose leaves lie in the Blobs, from ``first`` and before ``until``.

    ``state`` is ``writing`` (they are in the rows still), ``sealed`` (they are in the archive alone), ``removing`` or
    ``removed`` (they are nowhere any more; their hashes stay). ``time`` is when it became that.
    """

    __tablename__ = "archive"
    __table_args__ = (Index("archive_state", "state", "time"),)

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    time: Mapped[datetime] = mapped_column(Instant)
