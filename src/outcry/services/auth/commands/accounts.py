"""Founding accounts, signing in with a password, going on, and signing out."""

import os
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.ports.database import Database, Transaction
from outcry.services.auth.browsers import KnownBrowsers
from outcry.services.auth.challenging import Challenger
from outcry.services.auth.contracts import FactorNeeded
from outcry.services.auth.credentials import Credentials
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import EmailTakenError, WrongCredentialsError
from outcry.services.auth.events import NO_TENANT, OrganisationChanged, PersonRegistered, SignInFailed
from outcry.services.auth.identity import Client, Email, find_email
from outcry.services.auth.models.metadata import Base
from outcry.services.auth.models.people import InstallationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """What signing in with a password needs to know of an account."""

    person_id: UUID
    tenant_id: UUID
    disabled: bool


class AccountFounder:
    """Writes the rows of a new person: with an organisation of their own."""

    def __init__(
        self, *, database: Database, clock: Clock, vault: Vault, directory: Directory, settings: AuthSettings
    ) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._directory = directory
        self._settings = settings

    async def found(self, transaction: Transaction, email: Email, name: str, *, verified: bool = False) -> UUID:
        """Write a person, who owns a new organisation, in the caller's transaction; raises EmailTakenError.

        The caller adds a credential: without one nobody can ever sign in to the account.
        """
        now = self._clock.now()
        person_id, tenant_id = new_id(), new_id()
        rows = transaction.session
        person = {
            "id": person_id,
            "email_index": self._directory.index(email),
            "handle": os.urandom(32),
            "email_verified_at": now if verified else None,
            "created_at": now,
        }
        if not await self._insert_new(rows, PersonRow, person):
            raise EmailTakenError("There is an account with this e-mail address. Sign in instead.")
        await self.found_organisation(transaction, f"{name}'s desk", person_id, organisation_id=tenant_id)
        await self._vault.add_person(rows, person_id, tenant_id)
        await self._directory.set_email(rows, person_id, email)
        await self._directory.set_name(rows, person_id, name)
        # Of accounts made at once the database lets one write this row: nobody counts.
        operator = await self._insert_new(rows, InstallationRow, {"id": 1, "operator_id": person_id})
        words = {"after.name": name, "after.email": email.shown}
        event = PersonRegistered(
            person_id=person_id,
            organisation_id=tenant_id,
            role="owner",
            operator=operator,
            sealed=await self._directory.seal_words(rows, person_id, words),
        )
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
        await self.tell_founded(transaction, f"{name}'s desk", person_id, organisation_id=tenant_id)
        return person_id

    async def found_organisation(
        self, transaction: Transaction, name: str, owner_id: UUID, *, organisation_id: UUID
    ) -> None:
        """Write an organisation with its key and its owner, in the caller's transaction."""
        now, rows = self._clock.now(), transaction.session
        organisation = {"id": organisation_id, "name": name, "plan": self._settings.default_plan, "created_at": now}
        await rows.execute(insert(OrganisationRow).values(organisation))
        await self._vault.add_organisation(rows, organisation_id)
        seat = {"person_id": owner_id, "organisation_id": organisation_id, "role": "owner", "joined_at": now}
        await rows.execute(insert(MembershipRow).values(seat))

    async def tell_founded(self, transaction: Transaction, name: str, owner_id: UUID, *, organisation_id: UUID) -> None:
        """Publish that an organisation was made, once its owner has a key to seal its name with."""
        event = OrganisationChanged(
            organisation_id=organisation_id,
            what="made",
            before="",
            after=self._settings.default_plan,
            sealed=await self._directory.seal_words(transaction.session, owner_id, {"after.name": name}),
            sealed_for=owner_id,
        )
        transaction.publish(event, tenant_id=organisation_id, key=str(organisation_id), actor_id=owner_id)

    async def _insert_new(self, session: AsyncSession, table: type[Base], values: dict[str, Any]) -> bool:
        """Write a row unless one with the same key is there; wait for who is writing it. Says whether it did."""
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        statement = dialect.insert(table).values(values).on_conflict_do_nothing()
        result = await session.execute(statement)
        return cast(CursorResult[Any], result).rowcount == 1


class AccountCommands:
    """Signs people in and out."""

    def __init__(
        self,
        *,
        database: Database,
        credentials: Credentials,
        throttle: Throttle,
        challenger: Challenger,
        sessions: Sessions,
        entrance: Entrance,
        directory: Directory,
        browsers: KnownBrowsers,
    ) -> None:
        self._database = database
        self._browsers = browsers
        self._credentials = credentials
        self._throttle = throttle
        self._challenger = challenger
        self._sessions = sessions
        self._entrance = entrance
        self._directory = directory

    async def sign_in(
        self,
        *,
        email: str,
        password: str,
        client: Client,
        device_token: str | None = None,
        browser: str | None = None,
    ) -> SignedInBrowser | FactorNeeded:
        """Begin a session, or ask for the second factor.

        ``browser`` is the device cookie. Raises WrongCredentialsError whatever was wrong, RateLimitedError, and
        ChallengeRequiredError or ChallengeFailedError.
        """
        address, account_key = find_email(email), _account_key(email)
        known = self._browsers.find(browser, account_key)
        await self._challenger.check_sign_in(account_key, client, browser=known)
        await self._throttle.admit(account_key, client.address, browser=known)
        account = await self._find_account(address)
        right = await self._credentials.verify(account.person_id if account else None, password)
        if account is None or not right or account.disabled:
            await self._note_failure(account, client, reason="disabled" if account and right else "")
            raise WrongCredentialsError()
        await self._throttle.succeeded(account_key, client.address, browser=known)
        return await self._entrance.admit(account.person_id, client, methods=("pwd",), device_token=device_token)

    def know_browser(self, browser: str | None, email: str) -> str:
        """Return the device cookie of a browser that has just given the right password of an address."""
        return self._browsers.remember(browser, _account_key(email))

    async def refresh(self, *, token: str, client: Client) -> SignedInBrowser:
        """Go on with a session; raises SessionEndedError."""
        return await self._entrance.open(await self._sessions.refresh(token, client))

    async def sign_out(self, *, token: str) -> None:
        """End the session of a refresh token; nothing happens when there is none."""
        await self._sessions.end(token)

    async def _find_account(self, address: Email | None) -> _Account | None:
        """Return the account of an address that is in an organisation, one that it is not kept out of if it can be."""
        if address is None:
            return None
        query = (
            select(PersonRow, MembershipRow)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(PersonRow.email_index == self._directory.index(address))
            .order_by(MembershipRow.disabled_at.is_not(None), MembershipRow.joined_at, MembershipRow.organisation_id)
            .limit(1)
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        person, seat = row
        return _Account(
            person_id=person.id,
            tenant_id=seat.organisation_id,
            disabled=person.disabled_at is not None or seat.disabled_at is not None,
        )

    async def _note_failure(self, account: _Account | None, client: Client, *, reason: str) -> None:
        await self._throttle.failed(client.address)
        person_id = account.person_id if account else None
        tenant_id = account.tenant_id if account else NO_TENANT
        async with self._database.transaction() as transaction:
            event = SignInFailed(person_id=person_id, reason=reason)
            transaction.publish(event, tenant_id=tenant_id, key=str(person_id))


def _account_key(email: str) -> str:
    address = find_email(email)
    return address.key if address else email
