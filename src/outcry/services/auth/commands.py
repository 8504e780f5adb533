"""What changes who somebody is: registering, signing in and out."""

from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.ports.database import Database
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.contracts import Session
from outcry.services.auth.errors import EmailTakenError, WrongCredentialsError
from outcry.services.auth.events import NO_TENANT, PersonRegistered, SignInFailed
from outcry.services.auth.identity import Client, Email, find_email, read_email, read_name
from outcry.services.auth.models import (
    Base,
    CredentialRow,
    InstallationRow,
    MembershipRow,
    OrganisationRow,
    PersonRow,
)
from outcry.services.auth.password_rules import check_password, normalise_password
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.queries import AuthQueries
from outcry.services.auth.sessions import Grant, Seat, Sessions
from outcry.services.auth.throttle import Throttle


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInBrowser:
    """What an endpoint answers with: the session for the page, the refresh token for a cookie of so many seconds."""

    session: Session
    refresh_token: str = field(repr=False)
    refresh_expires_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """What signing in needs to know of an account."""

    password_hash: str
    disabled: bool
    seat: Seat


class AuthCommands:
    """Registers people, and signs them in and out."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        passwords: Passwords,
        throttle: Throttle,
        sessions: Sessions,
        tokens: AccessTokens,
        queries: AuthQueries,
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._throttle = throttle
        self._sessions = sessions
        self._tokens = tokens
        self._queries = queries

    async def register(self, *, email: str, password: str, name: str, client: Client) -> SignedInBrowser:
        """Make an account with an organisation of its own and sign it in.

        Raises InvalidInputError with the reason, EmailTakenError, and RateLimitedError for who tries many addresses
        that are taken: that answer tells who has an account, until the confirmation goes by mail.
        """
        address, clean_name = read_email(email), read_name(name)
        checked = check_password(password, local_part=address.local_part, name=clean_name)
        await self._throttle.admit_address(client.address)
        password_hash = await self._passwords.hash(checked)
        try:
            grant = await self._write_account(address, clean_name, password_hash, client)
        except EmailTakenError:
            await self._throttle.failed(client.address)
            raise
        return await self._open(grant)

    async def sign_in(self, *, email: str, password: str, client: Client) -> SignedInBrowser:
        """Begin a session; raises WrongCredentialsError whatever was wrong, and RateLimitedError."""
        address = find_email(email)
        account_key = address.key if address else email
        await self._throttle.admit(account_key, client.address)
        account = await self._find_account(address.key if address else "")
        right = await self._passwords.verify(account.password_hash if account else None, normalise_password(password))
        if account is None or not right or account.disabled:
            await self._note_failure(account, client)
            raise WrongCredentialsError()
        await self._throttle.succeeded(account_key, client.address)
        async with self._database.transaction() as transaction:
            grant = await self._sessions.begin(transaction, account.seat, client)
        return await self._open(grant)

    async def refresh(self, *, token: str, client: Client) -> SignedInBrowser:
        """Go on with a session; raises SessionEndedError."""
        return await self._open(await self._sessions.refresh(token, client))

    async def sign_out(self, *, token: str) -> None:
        """End the session of a refresh token; nothing happens when there is none."""
        await self._sessions.end(token)

    async def _open(self, grant: Grant) -> SignedInBrowser:
        seat = grant.seat
        access_token = await self._tokens.issue(
            person_id=seat.person_id, tenant_id=seat.tenant_id, role=seat.role, session_id=grant.session_id
        )
        me = await self._queries.get_me(person_id=seat.person_id, tenant_id=seat.tenant_id)
        session = Session(access_token=access_token, expires_in=self._tokens.lifetime_s, me=me)
        expires_in = int((grant.expires_at - self._clock.now()).total_seconds())
        return SignedInBrowser(
            session=session, refresh_token=grant.refresh_token, refresh_expires_in=max(0, expires_in)
        )

    async def _find_account(self, email_key: str) -> _Account | None:
        """Return the account of an address in the organisation that its person joined first."""
        query = (
            select(PersonRow, CredentialRow.password_hash, MembershipRow.organisation_id, MembershipRow.role)
            .join(CredentialRow, CredentialRow.person_id == PersonRow.id)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(PersonRow.email_key == email_key)
            .order_by(MembershipRow.joined_at, MembershipRow.organisation_id)
            .limit(1)
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        person, password_hash, tenant_id, role = row
        seat = Seat(person_id=person.id, tenant_id=tenant_id, role=role)
        return _Account(password_hash=password_hash, disabled=person.disabled_at is not None, seat=seat)

    async def _note_failure(self, account: _Account | None, client: Client) -> None:
        """Count and tell a failed try, with the same work whether or not there is such an account."""
        await self._throttle.failed(client.address)
        person_id = account.seat.person_id if account else None
        tenant_id = account.seat.tenant_id if account else NO_TENANT
        async with self._database.transaction() as transaction:
            event = SignInFailed(person_id=person_id, address=client.address)
            transaction.publish(event, tenant_id=tenant_id, key=str(person_id))

    async def _write_account(self, email: Email, name: str, password_hash: str, client: Client) -> Grant:
        now = self._clock.now()
        person_id, tenant_id = new_id(), new_id()
        async with self._database.transaction() as transaction:
            rows = transaction.session
            person = {"id": person_id, "email": email.shown, "email_key": email.key, "name": name, "created_at": now}
            if not await self._insert_new(rows, PersonRow, person):
                raise EmailTakenError("There is an account with this e-mail address. Sign in instead.")
            await rows.execute(
                insert(CredentialRow).values(person_id=person_id, password_hash=password_hash, changed_at=now)
            )
            await rows.execute(insert(OrganisationRow).values(id=tenant_id, name=f"{name}'s desk", created_at=now))
            await rows.execute(
                insert(MembershipRow).values(
                    person_id=person_id, organisation_id=tenant_id, role="owner", joined_at=now
                )
            )
            # Of accounts made at once the database lets one write this row: nobody counts.
            operator = await self._insert_new(rows, InstallationRow, {"id": 1, "operator_id": person_id})
            event = PersonRegistered(person_id=person_id, organisation_id=tenant_id, role="owner", operator=operator)
            transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
            seat = Seat(person_id=person_id, tenant_id=tenant_id, role="owner")
            return await self._sessions.begin(transaction, seat, client)

    async def _insert_new(self, session: AsyncSession, table: type[Base], values: dict[str, Any]) -> bool:
        """Write a row unless one with the same key is there; wait for who is writing it. Says whether it did."""
        dialect = postgresql if self._database.engine_name == "postgresql" else sqlite
        statement = dialect.insert(table).values(values).on_conflict_do_nothing()
        result = await session.execute(statement)
        return cast(CursorResult[Any], result).rowcount == 1
