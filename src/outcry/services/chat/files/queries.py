"""What reads files: each time only for who is in their room at that moment."""

from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true, tuple_

from outcry.kit.errors import NotFoundError
from outcry.kit.paging import Page, clamp_limit, decode_cursor, encode_cursor
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.files.contracts import RoomFile
from outcry.services.chat.files.errors import FileMissingError
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.models import FileRow
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow, MessageRow, to_authors
from outcry.services.chat.names import Names

MOST = 100


class FileQueries:
    """Finds files and their bytes."""

    def __init__(self, *, database: Database, store: FileStore, names: Names) -> None:
        self._database = database
        self._names = names
        self.store = store

    async def get(self, principal: Principal, file_id: UUID) -> FileRow:
        """Return a file of a room that the person is in; one that is not posted only to who sent it.

        Raises FileMissingError for all others.
        """
        principal.require("chat:file:read")
        query = (
            select(FileRow)
            .join(MemberRow, MemberRow.room_id == FileRow.room_id)
            .where(
                FileRow.id == file_id,
                FileRow.tenant_id == principal.tenant_id,
                FileRow.ready,
                ~FileRow.held,
                MemberRow.user_id == principal.user_id,
                MemberRow.tenant_id == principal.tenant_id,
                or_(FileRow.message_id.is_not(None), FileRow.uploader_id == principal.user_id),
            )
        )
        async with self._database.reading() as session:
            row: FileRow | None = await session.scalar(query)
        if row is None:
            raise FileMissingError()
        return row

    async def thumbnail(self, principal: Principal, file_id: UUID) -> tuple[FileRow, bytes]:
        """Return a picture drawn smaller, as WebP; raises FileMissingError for what has none."""
        row = await self.get(principal, file_id)
        if row.width is None:
            raise FileMissingError("There is no picture of this file.")
        try:
            return row, await self.store.thumbnail(row.tenant_id, row.digest)
        except NotFoundError as error:
            raise FileMissingError() from error

    async def list_in_room(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        which: Literal["all", "images", "others"],
        cursor: str | None,
        limit: int,
    ) -> Page[RoomFile]:
        """Return the files of a room, those of the newest message first."""
        principal.require("chat:file:read")
        count = clamp_limit(limit, most=MOST)
        query = (
            select(FileRow, MessageRow)
            .join(MessageRow, MessageRow.id == FileRow.message_id)
            .where(FileRow.room_id == room_id, FileRow.tenant_id == principal.tenant_id, ~FileRow.held, _of(which))
            .order_by(FileRow.sequence.desc(), FileRow.place.desc())
            .limit(count + 1)
        )
        if cursor:
            sequence, place = decode_cursor(cursor, int, int)
            query = query.where(tuple_(FileRow.sequence, FileRow.place) < tuple_(sequence, place))
        async with self._database.reading() as session:
            await room_of(session, principal, room_id)
            rows = (await session.execute(query)).all()
        names = await self._names.of(principal.tenant_id, {message.author_id for _, message in rows})
        found = [
            RoomFile(
                file=file.to_file(),
                message_id=message.id,
                sequence=message.sequence,
                author=to_authors([message.author_id], names)[0],
                posted_at=message.created_at,
            )
            for file, message in rows[:count]
        ]
        last = rows[count - 1][0] if len(rows) > count else None
        following = encode_cursor(last.sequence or 0, last.place) if last else None
        return Page(items=tuple(found), next_cursor=following)


def _of(which: str) -> ColumnElement[bool]:
    if which == "all":
        return true()
    return FileRow.kind == "image" if which == "images" else FileRow.kind != "image"
