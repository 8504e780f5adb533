"""Invites people into an organisation, takes invitations back, and lets in who accepts one."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError, RateLimitedError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.departures import tell_member_changed
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import (
    AlreadyMemberError,
    FeatureOffError,
    InvitationForAnotherError,
    InvitationNotFoundError,
    NoSeatLeftError,
    OrganisationNotFoundError,
    SessionEndedError,
    TooManyInvitationsError,
)
from outcry.services.auth.events import InvitationChanged, PersonChanged
from outcry.services.auth.identity import Client, Email, read_email
from outcry.services.auth.letters import invitation as invitation_letter
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.memberships import (
    GUEST,
    check_feature,
    check_place,
    find_membership,
    hold_organisation,
    hold_person,
    require_role,
)
from outcry.services.auth.models.people import InvitationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.queries.invitations import INVITATION_EMAIL, find_open, is_open
from outcry.services.auth.sessions import Grant, Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.tickets import fingerprint, new_token
from outcry.services.auth.vault import Vault

MOST_OPEN = 200
# Mails to one address, and from one organisation, within a day: nobody fills a stranger's mailbox through us.
MOST_TO_ONE = 5
MOST_A_DAY = 500
_DAY = timedelta(days=1)
# How long the address of somebody who never came is kept.
_KEPT = timedelta(days=30)


class InvitationCommands:
    """What happens with an invitation from its mail to its end."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settings: AuthSettings,
        vault: Vault,
        directory: Directory,
        mailing: Mailing,
        sessions: Sessions,
        entrance: Entrance,
        announcer: Announcer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._valid = timedelta(days=settings.invitation_days)
        self._vault = vault
        self._directory = directory
        self._mailing = mailing
        self._sessions = sessions
        self._entrance = entrance
        self._announcer = announcer

    async def invite(self, principal: Principal, *, email: str, role: str, room_id: UUID | None) -> UUID:
        """Send an invitation, in place of an older one to the same address; return its id.

        Raises InvalidInputError, AlreadyMemberError, FeatureOffError, TooManyInvitationsError and RateLimitedError.
        """
        address = read_email(email)
        _check_room(role, room_id)
        invitation_id, token = new_id(), new_token()
        async with self._database.transaction() as transaction:
            rows = transaction.session
            organisation = await hold_organisation(rows, principal.tenant_id)
            await require_role(rows, principal, "owner", "admin")
            if role == GUEST:
                check_feature(organisation, "guests")
            await self._check_stranger(rows, organisation.id, address)
            await self._replace_older(transaction, principal, address)
            await self._check_number(rows, organisation.id, address)
            now = self._clock.now()
            key = await self._vault.organisation(rows, organisation.id)
            values = {
                "id": invitation_id,
                "organisation_id": organisation.id,
                "invited_by": principal.user_id,
                "sealed_email": key.seal(address.shown, INVITATION_EMAIL),
                "email_index": self._directory.index(address),
                "role": role,
                "room_id": room_id,
                "token_hash": fingerprint(token),
                "created_at": now,
                "expires_at": now + self._valid,
            }
            await rows.execute(insert(InvitationRow).values(values))
            await self._write(transaction, principal, organisation, address, role, token, now + self._valid)
            _tell(transaction, organisation.id, invitation_id, "sent", role, principal.user_id)
        return invitation_id

    async def revoke(self, principal: Principal, invitation_id: UUID) -> None:
        """Take an open invitation back; raises InvitationNotFoundError."""
        async with self._database.transaction() as transaction:
            await hold_organisation(transaction.session, principal.tenant_id)
            await require_role(transaction.session, principal, "owner", "admin")
            query = select(InvitationRow).where(
                InvitationRow.id == invitation_id,
                InvitationRow.organisation_id == principal.tenant_id,
                is_open(self._clock.now()),
            )
            row = await transaction.session.scalar(query)
            if row is None:
                raise InvitationNotFoundError("There is no such open invitation.")
            row.revoked_at = self._clock.now()
            _tell(transaction, row.organisation_id, row.id, "revoked", row.role, principal.user_id)

    async def accept(self, principal: Principal, *, token: str, refresh_token: str, client: Client) -> SignedInBrowser:
        """Join the organisation of an invitation and go on there, with new tokens for the session.

        Raises InvitationNotFoundError, InvitationForAnotherError, AlreadyMemberError, FeatureOffError, NoSeatLeftError
        and, for what is wrong with the session, what a refresh raises. Then nothing has changed.
        """
        try:
            grant = await self._join(principal, token, refresh_token, client)
        except (InvitationForAnotherError, FeatureOffError, NoSeatLeftError):
            await self._note_refusal(principal, token)
            raise
        except SessionEndedError:
            # The transaction is undone; that of a refresh ends the family of a token that was used up.
            await self._sessions.refresh(refresh_token, client)
            raise
        await self._announcer.changed([principal.user_id])
        return await self._entrance.open(grant)

    async def _join(self, principal: Principal, token: str, refresh_token: str, client: Client) -> Grant:
        async with self._database.transaction() as transaction:
            invitation, organisation = await self._hold_invitation(transaction.session, token)
            await self._check_may_join(transaction, principal, invitation, organisation)
            now, rows = self._clock.now(), transaction.session
            seat = MembershipRow(
                person_id=principal.user_id,
                organisation_id=organisation.id,
                role=invitation.role,
                room_id=invitation.room_id,
                joined_at=now,
            )
            rows.add(seat)
            invitation.accepted_at, invitation.accepted_by = now, principal.user_id
            await rows.flush()
            by = principal.user_id
            _tell(transaction, organisation.id, invitation.id, "accepted", invitation.role, by)
            tell_member_changed(
                transaction,
                seat,
                act="joined",
                before="",
                after=seat.role,
                actor_id=by,
                invited_by=invitation.invited_by,
            )
            return await self._sessions.move(transaction, principal, refresh_token, client, organisation.id)

    async def _hold_invitation(self, session: AsyncSession, token: str) -> tuple[InvitationRow, OrganisationRow]:
        """Return an open invitation and its organisation, which is held: of two who accept at once one is first."""
        now = self._clock.now()
        found = await find_open(session, token, now)
        if found is None:
            raise InvitationNotFoundError()
        try:
            organisation = await hold_organisation(session, found.organisation_id)
        except OrganisationNotFoundError as error:
            raise InvitationNotFoundError() from error
        # Read again: until the organisation was held, somebody else may have used or revoked it.
        held = await find_open(session, token, now)
        if held is None:
            raise InvitationNotFoundError()
        return held, organisation

    async def _check_may_join(
        self,
        transaction: Transaction,
        principal: Principal,
        invitation: InvitationRow,
        organisation: OrganisationRow,
    ) -> None:
        rows = transaction.session
        person = await hold_person(rows, principal.user_id)
        if person is None or person.email_index != invitation.email_index:
            raise InvitationForAnotherError("Sign in to the account with the address that it was sent to.")
        if await find_membership(rows, organisation.id, principal.user_id) is not None:
            raise AlreadyMemberError("You are a member of this organisation already.")
        check_feature(organisation, "invitations")
        if invitation.role == GUEST:
            check_feature(organisation, "guests")
        await check_place(rows, organisation, invitation.role)
        if person.email_verified_at is None:
            # The token was in a mail to this very address.
            person.email_verified_at = self._clock.now()
            changed = PersonChanged(person_id=person.id, fields=("email_verified",))
            transaction.publish(changed, tenant_id=principal.tenant_id, key=str(person.id), actor_id=person.id)

    async def _note_refusal(self, principal: Principal, token: str) -> None:
        async with self._database.transaction() as transaction:
            row = await find_open(transaction.session, token, self._clock.now())
            if row is not None:
                _tell(transaction, row.organisation_id, row.id, "refused", row.role, principal.user_id)

    async def _check_stranger(self, session: AsyncSession, organisation_id: UUID, address: Email) -> None:
        member = (
            select(PersonRow.id)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(
                MembershipRow.organisation_id == organisation_id,
                PersonRow.email_index == self._directory.index(address),
            )
        )
        if await session.scalar(member) is not None:
            raise AlreadyMemberError("Somebody with this address is in the organisation, maybe disabled.")

    async def _replace_older(self, transaction: Transaction, principal: Principal, address: Email) -> None:
        now, rows = self._clock.now(), transaction.session
        of_us = InvitationRow.organisation_id == principal.tenant_id
        await rows.execute(delete(InvitationRow).where(of_us, InvitationRow.expires_at < now - _KEPT))
        older = (
            update(InvitationRow)
            .where(of_us, InvitationRow.email_index == self._directory.index(address), is_open(now))
            .values(revoked_at=now)
            .returning(InvitationRow.id, InvitationRow.role)
            .execution_options(synchronize_session=False)
        )
        for invitation_id, role in (await rows.execute(older)).all():
            _tell(transaction, principal.tenant_id, invitation_id, "revoked", role, principal.user_id)

    async def _check_number(self, session: AsyncSession, organisation_id: UUID, address: Email) -> None:
        now = self._clock.now()
        of_us = select(func.count()).where(InvitationRow.organisation_id == organisation_id)
        if (await session.scalar(of_us.where(is_open(now))) or 0) >= MOST_OPEN:
            raise TooManyInvitationsError(f"{MOST_OPEN} invitations are open. Revoke some, or wait for answers.")
        today = of_us.where(InvitationRow.created_at > now - _DAY)
        to_them = today.where(InvitationRow.email_index == self._directory.index(address))
        if (await session.scalar(to_them) or 0) >= MOST_TO_ONE:
            raise RateLimitedError(f"This address was invited {MOST_TO_ONE} times within a day. Wait until tomorrow.")
        if (await session.scalar(today) or 0) >= MOST_A_DAY:
            raise RateLimitedError(f"The organisation sent {MOST_A_DAY} invitations within a day. Wait until tomorrow.")

    async def _write(
        self,
        transaction: Transaction,
        principal: Principal,
        organisation: OrganisationRow,
        address: Email,
        role: str,
        token: str,
        expires_at: datetime,
    ) -> None:
        inviter = await transaction.session.get(PersonRow, principal.user_id)
        name = (await self._directory.open_person(transaction.session, inviter)).name if inviter else ""
        link = self._mailing.link("/invitation", token)
        letter = invitation_letter(link, inviter=name, organisation=organisation.name, role=role, expires_at=expires_at)
        await self._mailing.queue(transaction, address.shown, letter)


def _check_room(role: str, room_id: UUID | None) -> None:
    if (role == GUEST) == (room_id is not None):
        return
    reason = "Choose the one room that the guest may see." if role == GUEST else "Only a guest is invited to a room."
    raise InvalidInputError(reason, errors=({"field": "room_id", "message": reason},))


def _tell(
    transaction: Transaction, organisation_id: UUID, invitation_id: UUID, act: str, role: str, actor_id: UUID
) -> None:
    event = InvitationChanged(invitation_id=invitation_id, act=act, role=role)
    transaction.publish(event, tenant_id=organisation_id, key=str(invitation_id), actor_id=actor_id)
