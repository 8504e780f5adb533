"""Sends messages whose time has come: each once, by whichever process claims it, also after a restart."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, delete, or_, select, update

from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError, UnavailableError
from outcry.kit.rounds import Rounds
from outcry.kit.text import shorten
from outcry.ports.database import Database
from outcry.services.chat.courier import Courier
from outcry.services.chat.later.models import LaterRow
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.moderation.errors import SlowModeError
from outcry.services.chat.posting import Poster

PAUSE_S = 1.0
AT_ONCE = 50
# Longer than posting ever takes: after that, whoever claimed it is gone.
CLAIMED_FOR = timedelta(seconds=60)


class LaterSender:
    """Looks every second for what is due."""

    def __init__(self, *, database: Database, courier: Courier, poster: Poster, clock: Clock) -> None:
        self._database = database
        self._courier = courier
        self._poster = poster
        self._clock = clock
        self._rounds = Rounds(self.send_due, name="later-sender", rest_s=PAUSE_S)

    async def start(self) -> None:
        """Begin; what came due while nothing ran goes first."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop; what waits stays."""
        await self._rounds.stop()

    async def send_due(self) -> int:
        """Send what is due now; return how many messages were settled, sent or not."""
        now = self._clock.now()
        free = or_(LaterRow.claimed_until.is_(None), LaterRow.claimed_until < now)
        query = select(LaterRow.id).where(LaterRow.state == "waiting", LaterRow.due_at <= now, free)
        async with self._database.reading() as session:
            due = list(await session.scalars(query.order_by(LaterRow.due_at, LaterRow.id).limit(AT_ONCE)))
        return sum([await self._send(later_id) for later_id in due])

    async def _send(self, later_id: UUID) -> bool:
        row = await self._claim(later_id)
        if row is None:
            return False
        problem = ""
        try:
            await self._poster.post(
                tenant_id=row.tenant_id,
                room_id=row.room_id,
                person_id=row.user_id,
                text=row.text,
                client_id=f"later-{row.id.hex}",
                extras=_extras(row),
                topic_id=row.topic_id,
            )
        except (UnavailableError, SlowModeError):
            # The claim runs out, then it is tried again.
            return False
        except OutcryError as error:
            problem = shorten(error.detail, 300)
        await self._settle(row, problem)
        return True

    async def _claim(self, later_id: UUID) -> LaterRow | None:
        """Return a message that nobody else sends from now on; None when somebody does, or it was changed."""
        now = self._clock.now()
        claim = (
            update(LaterRow)
            .where(LaterRow.id == later_id, LaterRow.state == "waiting", LaterRow.due_at <= now)
            .where(or_(LaterRow.claimed_until.is_(None), LaterRow.claimed_until < now))
            .values(claimed_until=now + CLAIMED_FOR)
        )
        async with self._database.transaction() as transaction:
            if cast(CursorResult[Any], await transaction.session.execute(claim)).rowcount == 0:
                return None
            return await transaction.session.get(LaterRow, later_id)

    async def _settle(self, row: LaterRow, problem: str) -> None:
        async with self._database.transaction() as transaction:
            if problem:
                failed = update(LaterRow).where(LaterRow.id == row.id)
                values = {"state": "failed", "problem": problem, "claimed_until": None}
                await transaction.session.execute(failed.values(**values))
            else:
                await transaction.session.execute(delete(LaterRow).where(LaterRow.id == row.id))
        body = {"kind": "later", "id": str(row.id), "room_id": str(row.room_id), "problem": problem}
        await self._courier.show_person(row.user_id, body)


def _extras(row: LaterRow) -> Extras:
    people = tuple(NamedPerson(label=each["label"], person_id=UUID(each["person_id"])) for each in row.mentions or ())
    return Extras(mentions=people, quote_id=row.quote_id)
