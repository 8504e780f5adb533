"""What a client may say: read strictly, and described by the same types."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.edge.socket_frames import (
    MOST_FRAME_BYTES,
    BadFrameError,
    CallFrame,
    ErrorFrame,
    PingFrame,
    ReadyFrame,
    SubscribedFrame,
    read_frame,
    write_frame,
)
from outcry.edge.socket_schema import describe_socket
from outcry.main import Platform
from outcry.settings import Settings

SCHEMAS = describe_socket({}, "#/$defs/{model}")


def fits(name: str, value: Any) -> bool:
    """Say whether a value is of a schema of the document."""
    return jsonschema_rs.is_valid({"$ref": f"#/$defs/{name}", "$defs": SCHEMAS}, value)


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "auth", "ticket": "t"},
        {"type": "auth", "token": "t"},
        {"type": "subscribe", "topic": "room:1"},
        {"type": "subscribe", "topic": "room:1", "epoch": "e", "offset": 2**62},
        {"type": "unsubscribe", "topic": "room:1"},
        {"type": "ping"},
        {"type": "ping", "positions": {"room:1": {"epoch": "e", "offset": 0}}},
        {"type": "call", "name": "chat.post", "body": {"any": ["thing", None]}, "id": "7"},
        {"type": "call", "name": "chat.post"},
    ],
)
def test_every_frame_is_read_and_is_of_the_schema(frame: dict[str, Any]) -> None:
    read = read_frame(json.dumps(frame))
    assert read.type == frame["type"]
    assert fits("RealtimeClientFrame", frame)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("5", "dictionary"),
        ("[]", "dictionary"),
        ("{}", "'type'"),
        ('{"type":"else"}', "'else'"),
        ('{"type":"ping","more":1}', "ping.more"),
        ('{"type":"ping","type":"ping"}', "more than once"),
        ('{"type":"ping","positions":{"a":{"epoch":"e","offset":"1"}}}', "offset"),
        ('{"type":"ping","positions":{"a":{"epoch":"e","offset":1.0}}}', "offset"),
        ('{"type":"ping","positions":{"a":{"epoch":"e","offset":true}}}', "offset"),
        ('{"type":"subscribe","topic":"a","epoch":"e","offset":-1}', "offset"),
        ('{"type":"subscribe","topic":"a","epoch":"e","offset":9223372036854775808}', "offset"),
        ('{"type":"subscribe","topic":"a","offset":' + "9" * 5_000 + "}", ""),
        ('{"type":"subscribe","topic":5}', "topic"),
        ('{"type":"subscribe"}', "topic"),
        ('{"type":"call","name":"a","body":{"x":NaN}}', "no number"),
        ('{"type":"call","name":"a","body":{"x":1e999}}', "too large"),
        ('{"type":"call","name":"a","body":{"x":' + "[" * 70 + "]" * 70 + "}}", "deep"),
        ('{"type":"call","name":"a","body":{"x":' + "[" * 50_000 + "}}", ""),
        ('{"type":"call","name":"a","body":{"x":1,"x":2}}', "more than once"),
        ('{"type":"call","name":"a","id":"' + "7" * 65 + '"}', "id"),
        ('"' + "x" * MOST_FRAME_BYTES + '"', "too long"),
    ],
)
def test_what_is_no_frame_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(BadFrameError) as refused:
        read_frame(text)
    assert said in str(refused.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["type", "topic", "offset", "epoch", "name", "body", "id", "positions", "ticket"])
                | st.text(),
                inner,
            )
        ),
    )
)
def test_no_value_is_anything_but_a_frame_or_refused(value: Any) -> None:
    try:
        frame = read_frame(json.dumps(value))
    except BadFrameError:
        return
    assert frame.type in ("auth", "subscribe", "unsubscribe", "ping", "call")


def test_a_lone_surrogate_in_a_call_is_for_the_call_to_refuse() -> None:
    frame = read_frame('{"type":"call","name":"chat.post","body":{"text":"\\ud800"}}')
    assert isinstance(frame, CallFrame)
    assert frame.body == {"text": "\ud800"}


def test_positions_of_more_topics_than_may_be_followed_are_refused() -> None:
    positions = {f"room:{number}": {"epoch": "e", "offset": 1} for number in range(200)}
    assert isinstance(read_frame(json.dumps({"type": "ping", "positions": positions})), PingFrame)
    positions["room:200"] = {"epoch": "e", "offset": 1}
    with pytest.raises(BadFrameError):
        read_frame(json.dumps({"type": "ping", "positions": positions}))


@pytest.mark.parametrize(
    "frame",
    [
        ReadyFrame(),
        SubscribedFrame(topic="room:1", epoch="e", offset=0, reset=False),
        ErrorFrame(code="not_found", detail="There is no such topic.", topic="room:1"),
        ErrorFrame(code="rate_limited", detail="Wait.", wait_s=3),
    ],
)
def test_what_the_server_says_is_of_the_schema(frame: Any) -> None:
    said = json.loads(write_frame(frame))
    assert None not in said.values()
    assert fits("RealtimeServerFrame", said)
    assert fits("RealtimeServerFrame", [{"topic": "room:1", "offset": 3, "data": {"kind": "message"}}])
    assert not fits("RealtimeServerFrame", {"type": "else"})


async def test_the_document_has_frames_and_calls(tmp_path: Path) -> None:
    platform = Platform(Settings(data=tmp_path))
    schemas = platform.app.openapi()["components"]["schemas"]
    names = {name for module in platform.modules for name in module.calls}
    permissions = {
        permission for module in platform.modules for permission in (call.permission for call in module.calls.values())
    }
    await platform.stop()
    assert {"RealtimeClientFrame", "RealtimeServerFrame", "CallFrame", "UpdateItem"} <= schemas.keys()
    calls = schemas["RealtimeCalls"]["properties"]
    assert calls.keys() == names
    assert calls["chat.post"]["properties"]["answer"] == {"$ref": "#/components/schemas/Message"}
    assert schemas["PostMessage"]["additionalProperties"] is False
    assert "" not in permissions
