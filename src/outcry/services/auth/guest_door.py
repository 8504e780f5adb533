"""Lets guests into an organisation who come by a link to a room, which another service keeps."""

from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.ports.database import Database
from outcry.services.auth.errors import AlreadyMemberError
from outcry.services.auth.events import MemberChanged
from outcry.services.auth.memberships import (
    GUEST,
    check_feature,
    check_place,
    find_membership,
    hold_organisation,
    hold_person,
)
from outcry.services.auth.models.people import MembershipRow


class GuestDoor:
    """Makes memberships of guests."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def admit(
        self, *, organisation_id: UUID, person_id: UUID, room_id: UUID, room_role: str, invited_by: UUID
    ) -> None:
        """Make a person a guest of a room; raises OrganisationNotFoundError, AlreadyMemberError, FeatureOffError, ...

        Whoever invited them must be in the organisation still, and not disabled.
        """
        async with self._database.transaction() as transaction:
            rows = transaction.session
            organisation = await hold_organisation(rows, organisation_id)
            person = await hold_person(rows, person_id)
            inviter = await find_membership(rows, organisation_id, invited_by)
            if person is None or person.erased_at is not None or inviter is None or inviter.disabled_at is not None:
                raise NotFoundError("This link does not work any more.")
            if await find_membership(rows, organisation_id, person_id) is not None:
                raise AlreadyMemberError(
                    "You are a member of this organisation already. Go there, and use the link again."
                )
            check_feature(organisation, "invitations")
            check_feature(organisation, "guests")
            await check_place(rows, organisation, GUEST)
            seat = MembershipRow(
                person_id=person_id,
                organisation_id=organisation_id,
                role=GUEST,
                room_id=room_id,
                joined_at=self._clock.now(),
            )
            rows.add(seat)
            await rows.flush()
            event = MemberChanged(
                person_id=person_id,
                organisation_id=organisation_id,
                act="joined",
                before="",
                after=GUEST,
                room_id=room_id,
                invited_by=invited_by,
                room_role=room_role,
            )
            transaction.publish(event, tenant_id=organisation_id, key=str(person_id), actor_id=person_id)
