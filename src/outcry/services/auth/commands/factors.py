"""Switching the authenticator app on and off; recovery codes; remembered devices."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete

from outcry.kit.clock import Clock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.principal import Principal
from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.devices import forget_devices
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import second_factors
from outcry.services.auth.errors import DeviceNotFoundError, FactorNotOnError, TicketEndedError, WrongFactorError
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identity import Client
from outcry.services.auth.mailing import Letter
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.factors import TotpRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.recovery_codes import RecoveryCodes
from outcry.services.auth.tickets import Tickets
from outcry.services.auth.totp import TotpCodes, find_step, new_seed, qr_of, uri_of
from outcry.services.auth.ways_in import check_not_short

_OFFERED_FOR = timedelta(minutes=10)
_MOST_TRIES = 5
_APP = "An authenticator app"


@dataclass(frozen=True, slots=True, kw_only=True)
class TotpOffer:
    """A seed for an authenticator app: as text, as the URI that apps read, and as a picture of that."""

    ticket: str = field(repr=False)
    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecoveryCodes:
    """Recovery codes, shown this once; empty when the person has theirs already."""

    codes: tuple[str, ...] = field(repr=False)


class FactorCommands:
    """What a person does about their own second factors."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        tickets: Tickets,
        directory: Directory,
        codes: TotpCodes,
        recovery: RecoveryCodes,
        news: FactorNews,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tickets = tickets
        self._directory = directory
        self._codes = codes
        self._recovery = recovery
        self._news = news

    async def offer_totp(self, principal: Principal) -> TotpOffer:
        """Return a seed; nothing is on until a code of it was shown. An older offer ends."""
        seed = new_seed()
        async with self._database.transaction() as transaction:
            rows = transaction.session
            person = await rows.get(PersonRow, principal.user_id)
            if person is None:
                raise UnauthenticatedError()
            account = (await self._directory.open_person(rows, person)).email
            ticket = await self._tickets.issue(
                rows, "totp_add", {"seed": seed}, ttl=_OFFERED_FOR, person_id=principal.user_id, alone=True
            )
        uri = uri_of(seed, account)
        return TotpOffer(ticket=ticket, secret=seed, uri=uri, qr_svg=await asyncio.to_thread(qr_of, uri))

    async def confirm_totp(self, principal: Principal, client: Client, *, ticket: str, code: str) -> NewRecoveryCodes:
        """Switch the app on, in place of an older one; raises TicketEndedError, WrongFactorError.

        Returns recovery codes when this is the person's first second factor.
        """
        async with self._database.transaction() as transaction:
            codes = await self._switch_on(transaction, principal, client, ticket, code)
        if codes is None:
            raise WrongFactorError("The code is not right. Check the clock of the device, and try the next code.")
        return NewRecoveryCodes(codes=codes)

    async def _switch_on(
        self, transaction: Transaction, principal: Principal, client: Client, ticket: str, code: str
    ) -> tuple[str, ...] | None:
        rows, person_id = transaction.session, principal.user_id
        await hold_person(rows, person_id)
        offer = await self._tickets.find(rows, "totp_add", ticket, held=True)
        if offer is None or offer.person_id != person_id:
            raise TicketEndedError("Begin again: the offer is too old, or there was a newer one.")
        step = find_step(offer.data["seed"], code, self._clock.now())
        if step is None:
            await self._tickets.count_try(rows, offer, most=_MOST_TRIES)
            return None
        await self._tickets.withdraw(rows, person_id, "totp_add")
        replaced = await self._codes.put(rows, person_id, offer.data["seed"], step)
        if replaced:
            await forget_devices(rows, person_id)
        letter = (letters.factor_changed if replaced else letters.factor_added)(_APP, client)
        await self._tell(transaction, principal, letter, "totp", "changed" if replaced else "added")
        return await self._recovery.ensure(rows, person_id)

    async def remove_totp(self, principal: Principal, client: Client) -> None:
        """Switch the app off; raises FactorNotOnError, ShortPasswordError. Remembered devices are forgotten."""
        gone = delete(TotpRow).where(TotpRow.person_id == principal.user_id).returning(TotpRow.person_id)
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_person(rows, principal.user_id)
            if (await rows.execute(gone)).scalar_one_or_none() is None:
                raise FactorNotOnError()
            await check_not_short(rows, principal.user_id)
            await forget_devices(rows, principal.user_id)
            if not await second_factors(rows, principal.user_id):
                await self._recovery.end(rows, principal.user_id)
            letter = letters.factor_removed(_APP, client)
            await self._tell(transaction, principal, letter, "totp", "removed")

    async def renew_recovery_codes(self, principal: Principal, client: Client) -> NewRecoveryCodes:
        """Return ten new codes; the old ones end. Raises FactorNotOnError for who has no second factor."""
        async with self._database.transaction() as transaction:
            rows = transaction.session
            await hold_person(rows, principal.user_id)
            if not await second_factors(rows, principal.user_id):
                raise FactorNotOnError("Switch a second factor on first: recovery codes stand in for one.")
            codes = await self._recovery.renew(rows, principal.user_id)
            letter = letters.recovery_codes_renewed(client)
            await self._tell(transaction, principal, letter, "recovery_codes", "changed")
        return NewRecoveryCodes(codes=codes)

    async def forget_device(self, principal: Principal, device_id: UUID | None = None) -> None:
        """Forget one remembered device, or all; raises DeviceNotFoundError when the one is not there."""
        async with self._database.transaction() as transaction:
            gone = await forget_devices(transaction.session, principal.user_id, device_id)
            if gone:
                await self._tell(transaction, principal, None, "device", "removed")
        if not gone and device_id is not None:
            raise DeviceNotFoundError()

    async def _tell(
        self,
        transaction: Transaction,
        principal: Principal,
        letter: Letter | None,
        what: str,
        act: str,
    ) -> None:
        await self._news.tell(
            transaction,
            letter,
            person_id=principal.user_id,
            tenant_id=principal.tenant_id,
            what=what,
            act=act,
        )
