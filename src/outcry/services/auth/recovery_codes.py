"""Recovery codes: what stands in for a second factor that was lost, each once."""

import secrets
from uuid import UUID

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.ids import new_id
from outcry.services.auth.models.factors import RecoveryCodeRow
from outcry.services.auth.vault import Vault

CODES = 10
# Crockford's Base32: 5 bits a character, none that looks like another. 125 bits: above the 112 from which a fast
# hash is enough (ASVS 5.0, 6.5.2; SP 800-63B-4, section 3.1.2.2).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUP = 5
_GROUPS = 5
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def new_code() -> str:
    """Return a code such as ``7k3mq-x9d0a-2hv8c-rt41n-b6wyz``."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def read_code(text: str) -> str:
    """Return a code as it is compared: however it was grouped, and with what looks alike read as what was meant."""
    return text.strip().lower().translate(_READ_AS)


class RecoveryCodes:
    """Makes, counts and uses up the codes of people, in the caller's transaction. Only keyed hashes are kept."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self._vault = vault
        self._clock = clock

    async def renew(self, session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
        """Return new codes; the old ones end."""
        await self.end(session, person_id)
        codes = tuple(new_code() for _ in range(CODES))
        now = self._clock.now()
        rows = [
            {"id": new_id(), "person_id": person_id, "code_hash": self._hash(person_id, code), "created_at": now}
            for code in codes
        ]
        await session.execute(insert(RecoveryCodeRow), rows)
        return codes

    async def ensure(self, session: AsyncSession, person_id: UUID) -> tuple[str, ...]:
        """Return new codes for who has none at all; nobody is shown theirs twice."""
        there = select(exists().where(RecoveryCodeRow.person_id == person_id))
        return () if await session.scalar(there) else await self.renew(session, person_id)

    async def use(self, session: AsyncSession, person_id: UUID, code: str) -> bool:
        """Say whether a code is one of the person's, not yet used; of two who use it at once one has it."""
        used = (
            update(RecoveryCodeRow)
            .where(
                RecoveryCodeRow.person_id == person_id,
                RecoveryCodeRow.code_hash == self._hash(person_id, code),
                RecoveryCodeRow.used_at.is_(None),
            )
            .values(used_at=self._clock.now())
            .returning(RecoveryCodeRow.id)
        )
        return (await session.execute(used)).scalar_one_or_none() is not None

    async def end(self, session: AsyncSession, person_id: UUID) -> None:
        """End a person's codes."""
        await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person_id == person_id))

    def _hash(self, person_id: UUID, code: str) -> bytes:
        return self._vault.keyed_hash("recovery", f"{person_id}\n{read_code(code)}")
