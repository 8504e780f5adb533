"""What a person does about notices: choose, in general and for a room; and switch mails off from one."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.chat.contracts import NoticeLevel, Room
from outcry.services.chat.courier import Courier
from outcry.services.chat.membership import people_of_rooms, room_of
from outcry.services.chat.models import to_authors
from outcry.services.chat.names import Names
from outcry.services.chat.notifying.choices import USUAL, choices_of, hold_choice
from outcry.services.chat.notifying.contracts import NoticeChoice
from outcry.services.chat.notifying.errors import NoticeLinkError
from outcry.services.chat.notifying.models import ChoiceRow
from outcry.services.chat.notifying.quiet import find_zone

LONGEST_MUTE = timedelta(days=366)
LONGEST_WAIT_MINUTES = 24 * 60


class NoticeCommands:
    """Keeps what people chose."""

    def __init__(self, *, database: Database, courier: Courier, names: Names, clock: Clock) -> None:
        self._database = database
        self._courier = courier
        self._names = names
        self._clock = clock

    async def get(self, principal: Principal) -> NoticeChoice:
        """Return what the person chose, or what is usual."""
        async with self._database.reading() as session:
            found = await choices_of(session, principal.tenant_id, (principal.user_id,))
        return found.get(principal.user_id, USUAL)

    async def choose(self, principal: Principal, choice: NoticeChoice) -> NoticeChoice:
        """Have a person told as they choose from now on, on all their devices."""
        _check(choice)
        async with self._database.transaction() as transaction:
            row = await hold_choice(
                transaction.session, self._database.engine_name, principal.tenant_id, principal.user_id
            )
            row.zone, row.mail, row.mail_after = choice.zone, choice.mail, choice.mail_after
            row.quiet_start = choice.quiet.start if choice.quiet else None
            row.quiet_end = choice.quiet.end if choice.quiet else None
        return choice

    async def choose_for_room(
        self,
        principal: Principal,
        room_id: UUID,
        *,
        notices: NoticeLevel | None,
        muted: bool | None,
        muted_until: datetime | None,
    ) -> Room:
        """Change what a person is told of a room; what is None stays, and a mute without an end lasts."""
        if muted_until is not None:
            self._check_mute(muted, muted_until)
        async with self._database.transaction() as transaction:
            room, member = await room_of(transaction.session, principal, room_id)
            member.notices = notices or member.notices
            if muted is not None:
                member.muted = muted and muted_until is None
                member.muted_until = muted_until
            crew = (await people_of_rooms(transaction.session, [room]))[room_id]
        await self._courier.show_person(principal.user_id, {"kind": "rooms"})
        return room.seen_by(member, to_authors(crew, await self._names.of(principal.tenant_id, crew)))

    async def stop_mails(self, token: str) -> None:
        """Switch off the mails of whoever got this token in one; raises NoticeLinkError. Twice is harmless."""
        async with self._database.transaction() as transaction:
            query = select(ChoiceRow).where(ChoiceRow.token == token)
            row = await transaction.session.scalar(query.with_for_update())
            if row is None:
                raise NoticeLinkError()
            row.mail = "nothing"

    def _check_mute(self, muted: bool | None, until: datetime) -> None:
        now = self._clock.now()
        if not muted or not now < until <= now + LONGEST_MUTE:
            message = {"field": "muted_until", "message": "must be in the future, within a year, with muted"}
            raise InvalidInputError("A room is muted until a time in the future, within a year.", errors=(message,))


def _check(choice: NoticeChoice) -> None:
    if find_zone(choice.zone) is None:
        message = {"field": "zone", "message": "is no time zone, such as Europe/Berlin"}
        raise InvalidInputError("This time zone is not known.", errors=(message,))
    if choice.quiet and choice.quiet.start == choice.quiet.end:
        message = {"field": "quiet", "message": "must end at another time than they start"}
        raise InvalidInputError("Quiet hours end at another time than they start.", errors=(message,))
    if not 1 <= choice.mail_after <= LONGEST_WAIT_MINUTES:
        message = {"field": "mail_after", "message": "must be from a minute to a day"}
        raise InvalidInputError("A mail waits from a minute to a day.", errors=(message,))
