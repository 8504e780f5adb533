"""What the chat service does when people change, come and go; each event once."""

import logging
from uuid import UUID

from sqlalchemy import select

from outcry.kit.events import Envelope
from outcry.kit.module import Handler
from outcry.ports.database import Database
from outcry.services.auth.events import MemberChanged, PersonChanged, PersonErased
from outcry.services.chat.changes import Changes
from outcry.services.chat.membership import members_of
from outcry.services.chat.models import MemberRow, RoomRow
from outcry.services.chat.moderation.errors import BannedError
from outcry.services.chat.names import Names
from outcry.services.chat.notifying.traces import forget_choice
from outcry.services.chat.presence.traces import forget_standing
from outcry.services.chat.roster import Roster

log = logging.getLogger(__name__)

_CONSUMER = "chat"
_IN = frozenset({"joined", "enabled"})
_OUT = frozenset({"left", "removed", "disabled"})


class ChatHandlers:
    """Forgets names that are no longer right, lets guests in, and ends the memberships of who is gone."""

    def __init__(self, *, database: Database, changes: Changes, names: Names, roster: Roster) -> None:
        self._database = database
        self._changes = changes
        self._names = names
        self._roster = roster

    def by_event(self) -> dict[str, Handler]:
        """Return the handlers by the name of their event."""
        return {
            PersonChanged.name: self.on_person_changed,
            PersonErased.name: self.on_person_erased,
            MemberChanged.name: self.on_member_changed,
        }

    async def on_person_changed(self, envelope: Envelope) -> None:
        """Ask for the name anew. Doing it twice is harmless."""
        self._names.forget(envelope.open(PersonChanged).person_id)

    async def on_person_erased(self, envelope: Envelope) -> None:
        """Forget the name; the words are erased when that is asked for."""
        self._names.forget(envelope.open(PersonErased).person_id)

    async def on_member_changed(self, envelope: Envelope) -> None:
        """Let a guest into their room, or somebody who is gone out of all rooms."""
        event = envelope.open(MemberChanged)
        self._names.forget(event.person_id)
        if event.act in _IN and event.room_id is not None:
            by = event.invited_by if event.act == "joined" else envelope.actor_id
            await self._let_in(envelope.id, event, event.room_id, by)
        elif event.act in _OUT:
            await self._let_out(envelope.id, event, envelope.actor_id)

    async def _let_in(self, event_id: UUID, event: MemberChanged, room_id: UUID, by: UUID | None) -> None:
        """Bring a guest into their room, if whoever let them in is in it: an id alone opens no room to anybody."""
        query = select(RoomRow).where(RoomRow.id == room_id, RoomRow.tenant_id == event.organisation_id)
        async with self._changes.of(room_id) as change:
            if not await change.first_time(event_id, _CONSUMER):
                return
            room = await change.session.scalar(query.with_for_update())
            if room is None or by not in {row.user_id for row in await members_of(change.session, room_id)}:
                return
            # Invited to this room by name: the limit of a room's members is for those who are added in it.
            role = event.room_role or "member"
            try:
                await self._roster.admit(change, room, event.person_id, role=role, by=by, full=False)
            except BannedError:
                # Banned since they were invited: nothing was written yet, and they are a guest of no room.
                log.info("a guest was not let into room %s, from which they are banned", room_id)

    async def _let_out(self, event_id: UUID, event: MemberChanged, by: UUID | None) -> None:
        tenant_id, person_id = event.organisation_id, event.person_id
        query = (
            select(RoomRow)
            .join(MemberRow, MemberRow.room_id == RoomRow.id)
            .where(MemberRow.user_id == person_id, MemberRow.tenant_id == tenant_id, RoomRow.tenant_id == tenant_id)
            .order_by(RoomRow.id)
        )
        async with self._database.reading() as session:
            room_ids = [room.id for room in await session.scalars(query)]
        async with self._changes.of(*room_ids) as change:
            if not await change.first_time(event_id, _CONSUMER):
                return
            # Also a room that they came into since: there only the order of showing may be another for a moment.
            rooms = (await change.session.scalars(query.with_for_update(of=RoomRow))).all()
            for room in rooms:
                await self._roster.dismiss(change, room, person_id, by=by)
            await forget_standing(change.session, tenant_id, person_id)
            await forget_choice(change.session, tenant_id, person_id)
            change.tell_lists([person_id] if rooms else [])
