"""Places in an organisation. Its row is held while they are counted, given and taken, so that one act follows another.

Whoever holds several rows takes them in this order, so that no two wait for each other: organisation, person, session.
They are held FOR NO KEY UPDATE: rows that only name them may be written meanwhile.
"""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import ForbiddenError
from outcry.kit.principal import Principal
from outcry.services.auth.errors import FeatureOffError, NoSeatLeftError, OrganisationNotFoundError
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.plans import has_feature, plan_of

GUEST = "guest"


async def hold_organisation(session: AsyncSession, organisation_id: UUID) -> OrganisationRow:
    """Return an organisation, held until the transaction ends; raises OrganisationNotFoundError."""
    query = select(OrganisationRow).where(OrganisationRow.id == organisation_id, OrganisationRow.erased_at.is_(None))
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row = await session.scalar(held)
    if row is None:
        raise OrganisationNotFoundError()
    return row


async def hold_person(session: AsyncSession, person_id: UUID) -> PersonRow | None:
    """Return a person, held until the transaction ends."""
    query = select(PersonRow).where(PersonRow.id == person_id)
    held = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    row: PersonRow | None = await session.scalar(held)
    return row


async def find_membership(session: AsyncSession, organisation_id: UUID, person_id: UUID) -> MembershipRow | None:
    """Return somebody's membership, disabled or not."""
    query = select(MembershipRow).where(
        MembershipRow.organisation_id == organisation_id, MembershipRow.person_id == person_id
    )
    row: MembershipRow | None = await session.scalar(query.execution_options(populate_existing=True))
    return row


async def require_role(session: AsyncSession, principal: Principal, *roles: str) -> None:
    """Raise ForbiddenError unless the person has one of these roles now, whatever their session remembers.

    Call it while the organisation is held: of two acts at once the second sees what the first made of its actor.
    """
    row = await find_membership(session, principal.tenant_id, principal.user_id)
    if row is None or row.disabled_at is not None or row.role not in roles:
        raise ForbiddenError("Your role in the organisation was just changed.")


async def count_places(session: AsyncSession, organisation_id: UUID) -> tuple[int, int]:
    """Return how many seats and how many guests' places are taken; disabled people keep theirs."""
    query = select(MembershipRow.role, func.count()).where(MembershipRow.organisation_id == organisation_id)
    counted = dict((await session.execute(query.group_by(MembershipRow.role))).all())
    guests = counted.pop(GUEST, 0)
    return sum(counted.values()), guests


async def check_place(session: AsyncSession, organisation: OrganisationRow, role: str) -> None:
    """Raise NoSeatLeftError unless the plan has one more place for this role; call while the organisation is held."""
    seats, guests = await count_places(session, organisation.id)
    plan = plan_of(organisation.plan)
    taken, most, word = (guests, plan.guests, "guests") if role == GUEST else (seats, plan.seats, "seats")
    if taken >= most:
        raise NoSeatLeftError(f"The organisation's plan has {most} {word}, and all are taken.")


def check_feature(organisation: OrganisationRow, feature: str) -> None:
    """Raise FeatureOffError unless the organisation has this feature on."""
    if not has_feature(organisation.plan, organisation.flags, feature):
        raise FeatureOffError(f"The organisation has {feature} switched off.")
