"""What the auth service tells the others. No names, no e-mail addresses, no tokens: ids, and where it came from."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from outcry.kit.events import Event

# The tenant of what belongs to no organisation, such as a try to sign in to an account that does not exist.
NO_TENANT = UUID("00000000-0000-7000-8000-000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(Event):
    """Somebody made an account. ``operator`` says that it is the first of this installation, which runs it."""

    name: ClassVar[str] = "auth.person_registered.v1"

    person_id: UUID
    organisation_id: UUID
    role: str
    operator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A session began."""

    name: ClassVar[str] = "auth.signed_in.v1"

    person_id: UUID
    session_id: UUID
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed(Event):
    """A try to sign in was refused; ``person_id`` is None where there is no such account."""

    name: ClassVar[str] = "auth.sign_in_failed.v1"

    person_id: UUID | None
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Event):
    """A session was ended by its person."""

    name: ClassVar[str] = "auth.signed_out.v1"

    person_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReused(Event):
    """A refresh token that was used up came back: somebody else may have it. The session is ended."""

    name: ClassVar[str] = "auth.refresh_reused.v1"

    person_id: UUID
    session_id: UUID
    address: str
