"""What other services may know of people and organisations, and ask of the auth service."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from outcry.kit.facade import Facade
from outcry.kit.principal import Principal

# What the access token of a program begins with, unlike that of a session.
KEY_MARK = "outcry_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person as colleagues of the same organisation see them; ``picture`` is the version of theirs, if any."""

    id: UUID
    name: str
    email: str
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A member of an organisation; ``room_id`` is the one room of a guest, None for everybody else.

    ``confirmed`` says that mail to their address was shown to reach them.
    """

    person: Person
    room_id: UUID | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A tenant."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The signed-in person, where they are, and what they may do there."""

    person: Person
    organisation: Organisation
    role: str
    permissions: tuple[str, ...]
    email_verified: bool = False
    time_zone: str = "UTC"
    locale: str = "en"
    picture: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What signing in gives to the page: a token for the next ``expires_in`` seconds, and who it is for."""

    access_token: str = field(repr=False)
    expires_in: int
    me: Me
    kind: Literal["session"] = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorNeeded:
    """The password was right, and a second factor is on: show one of ``factors`` with this ticket.

    ``factors`` are among ``totp``, ``passkey`` and ``recovery_code``.
    """

    ticket: str = field(repr=False)
    factors: tuple[str, ...]
    expires_in: int
    kind: Literal["factor_needed"] = "factor_needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationSent:
    """A mail is on its way; its link goes on. The same answer whether there is an account or not."""

    kind: Literal["confirmation_sent"] = "confirmation_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationStep:
    """Which version of the master key a rotation goes to, and the names of the secrets that hold it and the one before.

    ``begun`` says that an earlier run was interrupted.
    """

    version: int
    secret: str
    older_secret: str
    begun: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationDone:
    """What a rotation did: how many keys of organisations and of signatures it wrapped anew, and who signs now."""

    organisations: int
    signing_keys: int
    kid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainText:
    """Words that are to be encrypted under a person's key."""

    person_id: UUID
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedText:
    """Words encrypted under a person's key, in base64."""

    person_id: UUID
    sealed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What somebody asked for and may not do; see ``AccessRefused`` for the words."""

    person_id: UUID
    tenant_id: UUID
    what: str
    reason: str
    objects: dict[str, str] = field(default_factory=dict)


class AuthFacade(Facade):
    """Who somebody is."""

    @abstractmethod
    async def authenticate(self, *, access_token: str) -> Principal:
        """Return the principal of a valid access token; raises UnauthenticatedError."""

    @abstractmethod
    async def list_people(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Person, ...]:
        """Return those of these people who belong to the organisation, in any order."""

    @abstractmethod
    async def find_organisation(self, *, tenant_id: UUID) -> Organisation | None:
        """Return the organisation, None when it is erased."""

    @abstractmethod
    async def find_person(self, *, tenant_id: UUID, email: str) -> Colleague | None:
        """Return the member of the organisation with this e-mail address."""

    @abstractmethod
    async def list_colleagues(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> tuple[Colleague, ...]:
        """Return those of these people who belong to the organisation and are not disabled, in any order."""

    @abstractmethod
    async def common_scopes(self, *, tenant_id: UUID, ids: tuple[UUID, ...]) -> frozenset[str]:
        """Return the permissions that all of these people have in the organisation now.

        None where one of them is not in it or is disabled, and for nobody.
        """

    @abstractmethod
    async def list_holders(self, *, tenant_id: UUID, permission: str) -> tuple[UUID, ...]:
        """Return those members of the organisation who may do something now and are not disabled, in any order."""

    @abstractmethod
    async def find_time_zone(self, *, tenant_id: UUID, person_id: UUID) -> str:
        """Return the time zone that a member of the organisation chose, such as Europe/Berlin; UTC for all others."""

    @abstractmethod
    async def search_people(self, *, tenant_id: UUID, start: str, limit: int) -> tuple[Colleague, ...]:
        """Return members whose name has a word, or whose e-mail address is one, that begins so; by name.

        Guests and the disabled are not among them. Somebody new, or renamed, may be found half a minute later.
        """

    @abstractmethod
    async def admit_guest(
        self, *, tenant_id: UUID, person_id: UUID, room_id: UUID, room_role: str, invited_by: UUID
    ) -> None:
        """Make somebody from outside a guest of one room, on the word of a member; MemberChanged tells it.

        The caller has checked that they were invited. Raises ConflictError for who is in the organisation, and where it
        has no guests or no place for one more; NotFoundError for an organisation or a person that is gone.
        """

    @abstractmethod
    async def seal_for_people(self, *, items: tuple[PlainText, ...]) -> tuple[str | None, ...]:
        """Encrypt each under its person's key; None for who has none any more. Erasing the person closes it."""

    @abstractmethod
    async def open_for_people(self, *, items: tuple[SealedText, ...]) -> tuple[str | None, ...]:
        """Return what was encrypted; None for each whose person was erased, or that does not open."""

    @abstractmethod
    async def report_refusal(self, *, refusal: Refusal) -> None:
        """Publish that somebody asked for what they may not do; of too many in a minute only the number."""
