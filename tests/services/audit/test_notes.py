"""Signed notes: the format's own example, and that nothing else opens."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcry.services.audit.notes import (
    Checkpoint,
    NoteError,
    Signer,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_verifier_key,
)

# The example of the format's reference implementation (golang.org/x/mod/sumdb/note).
_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
_NOTE = (
    _TEXT + "\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
_SIGNER = Signer("outcry/audit", b"7" * 32)
_CHECKPOINT = Checkpoint(
    origin="outcry/audit/one", size=123, root=b"r" * 32, time=datetime(2026, 5, 4, 12, 0, 0, 5, tzinfo=UTC)
)


def test_the_formats_own_example_opens() -> None:
    """A note that the reference implementation signed opens with the key it wrote."""
    key = parse_verifier_key(_KEY)
    assert str(key) == _KEY
    assert open_note(_NOTE, key) == _TEXT


def test_a_checkpoint_comes_back() -> None:
    """What was signed opens with the key as it is written, also beside another's signature."""
    note = _SIGNER.sign(_CHECKPOINT.to_text())
    key = parse_verifier_key(str(_SIGNER.key))
    assert open_checkpoint(note, key) == _CHECKPOINT
    other = Signer("witness", b"8" * 32).sign(_CHECKPOINT.to_text()).rpartition("\n\n")[2]
    assert open_checkpoint(note + other, key) == _CHECKPOINT
    assert open_checkpoint(note, key).to_text() == note.partition("\n\n")[0] + "\n"


def test_another_key_of_the_same_name_opens_nothing() -> None:
    """The name is nothing, the key is all."""
    note = Signer("outcry/audit", b"8" * 32).sign(_CHECKPOINT.to_text())
    with pytest.raises(NoteError, match="not signed by"):
        open_note(note, _SIGNER.key)


@given(st.data())
def test_a_changed_note_does_not_open(data: st.DataObject) -> None:
    """One character other than it was, wherever it is, and the note is refused."""
    note = _SIGNER.sign(_CHECKPOINT.to_text())
    at = data.draw(st.integers(0, len(note) - 1))
    character = data.draw(st.characters())
    changed = note[:at] + character + note[at + 1 :]
    if changed != note:
        with pytest.raises(NoteError):
            open_note(changed, _SIGNER.key)


@given(st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_anything_else_is_refused_in_words(text: str) -> None:
    """Whatever is given, the answer is a NoteError and nothing else."""
    for read in (
        lambda: open_note(text, _SIGNER.key),
        lambda: parse_checkpoint(text),
        lambda: parse_verifier_key(text),
    ):
        with pytest.raises(NoteError):
            read()


@pytest.mark.parametrize(
    "text",
    [
        "log\n01\n" + "A" * 43 + "=\ntime 2026-01-01T00:00:00+00:00\n",
        "log\n-1\n" + "A" * 43 + "=\ntime 2026-01-01T00:00:00+00:00\n",
        "log\n1\nAAAA\ntime 2026-01-01T00:00:00+00:00\n",
        "log\n1\n" + "A" * 42 + "B=\ntime 2026-01-01T00:00:00+00:00\n",
        "log\n1\n" + "A" * 43 + "=\ntime 2026-01-01T00:00:00\n",
        "log\n1\n" + "A" * 43 + "=\ntime yesterday\n",
        "log\n1\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\ntime 2026-01-01T00:00:00+00:00\n",
    ],
)
def test_a_text_that_is_no_checkpoint(text: str) -> None:
    """Sizes, roots and times are read strictly: one checkpoint has one text."""
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_what_cannot_be_a_note_is_not_signed() -> None:
    """Text without its last newline, and names with spaces or plus signs, are refused."""
    with pytest.raises(NoteError):
        _SIGNER.sign("no newline")
    for name in ("", "a b", "a+b", "a\nb"):
        with pytest.raises(NoteError):
            Signer(name, b"7" * 32)
