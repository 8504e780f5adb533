"""Erasing a person: asked for by them, carried through over every service, and done again to older copies."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, UnauthenticatedError
from outcry.kit.events import Envelope
from outcry.kit.principal import Principal
from outcry.kit.privacy import PersonalParts
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.erasures import Erasure, Erasures
from outcry.ports.mail import Mail
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.directory import Directory
from outcry.services.auth.errors import OperatorStaysError, OwnsOrganisationsError
from outcry.services.auth.events import PersonErased
from outcry.services.auth.identity import find_email
from outcry.services.auth.models.people import ErasureRow, InstallationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.pictures import picture_folder
from outcry.services.auth.tombstones import Tombstones

_AT_ONCE = 200
_OWNER = "owner"


class Eraser:
    """Erases people. The ledger is written before the rows are committed: no copy of them outlives it."""

    def __init__(
        self,
        *,
        database: Database,
        ledger: Erasures,
        parts: PersonalParts,
        blobs: Blobs,
        mail: Mail,
        clock: Clock,
        directory: Directory,
        announcer: Announcer,
        tombstones: Tombstones,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._parts = parts
        self._blobs = blobs
        self._mail = mail
        self._clock = clock
        self._directory = directory
        self._announcer = announcer
        self._tombstones = tombstones

    async def erase_me(self, principal: Principal, *, email: str) -> None:
        """Erase the person who asks, and the organisations where they are alone.

        Raises InvalidInputError unless ``email`` is their address, OwnsOrganisationsError while they own one with
        others in it, OperatorStaysError while they run an installation with others in it.
        """
        person_id, now = principal.user_id, self._clock.now()
        async with self._database.transaction() as transaction:
            rows = transaction.session
            # Held in the order of memberships.py; what they are is asked again once the person is held too.
            await _hold_organisations(rows, person_id)
            person = await rows.get(PersonRow, person_id, with_for_update=True)
            if person is None or person.erased_at is not None:
                raise UnauthenticatedError()
            self._check_email(person, email)
            await _check_operator(rows, person_id)
            gone = await _organisations_that_go(rows, person_id)
            erasure = Erasure(person_id=person_id, organisation_ids=gone, erased_at=now)
            await self._tombstones.erase(rows, erasure, now)
            event = PersonErased(person_id=person_id, organisation_ids=gone)
            transaction.publish(event, tenant_id=principal.tenant_id, key=str(person_id), actor_id=person_id)
            await rows.flush()
            # Last before the commit, when nothing can refuse any more; see above for why not after it.
            await self._ledger.record(erasure)
        await self._announcer.changed([person_id])

    async def finish(self, envelope: Envelope) -> None:
        """Let every service erase; handles PersonErased. Raises to be called again later."""
        event = envelope.open(PersonErased)
        await self._finish((event.person_id,), event.organisation_ids, before=self._clock.now())

    async def apply_ledger(self) -> int:
        """Erase again whom the ledger names: an older copy of the data may have been put back. Return who was there.

        Who was erased here and is missing in the ledger, because that was lost, is put into it again.
        """
        ledger = {erasure.person_id: erasure for erasure in await self._ledger.list_all()}
        unfinished = await self._fill_ledger(ledger)
        people = list(ledger.values())
        for start in range(0, len(people), _AT_ONCE):
            await self._apply(people[start : start + _AT_ONCE], unfinished)
        return len(unfinished)

    async def _fill_ledger(self, ledger: dict[UUID, Erasure]) -> set[UUID]:
        async with self._database.reading() as session:
            rows = list(await session.scalars(select(ErasureRow)))
        for row in rows:
            if row.person_id not in ledger:
                gone = tuple(UUID(one) for one in row.organisation_ids)
                erasure = Erasure(person_id=row.person_id, organisation_ids=gone, erased_at=row.erased_at)
                await self._ledger.record(erasure)
                ledger[row.person_id] = erasure
        finished = {row.person_id for row in rows if row.finished_at is not None}
        return ledger.keys() - finished

    async def _apply(self, some: Sequence[Erasure], unfinished: set[UUID]) -> None:
        changed = 0
        async with self._database.transaction() as transaction:
            for erasure in some:
                changed += await self._tombstones.erase(transaction.session, erasure, self._clock.now())
        people = tuple(erasure.person_id for erasure in some)
        organisations = tuple(one for erasure in some for one in erasure.organisation_ids)
        before = max(erasure.erased_at for erasure in some)
        always = bool(changed or unfinished.intersection(people))
        await self._finish(people, organisations, before=before, always=always)

    async def _finish(
        self, people: tuple[UUID, ...], organisations: tuple[UUID, ...], *, before: datetime, always: bool = True
    ) -> None:
        """Erase in all services; overwrite what that left in files if anything changed, or ``always``."""
        changed = await self._parts.erase_people(people, organisations)
        changed += await self._mail.forget(before=before)
        for person_id in people:
            changed += await self._remove_pictures(person_id)
        if not changed and not always:
            return
        await self._parts.forget_deleted(people, organisations)
        done = update(ErasureRow).where(ErasureRow.person_id.in_(people), ErasureRow.finished_at.is_(None))
        async with self._database.transaction() as transaction:
            await transaction.session.execute(done.values(finished_at=self._clock.now()))

    async def _remove_pictures(self, person_id: UUID) -> int:
        keys = [blob.key async for blob in self._blobs.list_prefix(picture_folder(person_id))]
        for key in keys:
            await self._blobs.delete(key)
        return len(keys)

    def _check_email(self, person: PersonRow, email: str) -> None:
        typed = find_email(email)
        if typed is None or person.email_index != self._directory.index(typed):
            reason = "Type the e-mail address of your account, to confirm that it is to be erased."
            raise InvalidInputError(reason, errors=({"field": "email", "message": reason},))


async def _check_operator(session: AsyncSession, person_id: UUID) -> None:
    operator = await session.scalar(select(InstallationRow.operator_id).with_for_update())
    if operator != person_id:
        return
    others = select(func.count()).where(PersonRow.id != person_id, PersonRow.erased_at.is_(None))
    if await session.scalar(others):
        raise OperatorStaysError(
            "This account runs the installation, and there are other people on it. Its data can be erased last."
        )


async def _hold_organisations(session: AsyncSession, person_id: UUID) -> Sequence[Row[OrganisationRow, str]]:
    """Return the organisations of a person, held until the transaction ends, and their roles there."""
    mine = (
        select(OrganisationRow, MembershipRow.role)
        .join(MembershipRow, MembershipRow.organisation_id == OrganisationRow.id)
        .where(MembershipRow.person_id == person_id)
        .order_by(OrganisationRow.id)
        .with_for_update(of=OrganisationRow, key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await session.execute(mine)).all()


async def _organisations_that_go(session: AsyncSession, person_id: UUID) -> tuple[UUID, ...]:
    """Return the organisations where a person is alone, locked; raises OwnsOrganisationsError for owned others."""
    alone, owned = [], []
    for organisation, role in await _hold_organisations(session, person_id):
        others = select(func.count()).where(
            MembershipRow.organisation_id == organisation.id, MembershipRow.person_id != person_id
        )
        if not await session.scalar(others):
            alone.append(organisation.id)
        elif role == _OWNER:
            owned.append(organisation.name)
    if owned:
        raise OwnsOrganisationsError(
            f"You own {', '.join(owned)}, where others are too. Make one of them the owner, or remove them, first.",
            errors=tuple({"field": "organisations", "message": name} for name in owned),
        )
    return tuple(alone)
