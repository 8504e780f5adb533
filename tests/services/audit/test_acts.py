"""What each event becomes in the log: the act, its object, what it was and is, and how it ended."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from outcry.kit.events import Event
from outcry.kit.market import Timeframe
from outcry.services.ai.events import ModelServerChanged
from outcry.services.audit.acts import ACTS
from outcry.services.audit.events import EntriesRead
from outcry.services.auth import events as auth
from outcry.services.charts.events import BarsImported, ReplayChanged
from outcry.services.chat.events import RoomChanged
from tests.services.audit.conftest import Desk

ANN, BEN, ORG, THING, OTHER = (UUID(int=number) for number in range(1, 6))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEALED = {"after.name": "c2VhbGVk"}
WHERE = {"person_id": ANN, "session_id": THING}

# Event, act, object, before, after, outcome, and whom it is about.
Row = tuple[Event, str, tuple[str, str], dict[str, str], dict[str, str], str, UUID | None]


def member(act: str, before: str, after: str, **more: Any) -> Event:
    return auth.MemberChanged(person_id=ANN, organisation_id=ORG, act=act, before=before, after=after, **more)


def invitation(act: str) -> Event:
    return auth.InvitationChanged(invitation_id=THING, act=act, role="member")


def organisation(what: str, before: str, after: str, **more: Any) -> Event:
    return auth.OrganisationChanged(organisation_id=ORG, what=what, before=before, after=after, **more)


def api_key(act: str, expires_at: datetime | None) -> Event:
    return auth.ApiKeyChanged(
        person_id=ANN, key_id=THING, act=act, scopes=("a:b:c", "d:e:f"), expires_at=expires_at, sealed=SEALED
    )


SESSION, MEMBER, ROOM = ("session", str(THING)), ("member", str(ANN)), ("room", str(THING))
INVITATION, KEY, HOUSE = ("invitation", str(THING)), ("api_key", str(THING)), ("organisation", str(ORG))
OPEN = {"role": "member", "state": "open"}
SCOPES = {"scopes": "a:b:c d:e:f"}
SERVER = {"base_url": "http://one.example/v1", "model": "m1"}

TABLE: list[Row] = [
    (
        auth.PersonRegistered(person_id=ANN, organisation_id=ORG, role="owner", operator=True, sealed=SEALED),
        "auth.person_registered",
        ("person", str(ANN)),
        {},
        {"role": "owner", "operator": "yes"},
        "done",
        ANN,
    ),
    (
        auth.SignedIn(**WHERE, methods=("pwd",)),
        "auth.signed_in",
        SESSION,
        {},
        {"methods": "pwd"},
        "done",
        ANN,
    ),
    (auth.SignInFailed(person_id=None), "auth.sign_in", ("person", ""), {}, {}, "failed", None),
    (
        auth.SignInFailed(person_id=ANN, reason="disabled"),
        "auth.sign_in",
        ("person", str(ANN)),
        {},
        {"reason": "disabled"},
        "refused",
        ANN,
    ),
    (auth.SignedOut(**WHERE), "auth.signed_out", SESSION, {}, {}, "done", ANN),
    (auth.SessionEnded(**WHERE, reason="ended"), "auth.session_ended", SESSION, {}, {"reason": "ended"}, "done", ANN),
    (auth.StepUpFailed(**WHERE), "auth.step_up", SESSION, {}, {}, "failed", ANN),
    (auth.RefreshReused(**WHERE), "auth.refresh_reused", SESSION, {}, {}, "refused", ANN),
    (
        api_key("added", NOON),
        "auth.api_key_added",
        KEY,
        {},
        SCOPES | {"expires_at": NOON.isoformat(), "state": "live"},
        "done",
        ANN,
    ),
    (
        api_key("removed", None),
        "auth.api_key_removed",
        KEY,
        SCOPES | {"state": "live"},
        {"state": "revoked"},
        "done",
        ANN,
    ),
    (
        member("joined", "", "guest", room_id=THING),
        "auth.member_joined",
        MEMBER,
        {},
        {"role": "guest", "state": "active", "room": str(THING)},
        "done",
        ANN,
    ),
    (member("role", "member", "admin"), "auth.member_role", MEMBER, {"role": "member"}, {"role": "admin"}, "done", ANN),
    (
        member("disabled", "member", "member"),
        "auth.member_disabled",
        MEMBER,
        {"role": "member", "state": "active"},
        {"role": "member", "state": "disabled"},
        "done",
        ANN,
    ),
    (
        member("removed", "member", ""),
        "auth.member_removed",
        MEMBER,
        {"role": "member", "state": "active"},
        {"state": "gone"},
        "done",
        ANN,
    ),
    (invitation("sent"), "auth.invitation_sent", INVITATION, {}, OPEN, "done", None),
    (
        invitation("revoked"),
        "auth.invitation_revoked",
        INVITATION,
        OPEN,
        {"role": "member", "state": "revoked"},
        "done",
        None,
    ),
    (invitation("refused"), "auth.invitation_refused", INVITATION, OPEN, OPEN, "refused", None),
    (
        organisation("made", "", "desk", sealed=SEALED, sealed_for=ANN),
        "auth.organisation_made",
        HOUSE,
        {},
        {"plan": "desk"},
        "done",
        ANN,
    ),
    (
        organisation("plan", "desk", "pro"),
        "auth.organisation_changed",
        HOUSE,
        {"plan": "desk"},
        {"plan": "pro"},
        "done",
        None,
    ),
    (auth.PeopleRead(what="members", count=3), "auth.members_read", ("members", ""), {}, {"count": "3"}, "done", None),
    (
        auth.AccessRefused(
            person_id=ANN, what="GET /x/{id}", reason="forbidden", objects={"id": str(THING)}, dropped=2
        ),
        "auth.access_refused",
        ("endpoint", "GET /x/{id}"),
        {},
        {"id": str(THING), "reason": "forbidden", "dropped": "2"},
        "refused",
        ANN,
    ),
    (auth.KeysRotated(what="master", key="2"), "auth.keys_rotated", ("key", "master"), {}, {"key": "2"}, "done", None),
    (
        RoomChanged(room_id=THING, act="made", kind="room", owner_id=ANN, title="New room"),
        "chat.room_made",
        ROOM,
        {},
        {"kind": "room", "title": "New room", "owner": str(ANN)},
        "done",
        None,
    ),
    (
        RoomChanged(room_id=THING, act="renamed", kind="room", sealed=SEALED, sealed_for=BEN),
        "chat.room_renamed",
        ROOM,
        {},
        {"kind": "room"},
        "done",
        BEN,
    ),
    (
        RoomChanged(room_id=THING, act="left", kind="room", owner_id=ANN, person_id=BEN),
        "chat.room_left",
        ROOM,
        {},
        {"kind": "room", "owner": str(ANN), f"member:{BEN}": "out"},
        "done",
        BEN,
    ),
    (
        ModelServerChanged(base_url="http://two.example/v1", model="m2", key_changed=True, before=SERVER),
        "ai.model_server_changed",
        ("model_server", ""),
        SERVER,
        {"base_url": "http://two.example/v1", "model": "m2", "key": "changed"},
        "done",
        None,
    ),
    (
        BarsImported(symbol="AAPL", timeframe=Timeframe.D1, first=NOON, last=NOON, count=1),
        "charts.bars_imported",
        ("instrument", "AAPL"),
        {},
        {"timeframe": str(Timeframe.D1), "first": NOON.isoformat(), "last": NOON.isoformat(), "count": "1"},
        "done",
        None,
    ),
    (
        ReplayChanged(running=True, speed=300, was_running=False, was_speed=60),
        "charts.replay_changed",
        ("replay", ""),
        {"running": "no", "speed": "60"},
        {"running": "yes", "speed": "300"},
        "done",
        None,
    ),
    (
        EntriesRead(reader_id=ANN, count=2, first=0, last=1, filters={"act": "auth."}),
        "audit.entries_read",
        ("log", ""),
        {},
        {"act": "auth.", "count": "2", "first": "0", "last": "1"},
        "done",
        ANN,
    ),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[1]}-{row[5]}")
def test_an_event_becomes_this_act(row: Row) -> None:
    event, kind, thing, before, after, outcome, person = row
    act = ACTS[type(event)](event)
    assert (act.kind, (act.object_type, act.object_id)) == (kind, thing)
    assert (act.before, act.after, act.outcome, act.person_id) == (before, after, outcome, person)
    assert act.sealed == getattr(event, "sealed", {})


async def test_all_of_them_become_entries_that_say_who_and_whence(desk: Desk) -> None:
    tenant = desk.reader.tenant_id
    told = [await desk.tell(row[0], tenant, actor_id=desk.reader.user_id) for row in TABLE]
    entries = {entry["id"]: entry for entry in await desk.entries(limit=200)}
    for envelope, (_, kind, thing, _, _, outcome, _) in zip(told, TABLE, strict=True):
        entry = entries[str(envelope.id)]
        assert (entry["act"], entry["outcome"], entry["actor_id"]) == (kind, outcome, str(desk.reader.user_id))
        assert (entry["object_type"], entry["object_id"]) == thing
        assert (entry["request_id"], entry["address"]) == (str(envelope.causation_id), "203.0.113.9")
