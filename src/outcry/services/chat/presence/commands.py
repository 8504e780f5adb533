"""What people choose to be, and what their devices say of them."""

import unicodedata
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.module import Connection
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.services.chat.courier import Courier
from outcry.services.chat.membership import room_of
from outcry.services.chat.models import MemberRow
from outcry.services.chat.presence.board import Board
from outcry.services.chat.presence.contracts import Activity, Standing
from outcry.services.chat.presence.models import StandingRow
from outcry.services.chat.presence.standings import NOTHING, standings_of, to_standing
from outcry.services.chat.presence.teller import PresenceTeller, TypingTeller
from outcry.services.chat.receipts.teller import ReceiptTeller
from outcry.services.chat.rights import Right, require

LONGEST_STATUS = 100
LONGEST_EMOJI = 16
LONGEST_CHOICE = timedelta(days=366)


class PresenceCommands:
    """Presence and typing of the person who asks."""

    def __init__(
        self,
        *,
        database: Database,
        courier: Courier,
        board: Board,
        presence: PresenceTeller,
        typing: TypingTeller,
        receipts: ReceiptTeller,
        clock: Clock,
    ) -> None:
        self._database = database
        self._courier = courier
        self._board = board
        self._presence = presence
        self._typing = typing
        self._receipts = receipts
        self._clock = clock

    async def choose(self, principal: Principal, standing: Standing) -> Standing:
        """Take over what the person wants to be, whole; raises InvalidInputError."""
        now = self._clock.now()
        text, emoji = clean_line(standing.text), _checked_emoji(standing.emoji)
        if len(text) > LONGEST_STATUS:
            raise _invalid("text", f"can have {LONGEST_STATUS} characters at most")
        until = _checked_end(standing.until, now)
        async with self._database.transaction() as transaction:
            key = (principal.tenant_id, principal.user_id)
            row = await transaction.session.get(StandingRow, key, with_for_update=True)
            if row is None:
                row = StandingRow(tenant_id=principal.tenant_id, user_id=principal.user_id)
                transaction.session.add(row)
            row.state, row.until, row.text, row.emoji = standing.state, until, text, emoji
            row.receipts = standing.receipts
            await transaction.session.flush()
            chosen = to_standing(row, now)
            mine = select(MemberRow.room_id).where(
                MemberRow.user_id == principal.user_id, MemberRow.tenant_id == principal.tenant_id
            )
            rooms = list(await transaction.session.scalars(mine))
        if chosen.state == "invisible":
            self._typing.typists.stop_everywhere(principal.user_id)
        if not chosen.receipts:
            # Also those who follow them already are told of no more.
            await self._courier.show_person(principal.user_id, {"kind": "ended", "topics": "receipts:"})
        for room_id in rooms:
            self._receipts.receipts_changed(room_id)
        self._presence.changed(key)
        await self._courier.show_person(principal.user_id, {"kind": "presence"})
        return chosen

    async def be(self, principal: Principal, connection: Connection, activity: Activity) -> None:
        """Note what the person is at one of their devices, until it says otherwise or its socket closes."""
        person = (principal.tenant_id, principal.user_id)
        if not self._board.knows(person, connection.id):

            async def gone() -> None:
                self._board.remove(person, connection.id)

            connection.on_close(gone)
        self._board.set(person, connection.id, activity)

    async def type(self, principal: Principal, room_id: UUID, *, typing: bool) -> None:
        """Tell a room that the person types in it, or no more; raises for who may not post there."""
        typists = self._typing.typists
        if not typing:
            typists.stop(room_id, principal.user_id)
        elif typists.is_new(room_id, principal.user_id):
            person = (principal.tenant_id, principal.user_id)
            async with self._database.reading() as session:
                _, member = await room_of(session, principal, room_id)
                require(member, Right.POST)
                standing = (await standings_of(session, (person,), self._clock.now())).get(person, NOTHING)
            if standing.state != "invisible":
                self._typing.start(principal.tenant_id, room_id, principal.user_id)


def _checked_emoji(text: str) -> str:
    """Return one emoji, or nothing; letters and digits would be a second status text."""
    emoji = clean_line(text)
    if len(emoji) > LONGEST_EMOJI or any(unicodedata.category(character)[0] in "LNPZ" for character in emoji):
        raise _invalid("emoji", "must be one emoji")
    return emoji


def _checked_end(until: datetime | None, now: datetime) -> datetime | None:
    if until is not None and not now < until <= now + LONGEST_CHOICE:
        raise _invalid("until", "must be within the next year")
    return until


def _invalid(field: str, message: str) -> InvalidInputError:
    return InvalidInputError(f"The {field} {message}.", errors=({"field": field, "message": message},))
