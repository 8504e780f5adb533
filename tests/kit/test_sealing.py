"""Sealing: what was sealed opens with the same key and context, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.kit.sealing import KEY_SIZE, SealBrokenError, open_secret, seal_secret

KEY, OTHER_KEY = bytes(range(KEY_SIZE)), bytes(KEY_SIZE)


@given(plain=st.binary(), context=st.binary())
def test_what_was_sealed_opens(plain: bytes, context: bytes) -> None:
    assert open_secret(seal_secret(plain, key=KEY, context=context), key=KEY, context=context) == plain


def test_sealing_twice_gives_different_bytes_that_do_not_contain_the_secret() -> None:
    first, second = (seal_secret(b"sk-very-secret", key=KEY, context=b"a") for _ in range(2))
    assert first != second
    assert b"sk-very-secret" not in first + second


@pytest.mark.parametrize(("key", "context"), [(OTHER_KEY, b"tenant a"), (KEY, b"tenant b"), (KEY, b"")])
def test_it_does_not_open_with_another_key_or_in_another_place(key: bytes, context: bytes) -> None:
    sealed = seal_secret(b"secret", key=KEY, context=b"tenant a")
    with pytest.raises(SealBrokenError):
        open_secret(sealed, key=key, context=context)


@given(position=st.integers(0, 34), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(position: int, flip: int) -> None:
    sealed = bytearray(seal_secret(b"secret", key=KEY, context=b"c"))
    assert len(sealed) == 35
    sealed[position] ^= flip
    with pytest.raises(SealBrokenError):
        open_secret(bytes(sealed), key=KEY, context=b"c")


@given(st.binary(max_size=40))
def test_any_bytes_are_refused(sealed: bytes) -> None:
    with pytest.raises(SealBrokenError):
        open_secret(sealed, key=KEY, context=b"c")
