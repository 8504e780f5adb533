"""Signing in by a passkey: alone, or as the second factor that a sign-in waits for."""

from uuid import UUID

from outcry.ports.database import Database, Transaction
from outcry.services.auth.entrance import Entrance, SignedInBrowser, second_factors
from outcry.services.auth.errors import FactorNotOnError, TicketEndedError, WrongFactorError
from outcry.services.auth.events import NO_TENANT, SignInFailed
from outcry.services.auth.identity import Client
from outcry.services.auth.passkeys import Outcome, PasskeyAnswer, PasskeyChallenge, Passkeys
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Tickets


class PasskeySignInCommands:
    """Gives challenges to who is not signed in, and signs in who answers one."""

    def __init__(
        self, *, database: Database, tickets: Tickets, throttle: Throttle, entrance: Entrance, passkeys: Passkeys
    ) -> None:
        self._database = database
        self._tickets = tickets
        self._throttle = throttle
        self._entrance = entrance
        self._passkeys = passkeys

    async def ask(self, client: Client, ticket: str | None) -> PasskeyChallenge:
        """Return a challenge; with the ticket of a sign-in it is for the passkeys of its person.

        Raises TicketEndedError, FactorNotOnError, RateLimitedError, PasskeysUnavailableError.
        """
        await self._throttle.admit_challenge(client.address)
        async with self._database.transaction() as transaction:
            rows = transaction.session
            if ticket is None:
                return await self._passkeys.ask(rows, "sign_in")
            waiting = await self._tickets.find(rows, "second_factor", ticket)
            if waiting is None or waiting.person_id is None:
                raise TicketEndedError("The sign-in took too long. Begin again.")
            if "passkey" not in await second_factors(rows, waiting.person_id):
                raise FactorNotOnError()
            return await self._passkeys.ask(rows, "second_factor", waiting.person_id)

    async def sign_in(self, client: Client, answer: PasskeyAnswer) -> SignedInBrowser:
        """Begin a session for whoever the passkey names; raises TicketEndedError, WrongFactorError, RateLimitedError.

        The authenticator has verified the person, so this is both factors at once.
        """
        await self._throttle.admit_address(client.address)
        async with self._database.transaction() as transaction:
            outcome = await self._passkeys.use(transaction, answer, "sign_in")
            if outcome.person_id is not None and outcome.methods:
                grant = await self._entrance.begin(transaction, outcome.person_id, client, methods=outcome.methods)
            else:
                grant = None
                await self._tell_failure(transaction, outcome)
        if grant is None:
            await self._throttle.failed(client.address)
            raise WrongFactorError()
        return await self._entrance.open(grant)

    async def _tell_failure(self, transaction: Transaction, outcome: Outcome) -> None:
        person_id, tenant_id = outcome.person_id, NO_TENANT
        if person_id is not None:
            tenant_id = await self._tenant_of(transaction, person_id)
        event = SignInFailed(person_id=person_id)
        transaction.publish(event, tenant_id=tenant_id, key=str(person_id))

    async def _tenant_of(self, transaction: Transaction, person_id: UUID) -> UUID:
        return (await self._entrance.seat_of(transaction.session, person_id)).tenant_id
