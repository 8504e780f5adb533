"""Passwords as they are stored, one a person: read, verified, written, taken away."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.ports.database import Database, Transaction
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import second_factors
from outcry.services.auth.events import CredentialChanged
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.factors import CredentialRow
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.password_rules import LEAST, Owner, normalise_password
from outcry.services.auth.passwords import PEPPER_VERSION, Passwords
from outcry.services.auth.ways_in import check_not_short


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A password that may be stored; a ``short`` one only beside a second factor."""

    password_hash: str = field(repr=False)
    short: bool


class Credentials:
    """People's passwords."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords, directory: Directory) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._directory = directory

    async def verify(self, person_id: UUID | None, password: str) -> bool:
        """Say whether this is the person's password; it takes as long where there is none, or nobody.

        A right one is hashed anew where its hash is of an older kind. Raises InvalidInputError for what is no text,
        UnavailableError when too many wait.
        """
        normal = normalise_password(password)
        async with self._database.reading() as session:
            row = await session.get(CredentialRow, person_id) if person_id else None
        if row is None:
            return await self._passwords.verify(None, normal)
        if not await self._passwords.verify(row.password_hash, normal, pepper_version=row.pepper_version):
            return False
        if self._passwords.is_outdated(row.password_hash, row.pepper_version):
            await self._renew(row, normal)
        return True

    async def exists(self, person_id: UUID) -> bool:
        """Say whether the person has a password."""
        async with self._database.reading() as session:
            return await session.get(CredentialRow, person_id) is not None

    async def _renew(self, row: CredentialRow, normal: str) -> None:
        values = {"password_hash": await self._passwords.hash(normal), "pepper_version": PEPPER_VERSION}
        # Unless it was changed meanwhile: the old password must not come back.
        query = update(CredentialRow).where(
            CredentialRow.person_id == row.person_id, CredentialRow.password_hash == row.password_hash
        )
        async with self._database.transaction() as transaction:
            await transaction.session.execute(query.values(values))

    async def prepare(self, person_id: UUID, password: str) -> Prepared:
        """Return a person's new password, hashed; raises InvalidInputError with the reason it is not taken."""
        async with self._database.reading() as session:
            owner = await self._owner(session, person_id)
            with_factor = bool(await second_factors(session, person_id))
        normal = await self._passwords.check(password, owner, with_factor=with_factor)
        return Prepared(password_hash=await self._passwords.hash(normal), short=len(normal) < LEAST)

    async def _owner(self, session: AsyncSession, person_id: UUID) -> Owner:
        row = await session.get(PersonRow, person_id)
        if row is None:
            return Owner()
        person = await self._directory.open_person(session, row)
        organisations = await session.scalars(
            select(OrganisationRow.name)
            .join(MembershipRow, MembershipRow.organisation_id == OrganisationRow.id)
            .where(MembershipRow.person_id == person_id)
        )
        return Owner(email=person.email, name=person.name, organisation=" ".join(organisations))

    async def write(self, transaction: Transaction, person_id: UUID, prepared: Prepared, *, tenant_id: UUID) -> None:
        """Store a password, in place of an older one, and tell the organisation's log; raises ShortPasswordError."""
        rows, now = transaction.session, self._clock.now()
        # The person's row is held, so that the last factor is not taken away at the same moment.
        await hold_person(rows, person_id)
        row = await rows.get(CredentialRow, person_id)
        act = "changed" if row else "added"
        row = row or CredentialRow(person_id=person_id)
        row.password_hash, row.pepper_version, row.changed_at = prepared.password_hash, PEPPER_VERSION, now
        row.short = prepared.short
        rows.add(row)
        await rows.flush()
        await check_not_short(rows, person_id)
        self._tell(transaction, person_id, act, tenant_id)

    async def remove(self, transaction: Transaction, person_id: UUID, *, tenant_id: UUID) -> bool:
        """Take a person's password away; say whether there was one."""
        query = delete(CredentialRow).where(CredentialRow.person_id == person_id).returning(CredentialRow.person_id)
        removed = (await transaction.session.execute(query)).scalar_one_or_none() is not None
        if removed:
            self._tell(transaction, person_id, "removed", tenant_id)
        return removed

    def _tell(self, transaction: Transaction, person_id: UUID, act: str, tenant_id: UUID) -> None:
        event = CredentialChanged(person_id=person_id, what="password", act=act)
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id), actor_id=person_id)
