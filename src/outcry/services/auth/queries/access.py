"""Reads where somebody is signed in, and their keys for programs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.models.access import ApiKeyRow, SessionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A signed-in device. ``methods`` are those of RFC 8176 that opened it; ``current`` is the one that asks."""

    id: UUID
    current: bool
    user_agent: str
    address: str
    methods: tuple[str, ...]
    organisation_id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key for programs; ``prefix`` is how it begins. The rest was shown once."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


def to_api_key(row: ApiKeyRow) -> ApiKey:
    """Return a key as its person sees it."""
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


class AccessQueries:
    """Only ever the person's own."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_sessions(self, principal: Principal) -> tuple[OpenSession, ...]:
        """Return the person's live sessions in every organisation, the one seen last first."""
        query = (
            select(SessionRow)
            .where(
                SessionRow.person_id == principal.user_id,
                SessionRow.ended_at.is_(None),
                SessionRow.expires_at > self._clock.now(),
            )
            .order_by(SessionRow.last_seen_at.desc(), SessionRow.id.desc())
        )
        async with self._database.reading() as session:
            rows = await session.scalars(query)
            return tuple(
                OpenSession(
                    id=row.id,
                    current=row.id == principal.session_id,
                    user_agent=row.user_agent,
                    address=row.address,
                    methods=tuple(row.methods),
                    organisation_id=row.organisation_id,
                    created_at=row.created_at,
                    last_seen_at=row.last_seen_at,
                    expires_at=row.expires_at,
                )
                for row in rows
            )

    async def list_api_keys(self, principal: Principal) -> tuple[ApiKey, ...]:
        """Return the person's keys in this organisation that were not revoked, expired ones too, newest first."""
        query = (
            select(ApiKeyRow)
            .where(
                ApiKeyRow.person_id == principal.user_id,
                ApiKeyRow.organisation_id == principal.tenant_id,
                ApiKeyRow.revoked_at.is_(None),
            )
            .order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id.desc())
        )
        async with self._database.reading() as session:
            return tuple(to_api_key(row) for row in await session.scalars(query))
