"""``outcry audit`` on exports, as on a machine that has neither the server nor its data."""

import base64
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.audit.notes import NoteError
from outcry.services.audit.offline import say_export, say_proof, say_record
from outcry.services.audit.single_proofs import verify_proof
from outcry.services.audit.tree import ProofError, consistency_proof, inclusion_proof
from tests.conftest import ROOT
from tests.services.audit.exports import OTHER, SIGNER, START, TENANT, Parts, make_export, note_of
from tests.services.audit.test_tampering import same_folder
from tests.services.audit.test_tree import Tree

KEY = str(SIGNER.key)

# Runs the command line where nothing but the sources can be imported from a path, and says what was imported.
ALONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.argv[1:] = json.loads(sys.argv[2])
from outcry.cli import main
try:
    main()
finally:
    forbidden = {"sqlalchemy", "fastapi", "starlette", "uvicorn", "alembic", "obstore", "duckdb", "asyncpg"}
    print(sorted(forbidden & {*sys.modules}), sorted(one for one in sys.modules if "outcry.services." in one))
"""
PURE = {
    "bracketing",
    "diagnosis",
    "export_files",
    "export_records",
    "leaves",
    "notes",
    "offline",
    "points",
    "records",
    "single_proofs",
    "telling",
    "tree",
    "verification",
}


def alone(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run the command line in an empty environment and a folder that nothing can be written to."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", ALONE, str(ROOT / "src"), json.dumps(["audit", *arguments])],
        env={},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    *said, imported = done.stdout.strip().splitlines()
    assert "Traceback" not in done.stderr, done.stderr
    found = imported.partition("] [")
    assert found[0] == "[", imported
    names = {name.strip(" ']").removeprefix("outcry.services.") for name in found[2].split(",")}
    assert names - {"audit"} <= {f"audit.{name}" for name in PURE}, imported
    assert list(folder.iterdir()) == []
    return done.returncode, [*said, *done.stderr.splitlines()]


@pytest.mark.parametrize("name", ["log.zip", "log"])
def test_an_export_is_verified_where_no_server_is(tmp_path: Path, name: str) -> None:
    parts = make_export(20)
    path = str(parts.write(tmp_path / name))
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "notes").mkdir()
    for size in (7, 14):
        (tmp_path / "notes" / f"{size}.note").write_text(parts.notes[size])
    empty = tmp_path / "empty"
    code, said = alone(empty, "verify", path, "--key", KEY, "--checkpoint", str(tmp_path / "notes"))
    assert code == 0, said
    assert said[0] == f"ok: all 20 entries of outcry/audit/{TENANT} are what was signed"
    assert said[1] == f"root {parts.notes[20].splitlines()[2]}, signed at {START + timedelta(seconds=20):%F %T} UTC"
    assert said[2:] == ["6 checkpoints verified, 2 of them kept elsewhere", f"signed by {KEY}"]
    assert alone(empty, "verify", path, "--key", str(tmp_path / "key"))[0] == 0
    code, said = alone(empty, "verify", path)
    assert (code, "came out of the export itself" in said[-1]) == (0, True)


def test_what_was_tampered_with_is_named_where_no_server_is(tmp_path: Path) -> None:
    parts = make_export(20)
    leaves = [*parts.leaves[:9], *parts.leaves[10:]]
    path = str(parts.tampered(leaves, rehashed=False).write(tmp_path / "log.zip"))
    code, said = alone(tmp_path / "empty", "verify", path, "--key", KEY)
    ten = json.loads(parts.leaves[10])
    expected = f"removed: Entry 9 is not there: entry 10 (id {ten['id']}, of {ten['time']}, auth.member_role) follows"
    assert (code, said) == (1, [expected, "up to entry 6 all is what was signed"])


def _good(folder: Path) -> Path:
    return make_export(9).write(folder / "log.zip")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _damaged(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = content.index(b"entries.jsonl") + 200
    content[at : at + 9] = b"\xff" * 9
    path.write_bytes(content)


def _without(name: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with zipfile.ZipFile(path) as archive:
            contents = {one: archive.read(one) for one in archive.namelist() if one != name}
        with zipfile.ZipFile(path, "w") as archive:
            for one, content in contents.items():
                archive.writestr(one, content)

    return change


def _with(name: str, content: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        _without(name)(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, content)

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_cut, "no zip"),
        (_damaged, "damaged"),
        (lambda path: path.unlink(), "not there"),
        (lambda path: path.write_bytes(b""), "no zip"),
        *[(_without(name), f"{name} is not there") for name in make_export(9).contents() if name != "opened.jsonl"],
        (_with("manifest.json", b"[]"), "manifest.json"),
        (_with("manifest.json", b"[" * 100_000), "manifest.json"),
        (_with("manifest.json", b'{"format": "x"}'), "no export"),
        (_with("manifest.json", b'{"format": "outcry-audit-export", "version": 2}'), "newer"),
        (_with("manifest.json", b'{"format": "outcry-audit-export", "version": 1, "size": 1}'), "which log"),
        (_with("manifest.json", b'{"format": "outcry-audit-export", "version": 1, "tenant": "%d"}' % 10**31), "many"),
        (_with("keys.json", b'{"keys": []}'), "no key"),
        (_with("keys.json", b'{"keys": [7]}'), "verifier key"),
        (_with("keys.json", b"\xff"), "keys.json"),
        (_with("entries.jsonl", b"x" * (17 * 1024 * 1024)), "too long"),
    ],
)
def test_what_is_no_export_is_said_in_a_line(tmp_path: Path, change: Callable[[Path], None], why: str) -> None:
    path = _good(tmp_path)
    change(path)
    code, said = say_export(path, keys=(), kept=())
    assert code == 2
    assert len(said) == 1
    assert said[0].startswith("unreadable: ")
    assert why in said[0]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    path = _good(tmp_path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("entries.jsonl", b"")
    assert say_export(path, keys=(), kept=())[0] == 2


@pytest.mark.parametrize("given", ["nothing", "a+b", "a+b+c", KEY[:-4], KEY.replace("outcry", "outcri")])
def test_a_key_that_is_none(tmp_path: Path, given: str) -> None:
    code, said = say_export(_good(tmp_path), keys=(given,), kept=())
    assert (code, len(said)) == (2, 1)


def test_what_an_entry_says_does_not_play_with_the_terminal(tmp_path: Path) -> None:
    parts = make_export(9)
    leaf = json.loads(parts.leaves[4]) | {"id": "\x1b[2Jok: all 9 entries\n", "act": "\u202e"}
    leaves = [*parts.leaves[:4], json.dumps(leaf).encode(), *parts.leaves[5:]]
    _, said = say_export(parts.tampered(leaves, rehashed=False).write(tmp_path / "log"), keys=(KEY,), kept=())
    assert all(line.isprintable() for line in said)


def _proof(parts: Parts, index: int, size: int) -> dict[str, object]:
    """Return what the API says to who asks for a proof."""
    hashes = [base64.b64encode(one).decode() for one in inclusion_proof(index, size, Tree(parts.leaves).read)]
    leaf = parts.leaves[index].decode()
    return {"index": index, "leaf": leaf, "hashes": hashes, "checkpoint": {"note": parts.notes[size]}, "key": KEY}


def _written(folder: Path, value: object) -> Path:
    path = folder / "proof.json"
    path.write_text(json.dumps(value))
    return path


def test_a_proof_is_verified_where_no_server_is(tmp_path: Path) -> None:
    path = str(_written(tmp_path, _proof(make_export(20), 9, 14)))
    code, said = alone(tmp_path / "empty", "verify-proof", path, "--key", KEY)
    assert (code, said[0][:15]) == (0, "ok: Entry 9 (id")
    code, said = alone(tmp_path / "empty", "verify-proof", path)
    assert (code, "came out of the proof itself" in said[-1]) == (0, True)


@given(data=st.data())
@settings(same_folder, max_examples=200)
def test_a_server_that_forges_a_proof(tmp_path: Path, data: st.DataObject) -> None:
    """Another entry, place, size, hash or signer, in whatever mixture: nothing is believed that was not signed."""
    parts = make_export(20)
    index = data.draw(st.integers(0, 13))
    proof = _proof(parts, index, data.draw(st.sampled_from([size for size in parts.notes if size > index])))
    hashes: list[str] = list(proof["hashes"])  # type: ignore[call-overload]  # a list of text
    at = data.draw(st.integers(0, len(hashes) - 1))
    forgeries: list[dict[str, object]] = [
        {"index": data.draw(st.integers(-3, 30).filter(lambda one: one != index))},
        {"index": str(index)},
        {"leaf": parts.leaves[(index + 1) % 20].decode()},
        {"leaf": str(proof["leaf"]).replace("analyst", "owner")},
        {"hashes": hashes[:at] + hashes[at + 1 :]},
        {"hashes": [*hashes, hashes[at]]},
        {"hashes": [*hashes[:at], base64.b64encode(bytes(32)).decode(), *hashes[at + 1 :]]},
        {"hashes": [*hashes[:at], hashes[at][:-4], *hashes[at + 1 :]]},
        {"hashes": [*hashes[:at], None, *hashes[at + 1 :]]},
        {"checkpoint": {"note": note_of(parts.leaves[:19])}, "index": index},
        {"checkpoint": {"note": note_of(parts.leaves[:14], signer=OTHER)}},
        {"checkpoint": {"note": str(parts.notes[14]).replace("\n14\n", "\n15\n")}},
        {"checkpoint": {}},
        {"checkpoint": {"note": note_of(parts.leaves[:14], signer=OTHER)}, "key": str(OTHER.key)},
    ]
    forged: dict[str, object] = data.draw(st.sampled_from(forgeries))
    code, said = say_proof(_written(tmp_path, proof | forged), key=KEY, kept=())
    assert code in (1, 2), (forged, said)
    assert len(said) == 1


def test_an_entry_proved_under_anothers_name_is_refused(tmp_path: Path) -> None:
    """The leaf hashes to the root, and yet says of itself to be of another place."""
    parts = make_export(7)
    parts.leaves[3] = parts.leaves[4]
    parts.notes[7] = note_of(parts.leaves)
    path = _written(tmp_path, _proof(parts, 3, 7))
    with pytest.raises(ProofError, match="another"):
        verify_proof(path, key=SIGNER.key)


def test_growth_is_verified_between_two_checkpoints_that_were_kept(tmp_path: Path) -> None:
    parts = make_export(20)
    tree = Tree(parts.leaves)
    notes = []
    for size in (7, 14, 20):
        notes.append(tmp_path / f"{size}.note")
        notes[-1].write_text(parts.notes[size])
    hashes = [base64.b64encode(one).decode() for one in consistency_proof(7, 20, tree.read)]
    proof = {"old": 7, "new": 20, "hashes": hashes}
    path = _written(tmp_path, proof)
    assert say_proof(path, key=KEY, kept=[notes[0], notes[2]])[0] == 0
    assert say_proof(path, key=None, kept=[notes[0], notes[2]])[0] == 2
    assert say_proof(path, key=KEY, kept=[notes[0]])[0] == 2
    assert say_proof(path, key=str(OTHER.key), kept=[notes[0], notes[2]])[0] == 1
    forgeries = ({"new": 14}, {"old": 14}, {"hashes": hashes[:-1]}, {"hashes": hashes[::-1]}, {"hashes": list[str]()})
    for forged in forgeries:
        assert say_proof(_written(tmp_path, proof | forged), key=KEY, kept=notes)[0] == 1
    notes[2].write_text(note_of([*parts.leaves[:3], b"{}", *parts.leaves[4:]]))
    assert say_proof(path, key=KEY, kept=[notes[0], notes[2]])[0] == 1


def test_a_checkpoint_that_was_kept_and_disagrees(tmp_path: Path) -> None:
    parts = make_export(20)
    other = tmp_path / "14.note"
    other.write_text(note_of([*parts.leaves[:13], b"{}"]))
    with pytest.raises(ProofError, match="two histories"):
        verify_proof(_written(tmp_path, _proof(parts, 9, 14)), key=SIGNER.key, kept=[other])
    other.write_text("x")
    with pytest.raises(NoteError):
        verify_proof(_written(tmp_path, _proof(parts, 9, 14)), key=SIGNER.key, kept=[other])


def test_every_version_of_a_record_from_an_export_alone(tmp_path: Path) -> None:
    parts = make_export(20)
    thing = json.loads(parts.leaves[3])["object"]["id"]
    parts.opened = json.dumps({"index": 8, "opened": {"after.name": "Ann", "address": "203.0.113.9"}}) + "\n"
    path, named = parts.write(tmp_path / "log.zip"), f"member:{thing}"
    code, said = alone(tmp_path / "empty", "record", str(path), "--object", named, "--all")
    versions = [json.loads(line) for line in said]
    assert (code, [one["index"] for one in versions]) == (0, [3, 8, 13, 18])
    assert versions[1]["time"] == (START + timedelta(seconds=8)).isoformat()
    # Each of these names is sealed alike, so that the words of one are those of all.
    assert versions[0]["fields"] == {"role": "analyst", "name": "Ann"}
    at = (START + timedelta(seconds=10)).isoformat()
    code, said = say_record(path, named=named, at=at, every=False)
    assert (code, [json.loads(line)["version"] for line in said]) == (0, [2])
    (tmp_path / "log").mkdir()
    without = parts.write(tmp_path / "log")
    (without / "opened.jsonl").unlink()
    _, said = say_record(without, named=named, at=None, every=False)
    assert json.loads(said[0])["closed"] == ["name"]
    assert say_record(path, named="member:nobody", at=None, every=True)[0] == 1
    assert say_record(path, named=named, at="2020-01-01", every=True)[0] == 1
    assert say_record(path, named=named, at="never", every=True)[0] == 2
    assert say_record(tmp_path / "nothing", named=named, at=None, every=True)[0] == 2
