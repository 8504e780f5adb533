"""What follows when somebody is no longer in an organisation: nothing of theirs works there, their account lives on."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.ports.database import Transaction
from outcry.services.auth.commands.accounts import AccountFounder
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import MemberChanged
from outcry.services.auth.key_news import revoke_keys
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonKeyRow, PersonRow
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.vault import Vault


class Departures:
    """Takes people out of organisations, in the caller's transaction."""

    def __init__(
        self, *, clock: Clock, vault: Vault, directory: Directory, sessions: Sessions, founder: AccountFounder
    ) -> None:
        self._clock = clock
        self._vault = vault
        self._directory = directory
        self._sessions = sessions
        self._founder = founder

    async def find_home(self, session: AsyncSession, person_id: UUID, *, but: UUID) -> UUID | None:
        """Return the organisation, other than ``but``, that a person joined first and may use."""
        query = (
            select(MembershipRow.organisation_id)
            .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
            .where(
                MembershipRow.person_id == person_id,
                MembershipRow.organisation_id != but,
                MembershipRow.disabled_at.is_(None),
                OrganisationRow.erased_at.is_(None),
            )
            .order_by(MembershipRow.joined_at, MembershipRow.organisation_id)
            .limit(1)
        )
        home: UUID | None = await session.scalar(query)
        return home

    async def depart(self, transaction: Transaction, row: MembershipRow, *, act: str, actor_id: UUID) -> None:
        """Take somebody out; the caller holds the organisation, and announces it after the commit.

        Their sessions there end and their keys there are revoked. What is sealed for them moves under the key of
        another of their organisations; who has none other gets one of their own, so that no account dangles.
        """
        rows, left_id = transaction.session, row.organisation_id
        person = await hold_person(rows, row.person_id)
        if person is not None and person.erased_at is None:
            home = await self.find_home(rows, person.id, but=left_id) or await self._found_home(transaction, person)
            key = await rows.get(PersonKeyRow, person.id, populate_existing=True)
            if key is not None and key.organisation_id == left_id:
                await self._vault.move_person(rows, person.id, home)
        await rows.delete(row)
        reason = act if act == "left" else "removed"
        await self._sessions.end_all(
            transaction, row.person_id, reason=reason, organisation_id=left_id, actor_id=actor_id
        )
        now, who = self._clock.now(), row.person_id
        await revoke_keys(transaction, self._directory, who, now, actor_id=actor_id, organisation_id=left_id)
        tell_member_changed(transaction, row, act=act, before=row.role, after="", actor_id=actor_id)

    async def _found_home(self, transaction: Transaction, person: PersonRow) -> UUID:
        home = new_id()
        name = (await self._directory.open_person(transaction.session, person)).name
        called = f"{name}'s desk"
        await self._founder.found_organisation(transaction, called, person.id, organisation_id=home)
        await self._founder.tell_founded(transaction, called, person.id, organisation_id=home)
        return home


def tell_member_changed(
    transaction: Transaction,
    row: MembershipRow,
    *,
    act: str,
    before: str,
    after: str,
    actor_id: UUID,
    invited_by: UUID | None = None,
) -> None:
    """Publish that somebody's place in an organisation changed, in the caller's transaction."""
    event = MemberChanged(
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        act=act,
        before=before,
        after=after,
        room_id=row.room_id,
        invited_by=invited_by,
    )
    transaction.publish(event, tenant_id=row.organisation_id, key=str(row.person_id), actor_id=actor_id)
