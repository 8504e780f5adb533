"""Rotating the keys above all others, while the service runs: nothing is sealed anew but keys, and no request waits."""

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from outcry.kit.clock import Clock
from outcry.kit.errors import ConflictError
from outcry.kit.sealing import KEY_SIZE
from outcry.ports.database import Database
from outcry.ports.secrets import Secrets
from outcry.services.auth.contracts import RotationDone, RotationStep
from outcry.services.auth.events import NO_TENANT, KeysRotated
from outcry.services.auth.models.access import MasterKeyRow, SigningKeyRow
from outcry.services.auth.models.people import OrganisationKeyRow
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.vault import DataKey, Vault, master_secret

_AT_ONCE = 200


class KeyRotation:
    """Makes the next master key and the next signing key. Interrupted, it is finished by running it again.

    The new secret is there before any row names it, and every row names the version that wrapped it: a reader finds
    the right one at every moment. The older secrets stay, for copies of the data and for what was written meanwhile.
    """

    def __init__(self, *, database: Database, secrets: Secrets, vault: Vault, keys: SigningKeys, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._vault = vault
        self._keys = keys
        self._clock = clock

    async def plan(self) -> RotationStep:
        """Return what ``rotate`` would do now; a rotation is done once a key signs that was made after it began."""
        newest = select(MasterKeyRow).order_by(MasterKeyRow.version.desc()).limit(1)
        async with self._database.reading() as session:
            row = await session.scalar(newest)
            if row is None:
                return _step(2, begun=False)
            signed = select(func.count()).where(SigningKeyRow.created_at >= row.created_at)
            if await session.scalar(signed):
                return _step(row.version + 1, begun=False)
        return _step(row.version, begun=True)

    async def rotate(self, step: RotationStep) -> RotationDone:
        """Do it; raises UnavailableError where the secret cannot be made, ConflictError when another does it too."""
        if not step.begun:
            await self._secrets.get_or_create(master_secret(step.version), size=KEY_SIZE)
            await self._begin(step.version)
        master = await self._vault.master(step.version)
        organisations = signing_keys = 0
        while done := await self._wrap_organisations(step.version, master):
            organisations += done
        while done := await self._seal_signing_keys(step.version, master):
            signing_keys += done
        return RotationDone(organisations=organisations, signing_keys=signing_keys, kid=await self._keys.rotate())

    async def _begin(self, version: int) -> None:
        row = {"version": version, "created_at": self._clock.now()}
        try:
            async with self._database.transaction() as transaction:
                await transaction.session.execute(insert(MasterKeyRow).values(row))
                event = KeysRotated(what="master", key=str(version))
                transaction.publish(event, tenant_id=NO_TENANT, key="keys")
        except IntegrityError as error:
            raise ConflictError("Another rotation has just begun. Let that one finish.") from error

    async def _wrap_organisations(self, version: int, master: DataKey) -> int:
        older = (
            select(OrganisationKeyRow)
            .where(OrganisationKeyRow.master_version < version)
            .order_by(OrganisationKeyRow.organisation_id)
            .limit(_AT_ONCE)
            .with_for_update()
        )
        async with self._database.transaction() as transaction:
            rows = list(await transaction.session.scalars(older))
            for row in rows:
                key = (await self._vault.master(row.master_version)).unwrap(row.wrapped, row.organisation_id)
                row.wrapped, row.master_version = key.rewrap_under(master), version
        return len(rows)

    async def _seal_signing_keys(self, version: int, master: DataKey) -> int:
        # Version 0 is a key of an older program, which signs no more and is not opened.
        older = (
            select(SigningKeyRow)
            .where(SigningKeyRow.master_version > 0, SigningKeyRow.master_version < version)
            .order_by(SigningKeyRow.kid)
            .limit(_AT_ONCE)
            .with_for_update()
        )
        async with self._database.transaction() as transaction:
            rows = list(await transaction.session.scalars(older))
            for row in rows:
                await self._keys.reseal(row, version, master)
        return len(rows)


def _step(version: int, *, begun: bool) -> RotationStep:
    return RotationStep(
        version=version, secret=master_secret(version), older_secret=master_secret(version - 1), begun=begun
    )
