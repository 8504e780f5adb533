"""Reads what a person signs in with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.ports.database import Database
from outcry.services.auth.models.factors import DeviceRow, IdentityRow, PasskeyRow, RecoveryCodeRow, TotpRow
from outcry.services.auth.tickets import fingerprint
from outcry.services.auth.vault import Vault
from outcry.services.auth.ways_in import has_password

IDENTITY_EMAIL = "identity.email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totp:
    """An authenticator app."""

    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey; ``backed_up`` says that its owner's other devices have it too."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser that need not show the second factor until ``expires_at``; ``current`` is the one that asks."""

    id: UUID
    current: bool
    user_agent: str
    address: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account at an OpenID provider; ``email`` is what it is shown by."""

    id: UUID
    provider: str
    email: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """All that a person can sign in with, and what stands in for it."""

    password: bool
    totp: Totp | None
    passkeys: tuple[Passkey, ...]
    recovery_codes_left: int
    devices: tuple[Device, ...]
    identities: tuple[Identity, ...]


def to_passkey(row: PasskeyRow) -> Passkey:
    """Return a passkey as its person sees it."""
    return Passkey(
        id=row.id, name=row.name, backed_up=row.backed_up, created_at=row.created_at, last_used_at=row.last_used_at
    )


class FactorQueries:
    """Only ever the person's own."""

    def __init__(self, database: Database, clock: Clock, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault

    async def get_factors(self, principal: Principal, *, device_token: str | None = None) -> Factors:
        """Return all of them, the oldest of each first; the token is of the device that asks."""
        person_id = principal.user_id
        codes = select(func.count()).where(RecoveryCodeRow.person_id == person_id, RecoveryCodeRow.used_at.is_(None))
        keys = select(PasskeyRow).where(PasskeyRow.person_id == person_id).order_by(PasskeyRow.created_at)
        async with self._database.reading() as session:
            totp = await session.get(TotpRow, person_id)
            return Factors(
                password=await has_password(session, person_id),
                totp=Totp(created_at=totp.created_at, last_used_at=totp.last_used_at) if totp else None,
                passkeys=tuple(to_passkey(row) for row in await session.scalars(keys)),
                recovery_codes_left=await session.scalar(codes) or 0,
                devices=await self._devices(session, person_id, device_token),
                identities=await self._identities(session, person_id),
            )

    async def _devices(self, session: AsyncSession, person_id: UUID, device_token: str | None) -> tuple[Device, ...]:
        query = (
            select(DeviceRow)
            .where(DeviceRow.person_id == person_id, DeviceRow.expires_at > self._clock.now())
            .order_by(DeviceRow.created_at)
        )
        asking = fingerprint(device_token) if device_token else None
        return tuple(
            Device(
                id=row.id,
                current=row.token_hash == asking,
                user_agent=row.user_agent,
                address=row.address,
                created_at=row.created_at,
                last_used_at=row.last_used_at,
                expires_at=row.expires_at,
            )
            for row in await session.scalars(query)
        )

    async def _identities(self, session: AsyncSession, person_id: UUID) -> tuple[Identity, ...]:
        query = select(IdentityRow).where(IdentityRow.person_id == person_id).order_by(IdentityRow.created_at)
        rows = (await session.scalars(query)).all()
        key = await self._vault.person(session, person_id) if rows else None
        return tuple(
            Identity(
                id=row.id,
                provider=row.provider,
                email=key.open(row.sealed_email, IDENTITY_EMAIL) if key and row.sealed_email else "",
                created_at=row.created_at,
                last_used_at=row.last_used_at,
            )
            for row in rows
        )
