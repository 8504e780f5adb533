"""Which events are acts that the log keeps: one table, reviewed as data."""

from collections.abc import Callable, Mapping
from typing import Any

from outcry.kit.events import Event
from outcry.services.ai.events import ModelServerChanged
from outcry.services.audit.events import EntriesRead
from outcry.services.audit.leaves import Act
from outcry.services.auth.events import (
    CredentialChanged,
    InvitationChanged,
    MailQueued,
    MemberChanged,
    OrganisationChanged,
    PasskeyCloned,
    PersonChanged,
    PersonErased,
    PersonExported,
    PersonRegistered,
    RefreshReused,
    SessionEnded,
    SessionMoved,
    SignedIn,
    SignedOut,
    SignInFailed,
    StepUpFailed,
)
from outcry.services.charts.events import BarClosed, BarsImported
from outcry.services.chat.events import MessagePosted, ReplyRetried, ReplyStopped

# Each is called only with the kind of event that it stands under.
ACTS: Mapping[type[Event], Callable[[Any], Act]] = {
    PersonRegistered: lambda event: Act(
        kind="auth.person_registered",
        object_type="person",
        object_id=str(event.person_id),
        person_id=event.person_id,
        after={"role": event.role, "operator": "yes" if event.operator else "no"},
    ),
    SignedIn: lambda event: Act(
        kind="auth.signed_in",
        object_type="session",
        object_id=str(event.session_id),
        person_id=event.person_id,
        after={"methods": " ".join(event.methods)},
    ),
    SignInFailed: lambda event: Act(
        kind="auth.sign_in",
        object_type="person",
        object_id=str(event.person_id or ""),
        person_id=event.person_id,
        outcome="failed",
    ),
    SignedOut: lambda event: _session("auth.signed_out", event),
    SessionEnded: lambda event: _session("auth.session_ended", event, after={"reason": event.reason}),
    SessionMoved: lambda event: _session("auth.session_moved", event, before={"organisation": str(event.before_id)}),
    StepUpFailed: lambda event: _session("auth.step_up", event, outcome="failed"),
    RefreshReused: lambda event: _session("auth.refresh_reused", event, outcome="refused"),
    CredentialChanged: lambda event: Act(
        kind=f"auth.credential_{event.act}",
        object_type=event.what,
        object_id=str(event.person_id),
        person_id=event.person_id,
    ),
    PasskeyCloned: lambda event: Act(
        kind="auth.passkey_cloned",
        object_type="passkey",
        object_id=str(event.passkey_id),
        person_id=event.person_id,
        outcome="refused",
    ),
    PersonChanged: lambda event: Act(
        kind="auth.person_changed",
        object_type="person",
        object_id=str(event.person_id),
        person_id=event.person_id,
        after={"fields": " ".join(event.fields)},
    ),
    MemberChanged: lambda event: Act(
        kind=f"auth.member_{event.act}",
        object_type="member",
        object_id=str(event.person_id),
        person_id=event.person_id,
        before={"role": event.before},
        after={"role": event.after},
    ),
    InvitationChanged: lambda event: Act(
        kind=f"auth.invitation_{event.act}",
        object_type="invitation",
        object_id=str(event.invitation_id),
        after={"role": event.role},
    ),
    OrganisationChanged: lambda event: Act(
        kind="auth.organisation_changed",
        object_type="organisation",
        object_id=str(event.organisation_id),
        before={event.what: event.before},
        after={event.what: event.after},
    ),
    PersonExported: lambda event: _person("auth.person_exported", event),
    PersonErased: lambda event: _person("auth.person_erased", event),
    ModelServerChanged: lambda event: Act(
        kind="ai.model_server_changed", object_type="model_server", object_id="", after={"address": event.address}
    ),
    EntriesRead: lambda event: Act(
        kind="audit.entries_read",
        object_type="log",
        object_id="",
        person_id=event.reader_id,
        after=event.filters | {"count": str(event.count), "first": str(event.first), "last": str(event.last)},
    ),
}

# Event -> why the log has no entry of it.
NOT_AUDITED: Mapping[type[Event], str] = {
    MailQueued: "a step of another act",
    MessagePosted: "daily work, kept by the room itself",
    ReplyStopped: "daily work, kept by the room itself",
    ReplyRetried: "daily work, kept by the room itself",
    BarsImported: "market data, of nobody",
    BarClosed: "market data, of nobody",
}


def _session(
    kind: str,
    event: Any,
    *,
    outcome: str = "done",
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> Act:
    return Act(
        kind=kind,
        object_type="session",
        object_id=str(event.session_id),
        person_id=event.person_id,
        outcome=outcome,
        before=before or {},
        after=after or {},
    )


def _person(kind: str, event: Any) -> Act:
    return Act(kind=kind, object_type="person", object_id=str(event.person_id), person_id=event.person_id)
