"""Remembered devices: browsers that need not show the second factor again for some weeks."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.services.auth.identity import Client
from outcry.services.auth.models.factors import DeviceRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.tickets import fingerprint, new_token


async def forget_devices(session: AsyncSession, person_id: UUID, device_id: UUID | None = None) -> int:
    """Forget a person's remembered devices, or one of them, in the caller's transaction; count them."""
    gone = delete(DeviceRow).where(DeviceRow.person_id == person_id)
    if device_id is not None:
        gone = gone.where(DeviceRow.id == device_id)
    return len((await session.scalars(gone.returning(DeviceRow.id))).all())


class Devices:
    """Remembers devices."""

    def __init__(self, clock: Clock, settings: AuthSettings) -> None:
        self._clock = clock
        self._days = timedelta(days=settings.device_days)

    async def remember(self, session: AsyncSession, person_id: UUID, client: Client) -> str:
        """Return the token for the cookie of a browser that just showed a second factor."""
        now = self._clock.now()
        too_old = delete(DeviceRow).where(DeviceRow.person_id == person_id, DeviceRow.expires_at <= now)
        await session.execute(too_old)
        token = new_token()
        values = {
            "id": new_id(),
            "person_id": person_id,
            "token_hash": fingerprint(token),
            "user_agent": client.user_agent,
            "address": client.address,
            "created_at": now,
            "last_used_at": now,
            "expires_at": now + self._days,
        }
        await session.execute(insert(DeviceRow).values(values))
        return token
