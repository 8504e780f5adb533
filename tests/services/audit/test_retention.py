"""Retention: old leaves move to the archive and in the end away, and nothing else changes."""

import asyncio
import base64
import gzip
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.kit.errors import UnavailableError
from outcry.kit.events import Envelope
from outcry.kit.ids import new_id
from outcry.services.audit.archives import ArchiveError, archive_key, pack, unpack
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import ArchiveRow, EntryRow
from outcry.services.audit.retention import Retention
from outcry.services.audit.settings import AuditSettings
from outcry.services.audit.tree import hash_leaf, verify_inclusion
from outcry.services.audit.verification import verify_export
from outcry.services.auth.events import MemberChanged, SignedIn
from tests.adapters_support.s3_server import s3_server
from tests.services.audit.conftest import Desk, check_proof

OLD = timedelta(days=100)


@dataclass
class Cuts(ObstoreBlobs):
    """A store of files that breaks off at the calls named, before or after it does what it is asked."""

    store: ObstoreBlobs
    at: set[str] = field(default_factory=set)

    def _cut(self, place: str) -> None:
        if place in self.at:
            raise UnavailableError(f"cut {place}")

    async def put_once(self, key: str, data: bytes, *, keep_until: datetime | None = None) -> None:
        self._cut("before put")
        await self.store.put_once(key, data, keep_until=keep_until)
        self._cut("after put")

    async def get(self, key: str) -> bytes:
        self._cut("get")
        found = await self.store.get(key)
        return found[:-9] if "damaged" in self.at else found

    async def delete(self, key: str) -> None:
        self._cut("before delete")
        await self.store.delete(key)
        self._cut("after delete")


def retention(desk: Desk, *, blobs: ObstoreBlobs | None = None, most: int = 4, **settings: Any) -> Retention:
    return Retention(
        database=desk.database,
        blobs=blobs or desk.blobs,
        clock=desk.clock,
        settings=AuditSettings(**({"keep_days": 30} | settings)),
        most_entries=most,
    )


async def an_old_log(desk: Desk, count: int = 10) -> list[Envelope]:
    """Let Bob be made this and that, ten times and long ago, and three times lately."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    bob = await desk.crowd.new_person("Bob", tenant)
    told = []
    for number in range(count + 3):
        if number == count:
            desk.clock.advance(OLD)
        event = MemberChanged(
            person_id=bob, organisation_id=tenant, act="role", before=f"r{number}", after=f"r{number + 1}"
        )
        told.append(await desk.tell(event, tenant, actor_id=owner))
    await desk.sign()
    return told


async def rows_of(desk: Desk) -> list[tuple[int, UUID, bytes, bytes]]:
    query = select(EntryRow.index, EntryRow.id, EntryRow.leaf, EntryRow.leaf_hash).order_by(EntryRow.index)
    async with desk.database.reading() as session:
        return [(index, id_, leaf, hashed) for index, id_, leaf, hashed in await session.execute(query)]


async def states(desk: Desk) -> list[tuple[int, int, str]]:
    query = select(ArchiveRow.first, ArchiveRow.until, ArchiveRow.state).order_by(ArchiveRow.first)
    async with desk.database.reading() as session:
        return [(first, until, state) for first, until, state in await session.execute(query)]


async def archived_keys(desk: Desk) -> list[str]:
    below = f"{desk.reader.tenant_id}/audit/archive"
    return sorted([info.key async for info in desk.blobs.list_prefix(below)])


async def test_old_leaves_move_and_are_read_as_before(desk: Desk) -> None:
    """Entries by index and id, proofs, records, exports, what is a person's own: all as it was, and saying so."""
    told = await an_old_log(desk)
    bob = json.loads((await rows_of(desk))[0][2])["person"]
    paths = ["/entries/0", f"/entries/{told[9].id}", f"/records/member/{bob}", "/entries/3/proof", "/entries/11"]
    before = [(await desk.get(path)).json() for path in paths]
    old = await rows_of(desk)
    assert await retention(desk).tidy() == 3
    assert await states(desk) == [(0, 4, "sealed"), (4, 8, "sealed"), (8, 10, "sealed")]
    rows = await rows_of(desk)
    assert [row[2] for row in rows] == [b""] * 10 + [row[2] for row in old[10:]]
    assert [(row[0], row[1], row[3]) for row in rows] == [(row[0], row[1], row[3]) for row in old]
    after = [(await desk.get(path)).json() for path in paths]
    kept = [one.pop("kept", None) for one in after]
    assert kept == ["archived", "archived", None, None, "here"]
    assert after == [{name: value for name, value in one.items() if name != "kept"} for one in before]
    check_proof(after[3])
    key = archive_key(desk.reader.tenant_id, 4, 8)
    assert unpack(await desk.blobs.get(key), 4) == [row[2] for row in old[4:8]]
    entries = await desk.entries(act="auth.member", person_id=bob)
    assert [one["kept"] for one in entries] == ["here"] * 3 + ["archived"] * 10
    pages = [page async for page in LeafStore(desk.database, desk.blobs).read_leaves(desk.reader.tenant_id, 2, 12)]
    assert [one.leaf for page in pages for one in page] == [row[2] for row in old[2:12]]
    personal = desk.module.personal
    assert personal is not None
    (exported,) = await personal.export_person(person_id=UUID(bob))
    assert len(exported.text.splitlines()) == 13


