"""Which events are acts that the log keeps: one table, reviewed as data.

``before`` and ``after`` are what changed of the record that the act is about: whoever lays the ``after`` of all acts of
an object over each other has the record as it was at any time. Words of a person are in ``sealed`` alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

from outcry.kit.events import Event
from outcry.services.ai.events import DutyChanged, ModelServerChanged
from outcry.services.audit.events import EntriesArchived, EntriesRead, LogExported, ReportMade
from outcry.services.audit.leaves import Act
from outcry.services.audit.moderation_acts import message_reviewed, room_moderated
from outcry.services.audit.retention_acts import (
    held_file_read,
    held_messages_read,
    messages_expired,
    retention_changed,
)
from outcry.services.audit.room_acts import room_changed, room_exported, room_link_changed, some
from outcry.services.auth.events import (
    AccessRefused,
    ApiKeyChanged,
    CredentialChanged,
    InvitationChanged,
    KeysRotated,
    MailQueued,
    MemberChanged,
    OrganisationChanged,
    PasskeyCloned,
    PeopleRead,
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
from outcry.services.charts.events import (
    BarClosed,
    BarsImported,
    ChartShared,
    CorporateActionsImported,
    FundamentalsImported,
    InstrumentChanged,
    InstrumentDeleted,
    ReplayChanged,
    ShareRevoked,
)
from outcry.services.chat.events import (
    HeldFileRead,
    HeldMessagesRead,
    LinkPreviewsSwitched,
    MessageEdited,
    MessagePosted,
    MessageRemoved,
    MessageReviewed,
    MessagesExpired,
    ReplyRetried,
    ReplyStopped,
    RetentionChanged,
    RoomChanged,
    RoomExported,
    RoomLinkChanged,
    RoomModerated,
)

# Each is called only with the kind of event that it stands under.
ACTS: Mapping[type[Event], Callable[[Any], Act]] = {
    PersonRegistered: lambda event: Act(
        kind="auth.person_registered",
        object_type="person",
        object_id=str(event.person_id),
        person_id=event.person_id,
        after={"role": event.role, "operator": "yes" if event.operator else "no"},
        sealed=event.sealed,
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
        outcome="refused" if event.reason else "failed",
        after={"reason": event.reason} if event.reason else {},
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
        sealed=event.sealed,
    ),
    ApiKeyChanged: lambda event: _api_key(event),
    MemberChanged: lambda event: _member(event),
    InvitationChanged: lambda event: _invitation(event),
    OrganisationChanged: lambda event: _organisation(event),
    PeopleRead: lambda event: Act(
        kind=f"auth.{event.what}_read", object_type=event.what, object_id="", after={"count": str(event.count)}
    ),
    AccessRefused: lambda event: Act(
        kind="auth.access_refused",
        object_type="endpoint",
        object_id=event.what,
        person_id=event.person_id,
        outcome="refused",
        after=event.objects | {"reason": event.reason, "dropped": str(event.dropped)},
    ),
    KeysRotated: lambda event: Act(
        kind="auth.keys_rotated", object_type="key", object_id=event.what, after={"key": event.key}
    ),
    PersonExported: lambda event: _person("auth.person_exported", event),
    PersonErased: lambda event: _person("auth.person_erased", event),
    RoomChanged: room_changed,
    RoomLinkChanged: room_link_changed,
    RoomExported: room_exported,
    RoomModerated: room_moderated,
    RetentionChanged: retention_changed,
    MessagesExpired: messages_expired,
    HeldMessagesRead: held_messages_read,
    HeldFileRead: held_file_read,
    MessageReviewed: message_reviewed,
    MessageRemoved: lambda event: Act(
        kind=f"chat.message_{event.act}",
        object_type="message",
        object_id=str(event.message_id),
        person_id=event.author_id,
        after={"room": str(event.room_id), "state": event.act, "by": "moderator" if event.moderated else "author"},
    ),
    LinkPreviewsSwitched: lambda event: Act(
        kind="chat.link_previews_switched",
        object_type="organisation",
        object_id="",
        before={"link_previews": "off" if event.enabled else "on"},
        after={"link_previews": "on" if event.enabled else "off"},
    ),
    ModelServerChanged: lambda event: Act(
        kind="ai.model_server_changed" if event.base_url else "ai.model_server_removed",
        object_type="model_server",
        object_id="",
        before=event.before,
        after={
            "base_url": event.base_url,
            "model": event.model,
            "key": "changed" if event.key_changed else "as before",
        },
    ),
    DutyChanged: lambda event: Act(
        kind=f"ai.duty_{event.act}",
        object_type="duty",
        object_id=str(event.duty_id),
        after={"room": str(event.room_id), "state": event.act, "when": event.when},
    ),
    BarsImported: lambda event: Act(
        kind="charts.bars_imported",
        object_type="instrument",
        object_id=event.symbol,
        after={
            "timeframe": str(event.timeframe),
            "first": event.first.isoformat(),
            "last": event.last.isoformat(),
            "count": str(event.count),
        },
    ),
    CorporateActionsImported: lambda event: Act(
        kind="charts.corporate_actions_imported",
        object_type="instrument",
        object_id=event.symbol,
        after={
            "splits": str(event.splits),
            "dividends": str(event.dividends),
            "first": event.first.isoformat(),
            "last": event.last.isoformat(),
        },
    ),
    FundamentalsImported: lambda event: Act(
        kind="charts.fundamentals_imported",
        object_type="instrument",
        object_id=event.symbol,
        after={
            "facts": str(event.facts),
            "filings": str(event.filings),
            "first": event.first.isoformat(),
            "last": event.last.isoformat(),
        },
    ),
    InstrumentChanged: lambda event: Act(
        kind="charts.instrument_changed",
        object_type="instrument",
        object_id=event.symbol,
        before=event.before,
        after=event.after,
    ),
    InstrumentDeleted: lambda event: Act(
        kind="charts.instrument_deleted",
        object_type="instrument",
        object_id=event.symbol,
        before={"bars": str(event.bars)},
        after={"bars": "0"},
    ),
    ChartShared: lambda event: Act(
        kind="charts.chart_shared",
        object_type="share",
        object_id=str(event.share_id),
        after=some(
            symbol=event.symbol,
            audience=event.audience,
            room=str(event.room_id or ""),
            people=str(event.people or ""),
            expires_at=event.expires_at.isoformat() if event.expires_at else "",
            state="open",
        ),
    ),
    ShareRevoked: lambda event: Act(
        kind="charts.share_revoked",
        object_type="share",
        object_id=str(event.share_id),
        before={"symbol": event.symbol, "audience": event.audience, "state": "open"},
        after={"state": "revoked", "opened": str(event.opened)},
    ),
    ReplayChanged: lambda event: Act(
        kind="charts.replay_changed",
        object_type="replay",
        object_id="",
        before=_replay(event.was_running, event.was_speed),
        after=_replay(event.running, event.speed),
    ),
    EntriesRead: lambda event: Act(
        kind="audit.entries_read",
        object_type="log",
        object_id="",
        person_id=event.reader_id,
        after=event.filters | {"count": str(event.count), "first": str(event.first), "last": str(event.last)},
    ),
    LogExported: lambda event: Act(
        kind="audit.exported",
        object_type="log",
        object_id="",
        person_id=event.exporter_id,
        after={"size": str(event.size), "by": "person" if event.exporter_id else "operator"},
    ),
    EntriesArchived: lambda event: Act(
        kind=f"audit.entries_{event.what}",
        object_type="log",
        object_id="",
        after={"first": str(event.first), "last": str(event.last)},
    ),
    ReportMade: lambda event: Act(
        kind="audit.report_made",
        object_type="report",
        object_id="",
        person_id=event.maker_id,
        after={"start": event.start.isoformat(), "end": event.end.isoformat(), "form": event.form},
    ),
}

# Event -> why the log has no entry of it.
NOT_AUDITED: Mapping[type[Event], str] = {
    MailQueued: "a step of another act",
    MessagePosted: "daily work, kept by the room itself",
    MessageEdited: "daily work, kept by the room itself with every version",
    ReplyStopped: "daily work, kept by the room itself",
    ReplyRetried: "daily work, kept by the room itself",
    BarClosed: "market data that a feed gives, of nobody",
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


def _api_key(event: ApiKeyChanged) -> Act:
    record = {"scopes": " ".join(event.scopes)}
    if event.expires_at is not None:
        record["expires_at"] = event.expires_at.isoformat()
    added = event.act == "added"
    return Act(
        kind=f"auth.api_key_{event.act}",
        object_type="api_key",
        object_id=str(event.key_id),
        person_id=event.person_id,
        before={} if added else record | {"state": "live"},
        after=record | {"state": "live"} if added else {"state": "revoked"},
        sealed=event.sealed,
    )


# What a member is after an act, where that is another state than before.
_STATES = {
    "joined": ("", "active"),
    "left": ("active", "gone"),
    "removed": ("active", "gone"),
    "disabled": ("active", "disabled"),
    "enabled": ("disabled", "active"),
}


def _member(event: MemberChanged) -> Act:
    was, is_now = _STATES.get(event.act, ("", ""))
    room = {"room": str(event.room_id)} if event.room_id and event.act == "joined" else {}
    return Act(
        kind=f"auth.member_{event.act}",
        object_type="member",
        object_id=str(event.person_id),
        person_id=event.person_id,
        before=some(role=event.before, state=was),
        after=some(role=event.after, state=is_now) | room,
    )


def _invitation(event: InvitationChanged) -> Act:
    sent, refused = event.act == "sent", event.act == "refused"
    return Act(
        kind=f"auth.invitation_{event.act}",
        object_type="invitation",
        object_id=str(event.invitation_id),
        outcome="refused" if refused else "done",
        before={} if sent else {"role": event.role, "state": "open"},
        after={"role": event.role, "state": "open" if sent or refused else event.act},
    )


def _organisation(event: OrganisationChanged) -> Act:
    made = event.what == "made"
    what = "plan" if made else event.what
    return Act(
        kind="auth.organisation_made" if made else "auth.organisation_changed",
        object_type="organisation",
        object_id=str(event.organisation_id),
        person_id=event.sealed_for,
        before=some(**{what: event.before}),
        after=some(**{what: event.after}),
        sealed=event.sealed,
    )


def _replay(running: bool, speed: int) -> dict[str, str]:
    return {"running": "yes" if running else "no", "speed": str(speed)}
