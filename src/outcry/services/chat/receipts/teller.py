"""Tells people that there is something new, and how far they and others have read."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import and_, func, select

from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.chat.contracts import GONE, HERE_ID, Message
from outcry.services.chat.courier import user_topic
from outcry.services.chat.models import MemberRow
from outcry.services.chat.pacing import JointPacing
from outcry.services.chat.receipts.contracts import News, PersonUpdate, Receipts, Unread
from outcry.services.chat.receipts.mark import Mark
from outcry.services.chat.receipts.marks import Marks, Place
from outcry.services.chat.receipts.models import ReadingRow
from outcry.services.chat.receipts.queries import ReceiptQueries, receipts_topic
from outcry.services.chat.receipts.unread import unread_at

# More than so many messages within one pace are not listed: whoever hears of them counts anew.
MOST_LISTED = 100
_MOST_EDITED = 1_000
# Between two readings of what rooms are told: those that are due meanwhile are read together.
_NEWS_APART_S, _RECEIPTS_APART_S = 0.05, 0.02
# Above every mark: whoever is told of news looks again, however far they have read.
_FOR_ALL = 2**31

_UPDATE = TypeAdapter(PersonUpdate)
_RECEIPTS = TypeAdapter(Receipts)


@dataclass(slots=True)
class _Waiting:
    """What happened in a room since its people were last told."""

    news: list[News] = field(default_factory=list)
    # The newest message that is gone, and whoever is named by one that was edited: they have to count anew.
    gone: int = 0
    renamed: set[UUID] = field(default_factory=set)


class ReceiptTeller:
    """Hears of every message and every mark; what it tells is paced by room, so a burst is one update for each reader.

    ``pace_s`` is the time between two updates of a room: one of news for each of its people, one of receipts for all.
    """

    def __init__(
        self,
        *,
        database: Database,
        realtime: Realtime,
        marks: Marks,
        queries: ReceiptQueries,
        pace_s: float = 1.0,
    ) -> None:
        self._database = database
        self._realtime = realtime
        self._marks = marks
        self._queries = queries
        self._waiting: dict[UUID, _Waiting] = {}
        self._news = JointPacing(self._tell_news, every_s=pace_s, apart_s=_NEWS_APART_S if pace_s else 0.0)
        # Marks of many rooms are written together: telling of all at once would keep messages waiting.
        self._receipts = JointPacing(self._tell_receipts, every_s=pace_s, apart_s=_RECEIPTS_APART_S if pace_s else 0.0)
        self._newest: dict[UUID, int] = {}
        self._edited: OrderedDict[UUID, datetime] = OrderedDict()
        marks.on_written = self._on_written

    def on_message(self, message: Message) -> None:
        """Hear of a message that is new or changed; whoever wrote it has read its stream up to it."""
        waiting = self._waiting.setdefault(message.room_id, _Waiting())
        if message.status in GONE:
            # The marks of topics are not looked at here.
            waiting.gone = max(waiting.gone, message.sequence if message.topic_id is None else _FOR_ALL)
        elif message.sequence > self._newest.get(message.room_id, 0):
            self._newest[message.room_id] = message.sequence
            waiting.news.append(_news(message))
            if message.author.kind == "person":
                self._marks.note(
                    message.room_id, message.author.id, stream=message.topic_id or "main", read=message.sequence
                )
        elif message.edited_at and self._edited.get(message.id) != message.edited_at:
            self._edited[message.id] = message.edited_at
            while len(self._edited) > _MOST_EDITED:
                self._edited.popitem(last=False)
            waiting.renamed |= _named(message)
        if waiting.news or waiting.gone or waiting.renamed:
            self._news.ask(message.room_id)
        else:
            del self._waiting[message.room_id]

    async def settle(self) -> None:
        """Wait until all marks are written and everybody is told."""
        await self._marks.settle()
        await self._news.settle()
        await self._receipts.settle()

    async def stop(self) -> None:
        """Write the last marks and tell no more."""
        await self._marks.stop()
        await asyncio.gather(self._news.stop(), self._receipts.stop())

    async def tell_unread(self, person_id: UUID, unread: Unread) -> None:
        """Tell a person, on all their devices, how a room stands for them."""
        await self._tell(person_id, PersonUpdate(kind="unread", room_id=unread.room_id, unread=unread))

    def receipts_changed(self, room_id: UUID) -> None:
        """Show a room's receipts anew, soon."""
        self._receipts.ask(room_id)

    async def _on_written(self, marks: Mapping[Place, Mark]) -> None:
        for room_id in {room_id for room_id, _ in marks}:
            self.receipts_changed(room_id)
        behind: list[Place] = []
        for (room_id, person_id), mark in marks.items():
            if mark.all_read:
                await self.tell_unread(person_id, Unread(room_id=room_id, read=mark.last, last=mark.last))
            elif mark.reads:
                behind.append((room_id, person_id))
        if not behind:
            return
        async with self._database.reading() as session:
            counted = await unread_at(session, behind)
        for (_, person_id), unread in counted.items():
            await self.tell_unread(person_id, unread)

    async def _tell_news(self, room_ids: Sequence[UUID]) -> None:
        waiting = {room_id: self._waiting.pop(room_id, _Waiting()) for room_id in room_ids}
        query = (
            select(MemberRow.room_id, MemberRow.user_id, func.coalesce(ReadingRow.read, 0))
            .outerjoin(
                ReadingRow, and_(ReadingRow.room_id == MemberRow.room_id, ReadingRow.user_id == MemberRow.user_id)
            )
            .where(MemberRow.room_id.in_(room_ids), MemberRow.kind == "person")
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        people: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
        for room_id, person_id, read in rows:
            people[room_id].append((person_id, read))
        for room_id, waited in waiting.items():
            await self._tell_room(room_id, waited, people[room_id])

    async def _tell_room(self, room_id: UUID, waiting: _Waiting, people: Sequence[tuple[UUID, int]]) -> None:
        news = _json(PersonUpdate(kind="news", room_id=room_id, messages=tuple(waiting.news)))
        recount = _json(PersonUpdate(kind="recount", room_id=room_id))
        too_many, everybody = len(waiting.news) > MOST_LISTED, HERE_ID in waiting.renamed
        for person_id, read in people:
            # Who has read what is gone has not counted it.
            if too_many or read < waiting.gone or everybody or person_id in waiting.renamed:
                await self._realtime.append(user_topic(person_id), recount)
            elif waiting.news:
                await self._realtime.append(user_topic(person_id), news)

    async def _tell_receipts(self, room_ids: Sequence[UUID]) -> None:
        for tenant_id, receipts in await self._queries.receipts_of(room_ids):
            topic = receipts_topic(tenant_id, receipts.room_id)
            await self._realtime.set_latest(topic, _RECEIPTS.dump_json(receipts).decode())

    async def _tell(self, person_id: UUID, update: PersonUpdate) -> None:
        await self._realtime.append(user_topic(person_id), _json(update))


def _named(message: Message) -> set[UUID]:
    here = {HERE_ID} if any(each.kind == "here" for each in message.mentions) else set()
    return here | {each.person_id for each in message.mentions if each.person_id is not None}


def _news(message: Message) -> News:
    return News(
        sequence=message.sequence,
        author_id=message.author.id,
        topic_id=message.topic_id,
        mentions=tuple(sorted(_named(message))),
    )


def _json(update: PersonUpdate) -> str:
    """Return an update without the fields that its kind has no use for; what it has is whole."""
    unused = {"unread", "messages"} - {"messages" if update.kind == "news" else update.kind}
    return _UPDATE.dump_json(update, exclude=unused).decode()
