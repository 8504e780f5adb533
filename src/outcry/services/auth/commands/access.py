"""Ends sessions; makes and revokes keys for programs."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from outcry.kit.clock import Clock
from outcry.kit.errors import ForbiddenError, InvalidInputError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database, Transaction
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.api_keys import make_key
from outcry.services.auth.directory import Directory
from outcry.services.auth.errors import ApiKeyNotFoundError, SessionNotFoundError, TooManyKeysError
from outcry.services.auth.key_news import tell_key_changed
from outcry.services.auth.models.access import ApiKeyRow
from outcry.services.auth.models.people import OrganisationRow
from outcry.services.auth.permissions import NOT_FOR_KEYS, TABLE
from outcry.services.auth.plans import plan_of
from outcry.services.auth.queries.access import ApiKey, to_api_key
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.tickets import fingerprint

LONGEST_DAYS = 3_650
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key that was just made. ``token`` is shown this once: only its hash is kept."""

    key: ApiKey
    token: str = field(repr=False)


class AccessCommands:
    """What a person does about their own sessions and keys."""

    def __init__(
        self, *, database: Database, clock: Clock, sessions: Sessions, announcer: Announcer, directory: Directory
    ) -> None:
        self._database = database
        self._clock = clock
        self._sessions = sessions
        self._announcer = announcer
        self._directory = directory

    async def end_session(self, principal: Principal, session_id: UUID) -> None:
        """End one of the person's sessions; raises SessionNotFoundError."""
        async with self._database.transaction() as transaction:
            ended = await self._sessions.end_all(transaction, principal.user_id, reason="ended", only=session_id)
        if not ended:
            raise SessionNotFoundError()
        await self._announcer.changed([principal.user_id])

    async def end_other_sessions(self, principal: Principal) -> None:
        """End all of the person's sessions but this one."""
        async with self._database.transaction() as transaction:
            await self._sessions.end_all(transaction, principal.user_id, reason="ended", but=principal.session_id)
        await self._announcer.changed([principal.user_id])

    async def make_api_key(
        self, principal: Principal, *, name: str, scopes: tuple[str, ...], expires_in_days: int | None
    ) -> NewApiKey:
        """Make a key that may do what is chosen of what its person may.

        Raises InvalidInputError for what is no permission, ForbiddenError for what the person or no key at all may do,
        and TooManyKeysError when the plan has no more.
        """
        chosen = _read_scopes(scopes, principal)
        now, made = self._clock.now(), make_key()
        row = ApiKeyRow(
            id=new_id(),
            person_id=principal.user_id,
            organisation_id=principal.tenant_id,
            name=_read_name(name),
            prefix=made.prefix,
            token_hash=fingerprint(made.token),
            scopes=sorted(chosen),
            created_at=now,
            expires_at=None if expires_in_days is None else now + timedelta(days=expires_in_days),
        )
        async with self._database.transaction() as transaction:
            await self._check_quota(transaction, principal)
            transaction.session.add(row)
            await tell_key_changed(transaction, self._directory, row, "added", actor_id=principal.user_id)
        return NewApiKey(key=to_api_key(row), token=made.token)

    async def revoke_api_key(self, principal: Principal, key_id: UUID) -> None:
        """Revoke one of the person's keys for good; raises ApiKeyNotFoundError."""
        query = select(ApiKeyRow).where(
            ApiKeyRow.id == key_id,
            ApiKeyRow.person_id == principal.user_id,
            ApiKeyRow.organisation_id == principal.tenant_id,
            ApiKeyRow.revoked_at.is_(None),
        )
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(query.with_for_update())
            if row is None:
                raise ApiKeyNotFoundError()
            row.revoked_at = self._clock.now()
            await tell_key_changed(transaction, self._directory, row, "removed", actor_id=principal.user_id)
        await self._announcer.changed([principal.user_id])

    async def _check_quota(self, transaction: Transaction, principal: Principal) -> None:
        # The organisation's row is held, so that of two keys made at once the second counts the first.
        rows = transaction.session
        query = select(OrganisationRow.plan).where(OrganisationRow.id == principal.tenant_id)
        most = plan_of(await rows.scalar(query.with_for_update(key_share=True)) or "").api_keys
        live = select(func.count()).where(
            ApiKeyRow.person_id == principal.user_id,
            ApiKeyRow.organisation_id == principal.tenant_id,
            ApiKeyRow.revoked_at.is_(None),
        )
        if (await rows.scalar(live) or 0) >= most:
            raise TooManyKeysError(f"The plan has {most} keys a person. Revoke one that is not used any more.")


def _read_scopes(scopes: tuple[str, ...], principal: Principal) -> frozenset[str]:
    chosen = frozenset(scopes)
    unknown = sorted(chosen - TABLE.keys())
    if unknown or not chosen:
        reason = f"There is no permission {unknown[0][:80]}." if unknown else "Choose at least one permission."
        raise InvalidInputError(reason, errors=({"field": "scopes", "message": reason},))
    never = sorted(chosen & NOT_FOR_KEYS)
    if never:
        raise ForbiddenError(f"No key may have {never[0]}: it is for signed-in people.")
    for scope in sorted(chosen):
        principal.require(scope)
    return chosen


def _read_name(name: str) -> str:
    cleaned = clean_line(name)
    if not cleaned or len(cleaned) > _LONGEST_NAME:
        reason = f"Give the key a name of 1 to {_LONGEST_NAME} characters, such as what will use it."
        raise InvalidInputError(reason, errors=({"field": "name", "message": reason},))
    return cleaned
