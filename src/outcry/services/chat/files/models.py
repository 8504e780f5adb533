"""The tables of files: what people sent, and the bytes that it is, which several of them may share."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from outcry.ports.database import Instant
from outcry.services.chat.files.kinds import FileKind, MessageFile
from outcry.services.chat.models import Base


class ContentRow(Base):
    """Bytes that an organisation has among its blobs, once, by their SHA-256.

    ``doubtful`` is set when a file that had them goes: the sweeper then looks whether another one still has them.
    """

    __tablename__ = "file_content"
    __table_args__ = (Index("file_content_doubtful", "doubtful"),)

    tenant_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    doubtful: Mapped[bool] = mapped_column(Boolean)


class FileRow(Base):
    """A file that somebody sent to a room; ``message_id`` is None until it is posted, ``ready`` once it has its bytes.

    ``sequence`` and ``place`` order the files of a room: by their message, and inside it. One that is ``held`` went
    with its message, and only a legal hold keeps it: it is in no list, and nobody in the room has it.
    """

    __tablename__ = "file"
    __table_args__ = (
        Index("file_message", "message_id"),
        Index("file_room", "room_id", "sequence", "place"),
        Index("file_uploader", "uploader_id"),
        Index("file_bytes", "tenant_id", "digest"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(Uuid)
    room_id: Mapped[UUID] = mapped_column(Uuid)
    uploader_id: Mapped[UUID] = mapped_column(Uuid)
    message_id: Mapped[UUID | None] = mapped_column(Uuid)
    sequence: Mapped[int | None] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    disguised: Mapped[bool] = mapped_column(Boolean)
    cleaned: Mapped[bool] = mapped_column(Boolean)
    ready: Mapped[bool] = mapped_column(Boolean)
    held: Mapped[bool] = mapped_column(Boolean, default=False)
    uploaded_at: Mapped[datetime] = mapped_column(Instant)

    def to_file(self) -> MessageFile:
        """Return the file as messages have it."""
        return MessageFile(
            id=self.id,
            name=self.name,
            media_type=self.media_type,
            kind=cast(FileKind, self.kind),
            size=self.size,
            width=self.width,
            height=self.height,
            disguised=self.disguised,
            cleaned=self.cleaned,
        )
