"""Adding, naming and removing passkeys; signing in by one alone."""

import os
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from outcry.kit.errors import InvalidInputError, UnauthenticatedError
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.devices import forget_devices
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import second_factors
from outcry.services.auth.errors import (
    PasskeyNotFoundError,
    TicketEndedError,
    TooManyPasskeysError,
)
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identity import Client
from outcry.services.auth.mailing import Letter
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.factors import PasskeyRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.passkeys import PasskeyAnswer, PasskeyChallenge, Passkeys, known_passkeys
from outcry.services.auth.queries.factors import Passkey, to_passkey
from outcry.services.auth.recovery_codes import RecoveryCodes
from outcry.services.auth.relying_party import NewPasskey, RelyingParty
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.ways_in import check_not_short, check_way_in

MOST_PASSKEYS = 20
_LONGEST_NAME = 80
_A_PASSKEY = "A passkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedPasskey:
    """A passkey that was just added. With a person's first second factor come recovery codes, shown this once."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None
    codes: tuple[str, ...] = field(repr=False)


class PasskeyCommands:
    """What a person does about their own passkeys."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        party: RelyingParty,
        passkeys: Passkeys,
        recovery: RecoveryCodes,
        news: FactorNews,
        settings: AuthSettings,
    ) -> None:
        self._database = database
        self._directory = directory
        self._party = party
        self._passkeys = passkeys
        self._recovery = recovery
        self._news = news
        self._settings = settings

    async def ask(self, principal: Principal) -> PasskeyChallenge:
        """Return the options for a new passkey; raises TooManyPasskeysError, PasskeysUnavailableError."""
        async with self._database.transaction() as transaction:
            rows = transaction.session
            person = await rows.get(PersonRow, principal.user_id, with_for_update=True)
            if person is None:
                raise UnauthenticatedError()
            # Older versions gave nobody a handle.
            person.handle = person.handle or os.urandom(32)
            known = await known_passkeys(rows, person.id)
            _check_number(known)
            named = await self._directory.open_person(rows, person)
            options = self._party.options_to_make(handle=person.handle, email=named.email, name=named.name, known=known)
            return await self._passkeys.issue(rows, "passkey_add", options, {}, person_id=person.id)

    async def add(self, principal: Principal, client: Client, answer: PasskeyAnswer, *, name: str) -> AddedPasskey:
        """Add a passkey; raises TicketEndedError, PasskeyRefusedError, TooManyPasskeysError, InvalidInputError."""
        cleaned, person_id = read_passkey_name(name), principal.user_id
        made = await self._take(person_id, answer)
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_person(rows, person_id)
            _check_number(await known_passkeys(rows, person_id))
            row = await self._passkeys.store(rows, person_id, made, cleaned)
            codes = await self._recovery.ensure(rows, person_id)
            await self._tell(transaction, principal, letters.factor_added(_A_PASSKEY, client), "added")
            return AddedPasskey(
                id=row.id,
                name=row.name,
                backed_up=row.backed_up,
                created_at=row.created_at,
                last_used_at=None,
                codes=codes,
            )

    async def _take(self, person_id: UUID, answer: PasskeyAnswer) -> NewPasskey:
        # The challenge is used up in a transaction of its own: also by an answer that is refused.
        async with self._database.transaction() as transaction:
            ticket = await self._passkeys.take(transaction.session, "passkey_add", answer.ticket)
        if ticket.person_id != person_id:
            raise TicketEndedError("This took too long. Try again.")
        return self._passkeys.read_new(ticket, answer)

    async def rename(self, principal: Principal, passkey_id: UUID, name: str) -> Passkey:
        """Give a passkey another name; raises PasskeyNotFoundError, InvalidInputError."""
        cleaned = read_passkey_name(name)
        query = select(PasskeyRow).where(PasskeyRow.id == passkey_id, PasskeyRow.person_id == principal.user_id)
        async with self._database.transaction() as transaction:
            row = await transaction.session.scalar(query.with_for_update())
            if row is None:
                raise PasskeyNotFoundError()
            row.name = cleaned
            return to_passkey(row)

    async def remove(self, principal: Principal, client: Client, passkey_id: UUID) -> None:
        """Remove a passkey; raises PasskeyNotFoundError, and LastWayInError when nothing else opens the account."""
        person_id = principal.user_id
        gone = (
            delete(PasskeyRow)
            .where(PasskeyRow.id == passkey_id, PasskeyRow.person_id == person_id)
            .returning(PasskeyRow.id)
        )
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_person(rows, person_id)
            if (await rows.execute(gone)).scalar_one_or_none() is None:
                raise PasskeyNotFoundError()
            await check_way_in(rows, person_id, self._settings)
            await check_not_short(rows, person_id)
            await forget_devices(rows, person_id)
            if not await second_factors(rows, person_id):
                await self._recovery.end(rows, person_id)
            await self._tell(transaction, principal, letters.factor_removed(_A_PASSKEY, client), "removed")

    async def _tell(self, transaction: Transaction, principal: Principal, letter: Letter, act: str) -> None:
        await self._news.tell(
            transaction,
            letter,
            person_id=principal.user_id,
            tenant_id=principal.tenant_id,
            what="passkey",
            act=act,
        )


def read_passkey_name(text: str) -> str:
    """Return a passkey's name as one clean line; raises InvalidInputError."""
    name = clean_line(text)
    if not name or len(name) > _LONGEST_NAME:
        reason = f"Give the passkey a name of 1 to {_LONGEST_NAME} characters, such as where it is."
        raise InvalidInputError(reason, errors=({"field": "name", "message": reason},))
    return name


def _check_number(known: list[PasskeyRow]) -> None:
    if len(known) >= MOST_PASSKEYS:
        raise TooManyPasskeysError(f"You have {MOST_PASSKEYS} passkeys. Remove one that is not used any more.")
