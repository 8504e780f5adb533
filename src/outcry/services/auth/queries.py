"""What reads people, organisations and sessions; this is also the service's facade."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.contracts import AuthFacade, Me, Organisation, Person
from outcry.services.auth.identity import find_email
from outcry.services.auth.models import (
    InstallationRow,
    MembershipRow,
    OrganisationRow,
    PersonRow,
    SessionRow,
)
from outcry.services.auth.permissions import scopes_of
from outcry.services.auth.standing import Standing, StandingCache

_IDS_A_QUERY = 500


class AuthQueries(AuthFacade):
    """Reads who somebody is. Only members of the organisation that asks are ever seen."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock, standing: StandingCache) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._standing = standing

    async def authenticate(self, *, access_token: str) -> Principal:
        """Return the principal of a token whose session lives; scopes come from the role as it is now."""
        claims = await self._tokens.verify(access_token)
        standing = self._standing.find(claims.sid)
        if standing is None:
            read_at = self._clock.now()
            standing = await self._read_standing(claims.sid)
            if standing is None:
                raise UnauthenticatedError()
            self._standing.remember(claims.sid, standing, read_at=read_at)
        if (standing.person_id, standing.tenant_id) != (claims.sub, claims.tenant):
            raise UnauthenticatedError()
        return Principal(
            user_id=standing.person_id,
            tenant_id=standing.tenant_id,
            role=standing.role,
            scopes=standing.scopes,
            session_id=claims.sid,
        )

    async def _read_standing(self, session_id: UUID) -> Standing | None:
        query = (
            select(SessionRow.person_id, SessionRow.organisation_id, MembershipRow.role, InstallationRow.operator_id)
            .join(PersonRow, PersonRow.id == SessionRow.person_id)
            .join(
                MembershipRow,
                (MembershipRow.person_id == SessionRow.person_id)
                & (MembershipRow.organisation_id == SessionRow.organisation_id),
            )
            .outerjoin(InstallationRow, InstallationRow.operator_id == SessionRow.person_id)
            .where(
                SessionRow.id == session_id,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > self._clock.now(),
                PersonRow.disabled_at.is_(None),
            )
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            return None
        person_id, tenant_id, role, operator_id = row
        scopes = scopes_of(role, operator=operator_id is not None)
        return Standing(person_id=person_id, tenant_id=tenant_id, role=role, scopes=scopes)

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
                people.extend(_to_person(row) for row in rows)
        return tuple(people)

    async def find_person(self, *, tenant_id: UUID, email: str) -> Person | None:
        """Return the member with this address, None when there is none or they are disabled."""
        address = find_email(email)
        if address is None:
            return None
        query = (
            select(PersonRow)
            .join(MembershipRow, MembershipRow.person_id == PersonRow.id)
            .where(
                MembershipRow.organisation_id == tenant_id,
                PersonRow.email_key == address.key,
                PersonRow.disabled_at.is_(None),
            )
        )
        async with self._database.reading() as session:
            row = await session.scalar(query)
        return _to_person(row) if row else None

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
        return Me(
            person=_to_person(person),
            organisation=Organisation(id=organisation.id, name=organisation.name),
            role=role,
            permissions=tuple(sorted(scopes_of(role, operator=operator_id is not None))),
        )


def _chunks(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _IDS_A_QUERY):
        yield ordered[start : start + _IDS_A_QUERY]


def _to_person(row: PersonRow) -> Person:
    return Person(id=row.id, name=row.name, email=row.email)
