"""Keeps what people are writing, the same on all their devices."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.market import to_micros
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.courier import Courier
from outcry.services.chat.drafts.models import MAIN, DraftRow
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow
from outcry.services.chat.topics.streams import get_topic

LONGEST = 20_000
MOST_LISTED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedDraft:
    """What somebody has written and not sent; an empty text is none. The one with the highest ``version`` counts."""

    room_id: UUID
    topic_id: UUID | None
    text: str
    version: int
    saved_at: datetime


_DRAFT = TypeAdapter(SavedDraft)


class Drafts:
    """Saves and lists drafts. Whoever saves last wins, and all devices of the person are told."""

    def __init__(self, *, database: Database, courier: Courier, clock: Clock) -> None:
        self._database = database
        self._courier = courier
        self._clock = clock

    async def save(self, principal: Principal, room_id: UUID, *, text: str, topic_id: UUID | None) -> SavedDraft:
        """Keep a draft in place of the one before; an empty text lets go of it. The text stays as it is typed."""
        if len(text) > LONGEST:
            raise InvalidInputError(f"A draft can have {LONGEST:,} characters at most.")
        key = (principal.user_id, room_id, topic_id or MAIN)
        async with self._courier.in_order(principal.user_id):
            async with self._database.transaction() as transaction:
                session = transaction.session
                await room_of(session, principal, room_id)
                if topic_id is not None:
                    await get_topic(session, room_id, topic_id)
                row = await session.get(DraftRow, key, with_for_update=True)
                now = self._clock.now()
                # By the clock, so that it also grows over a draft that was let go of.
                version = max(to_micros(now), row.version + 1 if row else 0)
                if row and not text.strip():
                    await session.delete(row)
                elif row:
                    row.text, row.version, row.saved_at = text, version, now
                elif text.strip():
                    session.add(
                        DraftRow(
                            user_id=principal.user_id,
                            room_id=room_id,
                            topic_id=topic_id or MAIN,
                            tenant_id=principal.tenant_id,
                            text=text,
                            version=version,
                            saved_at=now,
                        )
                    )
            kept = text if text.strip() else ""
            draft = SavedDraft(room_id=room_id, topic_id=topic_id, text=kept, version=version, saved_at=now)
            body = {"kind": "draft", "draft": _DRAFT.dump_python(draft, mode="json")}
            await self._courier.show_person(principal.user_id, body)
        return draft

    async def list_all(self, principal: Principal) -> tuple[SavedDraft, ...]:
        """Return a person's drafts in the rooms that they are in, the newest first."""
        query = (
            select(DraftRow)
            .join(MemberRow, (MemberRow.room_id == DraftRow.room_id) & (MemberRow.user_id == DraftRow.user_id))
            .where(DraftRow.user_id == principal.user_id, DraftRow.tenant_id == principal.tenant_id)
            .order_by(DraftRow.saved_at.desc())
            .limit(MOST_LISTED)
        )
        async with self._database.reading() as session:
            rows = list(await session.scalars(query))
        return tuple(
            SavedDraft(
                room_id=row.room_id,
                topic_id=None if row.topic_id == MAIN else row.topic_id,
                text=row.text,
                version=row.version,
                saved_at=row.saved_at,
            )
            for row in rows
        )
