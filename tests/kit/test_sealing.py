"""Sealed secrets open only with their key, in their place, and unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.sealing import SealBrokenError, open_secret, seal_secret

KEY = bytes(range(32))


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_is_sealed_opens(plain: bytes, context: bytes) -> None:
    assert open_secret(seal_secret(plain, key=KEY, context=context), key=KEY, context=context) == plain


def test_the_same_secret_never_looks_the_same() -> None:
    assert seal_secret(b"key", key=KEY, context=b"") != seal_secret(b"key", key=KEY, context=b"")


@given(st.integers(0, 31), st.integers(1, 255))
def test_any_changed_byte_breaks_the_seal(position: int, change: int) -> None:
    sealed = bytearray(seal_secret(b"abc", key=KEY, context=b"tenant"))
    sealed[position] ^= change
    with pytest.raises(SealBrokenError):
        open_secret(bytes(sealed), key=KEY, context=b"tenant")


@pytest.mark.parametrize(("key", "context"), [(bytes(32), b"tenant"), (KEY, b"another")])
def test_another_key_or_place_does_not_open_it(key: bytes, context: bytes) -> None:
    sealed = seal_secret(b"abc", key=KEY, context=b"tenant")
    with pytest.raises(SealBrokenError):
        open_secret(sealed, key=key, context=context)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x02" + bytes(40), b"\x01" + bytes(5)])
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBrokenError):
        open_secret(sealed, key=KEY, context=b"")
