"""Making an account that has a passkey and no password."""

import os
from typing import Any
from uuid import UUID

from sqlalchemy import update
from webauthn.helpers import bytes_to_base64url

from outcry.ports.database import Database, Transaction
from outcry.services.auth.challenging import Challenger
from outcry.services.auth.commands.registration import Proof, RegistrationCommands
from outcry.services.auth.contracts import ConfirmationSent
from outcry.services.auth.entrance import SignedInBrowser
from outcry.services.auth.identity import Client, read_email, read_name
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.passkeys import PasskeyAnswer, PasskeyChallenge, Passkeys
from outcry.services.auth.relying_party import NewPasskey, RelyingParty, bytes_of
from outcry.services.auth.throttle import Throttle

_KIND = "passkey"
_FIRST_NAME = "Passkey"


class PasskeyRegistrationCommands:
    """Asks for a passkey before there is an account, and has the account made with it."""

    def __init__(
        self,
        *,
        database: Database,
        party: RelyingParty,
        passkeys: Passkeys,
        throttle: Throttle,
        challenger: Challenger,
        registration: RegistrationCommands,
    ) -> None:
        self._database = database
        self._party = party
        self._passkeys = passkeys
        self._throttle = throttle
        self._challenger = challenger
        self._registration = registration
        registration.writers[_KIND] = self._write

    async def ask(self, client: Client, *, email: str, name: str) -> PasskeyChallenge:
        """Return the options for the passkey of a new account: the same whether the address is taken or not.

        Raises InvalidInputError with the reason, RateLimitedError, PasskeysUnavailableError.
        """
        address, clean_name = read_email(email), read_name(name)
        await self._challenger.check_asking(client)
        await self._throttle.admit_challenge(client.address)
        handle = os.urandom(32)
        options = self._party.options_to_make(handle=handle, email=address.shown, name=clean_name)
        kept = {"email": address.shown, "name": clean_name, "handle": bytes_to_base64url(handle)}
        async with self._database.transaction() as transaction:
            return await self._passkeys.issue(transaction.session, "passkey_register", options, kept)

    async def finish(self, client: Client, answer: PasskeyAnswer) -> SignedInBrowser | ConfirmationSent:
        """Make the account, or send the link that makes it, as ``RegistrationCommands.register`` does.

        Raises TicketEndedError and PasskeyRefusedError besides.
        """
        async with self._database.transaction() as transaction:
            ticket = await self._passkeys.take(transaction.session, "passkey_register", answer.ticket)
        made = self._passkeys.read_new(ticket, answer)
        proof = Proof(kind=_KIND, data={"handle": ticket.data["handle"], **_to_json(made)}, methods=made.methods)
        return await self._registration.register(read_email(ticket.data["email"]), ticket.data["name"], proof, client)

    async def _write(self, transaction: Transaction, person_id: UUID, data: dict[str, Any]) -> None:
        rows = transaction.session
        # The handle that the passkey has been given is the person's from now on.
        named = update(PersonRow).where(PersonRow.id == person_id).values(handle=bytes_of(data["handle"]))
        await rows.execute(named)
        await self._passkeys.store(rows, person_id, _from_json(data), _FIRST_NAME)


def _to_json(made: NewPasskey) -> dict[str, Any]:
    return {
        "credential_id": bytes_to_base64url(made.credential_id),
        "public_key": bytes_to_base64url(made.public_key),
        "sign_count": made.sign_count,
        "transports": list(made.transports),
        "backed_up": made.backed_up,
    }


def _from_json(data: dict[str, Any]) -> NewPasskey:
    return NewPasskey(
        credential_id=bytes_of(data["credential_id"]),
        public_key=bytes_of(data["public_key"]),
        sign_count=data["sign_count"],
        transports=tuple(data["transports"]),
        backed_up=data["backed_up"],
    )
