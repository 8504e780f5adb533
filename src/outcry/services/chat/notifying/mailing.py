"""Mails people about what they have not read: together, at most once an hour, also over a restart."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, UnavailableError
from outcry.kit.ids import new_id
from outcry.kit.rounds import Rounds
from outcry.ports.database import Database
from outcry.ports.mail import Mail, MailMessage, RefusedMailError
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.names import FORMER, Names
from outcry.services.chat.notifying.choices import hold_choice, to_choice
from outcry.services.chat.notifying.contracts import NoticeChoice
from outcry.services.chat.notifying.digest import Digest, Unseen, digest_of
from outcry.services.chat.notifying.handlers import wants_quiet
from outcry.services.chat.notifying.letters import RoomNews, subject_of, text_of
from outcry.services.chat.notifying.models import ChoiceRow, NoticeRow
from outcry.services.chat.notifying.quiet import is_quiet, quiet_ends
from outcry.services.chat.presence.standings import NOTHING, standings_of
from outcry.services.chat.settings import ChatSettings

log = logging.getLogger(__name__)

PAUSE_S = 5.0
AT_ONCE = 50
ONE_EACH = timedelta(hours=1)
# Longer than handing a mail over ever takes: after that, whoever claimed it is gone.
CLAIMED_FOR = timedelta(minutes=2)
# Somebody who is not to be disturbed, with no end or a far one, is looked at again after so long.
LOOK_AGAIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A person whom nobody else mails until the claim ends. ``mail_id`` stays until a mail is out of our hands."""

    tenant_id: UUID
    person_id: UUID
    mail_id: UUID
    token: str
    digest: Digest


