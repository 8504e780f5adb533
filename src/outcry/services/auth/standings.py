"""Reads what a session, or a key for programs, may do right now."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.joint_reads import JointReads
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.models.access import ApiKeyRow, SessionRow
from outcry.services.auth.models.people import InstallationRow, MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.permissions import key_scopes, scopes_of
from outcry.services.auth.plans import withheld
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.standing import Standing, StandingCache
from outcry.services.auth.tickets import fingerprint

_Query = Select[*tuple[Any, ...]]

_LONGEST_KEY = 100
# The last use of a key is shown to people: to the minute is enough, and saves a write a request.
_USE_NOTED_EVERY = timedelta(minutes=1)


class Standings:
    """Looks sessions and keys up, remembering what it read for half a second."""

    def __init__(self, database: Database, clock: Clock, cache: StandingCache, settings: AuthSettings) -> None:
        self._database = database
        self._clock = clock
        self._cache = cache
        self._fresh = timedelta(minutes=settings.step_up_minutes)
        self._keys: dict[bytes, UUID] = {}
        # A thousand sockets that come back at once ask for a thousand sessions.
        self._sessions: JointReads[UUID, Standing] = JointReads(self._read_sessions)

    def scopes(self, role: str, organisation: OrganisationRow, *, operator: bool) -> frozenset[str]:
        """Return the permissions of a role in an organisation, with its plan and features as they are."""
        return scopes_of(role, operator=operator, withheld=withheld(organisation.plan, organisation.flags))

    def principal(self, session_id: UUID, standing: Standing) -> Principal:
        """Return who asks."""
        now = self._clock.now()
        fresh = standing.fresh_at is not None and timedelta(0) <= now - standing.fresh_at < self._fresh
        return Principal(
            user_id=standing.person_id,
            tenant_id=standing.tenant_id,
            role=standing.role,
            scopes=standing.scopes,
            session_id=session_id,
            fresh=fresh,
        )

    async def of_session(self, session_id: UUID, *, anew: bool = False) -> Standing:
        """Return the standing of a live session, ``anew`` from the database; raises UnauthenticatedError if ended."""
        known = None if anew else self._cache.find(session_id)
        standing = known or await self._sessions.find(session_id)
        if standing is None:
            raise UnauthenticatedError()
        return standing

    async def of_key(self, token: str) -> Principal:
        """Return the principal of a key for programs; raises UnauthenticatedError when it may not be used."""
        if len(token) > _LONGEST_KEY:
            raise UnauthenticatedError()
        hashed = fingerprint(token)
        key_id = self._keys.get(hashed)
        standing = self._cache.find(key_id) if key_id else None
        if key_id is None or standing is None:
            key_id, standing = await self._read_key(hashed)
        return self.principal(key_id, standing)

    async def _read_sessions(self, session_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
        """Return the standing of each of these sessions that lives."""
        now = self._clock.now()
        columns = (SessionRow, MembershipRow.role, OrganisationRow, InstallationRow.operator_id)
        query = _seated(select(*columns).select_from(SessionRow), SessionRow).where(
            SessionRow.id.in_(session_ids), SessionRow.ended_at.is_(None), SessionRow.expires_at > now
        )
        async with self._database.reading() as session:
            rows = (await session.execute(query)).all()
        found: dict[UUID, Standing] = {}
        for row, role, organisation, operator_id in rows:
            found[row.id] = Standing(
                person_id=row.person_id,
                tenant_id=organisation.id,
                role=role,
                scopes=self.scopes(role, organisation, operator=operator_id is not None),
                fresh_at=row.fresh_at,
            )
            self._cache.remember(row.id, found[row.id], read_at=now)
        return found

    async def _read_key(self, hashed: bytes) -> tuple[UUID, Standing]:
        now = self._clock.now()
        columns = (MembershipRow.role, OrganisationRow, InstallationRow.operator_id, ApiKeyRow)
        query = _seated(select(*columns).select_from(ApiKeyRow), ApiKeyRow).where(
            ApiKeyRow.token_hash == hashed,
            ApiKeyRow.revoked_at.is_(None),
            ApiKeyRow.expires_at.is_(None) | (ApiKeyRow.expires_at > now),
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).one_or_none()
        if row is None:
            raise UnauthenticatedError()
        role, organisation, operator_id, key = row
        allowed = self.scopes(role, organisation, operator=operator_id is not None)
        scopes = key_scopes(frozenset(key.scopes), allowed)
        standing = Standing(person_id=key.person_id, tenant_id=organisation.id, role=role, scopes=scopes)
        self._cache.remember(key.id, standing, read_at=now)
        self._keys[hashed] = key.id
        if key.last_used_at is None or now - key.last_used_at >= _USE_NOTED_EVERY:
            await self._note_use(key.id)
        return key.id, standing

    async def _note_use(self, key_id: UUID) -> None:
        async with self._database.transaction() as transaction:
            used = update(ApiKeyRow).where(ApiKeyRow.id == key_id).values(last_used_at=self._clock.now())
            await transaction.session.execute(used)


def _seated(query: _Query, holder: type[SessionRow] | type[ApiKeyRow]) -> _Query:
    """Join where the holder's person sits; no row when they are disabled, or not a member of that organisation."""
    return (
        query.join(PersonRow, PersonRow.id == holder.person_id)
        .join(
            MembershipRow,
            (MembershipRow.person_id == holder.person_id) & (MembershipRow.organisation_id == holder.organisation_id),
        )
        .join(OrganisationRow, OrganisationRow.id == holder.organisation_id)
        .outerjoin(InstallationRow, InstallationRow.operator_id == holder.person_id)
        .where(PersonRow.disabled_at.is_(None), MembershipRow.disabled_at.is_(None))
    )
