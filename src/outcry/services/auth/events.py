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
    """A session began; ``methods`` are those of RFC 8176 by which the person proved that it is they."""

    name: ClassVar[str] = "auth.signed_in.v1"

    person_id: UUID
    session_id: UUID
    address: str
    methods: tuple[str, ...] = ()


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
class SessionEnded(Event):
    """A session was ended otherwise than by signing out of it; ``reason`` is a word such as ``too_many``."""

    name: ClassVar[str] = "auth.session_ended.v1"

    person_id: UUID
    session_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionMoved(Event):
    """A session goes on in another organisation, the event's tenant; ``before_id`` is the one that it was in."""

    name: ClassVar[str] = "auth.session_moved.v1"

    person_id: UUID
    session_id: UUID
    before_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUpFailed(Event):
    """Somebody signed in showed a wrong factor when asked for a fresh one."""

    name: ClassVar[str] = "auth.step_up_failed.v1"

    person_id: UUID
    session_id: UUID
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQueued(Event):
    """A mail waits to be handed over."""

    name: ClassVar[str] = "auth.mail_queued.v1"

    mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialChanged(Event):
    """A way to prove who one is was added, changed, removed or used up.

    ``what`` is ``password``, ``totp``, ``passkey``, ``recovery_codes``, ``identity``, ``device`` or ``api_key``;
    ``act`` is ``added``, ``changed``, ``removed`` or ``used``.
    """

    name: ClassVar[str] = "auth.credential_changed.v1"

    person_id: UUID
    what: str
    act: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyCloned(Event):
    """A passkey signed with a count that it had passed already: somebody may have copied it. It was refused."""

    name: ClassVar[str] = "auth.passkey_cloned.v1"

    person_id: UUID
    passkey_id: UUID
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """A person's profile or e-mail address is other than before; ``fields`` names what, never the value."""

    name: ClassVar[str] = "auth.person_changed.v1"

    person_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """Somebody's place in an organisation changed.

    ``act`` is ``joined``, ``left``, ``removed``, ``role``, ``disabled``, ``enabled`` or ``ownership``; ``room_id`` is
    the one room of a guest, ``invited_by`` who invited them.
    """

    name: ClassVar[str] = "auth.member_changed.v1"

    person_id: UUID
    organisation_id: UUID
    act: str
    before: str
    after: str
    room_id: UUID | None = None
    invited_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationChanged(Event):
    """An invitation was ``sent``, ``accepted``, ``revoked`` or ``refused``."""

    name: ClassVar[str] = "auth.invitation_changed.v1"

    invitation_id: UUID
    act: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationChanged(Event):
    """An organisation was ``made``, or its ``name``, ``plan`` or ``feature:<name>`` is other than before.

    ``before`` and ``after`` are a plan, or ``on``, ``off`` or ``plan`` of a feature; a name, which may be a person's,
    is not told.
    """

    name: ClassVar[str] = "auth.organisation_changed.v1"

    organisation_id: UUID
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExported(Event):
    """A person fetched everything that is theirs."""

    name: ClassVar[str] = "auth.person_exported.v1"

    person_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Event):
    """A person's data is erased here; the other services follow. ``organisation_ids`` go with them."""

    name: ClassVar[str] = "auth.person_erased.v1"

    person_id: UUID
    organisation_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReused(Event):
    """A refresh token that was used up came back: somebody else may have it. The session is ended."""

    name: ClassVar[str] = "auth.refresh_reused.v1"

    person_id: UUID
    session_id: UUID
    address: str
