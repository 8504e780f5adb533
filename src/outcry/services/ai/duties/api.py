"""The endpoints of duties."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, StrictBool

from outcry.kit.http import refusals, requires
from outcry.kit.principal import Principal
from outcry.services.ai.duties.commands import Duties
from outcry.services.ai.duties.contracts import Duty
from outcry.services.ai.duties.schedule import read_schedule

Reader = Annotated[Principal, requires("ai:duty:read")]
Giver = Annotated[Principal, requires("ai:duty:change")]
Days = Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
At = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["17:00"])]
Zone = Annotated[str, Field(min_length=1, max_length=64, examples=["Europe/Berlin"])]


@dataclass(frozen=True, kw_only=True)
class NewDuty:
    """When a room is to be summarised: days from 1 for Monday to 7 for Sunday, a time of day, and their zone."""

    days: Days
    at: At
    zone: Zone
    quiet: StrictBool = False


@dataclass(frozen=True, kw_only=True)
class DutyChange:
    """What to change of a duty; what is left out stays. ``active`` of false pauses it."""

    days: Days | None = None
    at: At | None = None
    zone: Zone | None = None
    quiet: StrictBool | None = None
    active: StrictBool | None = None


def duties_router(duties: Duties) -> APIRouter:
    """Return the endpoints, bound to these duties."""
    router = APIRouter(prefix="/api/v1/rooms/{room_id}/duties", tags=["ai"])

    @router.get("")
    async def list_duties(principal: Reader, room_id: UUID) -> tuple[Duty, ...]:
        """List what the AI was told to do in a room again and again."""
        return await duties.list_all(principal, room_id)

    @router.post("", status_code=201, responses=refusals(409))
    async def give_duty(principal: Giver, room_id: UUID, body: NewDuty) -> Duty:
        """Have the AI summarise a room on some days at a time."""
        schedule = read_schedule(body.days, body.at, body.zone)
        return await duties.give(principal, room_id, schedule=schedule, quiet=body.quiet)

    @router.patch("/{duty_id}")
    async def change_duty(principal: Giver, room_id: UUID, duty_id: UUID, body: DutyChange) -> Duty:
        """Change when a duty is due, confirm or pause it, or let it go on."""
        return await duties.change(
            principal,
            room_id,
            duty_id,
            days=None if body.days is None else tuple(body.days),
            at=body.at,
            zone=body.zone,
            quiet=body.quiet,
            active=body.active,
        )

    @router.delete("/{duty_id}", status_code=204)
    async def stop_duty(principal: Giver, room_id: UUID, duty_id: UUID) -> None:
        """Take a duty away."""
        await duties.stop(principal, room_id, duty_id)

    return router
