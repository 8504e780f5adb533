"""Events: sealed in an envelope that is plain JSON inside, and opened as what they were."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import pytest

from outcry.kit.clock import FakeClock
from outcry.kit.events import Event, seal
from outcry.kit.ids import new_id
from outcry.kit.market import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class BarSeen(Event):
    """An event with a field of every kind that travels."""

    name: ClassVar[str] = "test.bar_seen.v1"

    room_id: UUID
    symbol: str
    timeframe: Timeframe
    time: datetime
    close: float
    note: str | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSeen(Event):
    """An event of another name with no field in common."""

    name: ClassVar[str] = "test.other_seen.v1"

    count: int


SEEN = BarSeen(
    room_id=new_id(),
    symbol="BRK.B",
    timeframe=Timeframe.MN1,
    time=datetime(1929, 10, 29, 14, 30, 0, 250_000, tzinfo=UTC),
    close=0.1 + 0.2,
    note=None,
    tags=("a", "é"),
)


def test_what_was_sealed_is_opened_unchanged_after_a_trip_as_json(fake_clock: FakeClock) -> None:
    envelope = seal(SEEN, clock=fake_clock, tenant_id=new_id(), key="BRK.B")
    travelled = replace(envelope, data=json.loads(json.dumps(envelope.data)))
    assert travelled.open(BarSeen) == SEEN


def test_the_envelope_says_whose_when_and_why(fake_clock: FakeClock) -> None:
    tenant, actor, cause = new_id(), new_id(), new_id()
    envelope = seal(
        OtherSeen(count=1), clock=fake_clock, tenant_id=tenant, key="k", actor_id=actor, causation_id=cause, trace="ab"
    )
    assert (envelope.name, envelope.time, envelope.key) == ("test.other_seen.v1", fake_clock.now(), "k")
    assert (envelope.tenant_id, envelope.actor_id, envelope.causation_id) == (tenant, actor, cause)
    assert envelope.trace == "ab"
    assert envelope.id.version == 7


def test_each_envelope_has_an_id_of_its_own_that_sorts_after_the_last(fake_clock: FakeClock) -> None:
    ids = [seal(SEEN, clock=fake_clock, tenant_id=new_id(), key="k").id for _ in range(100)]
    assert ids == sorted(set(ids))


def test_an_envelope_is_not_opened_as_another_kind(fake_clock: FakeClock) -> None:
    envelope = seal(SEEN, clock=fake_clock, tenant_id=new_id(), key="k")
    with pytest.raises(ValueError, match=r"test.bar_seen.v1 is not test.other_seen.v1"):
        envelope.open(OtherSeen)


def test_data_that_does_not_fit_is_refused(fake_clock: FakeClock) -> None:
    envelope = seal(OtherSeen(count=1), clock=fake_clock, tenant_id=new_id(), key="k")
    with pytest.raises(ValueError, match="count"):
        replace(envelope, data={"count": "many"}).open(OtherSeen)
    with pytest.raises(ValueError, match="count"):
        replace(envelope, data={}).open(OtherSeen)


def test_a_field_that_a_newer_version_added_does_no_harm(fake_clock: FakeClock) -> None:
    envelope = seal(OtherSeen(count=7), clock=fake_clock, tenant_id=new_id(), key="k")
    assert replace(envelope, data=envelope.data | {"added_later": True}).open(OtherSeen) == OtherSeen(count=7)
