"""What shares charts, and ends that."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line, clean_text
from outcry.ports.database import Database
from outcry.services.charts.events import ChartShared, ShareRevoked
from outcry.services.charts.sharing.contracts import Audience, ChartSnapshot, LinkAudience, NewShare
from outcry.services.charts.sharing.errors import ShareNotFoundError, TooManySharesError
from outcry.services.charts.sharing.models import SNAPSHOT, ShareAuthorRow, ShareRow
from outcry.services.charts.sharing.snapshots import Snapshots, SnapshotWish
from outcry.services.chat.contracts import ChartCard, ChatFacade, Message

MOST_SHARES = 200
MOST_TITLE = 120
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkWish:
    """Who may open a link, and for how long."""

    title: str
    audience: LinkAudience
    people: tuple[UUID, ...]
    days: int


class ShareCommands:
    """Shares charts by link and in rooms, and revokes."""

    def __init__(self, *, database: Database, snapshots: Snapshots, chat: ChatFacade, clock: Clock) -> None:
        self._database = database
        self._snapshots = snapshots
        self._chat = chat
        self._clock = clock

    async def create(self, principal: Principal, wish: SnapshotWish, link: LinkWish) -> NewShare:
        """Share a chart by a link; raises InvalidInputError, NotFoundError, ForbiddenError, TooManySharesError."""
        if link.audience == "anyone":
            principal.require("charts:share:publish")
        if (link.audience == "people") is not bool(link.people):
            message = "name who may open it" if link.audience == "people" else "are named for the audience people alone"
            raise _wrong("people", message)
        snapshot = await self._snapshots.take(principal, wish)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        row = self._row(principal, snapshot, title=link.title, audience=link.audience)
        row.people = [str(one) for one in dict.fromkeys(link.people)]
        row.expires_at = row.created_at + timedelta(days=link.days)
        row.token_hash = hash_of(token)
        await self._keep(principal, row, snapshot)
        return NewShare(share=row.to_share(self._clock.now()), token=token, path=f"/shared#{token}")

    async def show_in_room(
        self, principal: Principal, room_id: UUID, wish: SnapshotWish, *, text: str, client_id: str
    ) -> Message:
        """Post a chart into a room, as a message with a card; the same ``client_id`` again returns the first."""
        await self._chat.get_room(tenant_id=principal.tenant_id, room_id=room_id, person_id=principal.user_id)
        snapshot = await self._snapshots.take(principal, wish)
        row = self._row(principal, snapshot, title="", audience="room")
        row.room_id = room_id
        await self._keep(principal, row, snapshot)
        kept = False
        try:
            message = await self._chat.post_charts(
                tenant_id=principal.tenant_id,
                room_id=room_id,
                person_id=principal.user_id,
                text=clean_text(text) or row.title,
                cards=(_card(row.id, snapshot),),
                client_id=client_id,
            )
            kept = any(card.share_id == row.id for card in message.cards)
        finally:
            if not kept:
                await self._drop(row.id)
        return message

    async def revoke(self, principal: Principal, share_id: UUID) -> None:
        """End a share: its link leads nowhere from now on. Who manages shares may end others' too."""
        table = ShareRow
        query = select(table).where(table.id == share_id, table.tenant_id == principal.tenant_id)
        if not principal.may("charts:share:manage"):
            query = query.where(table.owner_id == principal.user_id)
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(query.with_for_update())
            if row is None:
                raise ShareNotFoundError()
            if row.revoked_at is not None:
                return
            row.revoked_at = self._clock.now()
            event = ShareRevoked(share_id=row.id, symbol=row.symbol, audience=row.audience, opened=row.opened)
            transaction.publish(event, tenant_id=row.tenant_id, key=str(row.id), actor_id=principal.user_id)

    def _row(self, principal: Principal, snapshot: ChartSnapshot, *, title: str, audience: Audience) -> ShareRow:
        symbol, timeframe = snapshot.layout.symbol or "", str(snapshot.layout.timeframe)
        called = clean_line(title) or f"{symbol}, {timeframe}"
        if len(called) > MOST_TITLE:
            raise _wrong("title", f"has more than {MOST_TITLE} characters")
        return ShareRow(
            id=new_id(),
            tenant_id=principal.tenant_id,
            owner_id=principal.user_id,
            title=called,
            symbol=symbol,
            timeframe=timeframe,
            audience=audience,
            people=[],
            snapshot=SNAPSHOT.dump_python(snapshot, mode="json"),
            created_at=self._clock.now(),
            opened=0,
        )

    async def _keep(self, principal: Principal, row: ShareRow, snapshot: ChartSnapshot) -> None:
        async with self._database.transaction() as transaction:
            session = transaction.session
            await self._require_room(session, principal)
            session.add(row)
            await session.flush()
            for person_id in _authors(snapshot):
                session.add(ShareAuthorRow(share_id=row.id, person_id=person_id))
            event = ChartShared(
                share_id=row.id,
                symbol=row.symbol,
                audience=row.audience,
                room_id=row.room_id,
                people=len(row.people),
                expires_at=row.expires_at,
            )
            transaction.publish(event, tenant_id=row.tenant_id, key=str(row.id), actor_id=principal.user_id)

    async def _require_room(self, session: AsyncSession, principal: Principal) -> None:
        table, now = ShareRow, self._clock.now()
        live = (table.revoked_at.is_(None), or_(table.expires_at.is_(None), table.expires_at > now))
        # What stands in rooms is bounded by what people say there.
        own = (table.tenant_id == principal.tenant_id, table.owner_id == principal.user_id, table.audience != "room")
        if (await session.scalar(select(func.count()).select_from(table).where(*own, *live)) or 0) >= MOST_SHARES:
            raise TooManySharesError(f"A person can share {MOST_SHARES} charts at a time: revoke some.")

    async def _drop(self, share_id: UUID) -> None:
        async with self._database.transaction() as transaction:
            await transaction.session.execute(delete(ShareAuthorRow).where(ShareAuthorRow.share_id == share_id))
            await transaction.session.execute(delete(ShareRow).where(ShareRow.id == share_id))


def hash_of(token: str) -> bytes:
    """Return what is stored of a token: it is random, so a plain hash tells nobody what it was."""
    return hashlib.sha256(token.encode()).digest()


def _authors(snapshot: ChartSnapshot) -> set[UUID]:
    by = {person for drawing in snapshot.drawings for person in (drawing.created_by, drawing.changed_by)}
    return {person for person in by if person is not None}


def _card(share_id: UUID, snapshot: ChartSnapshot) -> ChartCard:
    layout = snapshot.layout
    return ChartCard(
        symbols=(layout.symbol or "", *layout.compare),
        timeframe=str(layout.timeframe),
        start=snapshot.start,
        end=snapshot.end,
        indicators=tuple(
            {"name": study.name, "parameters": study.parameters} for study in layout.studies if study.visible
        ),
        compare=bool(layout.compare),
        share_id=share_id,
    )


def _wrong(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"{field}: {message}.", errors=({"field": field, "message": message},))
