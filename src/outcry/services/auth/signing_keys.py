"""The Ed25519 keys that sign access tokens: kept in the database, their private parts sealed."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import OKPKey
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.ports.database import Database
from outcry.services.auth.events import NO_TENANT, KeysRotated
from outcry.services.auth.models.access import SigningKeyRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.vault import MASTER_KEY, DataKey, Vault

# How often an unknown key id may make us read the table: a stranger can send as many as they like.
_RELOAD_EVERY = timedelta(seconds=5)
# How soon every process signs with a key that another one made.
_CURRENT_FOR = timedelta(seconds=30)


class SigningKeys:
    """Gives the key that signs now, and every key that may have signed."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, settings: AuthSettings) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        # Twice as long as the tokens that the old key signed are valid, for clocks that differ.
        self._overlap = 2 * timedelta(minutes=settings.access_minutes)
        self._lock = asyncio.Lock()
        self._public: dict[str, OKPKey] = {}
        self._current: tuple[str, OKPKey] | None = None
        self._current_at: datetime | None = None
        self._loaded_at: datetime | None = None

    async def current(self) -> tuple[str, OKPKey]:
        """Return the id and the private key that signs, made at the first need; raises UnavailableError.

        Two processes that start at once may make one each. Both are stored, so each verifies the other's tokens.
        """
        async with self._lock:
            now = self._clock.now()
            if self._current is None or self._current_at is None or now - self._current_at >= _CURRENT_FOR:
                self._current, self._current_at = await self._load_current(), now
            return self._current

    async def rotate(self) -> str:
        """Make a key that signs from now on, and return its id; tokens of the older ones stay valid meanwhile."""
        async with self._lock, self._database.transaction() as transaction:
            retired = (
                update(SigningKeyRow)
                .where(SigningKeyRow.retired_at.is_(None))
                .values(retired_at=self._clock.now() + self._overlap)
            )
            await transaction.session.execute(retired)
            kid, key = await self._make(transaction.session)
            event = KeysRotated(what="signing", key=kid)
            transaction.publish(event, tenant_id=NO_TENANT, key="keys")
            self._current, self._current_at = (kid, key), self._clock.now()
        return kid

    async def reseal(self, row: SigningKeyRow, version: int, master: DataKey) -> None:
        """Seal a key under another version of the master key, in the caller's transaction."""
        place = _place(row.kid)
        private = (await self._vault.master(row.master_version)).open(row.sealed_private_jwk, place)
        row.sealed_private_jwk, row.master_version = master.seal(private, place), version

    async def find(self, kid: str) -> OKPKey | None:
        """Return the public key of an id, None when there is none."""
        if kid not in self._public and self._may_reload():
            await self._load_public()
        return self._public.get(kid)

    async def public_keys(self) -> list[dict[str, Any]]:
        """Return the public keys as JWKs (RFC 7517)."""
        await self.current()
        await self._load_public()
        return [dict(key.as_dict(private=False)) for key in self._public.values()]

    def _may_reload(self) -> bool:
        return self._loaded_at is None or abs(self._clock.now() - self._loaded_at) >= _RELOAD_EVERY

    async def _load_public(self) -> None:
        self._loaded_at = now = self._clock.now()
        async with self._database.reading() as session:
            rows = await session.execute(
                select(SigningKeyRow.kid, SigningKeyRow.public_jwk).where(
                    SigningKeyRow.retired_at.is_(None) | (SigningKeyRow.retired_at > now)
                )
            )
            self._public = {kid: OKPKey.import_key(jwk) for kid, jwk in rows}

    async def _load_current(self) -> tuple[str, OKPKey]:
        newest = (
            select(SigningKeyRow)
            .where(SigningKeyRow.retired_at.is_(None), SigningKeyRow.master_version > 0)
            .order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.kid)
            .limit(1)
        )
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(newest)
            if row is None:
                return await self._make(transaction.session)
            kid, key = row.kid, await self._open(row)
        self._public[kid] = OKPKey.import_key(key.as_dict(private=False))
        return kid, key

    async def _make(self, session: AsyncSession) -> tuple[str, OKPKey]:
        key = OKPKey.generate_key("Ed25519")
        kid = key.thumbprint()
        public: dict[str, Any] = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "EdDSA"}
        version, master = await self._vault.newest_master(session)
        values = {
            "kid": kid,
            "public_jwk": public,
            "sealed_private_jwk": master.seal(json.dumps(key.as_dict(private=True)), _place(kid)),
            "master_version": version,
            "created_at": self._clock.now(),
        }
        await session.execute(insert(SigningKeyRow).values(values))
        self._public[kid] = OKPKey.import_key(key.as_dict(private=False))
        return kid, key

    async def _open(self, row: SigningKeyRow) -> OKPKey:
        master = await self._vault.master(row.master_version)
        try:
            private = master.open(row.sealed_private_jwk, _place(row.kid))
        except UnavailableError as error:
            raise UnavailableError(
                f"The key that signs tokens was sealed with another {MASTER_KEY}. Put that secret back."
            ) from error
        return OKPKey.import_key(json.loads(private))


def _place(kid: str) -> str:
    return f"signing_key:{kid}"
