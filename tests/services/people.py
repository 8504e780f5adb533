"""People for the tests of services that only need them to be there."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.challenges.none import NoneChallenges
from outcry.adapters.erasures.folder import FolderErasures
from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.engines import open_identity_provider
from outcry.kit.clock import Clock, SystemClock
from outcry.kit.ids import new_id
from outcry.kit.module import Module
from outcry.kit.privacy import PersonalParts
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.ports.identity_provider import IdentityProvider, ProviderConfig
from outcry.ports.mail import MailMessage
from outcry.ports.realtime import Realtime
from outcry.ports.secrets import Secrets
from outcry.services.auth import module as auth
from outcry.services.auth.directory import Directory
from outcry.services.auth.identity import read_email
from outcry.services.auth.models.people import MembershipRow, OrganisationRow, PersonRow
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.vault import Vault

# The smallest that Argon2id takes: what is tested is what is done with it, not how long it takes.
FAST = AuthSettings(
    hash_time_cost=1, hash_memory_kib=8, hash_parallelism=1, public_url="http://desk.example", confirm_email=False
)


class Postbox:
    """A Mail engine that keeps what it is given: what is tested with it is what is written, and when."""

    def __init__(self) -> None:
        self.messages: list[MailMessage] = []

    async def send(self, message: MailMessage) -> None:
        """Keep a message."""
        self.messages.append(message)

    async def forget(self, *, before: datetime) -> int:
        """Keep everything: tests look at it."""
        return 0

    async def close(self) -> None:
        """Nothing is open."""


def make_provider(config: ProviderConfig) -> IdentityProvider:
    """Make a provider as main does. Providers in tests are real servers, whose clock is the machine's."""
    return open_identity_provider(config, SystemClock())


def build_auth(
    database: Database,
    secrets: Secrets,
    clock: Clock,
    folder: Path,
    *,
    blobs: Blobs | None = None,
    realtime: Realtime | None = None,
) -> Module:
    """Return the real auth service for what needs it beside it; ``folder`` is for its ledger of erasures."""
    return auth.build(
        database=database,
        secrets=secrets,
        cache=MemoryCache(clock),
        realtime=realtime or MemoryRealtime(),
        mail=Postbox(),
        make_provider=make_provider,
        challenges=NoneChallenges(),
        blobs=blobs or ObstoreBlobs.in_memory(),
        erasures=FolderErasures(folder / "erasures"),
        parts=PersonalParts(),
        clock=clock,
        settings=FAST,
    )


@dataclass(frozen=True)
class Crowd:
    """Writes organisations and people as the auth service stores them."""

    database: Database
    secrets: Secrets
    clock: Clock

    async def new_organisation(self) -> UUID:
        """Make an organisation."""
        row = OrganisationRow(id=new_id(), name="Desk", created_at=self.clock.now())
        vault = await self._vault()
        async with self.database.transaction() as transaction:
            transaction.session.add(row)
            await vault.add_organisation(transaction.session, row.id)
        return row.id

    async def new_person(self, name: str, organisation_id: UUID, *, role: str = "member", email: str = "") -> UUID:
        """Make a member of an organisation, with an address made from the name where none is given."""
        address = read_email(email or f"{name.lower()}@example.com")
        vault = await self._vault()
        person = PersonRow(id=new_id(), created_at=self.clock.now())
        async with self.database.transaction() as transaction:
            session = transaction.session
            session.add(person)
            await session.flush()
            await vault.add_person(session, person.id, organisation_id)
            directory = Directory(vault)
            await directory.set_email(session, person.id, address)
            await directory.set_name(session, person.id, name)
            session.add(
                MembershipRow(
                    person_id=person.id, organisation_id=organisation_id, role=role, joined_at=self.clock.now()
                )
            )
        return person.id

    async def _vault(self) -> Vault:
        vault = Vault(self.secrets, self.clock)
        await vault.start()
        return vault
