"""Looks at the second factor that somebody shows, whatever it is for, and uses it up."""

from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import func, select

from outcry.ports.database import Transaction
from outcry.services.auth import letters
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identity import Client
from outcry.services.auth.models.factors import RecoveryCodeRow
from outcry.services.auth.passkeys import PasskeyAnswer, Passkeys, Use
from outcry.services.auth.recovery_codes import RecoveryCodes
from outcry.services.auth.sessions import Seat
from outcry.services.auth.totp import TotpCodes

Kind = Literal["totp", "passkey", "recovery_code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A factor as it was sent: a code, or a passkey's answer."""

    kind: Kind
    code: str = field(default="", repr=False)
    passkey: PasskeyAnswer | None = None


class Proofs:
    """Says whether a second factor is the person's, in the caller's transaction, which must commit in any case."""

    def __init__(self, *, passkeys: Passkeys, codes: TotpCodes, recovery: RecoveryCodes, news: FactorNews) -> None:
        self._passkeys = passkeys
        self._codes = codes
        self._recovery = recovery
        self._news = news

    async def check(
        self, transaction: Transaction, seat: Seat, client: Client, shown: Shown, *, use: Use
    ) -> tuple[str, ...]:
        """Return the methods of RFC 8176 that were shown, none when it is not right; raises TicketEndedError."""
        if shown.passkey is not None:
            outcome = await self._passkeys.use(transaction, shown.passkey, use, person_id=seat.person_id)
            return outcome.methods
        if shown.kind == "totp":
            right = await self._codes.use(transaction.session, seat.person_id, shown.code)
            return ("otp",) if right else ()
        return ("otp",) if await self._use_recovery_code(transaction, seat, client, shown.code) else ()

    async def _use_recovery_code(self, transaction: Transaction, seat: Seat, client: Client, code: str) -> bool:
        if not await self._recovery.use(transaction.session, seat.person_id, code):
            return False
        left = select(func.count()).where(
            RecoveryCodeRow.person_id == seat.person_id, RecoveryCodeRow.used_at.is_(None)
        )
        letter = letters.recovery_code_used(await transaction.session.scalar(left) or 0, client)
        await self._news.tell(
            transaction,
            letter,
            person_id=seat.person_id,
            tenant_id=seat.tenant_id,
            what="recovery_codes",
            act="used",
        )
        return True