async def test_an_export_has_the_archived_leaves(desk: Desk) -> None:
    await an_old_log(desk)
    old = await rows_of(desk)
    await retention(desk).tidy()
    answer = await desk.get("/export")
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.read("entries.jsonl").splitlines() == [row[2] for row in old]


async def test_an_event_that_comes_again_is_still_known(desk: Desk) -> None:
    told = await an_old_log(desk)
    await retention(desk, archive_days=1).tidy()
    desk.clock.advance(timedelta(days=2))
    await retention(desk, archive_days=1).tidy()
    count = len(await rows_of(desk))
    await desk.module.handlers[MemberChanged.name](told[0])
    assert len(await rows_of(desk)) == count


async def test_what_is_not_old_or_not_signed_stays(desk: Desk) -> None:
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    await an_old_log(desk)
    assert await retention(desk, keep_days=0).tidy() == 0
    assert await retention(desk, keep_days=200).tidy() == 0
    desk.clock.advance(timedelta(days=40))
    await desk.tell(SignedIn(person_id=owner, session_id=new_id()), tenant)
    desk.clock.advance(timedelta(days=40))
    await retention(desk).tidy()
    assert [row[0] for row in await rows_of(desk) if row[2]] == [13]
    await desk.sign()
    await retention(desk).tidy()
    assert [row[0] for row in await rows_of(desk) if row[2]] == []


async def test_a_range_that_is_not_full_waits_a_day(desk: Desk) -> None:
    await an_old_log(desk, count=2)
    desk.clock.advance(timedelta(days=30, hours=1))
    assert await retention(desk, keep_days=130).tidy() == 0
    desk.clock.advance(timedelta(days=1))
    assert await retention(desk, keep_days=130).tidy() == 1


async def test_each_organisations_log_moves_by_itself(desk: Desk) -> None:
    """A file that another organisation has is never read for ours, and one log's trouble is not the others'."""
    other = await desk.crowd.new_organisation()
    await desk.tell(SignedIn(person_id=desk.reader.user_id, session_id=new_id()), other)
    await an_old_log(desk)
    async with desk.database.transaction() as transaction:
        damage = update(EntryRow).where(EntryRow.tenant_id == other).values(leaf=b"{}")
        await transaction.session.execute(damage)
    assert await retention(desk).tidy() == 3
    assert await archived_keys(desk) == [
        archive_key(desk.reader.tenant_id, *ends) for ends in ((0, 4), (4, 8), (8, 10))
    ]
    assert [info async for info in desk.blobs.list_prefix(f"{other}/audit/archive")] == []


@pytest.mark.parametrize("place", ["before put", "after put", "get", "damaged"])
async def test_being_cut_short_loses_nothing(desk: Desk, place: str) -> None:
    """Whatever happens between the file and the rows, the rows have everything, and the next run goes on."""
    await an_old_log(desk)
    old = await rows_of(desk)
    cuts = Cuts(desk.blobs, {place})
    assert await retention(desk, blobs=cuts).tidy() == 0
    assert await rows_of(desk) == old
    assert (await desk.get("/entries/0")).json()["kept"] == "here"
    # More is old by now: the range that was begun stays the one that it was.
    desk.clock.advance(OLD)
    cuts.at.clear()
    assert await retention(desk, blobs=cuts, most=6).tidy() == 3
    assert await states(desk) == [(0, 4, "sealed"), (4, 10, "sealed"), (10, 13, "sealed")]
    assert (await desk.get("/entries/0")).json()["leaf"].encode() == old[0][2]
    assert await retention(desk, blobs=cuts).tidy() == 0


