"""Registering: at once, or by a link to the address where addresses are confirmed first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.ports.database import Database, Transaction
from outcry.services.auth import letters
from outcry.services.auth.challenging import Challenger
from outcry.services.auth.commands.accounts import AccountFounder
from outcry.services.auth.contracts import ConfirmationSent
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance, SignedInBrowser
from outcry.services.auth.errors import EmailTakenError, LinkInvalidError
from outcry.services.auth.identity import Client, Email, read_email, read_name
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.models.factors import CredentialRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.password_rules import Owner
from outcry.services.auth.passwords import PEPPER_VERSION, Passwords
from outcry.services.auth.sessions import Grant
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Tickets

# Writes the first factor of a new person from what the ticket kept of it.
WriteProof = Callable[[Transaction, UUID, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The first factor of a new account: its kind, what is to be written, and its methods (RFC 8176)."""

    kind: str
    data: dict[str, Any]
    methods: tuple[str, ...]


class RegistrationCommands:
    """Makes accounts. ``writers`` has a function for each kind of first factor; other parts add theirs."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        directory: Directory,
        passwords: Passwords,
        throttle: Throttle,
        challenger: Challenger,
        tickets: Tickets,
        mailing: Mailing,
        entrance: Entrance,
        founder: AccountFounder,
        settings: AuthSettings,
        confirm_email: bool,
    ) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory
        self._passwords = passwords
        self._throttle = throttle
        self._challenger = challenger
        self._tickets = tickets
        self._mailing = mailing
        self._entrance = entrance
        self._founder = founder
        self._minutes = settings.link_minutes
        self.confirms = confirm_email
        self.writers: dict[str, WriteProof] = {"password": self._write_password}

    async def with_password(
        self, *, email: str, password: str, name: str, client: Client
    ) -> SignedInBrowser | ConfirmationSent:
        """Make an account that has a password, or send the link that makes it; raises as ``register`` does."""
        address, clean_name = read_email(email), read_name(name)
        await self._throttle.admit_address(client.address)
        checked = await self._passwords.check(password, Owner(email=address.key, name=clean_name))
        await self._challenger.check_asking(client)
        # Hashed whether the address is free or not: so both take as long.
        data = {"password_hash": await self._passwords.hash(checked), "pepper_version": PEPPER_VERSION}
        proof = Proof(kind="password", data=data, methods=("pwd",))
        return await self.register(address, clean_name, proof, client)

    async def register(
        self, email: Email, name: str, proof: Proof, client: Client
    ) -> SignedInBrowser | ConfirmationSent:
        """Make an account with an organisation of its own, or send the link that makes it.

        Where addresses are confirmed the answer and the work are alike for one that is taken: its owner is told by
        mail. Where they are not, raises EmailTakenError, and RateLimitedError for who tries many.
        """
        if self.confirms:
            if await self._throttle.admit_mail(email.key, client.address):
                await self._send_link(email, name, proof)
            return ConfirmationSent()
        await self._throttle.admit_address(client.address)
        try:
            async with self._database.transaction() as transaction:
                grant = await self._begin(transaction, email, name, proof, client, verified=False)
        except EmailTakenError:
            await self._throttle.failed(client.address)
            raise
        return await self._entrance.open(grant)

    async def confirm(self, *, token: str, client: Client) -> SignedInBrowser:
        """Make the account of a link and sign it in; raises LinkInvalidError, EmailTakenError, RateLimitedError."""
        await self._throttle.admit_address(client.address)
        async with self._database.transaction() as transaction:
            ticket = await self._tickets.take(transaction.session, "registration", token)
            if ticket is not None:
                data = ticket.data
                proof = Proof(kind=data["kind"], data=data["proof"], methods=tuple(data["methods"]))
                email = read_email(data["email"])
                grant = await self._begin(transaction, email, data["name"], proof, client, verified=True)
        if ticket is None:
            await self._throttle.failed(client.address)
            raise LinkInvalidError()
        return await self._entrance.open(grant)

    async def _send_link(self, email: Email, name: str, proof: Proof) -> None:
        async with self._database.transaction() as transaction:
            rows = transaction.session
            taken = await self._is_taken(rows, email)
            data = {"email": email.shown, "name": name, "kind": proof.kind, "proof": proof.data}
            data["methods"] = list(proof.methods)
            # Written for an address that is taken too, where nobody ever learns of it: both cost the same.
            token = await self._tickets.issue(rows, "registration", data, ttl=timedelta(minutes=self._minutes))
            if taken:
                letter = letters.already_registered(self._mailing.page("/sign-in"))
            else:
                letter = letters.confirm_registration(self._mailing.link("/confirm", token), minutes=self._minutes)
            await self._mailing.queue(transaction, email.shown, letter)

    async def _is_taken(self, session: AsyncSession, email: Email) -> bool:
        query = select(exists().where(PersonRow.email_index == self._directory.index(email)))
        return bool(await session.scalar(query))

    async def _begin(
        self, transaction: Transaction, email: Email, name: str, proof: Proof, client: Client, *, verified: bool
    ) -> Grant:
        person_id = await self._founder.found(transaction, email, name, verified=verified)
        await self.writers[proof.kind](transaction, person_id, proof.data)
        return await self._entrance.begin(transaction, person_id, client, methods=proof.methods)

    async def _write_password(self, transaction: Transaction, person_id: UUID, data: dict[str, Any]) -> None:
        values = {"person_id": person_id, "changed_at": self._clock.now(), **data}
        await transaction.session.execute(insert(CredentialRow).values(values))
