"""Whose account an identity at a provider opens, and who may be connected with one.

A provider's word about an e-mail address is the weakest link: somebody may have made an account here with the address
of another person, waiting for them, or there with a look-alike. So an address finds an account only when both sides
have proved it, the operator trusts the provider, and it is the same to the letter.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.ids import new_id
from outcry.ports.database import Transaction
from outcry.ports.identity_provider import ForeignIdentity
from outcry.services.auth.commands.accounts import AccountFounder
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance
from outcry.services.auth.errors import IdentityNotFoundError, IdentityTakenError, LinkFirstError
from outcry.services.auth.factor_news import FactorNews
from outcry.services.auth.identity import MAX_NAME, Email, find_email, read_name
from outcry.services.auth.letters import identity_added, identity_removed
from outcry.services.auth.memberships import hold_person
from outcry.services.auth.models.factors import IdentityRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.providers import Provider, Providers
from outcry.services.auth.queries.factors import IDENTITY_EMAIL
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.vault import Vault
from outcry.services.auth.ways_in import check_way_in


class Identities:
    """Finds, connects and disconnects identities, always inside the caller's transaction."""

    def __init__(
        self,
        *,
        clock: Clock,
        vault: Vault,
        directory: Directory,
        founder: AccountFounder,
        entrance: Entrance,
        news: FactorNews,
        providers: Providers,
        confirms: bool,
        settings: AuthSettings,
    ) -> None:
        self._clock = clock
        self._vault = vault
        self._directory = directory
        self._founder = founder
        self._entrance = entrance
        self._news = news
        self._providers = providers
        self._confirms = confirms
        self._settings = settings

    async def find(self, session: AsyncSession, identity: ForeignIdentity) -> UUID | None:
        """Return whom an identity belongs to, and note that it was used."""
        used = (
            update(IdentityRow)
            .where(IdentityRow.issuer == identity.issuer, IdentityRow.subject == identity.subject)
            .values(last_used_at=self._clock.now())
            .returning(IdentityRow.person_id)
        )
        return (await session.execute(used)).scalar_one_or_none()

    async def adopt(self, transaction: Transaction, provider: Provider, identity: ForeignIdentity) -> UUID:
        """Connect an identity that nobody has with the account of its address, or with a new one; return whose it is.

        Raises LinkFirstError where the address proves too little, WrongCredentialsError for who may not sign in.
        """
        email = _vouched(identity)
        if email is None:
            raise LinkFirstError(
                f"{provider.title} does not vouch for an e-mail address of yours. Sign in as you usually do, then "
                "connect it to your account."
            )
        query = select(PersonRow).where(PersonRow.email_index == self._directory.index(email)).with_for_update()
        person = await transaction.session.scalar(query)
        if person is None:
            return await self._found(transaction, provider, identity, email)
        if not provider.trusted or person.email_verified_at is None:
            raise LinkFirstError(
                "There is an account with this e-mail address. Sign in to it as you usually do, then connect "
                f"{provider.title} to it."
            )
        seat = await self._entrance.seat_of(transaction.session, person.id)
        await self.connect(transaction, provider, identity, person_id=person.id, tenant_id=seat.tenant_id)
        return person.id

    async def _found(
        self, transaction: Transaction, provider: Provider, identity: ForeignIdentity, email: Email
    ) -> UUID:
        """Make the account of an identity. Where addresses are confirmed, an untrusted provider makes none."""
        if self._confirms and not provider.trusted:
            raise LinkFirstError(
                f"{provider.title} cannot confirm your e-mail address. Make an account, then connect it to that."
            )
        # Only a trusted provider's word counts as the proof that would let another provider into the account later.
        person_id = await self._founder.found(transaction, email, _name_of(identity, email), verified=provider.trusted)
        await self._insert(transaction, provider, identity, person_id)
        return person_id

    async def _insert(
        self, transaction: Transaction, provider: Provider, identity: ForeignIdentity, person_id: UUID
    ) -> None:
        """Write the row; raises IdentityTakenError when the identity belongs to somebody."""
        key = await self._vault.person(transaction.session, person_id)
        row = IdentityRow(
            id=new_id(),
            person_id=person_id,
            provider=provider.name,
            issuer=identity.issuer,
            subject=identity.subject,
            sealed_email=key.seal(identity.email, IDENTITY_EMAIL) if identity.email else None,
            created_at=self._clock.now(),
            last_used_at=self._clock.now(),
        )
        transaction.session.add(row)
        try:
            await transaction.session.flush()
        except IntegrityError as error:
            raise IdentityTakenError() from error

    async def connect(
        self,
        transaction: Transaction,
        provider: Provider,
        identity: ForeignIdentity,
        *,
        person_id: UUID,
        tenant_id: UUID,
    ) -> None:
        """Connect an identity with a person who is there, and tell them; raises IdentityTakenError."""
        await self._insert(transaction, provider, identity, person_id)
        letter = identity_added(provider.title, self._clock.now())
        who = {"person_id": person_id, "tenant_id": tenant_id}
        await self._news.tell(transaction, letter, **who, what="identity", act="added")

    async def disconnect(
        self, transaction: Transaction, *, person_id: UUID, tenant_id: UUID, identity_id: UUID
    ) -> None:
        """Disconnect an identity; raises IdentityNotFoundError, and LastWayInError where nothing else lets them in."""
        session = transaction.session
        await hold_person(session, person_id)
        query = select(IdentityRow).where(IdentityRow.id == identity_id, IdentityRow.person_id == person_id)
        row = await session.scalar(query)
        if row is None:
            raise IdentityNotFoundError()
        await session.delete(row)
        await session.flush()
        await check_way_in(session, person_id, self._settings)
        title = next((known.title for known in self._providers.list() if known.name == row.provider), row.provider)
        letter = identity_removed(title, self._clock.now())
        who = {"person_id": person_id, "tenant_id": tenant_id}
        await self._news.tell(transaction, letter, **who, what="identity", act="removed")


def _vouched(identity: ForeignIdentity) -> Email | None:
    """Return the address that the provider vouches for, if it is one, and no look-alike of another."""
    email = find_email(identity.email) if identity.email_verified else None
    if email is None:
        return None
    # Case aside, and only that of plain letters: folding more would make one address of two.
    plain = "".join(letter.lower() if letter.isascii() else letter for letter in identity.email)
    return email if plain == email.key else None


def _name_of(identity: ForeignIdentity, email: Email) -> str:
    for text in (identity.name[:MAX_NAME], email.local_part[:MAX_NAME]):
        try:
            return read_name(text)
        except InvalidInputError:
            continue
    return "New member"
