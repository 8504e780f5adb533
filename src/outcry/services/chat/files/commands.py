"""What takes files in, and lets go of those that are not posted."""

from collections.abc import AsyncIterator
from typing import cast
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import TooLargeError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.files.dropping import drop_files
from outcry.services.chat.files.errors import FileMissingError, StorageFullError, TooManyWaitingError
from outcry.services.chat.files.examining import Examined, Examiner
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.kinds import MessageFile
from outcry.services.chat.files.models import ContentRow, FileRow
from outcry.services.chat.membership import room_of
from outcry.services.chat.rights import Right, require
from outcry.services.chat.settings import ChatSettings

MOST_UNPOSTED = 100


class FileCommands:
    """Takes files in."""

    def __init__(self, *, database: Database, store: FileStore, clock: Clock, settings: ChatSettings) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._settings = settings
        self._examiner = Examiner()

    async def upload(
        self, principal: Principal, room_id: UUID, *, name: str, body: AsyncIterator[bytes]
    ) -> MessageFile:
        """Keep a file that is going to be posted to a room, and return it.

        The row is there before the bytes, so that nobody takes bytes for forgotten that are just being kept; a crash
        between leaves a row that is not ready, which goes like all that is not posted. Raises RoomNotFoundError,
        ForbiddenError, TooLargeError, UnreadablePictureError, StorageFullError and TooManyWaitingError.
        """
        principal.require("chat:file:upload")
        await self._check_place(principal, room_id)
        examined = await self._examiner.examine(await self._read(body), name)
        row = self._row(principal, room_id, examined)
        async with self._database.transaction() as transaction:
            session = transaction.session
            _, member = await room_of(session, principal, room_id)
            require(member, Right.POST)
            await self._claim(session, principal.tenant_id, examined)
            session.add(row)
        await self._store.put(principal.tenant_id, examined.digest, examined.data, examined.thumbnail)
        async with self._database.transaction() as transaction:
            kept = await transaction.session.get(FileRow, row.id)
            if kept is None:
                raise FileMissingError()
            kept.ready = True
        return row.to_file()

    async def discard(self, principal: Principal, file_id: UUID) -> None:
        """Let go of a file that one has sent and not posted; raises FileMissingError for all others."""
        principal.require("chat:file:upload")
        own = (
            (FileRow.id == file_id)
            & (FileRow.tenant_id == principal.tenant_id)
            & (FileRow.uploader_id == principal.user_id)
            & FileRow.message_id.is_(None)
        )
        async with self._database.transaction() as transaction:
            if await transaction.session.scalar(select(FileRow.id).where(own).with_for_update()) is None:
                raise FileMissingError()
            await drop_files(transaction.session, own)

    async def _check_place(self, principal: Principal, room_id: UUID) -> None:
        """Look before anything is read whether it may come at all."""
        waiting = select(func.count()).where(FileRow.uploader_id == principal.user_id, FileRow.message_id.is_(None))
        async with self._database.reading() as session:
            _, member = await room_of(session, principal, room_id)
            require(member, Right.POST)
            if (await session.scalar(waiting) or 0) >= MOST_UNPOSTED:
                raise TooManyWaitingError("Post the files that you have added, or remove some of them.")

    async def _read(self, body: AsyncIterator[bytes]) -> bytes:
        data = bytearray()
        async for part in body:
            data += part
            if len(data) > self._settings.largest_file:
                raise TooLargeError(f"A file can have {_megabytes(self._settings.largest_file)} at most.")
        return bytes(data)

    def _row(self, principal: Principal, room_id: UUID, examined: Examined) -> FileRow:
        return FileRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            room_id=room_id,
            uploader_id=principal.user_id,
            message_id=None,
            sequence=None,
            place=0,
            digest=examined.digest,
            name=examined.name,
            media_type=examined.media_type,
            kind=examined.kind,
            size=len(examined.data),
            width=examined.width,
            height=examined.height,
            disguised=examined.disguised,
            cleaned=examined.cleaned,
            ready=False,
            uploaded_at=self._clock.now(),
        )

    async def _claim(self, session: AsyncSession, tenant_id: UUID, examined: Examined) -> None:
        """Have the content's row and hold it: the sweeper looks at it before or after, and then sees who has it."""
        table = cast(Table, ContentRow.__table__)
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        values = {"tenant_id": tenant_id, "digest": examined.digest, "size": len(examined.data), "doubtful": False}
        insert = dialect.insert(table).values(values)
        await session.execute(insert.on_conflict_do_nothing(index_elements=["tenant_id", "digest"]))
        own = (ContentRow.tenant_id == tenant_id, ContentRow.digest == examined.digest)
        await session.execute(select(ContentRow.digest).where(*own).with_for_update())
        taken = await session.scalar(select(func.sum(ContentRow.size)).where(ContentRow.tenant_id == tenant_id))
        if int(taken or 0) > self._settings.organisation_files:
            most = _megabytes(self._settings.organisation_files)
            raise StorageFullError(f"The files of an organisation can have {most} together. Remove some first.")


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:,.0f} MB" if count >= 1_000_000 else f"{count:,} bytes"
