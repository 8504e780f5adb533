"""Frames of a server: made once, read by any client, packed from a size on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from outcry.edge.wire import PACKED_FROM_BYTES, WINDOW_BITS, Encoded


def read_by_a_client(*framed: bytes) -> list[str]:
    """Return what the websockets library reads of frames, as a client that agreed to packing."""
    client = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN)
    client.extensions = [
        PerMessageDeflate(
            remote_no_context_takeover=True,
            local_no_context_takeover=True,
            remote_max_window_bits=WINDOW_BITS,
            local_max_window_bits=15,
        )
    ]
    client.receive_data(b"".join(framed))
    frames = [event for event in client.events_received() if isinstance(event, Frame)]
    return [bytes(frame.data).decode() for frame in frames]


@given(st.lists(st.text(max_size=3_000), max_size=4), st.booleans())
def test_whatever_is_sent_is_read(texts: list[str], packed: bool) -> None:
    assert read_by_a_client(*(Encoded(text).framed(packed=packed) for text in texts)) == texts


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536, 200_000])
def test_each_form_of_a_length_is_read(length: int) -> None:
    assert read_by_a_client(Encoded("x" * length).framed(packed=False)) == ["x" * length]


def test_only_what_is_long_is_packed_and_only_once() -> None:
    short, long = Encoded("x" * (PACKED_FROM_BYTES - 100)), Encoded("say it again. " * 500)
    assert short.framed(packed=True) == short.framed(packed=False)
    packed = long.framed(packed=True)
    assert len(packed) < len(long.framed(packed=False)) / 10
    assert long.framed(packed=True) is packed
    assert long.framed(packed=False) is long.framed(packed=False)
