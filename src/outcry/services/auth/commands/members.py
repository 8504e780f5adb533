"""What admins do about the members of their organisation, and what members do about their own place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import func, select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.departures import Departures, tell_member_changed
from outcry.services.auth.errors import (
    CannotOwnError,
    LastOrganisationError,
    MemberNotFoundError,
    OwnerCannotLeaveError,
    OwnerProtectedError,
    OwnMembershipError,
)
from outcry.services.auth.member_news import MemberNews
from outcry.services.auth.memberships import (
    GUEST,
    check_place,
    find_membership,
    hold_organisation,
    hold_person,
    require_role,
)
from outcry.services.auth.models.people import MembershipRow, PersonRow
from outcry.services.auth.sessions import Sessions


class MemberCommands:
    """Changes who is what in an organisation. There is exactly one owner at every moment."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        sessions: Sessions,
        announcer: Announcer,
        departures: Departures,
        news: MemberNews,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sessions = sessions
        self._announcer = announcer
        self._departures = departures
        self._news = news

    async def change_role(self, principal: Principal, person_id: UUID, role: str) -> None:
        """Give a member another role below owner; a guest who becomes a member takes a seat.

        Raises MemberNotFoundError, OwnMembershipError, OwnerProtectedError and NoSeatLeftError.
        """
        async with self._managing(principal, person_id) as (transaction, row):
            before = row.role
            if before == role:
                return
            if before == GUEST:
                organisation = await hold_organisation(transaction.session, principal.tenant_id)
                await check_place(transaction.session, organisation, role)
            row.role, row.room_id = role, None
            tell_member_changed(transaction, row, act="role", before=before, after=role, actor_id=principal.user_id)
            await self._news.write(transaction, row, "role")

    async def disable(self, principal: Principal, person_id: UUID) -> None:
        """Keep a member out, with their sessions and keys, until they are enabled again; they keep their seat."""
        async with self._managing(principal, person_id) as (transaction, row):
            if row.disabled_at is not None:
                return
            row.disabled_at = self._clock.now()
            await hold_person(transaction.session, person_id)
            await self._sessions.end_all(
                transaction,
                person_id,
                reason="disabled",
                organisation_id=principal.tenant_id,
                actor_id=principal.user_id,
            )
            await self._tell(transaction, row, "disabled", principal)

    async def enable(self, principal: Principal, person_id: UUID) -> None:
        """Let a disabled member in again; their keys work again, their sessions stay ended."""
        async with self._managing(principal, person_id) as (transaction, row):
            if row.disabled_at is None:
                return
            row.disabled_at = None
            await self._tell(transaction, row, "enabled", principal)

    async def end_sessions(self, principal: Principal, person_id: UUID) -> None:
        """Sign a member out of this organisation everywhere; they may sign in again."""
        async with self._managing(principal, person_id) as (transaction, _):
            await self._sessions.end_all(
                transaction,
                person_id,
                reason="ended_by_admin",
                organisation_id=principal.tenant_id,
                actor_id=principal.user_id,
            )

    async def remove(self, principal: Principal, person_id: UUID) -> None:
        """Take a member out of the organisation; raises what ``change_role`` raises but for seats."""
        async with self._managing(principal, person_id) as (transaction, row):
            await self._departures.depart(transaction, row, act="removed", actor_id=principal.user_id)
            await self._news.write(transaction, row, "removed")

    async def leave(self, principal: Principal) -> None:
        """Leave the organisation; raises OwnerCannotLeaveError and LastOrganisationError."""
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_organisation(rows, principal.tenant_id)
            await hold_person(rows, principal.user_id)
            row = await find_membership(rows, principal.tenant_id, principal.user_id)
            if row is None:
                raise MemberNotFoundError()
            if row.role == "owner":
                raise await self._owner_stays(transaction, principal)
            if await self._departures.find_home(rows, principal.user_id, but=principal.tenant_id) is None:
                raise LastOrganisationError("Make another organisation first, or erase your account.")
            await self._departures.depart(transaction, row, act="left", actor_id=principal.user_id)
        await self._announcer.changed([principal.user_id])

    async def transfer(self, principal: Principal, person_id: UUID) -> None:
        """Make another member the owner, and the owner an admin, in one step.

        Raises MemberNotFoundError, OwnMembershipError and CannotOwnError for guests and who is disabled.
        """
        if person_id == principal.user_id:
            raise OwnMembershipError("You own the organisation already.")
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_organisation(rows, principal.tenant_id)
            await require_role(rows, principal, "owner")
            giver = await find_membership(rows, principal.tenant_id, principal.user_id)
            receiver = await find_membership(rows, principal.tenant_id, person_id)
            if giver is None or receiver is None:
                raise MemberNotFoundError()
            await self._check_can_own(transaction, receiver)
            before, receiver.role, giver.role = receiver.role, "owner", "admin"
            by = principal.user_id
            tell_member_changed(transaction, receiver, act="ownership", before=before, after="owner", actor_id=by)
            tell_member_changed(transaction, giver, act="ownership", before="owner", after="admin", actor_id=by)
            for row in (receiver, giver):
                await self._news.write(transaction, row, "ownership")
        await self._announcer.changed([principal.user_id, person_id])

    @asynccontextmanager
    async def _managing(
        self, principal: Principal, person_id: UUID
    ) -> AsyncIterator[tuple[Transaction, MembershipRow]]:
        """Give a transaction in which an admin may change somebody's membership; announce the change after it."""
        if person_id == principal.user_id:
            raise OwnMembershipError("Ask another admin to change your place, or leave the organisation.")
        async with self._database.transaction() as transaction:
            await hold_organisation(transaction.session, principal.tenant_id)
            await require_role(transaction.session, principal, "owner", "admin")
            row = await find_membership(transaction.session, principal.tenant_id, person_id)
            if row is None:
                raise MemberNotFoundError()
            if row.role == "owner":
                raise OwnerProtectedError("Only the owner can hand the organisation to somebody else.")
            yield transaction, row
        await self._announcer.changed([person_id])

    async def _owner_stays(self, transaction: Transaction, principal: Principal) -> OwnerCannotLeaveError:
        members = select(func.count()).where(MembershipRow.organisation_id == principal.tenant_id)
        if (await transaction.session.scalar(members) or 0) > 1:
            return OwnerCannotLeaveError("Hand the organisation to another member first, then leave it.")
        return OwnerCannotLeaveError("You are the only member: the organisation ends when you erase your account.")

    async def _check_can_own(self, transaction: Transaction, receiver: MembershipRow) -> None:
        person = await transaction.session.get(PersonRow, receiver.person_id)
        gone = person is None or person.disabled_at is not None or person.erased_at is not None
        if gone or receiver.disabled_at is not None or receiver.role == GUEST:
            raise CannotOwnError("Choose a member who is neither a guest nor disabled.")

    async def _tell(self, transaction: Transaction, row: MembershipRow, act: str, principal: Principal) -> None:
        role = row.role
        tell_member_changed(transaction, row, act=act, before=role, after=role, actor_id=principal.user_id)
        await self._news.write(transaction, row, act)
