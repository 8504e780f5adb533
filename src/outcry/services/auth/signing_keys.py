"""The Ed25519 keys that sign access tokens: kept in the database, their private parts sealed."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import OKPKey
from sqlalchemy import insert, select

from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.kit.sealing import KEY_SIZE, SealBrokenError, open_secret, seal_secret
from outcry.ports.database import Database
from outcry.ports.secrets import Secrets
from outcry.services.auth.models import SigningKeyRow

MASTER_KEY = "auth-master"
# How often an unknown key id may make us read the table: a stranger can send as many as they like.
_RELOAD_EVERY = timedelta(seconds=5)


class SigningKeys:
    """Gives the key that signs now, and every key that may have signed."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock
        self._lock = asyncio.Lock()
        self._public: dict[str, OKPKey] = {}
        self._current: tuple[str, OKPKey] | None = None
        self._loaded_at: datetime | None = None

    async def current(self) -> tuple[str, OKPKey]:
        """Return the id and the private key that signs, made at the first need; raises UnavailableError.

        Two processes that start at once may make one each. Both are stored, so each verifies the other's tokens.
        """
        async with self._lock:
            if self._current is None:
                self._current = await self._load_current()
            return self._current

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
        self._loaded_at = self._clock.now()
        async with self._database.reading() as session:
            rows = await session.execute(
                select(SigningKeyRow.kid, SigningKeyRow.public_jwk).where(SigningKeyRow.retired_at.is_(None))
            )
            self._public = {kid: OKPKey.import_key(jwk) for kid, jwk in rows}

    async def _load_current(self) -> tuple[str, OKPKey]:
        master = await self._secrets.get_or_create(MASTER_KEY, size=KEY_SIZE)
        if len(master) != KEY_SIZE:
            raise UnavailableError(f"The secret {MASTER_KEY} must have {KEY_SIZE} bytes; it has {len(master)}.")
        newest = (
            select(SigningKeyRow)
            .where(SigningKeyRow.retired_at.is_(None))
            .order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.kid)
            .limit(1)
        )
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(newest)
            if row is None:
                kid, key, values = self._make(master)
                await transaction.session.execute(insert(SigningKeyRow).values(values))
            else:
                kid, key = row.kid, self._open(master, row)
        self._public[kid] = OKPKey.import_key(key.as_dict(private=False))
        return kid, key

    def _make(self, master: bytes) -> tuple[str, OKPKey, dict[str, Any]]:
        key = OKPKey.generate_key("Ed25519")
        kid = key.thumbprint()
        public: dict[str, Any] = {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "EdDSA"}
        private = json.dumps(key.as_dict(private=True)).encode()
        values = {
            "kid": kid,
            "public_jwk": public,
            "sealed_private_jwk": seal_secret(private, key=master, context=_place(kid)),
            "created_at": self._clock.now(),
        }
        return kid, key, values

    def _open(self, master: bytes, row: SigningKeyRow) -> OKPKey:
        try:
            private = open_secret(row.sealed_private_jwk, key=master, context=_place(row.kid))
        except SealBrokenError as error:
            raise UnavailableError(
                f"The key that signs tokens was sealed with another {MASTER_KEY}. Put that secret back."
            ) from error
        return OKPKey.import_key(json.loads(private))


def _place(kid: str) -> bytes:
    return f"signing_key:{kid}".encode()
