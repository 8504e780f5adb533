"""Reads a person's organisations, and what the one they are in has: plan, features, quotas."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.errors import OrganisationNotFoundError
from outcry.services.auth.memberships import GUEST, count_places
from outcry.services.auth.models.access import ApiKeyRow, SessionRow
from outcry.services.auth.models.people import MembershipRow, OrganisationRow
from outcry.services.auth.plans import FEATURES, has_feature, plan_of


@dataclass(frozen=True, slots=True, kw_only=True)
class MyOrganisation:
    """An organisation that the person may switch to; ``current`` is the one that the session is in."""

    id: UUID
    name: str
    role: str
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureView:
    """Whether a feature is on; ``by_plan`` says that the plan decides, and no admin did."""

    on: bool
    by_plan: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """How much of a quota is used, None for who may not see it. Sessions and keys are the person's own."""

    used: int | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """The organisation that the session is in. Quotas are ``seats``, ``guests``, ``sessions`` and ``api_keys``."""

    id: UUID
    name: str
    plan: str
    role: str
    features: dict[str, FeatureView]
    quotas: dict[str, QuotaView]


class OrganisationQueries:
    """Only organisations that the person is in."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def list_mine(self, principal: Principal) -> tuple[MyOrganisation, ...]:
        """Return the organisations that the person may use, the one joined first at the head."""
        query = (
            select(OrganisationRow.id, OrganisationRow.name, MembershipRow.role)
            .join(MembershipRow, MembershipRow.organisation_id == OrganisationRow.id)
            .where(
                MembershipRow.person_id == principal.user_id,
                MembershipRow.disabled_at.is_(None),
                OrganisationRow.erased_at.is_(None),
            )
            .order_by(MembershipRow.joined_at, OrganisationRow.id)
        )
        async with self._database.reading() as session:
            found = (await session.execute(query)).all()
        return tuple(
            MyOrganisation(id=id_, name=name, role=role, current=id_ == principal.tenant_id)
            for id_, name, role in found
        )

    async def view(self, principal: Principal) -> OrganisationView:
        """Return the organisation that the person is in; guests do not learn how many others there are."""
        async with self._database.reading() as session:
            row = await session.get(OrganisationRow, principal.tenant_id)
            if row is None:
                raise OrganisationNotFoundError()
            seats, guests = await count_places(session, row.id)
            sessions, api_keys = await self._count_own(session, principal)
        plan, sees = plan_of(row.plan), principal.role != GUEST
        return OrganisationView(
            id=row.id,
            name=row.name,
            plan=plan.name,
            role=principal.role,
            features={
                name: FeatureView(on=has_feature(row.plan, row.flags, name), by_plan=name not in row.flags)
                for name in FEATURES
            },
            quotas={
                "seats": QuotaView(used=seats if sees else None, limit=plan.seats),
                "guests": QuotaView(used=guests if sees else None, limit=plan.guests),
                "sessions": QuotaView(used=sessions, limit=plan.sessions),
                "api_keys": QuotaView(used=api_keys, limit=plan.api_keys),
            },
        )

    async def _count_own(self, session: AsyncSession, principal: Principal) -> tuple[int, int]:
        sessions = select(func.count()).where(
            SessionRow.person_id == principal.user_id,
            SessionRow.organisation_id == principal.tenant_id,
            SessionRow.ended_at.is_(None),
            SessionRow.expires_at > self._clock.now(),
        )
        keys = select(func.count()).where(
            ApiKeyRow.person_id == principal.user_id,
            ApiKeyRow.organisation_id == principal.tenant_id,
            ApiKeyRow.revoked_at.is_(None),
        )
        return await session.scalar(sessions) or 0, await session.scalar(keys) or 0
