"""Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, 30 seconds and 6 digits, which every app can do."""

import hmac
import io
import re
from datetime import datetime
from uuid import UUID

import pyotp
import segno
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.services.auth.models.factors import TotpRow
from outcry.services.auth.vault import Vault

SEED = "totp.seed"
STEP_S = 30
# A clock may be wrong by one step either way (RFC 6238, section 5.2).
_WINDOW = (-1, 0, 1)
_ISSUER = "Outcry"
_SIX_DIGITS = re.compile(r"[0-9]{6}")


def new_seed() -> str:
    """Return 160 random bits in Base32, as much as RFC 4226, section 4, recommends."""
    return pyotp.random_base32(32)


def uri_of(seed: str, account: str) -> str:
    """Return what an app reads from the picture: a key URI that names the installation and the account."""
    return pyotp.TOTP(seed).provisioning_uri(name=account, issuer_name=_ISSUER)


def qr_of(uri: str) -> str:
    """Return a QR code as an SVG element that refers to nothing outside it."""
    out = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        out, kind="svg", scale=4, border=4, dark="#000", light="#fff", xmldecl=False, nl=False
    )
    return out.getvalue().decode()


def find_step(seed: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, None when it is none of the steps around ``now``."""
    digits = re.sub(r"[\s-]", "", code)
    if not _SIX_DIGITS.fullmatch(digits):
        return None
    current = int(now.timestamp()) // STEP_S
    codes = pyotp.TOTP(seed)
    matching = [step for step in _WINDOW if hmac.compare_digest(codes.generate_otp(current + step), digits)]
    return current + matching[-1] if matching else None


class TotpCodes:
    """Uses codes up: each works once, and so does every older one."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def use(self, session: AsyncSession, person_id: UUID, code: str) -> bool:
        """Say whether a code is one of the person's app, not yet used; of two who use it at once one has it."""
        sealed = await session.scalar(select(TotpRow.sealed_seed).where(TotpRow.person_id == person_id))
        if sealed is None:
            return False
        now = self._clock.now()
        step = find_step((await self._vault.person(session, person_id)).open(sealed, SEED), code, now)
        if step is None:
            return False
        used = (
            update(TotpRow)
            .where(TotpRow.person_id == person_id, TotpRow.sealed_seed == sealed, TotpRow.last_step < step)
            .values(last_step=step, last_used_at=now)
            .returning(TotpRow.person_id)
        )
        return (await session.execute(used)).scalar_one_or_none() is not None

    async def put(self, session: AsyncSession, person_id: UUID, seed: str, step: int) -> bool:
        """Write a person's app, whose code of this step was just shown; say whether it took another's place."""
        sealed = (await self._vault.person(session, person_id)).seal(seed, SEED)
        now = self._clock.now()
        row = await session.get(TotpRow, person_id, with_for_update=True)
        if row is None:
            session.add(TotpRow(person_id=person_id, sealed_seed=sealed, last_step=step, created_at=now))
            return False
        row.sealed_seed, row.last_step, row.created_at, row.last_used_at = sealed, step, now, None
        return True