async def test_a_file_that_was_written_otherwise_but_says_the_same_is_taken(desk: Desk) -> None:
    """Another version of gzip makes other bytes of the same leaves."""
    await an_old_log(desk)
    leaves = [row[2] for row in await rows_of(desk)]
    other = gzip.compress(b"".join(leaf + b"\n" for leaf in leaves[:4]), compresslevel=1)
    await desk.blobs.put(archive_key(desk.reader.tenant_id, 0, 4), other)
    await desk.blobs.put(archive_key(desk.reader.tenant_id, 4, 8), pack(leaves[:4]))
    await retention(desk).tidy()
    assert await states(desk) == [(0, 4, "sealed"), (4, 8, "writing")]
    assert (await desk.get("/entries/3")).json()["leaf"].encode() == leaves[3]


async def test_some_who_tidy_at_once_do_it_once(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    await an_old_log(desk)
    assert sum(await asyncio.gather(*(retention(desk).tidy() for _ in range(3)))) == 3
    assert caplog.records == []
    assert await states(desk) == [(0, 4, "sealed"), (4, 8, "sealed"), (8, 10, "sealed")]
    assert len(await archived_keys(desk)) == 3


async def test_rows_that_were_tampered_with_stay_where_they_are(desk: Desk) -> None:
    await an_old_log(desk)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(EntryRow).where(EntryRow.index == 5).values(leaf=b'{"v":2}'))
    await retention(desk).tidy()
    assert await states(desk) == [(0, 4, "sealed"), (4, 8, "writing")]
    assert [row[0] for row in await rows_of(desk) if not row[2]] == [0, 1, 2, 3]


@pytest.mark.parametrize("content", [None, b"", b"no gzip", pack([b"{}"] * 4), pack([b"{}"] * 3)])
async def test_an_archive_that_is_missing_or_another_is_told(desk: Desk, content: bytes | None) -> None:
    await an_old_log(desk)
    await retention(desk).tidy()
    key = archive_key(desk.reader.tenant_id, 0, 4)
    await desk.blobs.delete(key)
    if content is not None:
        await desk.blobs.put(key, content)
    for path in ("/entries/1", "/entries/1/proof"):
        answer = await desk.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "archive_damaged")
    assert (await desk.get("/entries/5")).json()["kept"] == "archived"


async def test_in_the_end_only_hashes_are_left(desk: Desk, tmp_path: Path) -> None:
    """And everything says so: the entry, its proof, the list, the record, the export, the report."""
    told = await an_old_log(desk)
    bob = json.loads((await rows_of(desk))[0][2])["person"]
    await retention(desk).tidy()
    desk.clock.advance(timedelta(days=5))
    assert await retention(desk, archive_days=7).tidy() == 0
    desk.clock.advance(timedelta(days=3))
    assert await retention(desk, archive_days=7).tidy() == 3
    assert {state for _, _, state in await states(desk)} == {"removed"}
    assert await archived_keys(desk) == []
    entry = (await desk.get(f"/entries/{told[2].id}")).json()
    assert (entry["index"], entry["kept"], entry["leaf"], entry["act"]) == (2, "archived_away", "", "")
    assert (entry["actor_id"], entry["person_id"], entry["before"], entry["after"]) == (None, None, {}, {})
    proof = (await desk.get("/entries/2/proof")).json()
    assert proof["leaf"] == ""
    hashes = [base64.b64decode(one) for one in proof["hashes"]]
    root = base64.b64decode(proof["checkpoint"]["root"])
    leaf_hash = base64.b64decode(proof["leaf_hash"])
    verify_inclusion(index=2, size=proof["checkpoint"]["size"], leaf_hash=leaf_hash, proof=hashes, root=root)
    assert [one["index"] for one in await desk.entries(person_id=bob)] == [12, 11, 10]
    assert [one["kept"] for one in await desk.entries()].count("archived_away") == 10
    record = (await desk.get(f"/records/member/{bob}")).json()
    assert (record["versions"], record["fields"]["role"]) == (3, "r13")
    export = tmp_path / "log.zip"
    export.write_bytes((await desk.get("/export")).content)
    verdict = verify_export(export)
    assert (verdict.findings, verdict.hashes_only, verdict.size) == ((), 10, 13)
    with zipfile.ZipFile(export) as packed:
        lines = packed.read("entries.jsonl").split(b"\n")[:-1]
        hashed = packed.read("leaf_hashes")
    assert [bool(line) for line in lines] == [False] * 10 + [True] * 3
    assert hashed[10 * 32 : 11 * 32] == hash_leaf(lines[10])
    start = desk.clock.now() - timedelta(days=300)
    report = (await desk.get("/report", start=start.isoformat())).json()
    assert (report["log"]["unread"], report["log"]["entries"], report["failures"]) == (10, 13, [])


