"""Removes what nobody has any more: files that were never posted, and bytes that no file refers to."""

from datetime import timedelta

from sqlalchemy import exists, select

from outcry.kit.clock import Clock
from outcry.kit.rounds import Rounds
from outcry.ports.database import Database
from outcry.services.chat.files.dropping import drop_files
from outcry.services.chat.files.keeping import FileStore
from outcry.services.chat.files.models import ContentRow, FileRow
from outcry.services.chat.models import MessageRow

PAUSE_S = 5.0
# Between two looks for what waits too long, or lost its message without anybody saying so.
_SELDOM = 120
UNPOSTED_FOR = timedelta(days=1)
_AT_ONCE = 500


class FileSweeper:
    """Looks every few seconds for bytes in doubt. What a crash leaves undone is found the next time."""

    def __init__(self, *, database: Database, store: FileStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._looked = 0
        self._rounds = Rounds(self._look, name="file-sweeper", rest_s=PAUSE_S)

    async def start(self) -> None:
        """Begin."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop."""
        await self._rounds.stop()

    async def drop_old(self) -> None:
        """Let go of what was sent a day ago and not posted, has no message, or is held by no hold any more."""
        before = self._clock.now() - UNPOSTED_FOR
        unposted = FileRow.message_id.is_(None) & (FileRow.uploaded_at < before)
        lost = FileRow.message_id.is_not(None) & ~exists().where(MessageRow.id == FileRow.message_id)
        for which in (unposted, lost, FileRow.held.is_(True)):
            async with self._database.transaction() as transaction:
                await drop_files(transaction.session, which)

    async def sweep(self) -> int:
        """Remove the bytes in doubt that no file refers to; return how many went."""
        gone = 0
        while True:
            async with self._database.reading() as session:
                query = select(ContentRow).where(ContentRow.doubtful).limit(_AT_ONCE)
                doubtful = list(await session.scalars(query))
            for row in doubtful:
                gone += await self._settle(row)
            if len(doubtful) < _AT_ONCE:
                return gone

    async def _settle(self, doubtful: ContentRow) -> bool:
        key = (ContentRow.tenant_id == doubtful.tenant_id, ContentRow.digest == doubtful.digest)
        async with self._database.transaction() as transaction:
            session = transaction.session
            row = await session.scalar(select(ContentRow).where(*key).with_for_update())
            if row is None:
                return False
            had = exists().where(FileRow.tenant_id == row.tenant_id, FileRow.digest == row.digest)
            if await session.scalar(select(had)):
                row.doubtful = False
                return False
            # While the row is held: whoever sends the same bytes again waits, and then stores them anew.
            await self._store.remove(row.tenant_id, row.digest)
            await session.delete(row)
        return True

    async def _look(self) -> None:
        if self._looked % _SELDOM == 0:
            await self.drop_old()
        self._looked += 1
        await self.sweep()
