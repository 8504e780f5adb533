"""Wiring of presence, typing, receipts and unread counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.module import SocketCall, Topic
from outcry.ports.cache import Cache
from outcry.ports.database import Database
from outcry.ports.realtime import Realtime
from outcry.services.chat.contracts import Message
from outcry.services.chat.courier import Courier
from outcry.services.chat.names import Names
from outcry.services.chat.presence.api import presence_router
from outcry.services.chat.presence.beat import Beat
from outcry.services.chat.presence.board import Board
from outcry.services.chat.presence.calls import presence_calls
from outcry.services.chat.presence.commands import PresenceCommands
from outcry.services.chat.presence.contracts import PresenceUpdate, Typing
from outcry.services.chat.presence.lease import Lease
from outcry.services.chat.presence.queries import PresenceQueries
from outcry.services.chat.presence.teller import PresenceTeller, TypingTeller
from outcry.services.chat.receipts.api import receipts_router
from outcry.services.chat.receipts.calls import receipt_calls
from outcry.services.chat.receipts.commands import ReceiptCommands
from outcry.services.chat.receipts.contracts import PersonUpdate
from outcry.services.chat.receipts.marks import Marks
from outcry.services.chat.receipts.queries import ReceiptQueries
from outcry.services.chat.receipts.teller import ReceiptTeller


@dataclass(frozen=True, slots=True, kw_only=True)
class Paces:
    """How long things are gathered before they are written or told, in seconds."""

    marks: float = 1.0
    receipts: float = 1.0
    presence: float = 1.0
    typing: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Who is there, who types, and who has read what."""

    board: Board
    beat: Beat
    presence_teller: PresenceTeller
    typing_teller: TypingTeller
    receipt_teller: ReceiptTeller
    presence: PresenceCommands
    presence_queries: PresenceQueries
    receipts: ReceiptCommands
    receipt_queries: ReceiptQueries

    @property
    def pushed(self) -> tuple[type, ...]:
        """Return the types that only the socket carries."""
        return (PresenceUpdate, Typing, PersonUpdate)

    def routers(self) -> tuple[APIRouter, ...]:
        """Return the routers of its endpoints."""
        return (
            presence_router(self.presence, self.presence_queries),
            receipts_router(self.receipts, self.receipt_queries),
        )

    @property
    def calls(self) -> Mapping[str, SocketCall]:
        """Return what may be said over the socket."""
        return {**presence_calls(self.presence), **receipt_calls(self.receipts)}

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Return the topics, each named after a room."""
        return {
            "presence": Topic(log=True, may_listen=self.presence_queries.may_listen),
            "typing": Topic(log=False, may_listen=self.presence_queries.may_listen),
            "receipts": Topic(log=False, may_listen=self.receipt_queries.may_listen),
        }

    def on_message(self, message: Message) -> None:
        """Hear of a message that is new or changed."""
        self.typing_teller.typists.stop(message.room_id, message.author.id)
        self.receipt_teller.on_message(message)

    def on_removed(self, person_id: UUID, room_id: UUID) -> None:
        """Hear that somebody is out of a room."""
        self.typing_teller.typists.stop(room_id, person_id)
        self.receipt_teller.receipts_changed(room_id)

    async def settle(self) -> None:
        """Wait until all that waits is written and told."""
        await self.receipt_teller.settle()
        await self.presence_teller.settle()
        await self.typing_teller.typists.settle()

    async def stop(self) -> None:
        """Write what waits, and end."""
        await self.beat.stop()
        await self.receipt_teller.stop()
        await self.presence_teller.stop()
        await self.typing_teller.typists.close()


def build_attendance(
    *,
    database: Database,
    realtime: Realtime,
    cache: Cache,
    courier: Courier,
    names: Names,
    clock: Clock,
    paces: Paces = Paces(),
) -> Attendance:
    """Wire it, and have it hear of what the courier shows."""
    board, lease = Board(clock), Lease(cache)
    presence = PresenceTeller(database=database, realtime=realtime, board=board, clock=clock, pace_s=paces.presence)
    typing = TypingTeller(realtime=realtime, names=names, clock=clock, pace_s=paces.typing)
    marks = Marks(database=database, clock=clock, gather_s=paces.marks)
    queries = ReceiptQueries(database=database, realtime=realtime, names=names, clock=clock)
    receipts = ReceiptTeller(database=database, realtime=realtime, marks=marks, queries=queries, pace_s=paces.receipts)
    attendance = Attendance(
        board=board,
        beat=Beat(board=board, lease=lease, presence=presence, typists=typing.typists),
        presence_teller=presence,
        typing_teller=typing,
        receipt_teller=receipts,
        presence=PresenceCommands(
            database=database,
            courier=courier,
            board=board,
            presence=presence,
            typing=typing,
            receipts=receipts,
            clock=clock,
        ),
        presence_queries=PresenceQueries(database=database, realtime=realtime, board=board, clock=clock),
        receipts=ReceiptCommands(database=database, marks=marks, teller=receipts),
        receipt_queries=queries,
    )
    courier.watch(on_message=attendance.on_message, on_removed=attendance.on_removed)
    return attendance
