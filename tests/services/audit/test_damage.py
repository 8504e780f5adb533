"""Whatever is done to the bytes of an export, verifying it says so in a line, and is right only for what was signed."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.audit import export_files as files
from outcry.services.audit.offline import say_export, say_record
from tests.services.audit.exports import SIGNER, make_export
from tests.services.audit.test_tampering import same_folder

GOOD = make_export(16)
NAMES = sorted({*GOOD.contents()} - {files.OPENED})


def damaged(content: bytes, data: st.DataObject) -> bytes:
    """Return bytes of which some were changed, lost, doubled or added."""
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + data.draw(st.sampled_from((1, 40, 10_000))))))
    within = content[start:end]
    new = data.draw(st.sampled_from((b"", within * 2, within[::-1], b"\xff", b"\n", b"9" * 5_000, b"[" * 5_000)))
    return content[:start] + new + content[end:]


@given(data=st.data(), name=st.sampled_from(NAMES))
@settings(same_folder, max_examples=400)
def test_nothing_but_the_signed_entries_is_right(tmp_path: Path, data: st.DataObject, name: str) -> None:
    path = GOOD.write(tmp_path / "export")
    content = (path / name).read_bytes()
    other = damaged(content, data)
    (path / name).write_bytes(other)
    code, said = say_export(path, keys=(str(SIGNER.key),), kept=())
    assert code in (0, 1, 2)
    assert all(line.isprintable() for line in said)
    # The newline at the end of the last entry, or spaces in JSON, are no part of what was signed.
    if name == files.ENTRIES:
        assert (code == 0) == (other in (content, content[:-1])), said
    elif name == files.HASHES or other == content:
        assert (code == 0) == (other == content), said
    assert say_record(path, named="member:x", at=None, every=True)[0] in (1, 2)


@given(data=st.data())
@settings(same_folder, max_examples=200)
def test_a_damaged_zip_is_never_right_with_other_entries(tmp_path: Path, data: st.DataObject) -> None:
    path = GOOD.write(tmp_path / "log.zip")
    other = damaged(path.read_bytes(), data)
    path.write_bytes(other)
    code, said = say_export(path, keys=(str(SIGNER.key),), kept=())
    assert code in (0, 1, 2)
    assert said
    if code == 0:
        with files.ExportFiles(path) as export:
            assert list(export.lines(files.ENTRIES)) == GOOD.leaves
