"""Rooms for tests of charts that only need them to be there; tests/e2e has the real ones."""

from datetime import UTC, datetime
from typing import Any, NoReturn
from uuid import UUID

from outcry.kit.errors import NotFoundError
from outcry.kit.ids import new_id
from outcry.services.chat.contracts import Author, ChartCard, ChatFacade, Message, Place, Room, Silence


class FewRooms(ChatFacade):
    """Rooms in memory: who is in them is all that counts."""

    def __init__(self) -> None:
        self.members: dict[tuple[UUID, UUID], set[UUID]] = {}
        self.readers: set[UUID] = set()
        self.silences: dict[UUID, Silence] = {}
        self.posted: dict[str, Message] = {}

    def add(self, tenant_id: UUID, *people: UUID) -> UUID:
        """Make a room with these people in it."""
        room_id = new_id()
        self.members[tenant_id, room_id] = set(people)
        return room_id

    async def get_room(self, *, tenant_id: UUID, room_id: UUID, person_id: UUID) -> Room:
        """Return a room to its members."""
        if person_id not in self.members.get((tenant_id, room_id), ()):
            raise NotFoundError("There is no such room.")
        moment: Any = None
        reads = person_id in self.readers
        return Room(
            id=room_id,
            title="Desk",
            kind="private",
            archived=False,
            created_at=moment,
            last_activity_at=moment,
            place=Place(role="reader" if reads else "member", posts=not reads, silence=self.silences.get(person_id)),
        )

    async def post_charts(
        self,
        *,
        tenant_id: UUID,
        room_id: UUID,
        person_id: UUID,
        text: str,
        cards: tuple[ChartCard, ...],
        client_id: str,
    ) -> Message:
        """Keep a message, one a ``client_id``."""
        await self.get_room(tenant_id=tenant_id, room_id=room_id, person_id=person_id)
        moment: Any = datetime(2026, 1, 5, tzinfo=UTC)
        message = Message(
            id=new_id(),
            room_id=room_id,
            sequence=len(self.posted) + 1,
            version=1,
            author=Author(kind="person", id=person_id, name="Somebody"),
            text=text,
            status="posted",
            created_at=moment,
            cards=cards,
        )
        return self.posted.setdefault(client_id, message)

    async def begin_reply(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def append_reply(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def finish_reply(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def recent_messages(self, **_: object) -> tuple[Message, ...]:
        """Not asked for here."""
        raise NotImplementedError

    async def post_report(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def get_audience(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def search_for_audience(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def said_since(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def get_message(self, **_: object) -> NoReturn:
        """Not asked for here."""
        raise NotImplementedError

    async def unfinished_replies(self) -> tuple[tuple[UUID, Message], ...]:
        """Not asked for here."""
        raise NotImplementedError
