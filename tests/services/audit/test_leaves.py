"""A leaf is canonical JSON, whatever words are in it, and says all that the entry does."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from outcry.services.audit.leaves import Act, Entry, canonical, to_leaf

WORDS = st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=4)
TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone


@given(WORDS, WORDS, WORDS, st.text(max_size=20), st.none() | st.uuids(), TIMES, st.integers(0, 2**53))
def test_a_leaf_is_canonical_json(
    before: dict[str, str],
    after: dict[str, str],
    sealed: dict[str, str],
    object_id: str,
    person_id: UUID | None,
    time: datetime,
    index: int,
) -> None:
    entry = Entry(
        id=UUID(int=1),
        time=time.astimezone(timezone(timedelta(hours=5))),
        tenant_id=UUID(int=2),
        actor_id=person_id,
        request=None,
        trace="ab",
        address={"plain": "203.0.113.9"},
        act=Act(
            kind="auth.signed_in",
            object_type="session",
            object_id=object_id,
            person_id=person_id,
            before=before,
            after=after,
            sealed=sealed,
        ),
    )
    leaf = to_leaf(entry, index)
    said = json.loads(leaf)
    assert leaf == canonical(said)
    person = None if person_id is None else str(person_id)
    assert said == {
        "v": 1,
        "index": index,
        "id": str(UUID(int=1)),
        "time": time.isoformat(timespec="microseconds"),
        "tenant": str(UUID(int=2)),
        "actor": person,
        "act": "auth.signed_in",
        "object": {"type": "session", "id": object_id},
        "person": person,
        "outcome": "done",
        "request": None,
        "trace": "ab",
        "address": {"plain": "203.0.113.9"},
        "before": before,
        "after": after,
        "sealed": sealed,
    }


def test_half_a_surrogate_pair_does_not_stop_the_log() -> None:
    act = Act(kind="a", object_type="room", object_id="\ud800", after={"b": "\udc00", "a": "x"})
    entry = Entry(
        id=UUID(int=1), time=datetime(2026, 1, 5, tzinfo=UTC), tenant_id=UUID(int=2), actor_id=None, request=None,
        trace="", address={}, act=act,
    )  # fmt: skip
    assert json.loads(to_leaf(entry, 0))["object"]["id"] == "\ud800"
