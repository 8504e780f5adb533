"""Erasing rows: what named somebody is removed, and what other rows point to stays as a stone without a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, Delete, Update, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.ids import new_id
from outcry.ports.erasures import Erasure
from outcry.services.auth.directory import FORMER, NAME
from outcry.services.auth.events import NO_TENANT
from outcry.services.auth.mailing import forget_mails_to
from outcry.services.auth.models.access import ApiKeyRow, MailRow, RefreshTokenRow, SessionRow, TicketRow
from outcry.services.auth.models.factors import (
    CredentialRow,
    DeviceRow,
    IdentityRow,
    PasskeyRow,
    RecoveryCodeRow,
    TotpRow,
)
from outcry.services.auth.models.people import (
    ErasureRow,
    InstallationRow,
    InvitationRow,
    MembershipRow,
    OrganisationKeyRow,
    OrganisationRow,
    PersonKeyRow,
    PersonRow,
)
from outcry.services.auth.vault import Vault

# Rows that are a person's alone, and nobody else's point to them.
_THEIRS = (
    CredentialRow,
    TotpRow,
    PasskeyRow,
    RecoveryCodeRow,
    DeviceRow,
    IdentityRow,
    TicketRow,
    MailRow,
    ApiKeyRow,
    MembershipRow,
)
_ENDED = "erased"


@dataclass(frozen=True, slots=True)
class Tombstones:
    """Erases people and organisations in the auth service's tables, inside the caller's transaction. Idempotent."""

    vault: Vault

    async def erase(self, session: AsyncSession, erasure: Erasure, now: datetime) -> int:
        """Destroy the keys, remove the rows, set the stones; return how many rows changed."""
        person_id, organisations = erasure.person_id, erasure.organisation_ids
        changed = await self._note(session, erasure)
        await self._rename_organisations(session, person_id)
        changed += await self._erase_organisations(session, person_id, organisations, now)
        changed += await _run(session, delete(PersonKeyRow).where(PersonKeyRow.person_id == person_id))
        await self.vault.destroy_person(session, person_id)
        person = await session.get(PersonRow, person_id)
        # Sessions before their tokens, as a refresh holds them.
        changed += await _end_sessions(session, person_id, now)
        if person is not None and person.email_index is not None:
            changed += await forget_mails_to(session, self.vault, person.email_index)
        changed += await self._remove_rows(session, person_id, person.email_index if person else None)
        if person is not None and person.erased_at is None:
            _set_stone(person, now)
            changed += 1
        await session.flush()
        return changed

    async def _note(self, session: AsyncSession, erasure: Erasure) -> int:
        if await session.get(ErasureRow, erasure.person_id) is not None:
            return 0
        values = {
            "person_id": erasure.person_id,
            "organisation_ids": [str(one) for one in erasure.organisation_ids],
            "erased_at": erasure.erased_at,
        }
        await session.execute(insert(ErasureRow).values(values))
        return 1

    async def _rename_organisations(self, session: AsyncSession, person_id: UUID) -> None:
        """Take the person's name out of those of organisations that they were in: a new one is named after them."""
        person = await session.get(PersonRow, person_id)
        key = (await self.vault.people(session, (person_id,))).get(person_id)
        if person is None or person.sealed_name is None or key is None:
            return
        name = key.open(person.sealed_name, NAME)
        been = select(SessionRow.organisation_id).where(SessionRow.person_id == person_id)
        is_in = select(MembershipRow.organisation_id).where(MembershipRow.person_id == person_id)
        for row in await session.scalars(select(OrganisationRow).where(OrganisationRow.id.in_(been.union(is_in)))):
            row.name = row.name.replace(name, FORMER)

    async def _remove_rows(self, session: AsyncSession, person_id: UUID, email_index: bytes | None) -> int:
        families = select(SessionRow.id).where(SessionRow.person_id == person_id)
        to_them = InvitationRow.accepted_by == person_id
        if email_index is not None:
            to_them = or_(to_them, InvitationRow.email_index == email_index)
        changed = 0
        for statement in (
            *(delete(table).where(table.person_id == person_id) for table in _THEIRS),
            delete(RefreshTokenRow).where(RefreshTokenRow.session_id.in_(families)),
            delete(InvitationRow).where(to_them),
            delete(InstallationRow).where(InstallationRow.operator_id == person_id),
        ):
            changed += await _run(session, statement)
        return changed

    async def _erase_organisations(
        self, session: AsyncSession, person_id: UUID, organisations: Sequence[UUID], now: datetime
    ) -> int:
        changed = 0
        for organisation_id in organisations:
            await self._save_other_keys(session, person_id, organisation_id)
            here = OrganisationKeyRow.organisation_id == organisation_id
            changed += await _run(session, delete(OrganisationKeyRow).where(here))
            await self.vault.destroy_organisation(session, organisation_id)
            for table in (ApiKeyRow, InvitationRow, MembershipRow):
                changed += await _run(session, delete(table).where(table.organisation_id == organisation_id))
            stone = update(OrganisationRow).where(
                OrganisationRow.id == organisation_id, OrganisationRow.erased_at.is_(None)
            )
            changed += await _run(session, stone.values(name="", flags={}, erased_at=now))
        return changed

    async def _save_other_keys(self, session: AsyncSession, person_id: UUID, organisation_id: UUID) -> None:
        """Wrap the data keys of other people anew: in an older copy some may still have been members here."""
        others = select(PersonKeyRow.person_id).where(
            PersonKeyRow.organisation_id == organisation_id, PersonKeyRow.person_id != person_id
        )
        for other in list(await session.scalars(others)):
            elsewhere = select(MembershipRow.organisation_id).where(
                MembershipRow.person_id == other, MembershipRow.organisation_id != organisation_id
            )
            home = await session.scalar(elsewhere.order_by(MembershipRow.joined_at).limit(1))
            await self.vault.installation(session)
            await self.vault.move_person(session, other, home or NO_TENANT)
        await session.flush()


def _set_stone(person: PersonRow, now: datetime) -> None:
    person.email = person.name = ""
    person.email_key = new_id().hex
    person.sealed_email = person.sealed_name = person.email_index = person.handle = None
    person.email_verified_at = person.picture = None
    person.time_zone, person.locale = "UTC", "en"
    person.disabled_at = person.erased_at = now


async def _end_sessions(session: AsyncSession, person_id: UUID, now: datetime) -> int:
    theirs = SessionRow.person_id == person_id
    ending = update(SessionRow).where(theirs, SessionRow.ended_at.is_(None)).values(ended_at=now, end_reason=_ENDED)
    blank = update(SessionRow).where(theirs, or_(SessionRow.user_agent != "", SessionRow.address != ""))
    return await _run(session, ending) + await _run(session, blank.values(user_agent="", address=""))


async def _run(session: AsyncSession, statement: Delete | Update) -> int:
    return cast(CursorResult[Any], await session.execute(statement)).rowcount