@pytest.mark.parametrize("place", ["before delete", "after delete"])
async def test_a_removal_that_is_cut_short_goes_on(desk: Desk, place: str) -> None:
    """Nobody reads what is to go, also while its file is there still: a store may keep it until a date."""
    await an_old_log(desk)
    await retention(desk).tidy()
    desk.clock.advance(timedelta(days=8))
    cuts = Cuts(desk.blobs, {place})
    await retention(desk, blobs=cuts, archive_days=7).tidy()
    assert {state for _, _, state in await states(desk)} == {"removing"}
    assert (await desk.get("/entries/1")).json()["kept"] == "archived_away"
    cuts.at.clear()
    assert await retention(desk, blobs=cuts, archive_days=7).tidy() == 3
    assert await archived_keys(desk) == []


async def test_in_a_bucket_with_object_lock_nobody_removes_the_archive(desk: Desk) -> None:
    """Until the day that is set, which here is far ahead of every clock. Then the archive goes as anywhere else."""
    with s3_server() as server:
        bucket = server.new_bucket(lock=True)
        blobs = server.open(bucket, prefix="desk", lock="compliance")
        await an_old_log(desk)
        old = await rows_of(desk)
        assert await retention(desk, blobs=blobs, lock_days=36_000).tidy() == 3
        store = LeafStore(desk.database, blobs)
        pages = [page async for page in store.read_leaves(desk.reader.tenant_id, 0, 13)]
        assert [one.leaf for page in pages for one in page] == [row[2] for row in old]
        for version in server.client.list_object_versions(Bucket=bucket)["Versions"]:
            with pytest.raises(server.client.exceptions.ClientError, match="AccessDenied"):
                server.client.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        desk.clock.advance(timedelta(days=21))
        assert await retention(desk, blobs=blobs, archive_days=20).tidy() == 3
        assert [info async for info in blobs.list_prefix("")] == []
        await blobs.close()


async def test_that_entries_moved_becomes_an_entry(desk: Desk) -> None:
    await an_old_log(desk)
    await retention(desk).tidy()
    for _, envelope, _ in await desk.database.pending(after=0, limit=100):
        if envelope.name == "audit.entries_archived.v1":
            await desk.module.handlers[envelope.name](envelope)
    entries = await desk.entries(act="audit.entries_archived")
    assert [one["after"] for one in entries] == [
        {"first": "8", "last": "9"},
        {"first": "4", "last": "7"},
        {"first": "0", "last": "3"},
    ]


def test_archives_are_always_the_same_bytes_and_others_are_refused() -> None:
    leaves = [b'{"a":"\xc3\xbc"}', b"{}"]
    assert pack(leaves) == pack(leaves)
    assert unpack(pack(leaves), 2) == leaves
    bomb = pack([b"0" * (65 * 1024 * 1024)])
    for data, count in ((pack(leaves), 1), (pack(leaves)[:-4], 2), (b"", 1), (bomb, 1)):
        with pytest.raises(ArchiveError):
            unpack(data, count)


def test_a_lock_that_outlasts_the_archive_is_refused() -> None:
    with pytest.raises(ValidationError, match="OUTCRY_AUDIT_LOCK_DAYS"):
        AuditSettings(archive_days=7, lock_days=8)
