"""What the auth service tells the others. No tokens, and no plain names or e-mail addresses: ids.

``sealed`` holds words of a person, each encrypted under that person's key (``Directory.seal_words``): the keys are
``before.<field>`` and ``after.<field>`` of the record that changed. They open for as long as the person is not erased.
"""

from dataclasses import dataclass, field
from datetime import datetime
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
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Event):
    """A session began; ``methods`` are those of RFC 8176 by which the person proved that it is they."""

    name: ClassVar[str] = "auth.signed_in.v1"

    person_id: UUID
    session_id: UUID
    methods: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFailed(Event):
    """A try to sign in was refused; ``person_id`` is None where there is no such account.

    ``reason`` is ``disabled`` where the password was right and the person is kept out.
    """

    name: ClassVar[str] = "auth.sign_in_failed.v1"

    person_id: UUID | None
    reason: str = ""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQueued(Event):
    """A mail waits to be handed over."""

    name: ClassVar[str] = "auth.mail_queued.v1"

    mail_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialChanged(Event):
    """A way to prove who one is was added, changed, removed or used up.

    ``what`` is ``password``, ``totp``, ``passkey``, ``recovery_codes``, ``identity`` or ``device``; ``act`` is
    ``added``, ``changed``, ``removed`` or ``used``.
    """

    name: ClassVar[str] = "auth.credential_changed.v1"

    person_id: UUID
    what: str
    act: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyCloned(Event):
    """A passkey signed with a count that it had passed already: somebody may have copied it. It was refused."""

    name: ClassVar[str] = "auth.passkey_cloned.v1"

    person_id: UUID
    passkey_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """A person's profile or e-mail address is other than before; ``fields`` names what, ``sealed`` has the values."""

    name: ClassVar[str] = "auth.person_changed.v1"

    person_id: UUID
    fields: tuple[str, ...]
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyChanged(Event):
    """A key for programs was ``added`` or ``removed``; ``sealed`` has its name, under its person's key."""

    name: ClassVar[str] = "auth.api_key_changed.v1"

    person_id: UUID
    key_id: UUID
    act: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    sealed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Event):
    """Somebody's place in an organisation changed.

    ``act`` is ``joined``, ``left``, ``removed``, ``role``, ``disabled``, ``enabled`` or ``ownership``; ``room_id`` is
    the one room of a guest, ``invited_by`` who invited them and ``room_role`` what they are to be in it, if that was
    chosen.
    """

    name: ClassVar[str] = "auth.member_changed.v1"

    person_id: UUID
    organisation_id: UUID
    act: str
    before: str
    after: str
    room_id: UUID | None = None
    invited_by: UUID | None = None
    room_role: str = ""


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

    ``before`` and ``after`` are a plan, or ``on``, ``off`` or ``plan`` of a feature. A name is somebody's words, and a
    new organisation is named after its person: only the new one is told, sealed for ``sealed_for``, who chose it. The
    older one stands in the event that gave it, sealed for whoever chose that.
    """

    name: ClassVar[str] = "auth.organisation_changed.v1"

    organisation_id: UUID
    what: str
    before: str
    after: str
    sealed: dict[str, str] = field(default_factory=dict)
    sealed_for: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRead(Event):
    """An admin looked at data of others: ``what`` is ``members`` or ``invitations``, ``count`` how many of them."""

    name: ClassVar[str] = "auth.people_read.v1"

    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRefused(Event):
    """Somebody signed in asked for what they may not do.

    ``what`` is the method and the form of the address, such as ``PUT /api/v1/rooms/{room_id}``; ``objects`` are the ids
    that stood in it; ``reason`` is the code of the problem. ``dropped`` counts the refusals of this person since the
    event before that were too many to be told one by one.
    """

    name: ClassVar[str] = "auth.access_refused.v1"

    person_id: UUID
    what: str
    reason: str
    objects: dict[str, str] = field(default_factory=dict)
    dropped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRotated(Event):
    """The installation has a new key: ``what`` is ``master`` or ``signing``, ``key`` its version or its id."""

    name: ClassVar[str] = "auth.keys_rotated.v1"

    what: str
    key: str


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
