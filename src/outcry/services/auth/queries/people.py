"""What reads people, organisations and sessions; this is also the service's facade."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.contracts import (
    KEY_MARK,
    AuthFacade,
    Colleague,
    Me,
    Organisation,
    Person,
    PlainText,
    Refusal,
    SealedText,
)
from outcry.services.auth.directory import Directory
from outcry.services.auth.guest_door import GuestDoor
from outcry.services.auth.identity import find_email
from outcry.services.auth.models.people import InstallationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.permissions import TABLE
from outcry.services.auth.phonebook import Phonebook
from outcry.services.auth.refusals import Refusals
from outcry.services.auth.standings import Standings

_IDS_A_QUERY = 500


class AuthQueries(AuthFacade):
    """Reads who somebody is. Only members of the organisation that asks are ever seen."""

    def __init__(
        self, database: Database, tokens: AccessTokens, clock: Clock, standings: Standings, directory: Directory
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._standings = standings
        self._directory = directory
        self._refusals = Refusals(database, clock)
        self._guests = GuestDoor(database, clock)
        self._phonebook = Phonebook(database=database, directory=directory, clock=clock)

    async def authenticate(self, *, access_token: str) -> Principal:
        """Return the principal of an access token whose session lives, or of a key for programs."""
        if access_token.startswith(KEY_MARK):
            return await self._standings.of_key(access_token)
        claims = await self._tokens.verify(access_token)
        standing = await self._standings.of_session(claims.sid)
        if standing.tenant_id != claims.tenant:
            # Another process may have moved the session to another organisation a moment ago.
            standing = await self._standings.of_session(claims.sid, anew=True)
        if (standing.person_id, standing.tenant_id) != (claims.sub, claims.tenant):
            raise UnauthenticatedError()
        return self._standings.principal(claims.sid, standing)

    async def list_people(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Person, ...]:
        """Return those who belong to the organisation, disabled ones too: their messages keep a name."""
        people: list[Person] = []
        async with self._database.reading() as session:
            for some in _chunks(set(ids)):
                rows = await session.scalars(
                    select(PersonRow)
                    .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
                    .where(MembershipRow.organisation_id == tenant_id, PersonRow.id.in_(some))
                )
                people.extend(await self._directory.open_people(session, rows))
        return tuple(people)

    async def find_organisation(self, *, tenant_id: UUID) -> Organisation | None:
        """Return the organisation, None when it is erased."""
        query = select(OrganisationRow.id, OrganisationRow.name).where(
            OrganisationRow.id == tenant_id, OrganisationRow.erased_at.is_(None)
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        return Organisation(id=row.id, name=row.name) if row else None

    async def find_person(self, *, tenant_id: UUID, email: str) -> Colleague | None:
        """Return the member with this address, None when there is none or they are disabled."""
        address = find_email(email)
        if address is None:
            return None
        query = (
            select(PersonRow, MembershipRow.room_id)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(
                MembershipRow.organisation_id == tenant_id,
                PersonRow.email_index == self._directory.index(address),
                PersonRow.disabled_at.is_(None),
                MembershipRow.disabled_at.is_(None),
            )
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
            if row is None:
                return None
            person = await self._directory.open_person(session, row[0])
            return Colleague(person=person, room_id=row[1], confirmed=row[0].email_verified_at is not None)

    async def list_colleagues(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Colleague, ...]:
        """Return those who are in the organisation and may sign in to it."""
        found: list[Colleague] = []
        async with self._database.reading() as session:
            for some in _chunks(set(ids)):
                query = (
                    select(PersonRow, MembershipRow.room_id)
                    .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
                    .where(
                        MembershipRow.organisation_id == tenant_id,
                        PersonRow.id.in_(some),
                        PersonRow.disabled_at.is_(None),
                        MembershipRow.disabled_at.is_(None),
                    )
                )
                rows = (await session.execute(query)).all()
                people = await self._directory.open_people(session, (row[0] for row in rows))
                found.extend(
                    Colleague(person=person, room_id=row[1], confirmed=row[0].email_verified_at is not None)
                    for person, row in zip(people, rows, strict=True)
                )
        return tuple(found)

    async def common_scopes(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> frozenset[str]:
        """Return what all of these people may: nothing as soon as one of them has no seat."""
        people = set(ids)
        held: set[frozenset[str]] = set()
        async with self._database.reading() as session:
            for some in _chunks(people):
                query = (
                    select(MembershipRow.person_id, MembershipRow.role, OrganisationRow, InstallationRow.operator_id)
                    .join(PersonRow, PersonRow.id == MembershipRow.person_id)
                    .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
                    .outerjoin(InstallationRow, InstallationRow.operator_id == PersonRow.id)
                    .where(
                        MembershipRow.organisation_id == tenant_id,
                        PersonRow.id.in_(some),
                        PersonRow.disabled_at.is_(None),
                        MembershipRow.disabled_at.is_(None),
                    )
                )
                for person_id, role, organisation, operator_id in await session.execute(query):
                    people.discard(person_id)
                    held.add(self._standings.scopes(role, organisation, operator=operator_id is not None))
        return frozenset[str]() if people or not held else frozenset.intersection(*held)

    async def list_holders(self, *, tenant_id: UUID, permission: str) -> tuple[UUID, ...]:
        """Return who has a permission by their role, less what features withhold."""
        query = (
            select(MembershipRow.person_id, MembershipRow.role, OrganisationRow)
            .join(PersonRow, PersonRow.id == MembershipRow.person_id)
            .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
            .where(
                MembershipRow.organisation_id == tenant_id,
                MembershipRow.role.in_(TABLE[permission]),
                PersonRow.disabled_at.is_(None),
                MembershipRow.disabled_at.is_(None),
            )
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        return tuple(
            person_id
            for person_id, role, organisation in rows
            if permission in self._standings.scopes(role, organisation, operator=False)
        )

    async def find_time_zone(self, *, tenant_id: UUID, person_id: UUID) -> str:
        """Return a member's time zone."""
        query = (
            select(PersonRow.time_zone)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(MembershipRow.organisation_id == tenant_id, PersonRow.id == person_id)
        )
        async with self._database.reading() as session:
            return await session.scalar(query) or "UTC"

    async def search_people(self, *, tenant_id: UUID, start: str, limit: int) -> tuple[Colleague, ...]:
        """Return members whose name or address begins so."""
        return await self._phonebook.search(tenant_id, start, limit)

    async def admit_guest(
        self, *, tenant_id: UUID, person_id: UUID, room_id: UUID, room_role: str, invited_by: UUID
    ) -> None:
        """Make somebody a guest of a room."""
        await self._guests.admit(
            organisation_id=tenant_id,
            person_id=person_id,
            room_id=room_id,
            room_role=room_role,
            invited_by=invited_by,
        )

    async def seal_for_people(self, *, items: tuple[PlainText, ...]) -> tuple[str | None, ...]:
        """Encrypt each under its person's key."""
        async with self._database.reading() as session:
            return await self._directory.seal_texts(session, items)

    async def open_for_people(self, *, items: tuple[SealedText, ...]) -> tuple[str | None, ...]:
        """Return what was encrypted, None for the erased."""
        async with self._database.reading() as session:
            return await self._directory.open_texts(session, items)

    async def get_me(self, *, person_id: UUID, tenant_id: UUID) -> Me:
        """Return a person with their organisation and permissions; raises UnauthenticatedError when gone."""
        query = (
            select(PersonRow, OrganisationRow, MembershipRow.role, InstallationRow.operator_id)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .join(OrganisationRow, OrganisationRow.id == MembershipRow.organisation_id)
            .outerjoin(InstallationRow, InstallationRow.operator_id == PersonRow.id)
            .where(PersonRow.id == person_id, OrganisationRow.id == tenant_id)
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
            if row is None:
                raise UnauthenticatedError()
            person, organisation, role, operator_id = row
            named = await self._directory.open_person(session, person)
        scopes = self._standings.scopes(role, organisation, operator=operator_id is not None)
        return Me(
            person=named,
            organisation=Organisation(id=organisation.id, name=organisation.name),
            role=role,
            permissions=tuple(sorted(scopes)),
            email_verified=person.email_verified_at is not None,
            time_zone=person.time_zone,
            locale=person.locale,
            picture=person.picture,
        )

    async def report_refusal(self, *, refusal: Refusal) -> None:
        """Publish that somebody asked for what they may not do."""
        await self._refusals.report(refusal)


def _chunks(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _IDS_A_QUERY):
        yield ordered[start : start + _IDS_A_QUERY]
