"""Every way of tampering with an export is found, and the first entry that it was done to is named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outcry.services.audit.leaves import canonical
from outcry.services.audit.points import Finding
from outcry.services.audit.verification import Verdict, verify_export
from tests.services.audit.exports import OTHER, SIGNER, TENANT, Parts, make_export, make_leaf, note_of

SIZES = st.integers(1, 40)
# A folder of each test, written anew by each example.
same_folder = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def judge(parts: Parts, folder: Path, **options: object) -> Verdict:
    kept = []
    for number, note in enumerate(options.pop("kept", ())):  # type: ignore[arg-type, var-annotated]  # a list of notes
        path = folder / f"kept-{number}.note"
        path.write_text(note)
        kept.append(path)
    return verify_export(parts.write(folder / "export"), kept=kept, **options)  # type: ignore[arg-type]  # keys alone


def first(parts: Parts, folder: Path, **options: object) -> Finding:
    verdict = judge(parts, folder, **options)
    assert verdict.findings
    return verdict.findings[0]


def check_bracket(found: Finding, place: int, what: set[str]) -> None:
    """The place is named, or lies between the two entries that are."""
    assert found.what in what, found
    assert found.index is not None
    assert found.index <= place <= (found.index if found.until is None else found.until), found


def renumbered(leaves: list[bytes]) -> list[bytes]:
    return [canonical(json.loads(leaf) | {"index": place}) for place, leaf in enumerate(leaves)]


@given(size=SIZES)
@same_folder
def test_a_good_export_is_right_in_every_form(tmp_path: Path, size: int) -> None:
    parts = make_export(size)
    for name in ("export", "export.zip"):
        verdict = verify_export(parts.write(tmp_path / name))
        assert verdict.findings == ()
        assert (verdict.size, verdict.key_given) == (size, False)
        assert verdict.signers == (str(SIGNER.key),)
        assert verdict.checkpoints == len(parts.notes) + 1  # the newest stands in a file of its own too


CHANGES: dict[str, Callable[[dict[str, object]], object]] = {
    "v": lambda _: 2,
    "index": lambda leaf: int(str(leaf["index"])) + 1,
    "id": lambda _: "0197f0e0-0000-7000-8000-00000000000f",
    "time": lambda _: "2026-01-05T12:00:00.000001+00:00",
    "tenant": lambda _: "0197f0e0-0000-7000-8000-000000000002",
    "actor": lambda _: None,
    "act": lambda _: "auth.signed_in",
    "object": lambda _: {"type": "member", "id": "x"},
    "person": lambda _: None,
    "outcome": lambda _: "failed",
    "request": lambda _: None,
    "trace": lambda _: "",
    "address": lambda _: {"plain": "203.0.113.1"},
    "before": lambda _: {"role": "viewer"},
    "after": lambda _: {},
    "sealed": lambda _: {},
}


def test_every_field_of_an_entry_is_tried() -> None:
    assert CHANGES.keys() == json.loads(make_leaf(0)).keys()


@pytest.mark.parametrize("name", CHANGES)
@given(size=SIZES, data=st.data())
@settings(same_folder, max_examples=15)
def test_a_changed_field(tmp_path: Path, name: str, size: int, data: st.DataObject) -> None:
    parts, place = make_export(size), data.draw(st.integers(0, size - 1))
    leaves = list(parts.leaves)
    leaf = json.loads(leaves[place])
    leaves[place] = canonical(leaf | {name: CHANGES[name](leaf)})
    found = first(parts.tampered(leaves, rehashed=False), tmp_path)
    assert (found.what, found.index) == ("changed", place)
    anew = first(parts.tampered(leaves, rehashed=True), tmp_path)
    # Who calls itself the next entry looks as if this one were gone; who is another log's as if it were put in.
    odd = {"index": {"removed", "inserted", "reordered"}, "tenant": {"inserted"}}.get(name, set())
    check_bracket(anew, place, {"changed"} | odd)


@given(size=SIZES, data=st.data())
@same_folder
def test_a_changed_byte(tmp_path: Path, size: int, data: st.DataObject) -> None:
    parts, place = make_export(size), data.draw(st.integers(0, size - 1))
    leaf = bytearray(parts.leaves[place])
    at = data.draw(st.integers(0, len(leaf) - 1))
    leaf[at] = data.draw(st.sampled_from([one for one in range(256) if one not in (leaf[at], 10)]))
    leaves = [*parts.leaves[:place], bytes(leaf), *parts.leaves[place + 1 :]]
    found = first(parts.tampered(leaves, rehashed=False), tmp_path)
    assert (found.what, found.index) == ("changed", place)


@given(size=st.integers(2, 40), data=st.data(), anew=st.booleans())
@same_folder
def test_a_removed_entry(tmp_path: Path, size: int, data: st.DataObject, anew: bool) -> None:
    parts, place = make_export(size), data.draw(st.integers(0, size - 2))
    leaves = parts.leaves[:place] + parts.leaves[place + 1 :]
    found = first(parts.tampered(leaves, rehashed=anew), tmp_path)
    assert (found.what, found.index) == ("removed", place)
    hidden = first(parts.tampered(renumbered(leaves), rehashed=False), tmp_path)
    assert (hidden.what, hidden.index) == ("removed", place)
    # All computed anew, only the signed roots speak: of a place after the last but one, that too little is there.
    skilful = first(parts.tampered(renumbered(leaves), rehashed=True), tmp_path)
    if place < max([one for one in parts.notes if one < size], default=0):
        check_bracket(skilful, place, {"removed"})
    else:
        assert (skilful.what, skilful.index) == ("cut off the end", size - 1)


@given(size=SIZES, data=st.data(), anew=st.booleans(), copied=st.booleans())
@same_folder
def test_an_inserted_entry(tmp_path: Path, size: int, data: st.DataObject, anew: bool, copied: bool) -> None:
    parts, place = make_export(size), data.draw(st.integers(0, size))
    more = parts.leaves[data.draw(st.integers(0, size - 1))] if copied else make_leaf(place, more="!")
    leaves = [*parts.leaves[:place], more, *parts.leaves[place:]]
    if copied:
        place = next((at for at, leaf in enumerate(leaves) if at >= size or leaf != parts.leaves[at]), size)
    for said in (None, size):
        tampered = parts.tampered(leaves, rehashed=anew)
        tampered.said = said
        found = first(tampered, tmp_path)
        if anew and place < size:
            check_bracket(found, place, {"inserted"})
        elif said is None and place == size:
            assert (found.what, found.index) in (("inserted", size), ("cut off the end", size))
        else:
            assert (found.what, found.index) == ("inserted", place)
    hidden = first(parts.tampered(renumbered(leaves), rehashed=False), tmp_path)
    assert hidden.index == place or place == size
    assert hidden.what in ("inserted", "cut off the end")


@given(size=st.integers(2, 40), data=st.data(), anew=st.booleans())
@same_folder
def test_reordered_entries(tmp_path: Path, size: int, data: st.DataObject, anew: bool) -> None:
    parts, one = make_export(size), data.draw(st.integers(0, size - 2))
    other = data.draw(st.integers(one + 1, size - 1))
    swapped = list(parts.leaves)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    moved = list(parts.leaves)
    moved.insert(data.draw(st.sampled_from((one, other))), moved.pop(data.draw(st.sampled_from((one, other)))))
    for leaves in (swapped, moved):
        if leaves == parts.leaves:
            continue
        found = first(parts.tampered(leaves, rehashed=anew), tmp_path)
        assert found.index == one
        assert found.what == "reordered"
        hidden = first(parts.tampered(renumbered(leaves), rehashed=False), tmp_path)
        assert (hidden.what, hidden.index) == ("reordered", one)
        skilful = first(parts.tampered(renumbered(leaves), rehashed=True), tmp_path)
        check_bracket(skilful, one, {"changed"})


@given(size=st.integers(2, 40), data=st.data(), anew=st.booleans(), said=st.booleans())
@same_folder
def test_a_log_that_is_cut_off_the_end(tmp_path: Path, size: int, data: st.DataObject, anew: bool, said: bool) -> None:
    parts, place = make_export(size), data.draw(st.integers(1, size - 1))
    cut = parts.tampered(parts.leaves[:place], rehashed=anew)
    cut.said = size if said else place
    found = first(cut, tmp_path)
    assert (found.what, found.index) == ("cut off the end", place)
    # Whoever takes the checkpoints too has an export that fits together: another checkpoint kept elsewhere tells.
    short = cut.tampered(parts.leaves[:place], rehashed=True).without_notes_from(place + 1)
    short.notes[place] = note_of(parts.leaves[:place])
    short.said = place
    assert judge(short, tmp_path).findings == ()
    found = first(short, tmp_path, kept=[parts.notes[size]])
    assert (found.what, found.index) == ("cut off the end", place)


def test_an_end_without_its_checkpoint_proves_nothing(tmp_path: Path) -> None:
    parts = make_export(20)
    cut = parts.tampered(parts.leaves[:17], rehashed=True).without_notes_from(15)
    cut.said = 17
    found = first(cut, tmp_path)
    assert (found.what, found.index) == ("cut off the end", 14)
    bare = parts.without_notes_from(0)
    bare.newest = ""
    assert first(bare, tmp_path).what == "checkpoint"


@given(size=st.integers(8, 40), data=st.data())
@same_folder
def test_a_history_that_was_written_and_signed_anew(tmp_path: Path, size: int, data: st.DataObject) -> None:
    """The server holds the key and signs what it likes: an older checkpoint, kept elsewhere, does not fit."""
    parts, place = make_export(size), data.draw(st.integers(0, 6))
    leaves = [*parts.leaves]
    leaves[place] = make_leaf(place, more="?")
    forged = parts.tampered(leaves, rehashed=True)
    forged.notes = {one: note_of(leaves[:one]) for one in parts.notes}
    assert judge(forged, tmp_path, keys=[SIGNER.key]).findings == ()
    found = first(forged, tmp_path, keys=[SIGNER.key], kept=[parts.notes[7]])
    assert found.what in ("split view", "changed")
    check_bracket(found, place, {"split view", "changed"})


def test_two_exports_of_one_log_that_disagree(tmp_path: Path) -> None:
    """A server that shows each of two people another log is caught when they compare checkpoints."""
    mine = make_export(20)
    leaves = [*mine.leaves[:16], *(make_leaf(place, more="?") for place in range(16, 20))]
    theirs = mine.tampered(leaves, rehashed=True)
    theirs.notes = {one: note_of(leaves[:one]) for one in mine.notes}
    for one, other in ((mine, theirs), (theirs, mine)):
        assert judge(one, tmp_path, kept=[one.notes[20]]).findings == ()
        found = first(one, tmp_path, kept=[other.notes[20]])
        check_bracket(found, 16, {"split view"})


def test_a_changed_hash(tmp_path: Path) -> None:
    parts = make_export(20)
    for hashes in (
        [*parts.hashes[:5], bytes(32), *parts.hashes[6:]],
        parts.hashes[:-1],
        [*parts.hashes, bytes(32)],
        [*parts.hashes[:-1], parts.hashes[-1][:5]],
    ):
        parts.hashes, before = hashes, parts.hashes
        found = first(parts, tmp_path)
        parts.hashes = before
        assert found.what == "leaf_hashes"
    parts.said = 19
    assert first(parts, tmp_path).what == "manifest"


@pytest.mark.parametrize("number", range(4))
def test_a_note_that_was_edited(tmp_path: Path, number: int) -> None:
    """Its size, root and time, and its signature."""
    parts = make_export(20)
    lines = parts.notes[14].split("\n")
    at = (1, 2, 3, 5)[number]
    lines[at] = ("15", lines[2][::-1], "time 2026-01-05T12:00:00.000000+00:00", lines[5][:-8] + "AAAAAAA=")[number]
    parts.notes[14] = "\n".join(lines)
    assert first(parts, tmp_path).what == "checkpoint"


def test_another_key(tmp_path: Path) -> None:
    parts = make_export(20)
    good = dict(parts.notes)
    parts.notes[14] = note_of(parts.leaves[:14], signer=OTHER)
    assert first(parts, tmp_path).what == "checkpoint"
    parts.notes = {one: note_of(parts.leaves[:one], signer=OTHER) for one in good}
    assert first(parts, tmp_path).what == "checkpoint"
    # With the key exchanged too the export fits together; the key that was kept elsewhere tells, and so do checkpoints.
    parts.keys = [str(OTHER.key)]
    assert judge(parts, tmp_path).findings == ()
    assert {one.what for one in judge(parts, tmp_path, keys=[SIGNER.key]).findings} == {"checkpoint"}
    assert first(parts, tmp_path, kept=[good[14]]).what == "checkpoint"
    # Both may be right, where a key was lost and another took its place.
    both = make_export(20)
    both.notes[20] = note_of(both.leaves, signer=OTHER)
    assert judge(both, tmp_path, keys=[SIGNER.key, OTHER.key]).findings == ()


def test_a_checkpoint_of_another_log(tmp_path: Path) -> None:
    parts = make_export(20)
    other = make_leaf(3).replace(str(TENANT).encode(), b"0197f0e0-0000-7000-8000-000000000002")
    parts.notes[14] = note_of(parts.leaves[:14]).replace(str(TENANT), "0197f0e0-0000-7000-8000-000000000002")
    assert first(parts, tmp_path).what == "checkpoint"
    leaves = [*make_export(20).leaves]
    leaves[3] = other
    found = first(make_export(20).tampered(leaves, rehashed=True), tmp_path)
    assert (found.what, found.index) == ("inserted", 3)


def test_an_entry_that_was_signed_under_anothers_place(tmp_path: Path) -> None:
    """A server that signs nonsense is named too."""
    parts = make_export(9)
    leaves = [*parts.leaves[:4], make_leaf(4, index=5), *parts.leaves[5:]]
    forged = parts.tampered(leaves, rehashed=True)
    forged.notes = {one: note_of(leaves[:one]) for one in parts.notes}
    found = first(forged, tmp_path)
    assert (found.what, found.index) == ("changed", 4)


def test_what_retention_took_is_said_and_the_rest_proved(tmp_path: Path) -> None:
    parts = make_export(20)
    parts.leaves = [b""] * 9 + parts.leaves[9:]
    assert first(parts, tmp_path).what == "removed"
    parts.leaves_from = 9
    verdict = judge(parts, tmp_path, keys=[SIGNER.key])
    assert (verdict.findings, verdict.hashes_only, verdict.size) == ((), 9, 20)
    for place, what in ((12, "changed"), (4, "changed")):
        leaves = [*parts.leaves[:place], make_leaf(place, more="!"), *parts.leaves[place + 1 :]]
        found = first(parts.tampered(leaves, rehashed=False), tmp_path)
        assert (found.what, found.index) == (what, place)
    hashes = parts.hashes
    parts.hashes = [*hashes[:4], bytes(32), *hashes[5:]]
    check_bracket(first(parts, tmp_path), 4, {"changed"})
    parts.hashes = hashes
    found = first(parts.tampered([*parts.leaves[:15], b"", *parts.leaves[16:]], rehashed=False), tmp_path)
    assert (found.what, found.index) == ("removed", 15)
