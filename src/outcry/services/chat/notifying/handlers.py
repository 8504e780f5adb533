"""Decides for each message who is told of it: on their open pages now, and by mail if they do not read it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.events import Envelope
from outcry.kit.module import Handler
from outcry.ports.database import Database, Transaction
from outcry.services.chat.contracts import HERE_ID, NoticeLevel
from outcry.services.chat.courier import Courier
from outcry.services.chat.events import MessageEdited, MessagePosted
from outcry.services.chat.models import TOLD_ALL, MemberRow, MessageRow, RoomRow
from outcry.services.chat.notifying.choices import USUAL, choices_of
from outcry.services.chat.notifying.contracts import Notice, NoticeChoice
from outcry.services.chat.notifying.models import NoticeRow
from outcry.services.chat.notifying.quiet import is_quiet
from outcry.services.chat.presence.contracts import Standing
from outcry.services.chat.presence.lease import Person
from outcry.services.chat.presence.standings import NOTHING, standings_of

_CONSUMER = "chat.notices"

Said = MessagePosted | MessageEdited


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who is to be told of a message; ``quiet`` says that they want to hear nothing just now."""

    person_id: UUID
    called: bool
    choice: NoticeChoice
    quiet: bool


def is_told(member: MemberRow, room_kind: str, *, called: bool, now: datetime) -> bool:
    """Say whether a member wants to be told of a message; ``called`` that it names them or was said to them alone."""
    if member.muted or (member.muted_until is not None and member.muted_until > now):
        return False
    return covers(member.noticed(room_kind), called=called)


def covers(level: NoticeLevel, *, called: bool) -> bool:
    """Say whether a choice covers a message."""
    return level == "all" or (level == "mentions" and called)


def wants_quiet(choice: NoticeChoice, standing: Standing, now: datetime) -> bool:
    """Say whether somebody wants to hear nothing now: in their quiet hours, and while they are not to be disturbed."""
    return standing.state == "do_not_disturb" or is_quiet(choice.quiet, choice.zone, now)


class NoticeHandlers:
    """Hears what is said in rooms, after it is committed: nobody who posts waits for it."""

    def __init__(self, *, database: Database, courier: Courier, clock: Clock) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock

    def by_event(self) -> dict[str, Handler]:
        """Return the handlers by the name of their event."""
        return {MessagePosted.name: self.on_posted, MessageEdited.name: self.on_edited}

    async def on_posted(self, envelope: Envelope) -> None:
        """Tell of a new message."""
        await self._hear(envelope, envelope.open(MessagePosted), anew=True)

    async def on_edited(self, envelope: Envelope) -> None:
        """Tell those whom a message names since it was edited."""
        event = envelope.open(MessageEdited)
        if event.mentions:
            await self._hear(envelope, event, anew=False)

    async def _hear(self, envelope: Envelope, event: Said, *, anew: bool) -> None:
        async with self._database.reading() as session:
            listeners = await self._listeners(session, event, anew=anew)
        if not listeners:
            return
        mailed = [each for each in listeners if covers(each.choice.mail, called=each.called)]
        if mailed:
            async with self._database.transaction() as transaction:
                if not await transaction.first_time(envelope.id, _CONSUMER):
                    return
                await self._note(transaction, envelope, event, mailed)
        for each in listeners:
            if not each.quiet:
                await self._courier.show_person(each.person_id, _notice(event, called=each.called))

    async def _listeners(self, session: AsyncSession, event: Said, *, anew: bool) -> Sequence[Listener]:
        now, named = self._clock.now(), frozenset(event.mentions)
        found = (await session.execute(_who_may_care(event, named, anew=anew))).all()
        if not found:
            return ()
        room = found[0][0]
        alone = anew and room.kind == "direct"
        members = [(row, alone or row.user_id in named or HERE_ID in named) for _, row in found]
        told = [(row.user_id, called) for row, called in members if is_told(row, room.kind, called=called, now=now)]
        people = [person_id for person_id, _ in told]
        choices = await choices_of(session, room.tenant_id, people)
        standings: Mapping[Person, Standing] = await standings_of(
            session, [(room.tenant_id, person_id) for person_id in people], now
        )
        return [
            Listener(
                person_id,
                called,
                choice := choices.get(person_id, USUAL),
                wants_quiet(choice, standings.get((room.tenant_id, person_id), NOTHING), now),
            )
            for person_id, called in told
        ]

    async def _note(
        self, transaction: Transaction, envelope: Envelope, event: Said, listeners: Sequence[Listener]
    ) -> None:
        """Write down who is to get a mail; a message that is gone meanwhile is told to nobody."""
        session, now = transaction.session, self._clock.now()
        if await session.get(MessageRow, event.message_id) is None:
            return
        noted = select(NoticeRow.user_id).where(NoticeRow.message_id == event.message_id)
        already = frozenset(await session.scalars(noted))
        for each in listeners:
            if each.person_id in already:
                continue
            session.add(
                NoticeRow(
                    user_id=each.person_id,
                    message_id=event.message_id,
                    tenant_id=envelope.tenant_id,
                    called=each.called,
                    due_at=now + timedelta(minutes=each.choice.mail_after),
                )
            )


def _who_may_care(event: Said, named: frozenset[UUID], *, anew: bool) -> Select[RoomRow, MemberRow]:
    """Find the room with each of its people who may be told; of most messages in large rooms that is nobody."""
    query = (
        select(RoomRow, MemberRow)
        .join(MemberRow, MemberRow.room_id == RoomRow.id)
        .where(RoomRow.id == event.room_id, MemberRow.kind == "person", MemberRow.user_id != event.author_id)
    )
    if HERE_ID in named:
        return query
    called = MemberRow.user_id.in_(named)
    return query.where(or_(RoomRow.kind.in_(TOLD_ALL), MemberRow.notices == "all", called) if anew else called)


def _notice(event: Said, *, called: bool) -> dict[str, object]:
    notice = Notice(room_id=event.room_id, message_id=event.message_id, sequence=event.sequence, called=called)
    return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(notice).items()}
