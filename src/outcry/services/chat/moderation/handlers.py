"""What moderation does when a case comes up or is decided: administrators hear of it, also outside the room."""

from sqlalchemy import select

from outcry.kit.events import Envelope
from outcry.kit.module import Handler
from outcry.ports.database import Database
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.courier import Courier
from outcry.services.chat.events import MessageReviewed
from outcry.services.chat.models import UNHURRIED, MemberRow


class ModerationHandlers:
    """Tells people on their own topic. After the commit: nobody who posts or reports waits for the auth service."""

    def __init__(self, *, database: Database, courier: Courier, auth: AuthFacade) -> None:
        self._database = database
        self._courier = courier
        self._auth = auth

    def by_event(self) -> dict[str, Handler]:
        """Return the handlers by the name of their event."""
        return {MessageReviewed.name: self.on_message_reviewed}

    async def on_message_reviewed(self, envelope: Envelope) -> None:
        """Have administrators count anew. Doing it twice is harmless."""
        event = envelope.open(MessageReviewed)
        deciders = await self._auth.list_holders(tenant_id=envelope.tenant_id, permission="chat:review:all")
        # Who looks after the room was told with the change.
        told = select(MemberRow.user_id).where(
            MemberRow.room_id == event.room_id, MemberRow.role.in_(UNHURRIED), MemberRow.kind == "person"
        )
        async with self._database.reading() as session:
            others = set(deciders) - set(await session.scalars(told))
        for person_id in sorted(others):
            await self._courier.show_person(person_id, {"kind": "reviews", "room_id": str(event.room_id)})