class NoticeMailer:
    """Looks every few seconds for who is to get a mail."""

    def __init__(
        self, *, database: Database, auth: AuthFacade, names: Names, mail: Mail, clock: Clock, settings: ChatSettings
    ) -> None:
        self._database = database
        self._auth = auth
        self._names = names
        self._mail = mail
        self._clock = clock
        self._url = settings.public_url.rstrip("/")
        self._rounds = Rounds(self.send_due, name="notice-mailer", rest_s=PAUSE_S)

    async def start(self) -> None:
        """Begin; what came due while nothing ran goes first."""
        self._rounds.start()

    async def stop(self) -> None:
        """Stop; what waits stays."""
        await self._rounds.stop()

    async def send_due(self) -> int:
        """Mail everybody who is to get a mail now; return how many mails were handed over."""
        now = self._clock.now()
        query = (
            select(NoticeRow.tenant_id, NoticeRow.user_id)
            .outerjoin(
                ChoiceRow, and_(ChoiceRow.tenant_id == NoticeRow.tenant_id, ChoiceRow.user_id == NoticeRow.user_id)
            )
            .where(
                NoticeRow.due_at <= now,
                or_(ChoiceRow.mailed_at.is_(None), ChoiceRow.mailed_at <= now - ONE_EACH),
                or_(ChoiceRow.claimed_until.is_(None), ChoiceRow.claimed_until < now),
            )
            .group_by(NoticeRow.tenant_id, NoticeRow.user_id)
            .limit(AT_ONCE)
        )
        async with self._database.reading() as session:
            people = (await session.execute(query)).all()
        return sum([await self._serve(tenant_id, person_id) for tenant_id, person_id in people])

    async def _serve(self, tenant_id: UUID, person_id: UUID) -> bool:
        claim = await self._claim(tenant_id, person_id)
        if claim is None:
            return False
        message = await self._write(claim) if claim.digest.rooms else None
        if message is None:
            await self._settle(claim, handed_over=False)
            return False
        try:
            await self._mail.send(message)
        except UnavailableError as error:
            # The claim runs out, then it is tried again under the same id.
            log.warning("a mail about what is unread waits: %s", error.detail)
            return False
        except RefusedMailError:
            log.warning("the mail server refused mail %s for good", claim.mail_id)
        await self._settle(claim, handed_over=True)
        return True

    async def _claim(self, tenant_id: UUID, person_id: UUID) -> Claim | None:
        """Claim a person; None when somebody else did, or when they want to hear nothing now."""
        now = self._clock.now()
        async with self._database.transaction() as transaction:
            session = transaction.session
            row = await hold_choice(session, self._database.engine_name, tenant_id, person_id)
            claimed = row.claimed_until is not None and row.claimed_until >= now
            if claimed or (row.mailed_at is not None and row.mailed_at > now - ONE_EACH):
                return None
            choice = to_choice(row)
            later = await _quiet_until(session, tenant_id, person_id, choice, now)
            if later is not None:
                mine = (NoticeRow.tenant_id == tenant_id, NoticeRow.user_id == person_id, NoticeRow.due_at <= now)
                await session.execute(update(NoticeRow).where(*mine).values(due_at=later))
                return None
            row.claimed_until = now + CLAIMED_FOR
            row.mail_id = row.mail_id or new_id()
            return Claim(
                tenant_id=tenant_id,
                person_id=person_id,
                mail_id=row.mail_id,
                token=row.token,
                digest=await digest_of(session, tenant_id, person_id, choice, now),
            )

    async def _write(self, claim: Claim) -> MailMessage | None:
        """Return the mail; None for who may not sign in any more, or never showed that their address is theirs."""
        found = await self._auth.list_colleagues(tenant_id=claim.tenant_id, ids=(claim.person_id,))
        if not found or not found[0].confirmed:
            return None
        names = await self._names.of(claim.tenant_id, claim.digest.people)

        def named(person_id: UUID) -> str:
            return names.get(person_id, FORMER).name

        news = [self._news(unseen, named) for unseen in claim.digest.rooms]
        stop = f"{self._url}/stop-mails#{quote(claim.token, safe='')}"
        try:
            return MailMessage(
                to=found[0].person.email,
                subject=subject_of(news),
                text=text_of(news, settings_url=f"{self._url}/settings/notifications", stop_url=stop),
                stop_url=stop,
                message_id=str(claim.mail_id),
            )
        except InvalidInputError:
            # An address that no mail can have: trying again would change nothing.
            return None

    def _news(self, unseen: Unseen, named: Callable[[UUID], str]) -> RoomNews:
        room = unseen.room
        return RoomNews(
            name=room.title or ", ".join(named(person_id) for person_id in unseen.crew[:3]),
            url=f"{self._url}/c/{room.id}",
            authors=[named(person_id) for person_id in unseen.authors],
            messages=unseen.messages,
            called=unseen.called,
        )

    async def _settle(self, claim: Claim, *, handed_over: bool) -> None:
        """Forget what was due, and free the person, in one transaction."""
        ids = claim.digest.message_ids
        async with self._database.transaction() as transaction:
            row = await hold_choice(transaction.session, self._database.engine_name, claim.tenant_id, claim.person_id)
            row.claimed_until = row.mail_id = None
            if handed_over:
                row.mailed_at = self._clock.now()
            for start in range(0, len(ids), 500):
                some = NoticeRow.message_id.in_(ids[start : start + 500])
                gone = delete(NoticeRow).where(NoticeRow.user_id == claim.person_id, some)
                await transaction.session.execute(gone)


async def _quiet_until(
    session: AsyncSession, tenant_id: UUID, person_id: UUID, choice: NoticeChoice, now: datetime
) -> datetime | None:
    """Return until when somebody wants to hear nothing; None when they may be told now."""
    standing = (await standings_of(session, [(tenant_id, person_id)], now)).get((tenant_id, person_id), NOTHING)
    if not wants_quiet(choice, standing, now):
        return None
    if choice.quiet is not None and is_quiet(choice.quiet, choice.zone, now):
        return quiet_ends(choice.quiet, choice.zone, now)
    return min(standing.until or now + LOOK_AGAIN, now + LOOK_AGAIN)
