"""Exports: a whole log up to a checkpoint, as a zip that is made as it is read."""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import select, update

from outcry.kit.ids import new_id
from outcry.services.audit.models import EntryRow
from outcry.services.audit.notes import open_checkpoint, parse_verifier_key
from outcry.services.audit.verification import verify_export
from outcry.services.auth.contracts import PlainText
from outcry.services.auth.events import OrganisationChanged, SignedIn
from tests.services.audit.conftest import Desk

ADDRESS = "203.0.113.9"
WORDS = "Ann's own desk"


async def exported(desk: Desk, **parameters: object) -> zipfile.ZipFile:
    answer = await desk.get("/export", **parameters)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


async def live(desk: Desk, count: int) -> UUID:
    """Let a log have so many entries, the first with words of Ann's; return who she is."""
    tenant = desk.reader.tenant_id
    ann = await desk.crowd.new_person("Ann", tenant)
    (sealed,) = await desk.people.seal_for_people(items=(PlainText(person_id=ann, text=WORDS),))
    assert sealed is not None
    named = OrganisationChanged(
        organisation_id=tenant, what="name", before="", after="", sealed={"after.name": sealed}, sealed_for=ann
    )
    await desk.tell(named, tenant, actor_id=ann)
    for _ in range(count - 1):
        await desk.tell(SignedIn(person_id=ann, session_id=new_id(), methods=("pwd",)), tenant, actor_id=ann)
    await desk.sign()
    return ann


async def test_an_export_is_the_log_byte_by_byte(desk: Desk) -> None:
    await live(desk, 13)
    archive = await exported(desk)
    async with desk.database.reading() as session:
        rows = list(await session.scalars(select(EntryRow).order_by(EntryRow.index)))
    assert archive.read("entries.jsonl") == b"".join(row.leaf + b"\n" for row in rows)
    assert archive.read("leaf_hashes") == b"".join(row.leaf_hash for row in rows)
    manifest = json.loads(archive.read("manifest.json"))
    tenant = str(desk.reader.tenant_id)
    assert (manifest["size"], manifest["tenant"], manifest["origin"]) == (13, tenant, f"outcry/audit/{tenant}")
    keys = json.loads(archive.read("keys.json"))["keys"]
    assert keys == [(await desk.get("/key")).json()]
    notes = [json.loads(line) for line in archive.read("checkpoints.jsonl").splitlines()]
    opened = [open_checkpoint(one["note"], parse_verifier_key(keys[0])) for one in notes]
    assert [one.size for one in opened] == [one["size"] for one in notes] == [10, 13]
    assert archive.read("checkpoint.note").decode() == notes[-1]["note"]


async def test_an_export_goes_up_to_the_checkpoint_that_was_asked_for(desk: Desk) -> None:
    await live(desk, 13)
    archive = await exported(desk, size=10)
    assert len(archive.read("entries.jsonl").splitlines()) == 10
    assert len(archive.read("leaf_hashes")) == 320
    assert len(archive.read("checkpoints.jsonl").splitlines()) == 1
    unknown = await desk.get("/export", size=11)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "checkpoint_not_found")
    assert (await desk.get("/export", size=0)).status_code == 422


async def test_nothing_is_exported_before_the_first_checkpoint(desk: Desk) -> None:
    answer = await desk.get("/export")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_checkpointed")
    assert await desk.database.pending(after=0, limit=9) == []


async def test_words_of_people_stand_in_one_file_alone_until_they_are_erased(desk: Desk) -> None:
    ann = await live(desk, 3)
    archive = await exported(desk)
    first, *rest = [json.loads(line) for line in archive.read("opened.jsonl").splitlines()]
    assert first == {"index": 0, "opened": {"address": ADDRESS, "after.name": WORDS}}
    assert rest == [{"index": index, "opened": {"address": ADDRESS}} for index in (1, 2)]
    others = [archive.read(name) for name in archive.namelist() if name != "opened.jsonl"]
    assert not any(word.encode() in content for content in others for word in (ADDRESS, WORDS))
    await desk.destroy_key(ann)
    desk.clock.advance(timedelta(minutes=1))
    later = await exported(desk)
    assert later.read("opened.jsonl") == b""
    assert later.read("entries.jsonl") == archive.read("entries.jsonl")


async def test_that_it_was_exported_is_told_first(desk: Desk) -> None:
    await live(desk, 2)
    await exported(desk)
    (told,) = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=9)]
    assert (told.name, told.actor_id) == ("audit.exported.v1", desk.reader.user_id)
    assert told.data == {"exporter_id": str(desk.reader.user_id), "size": 2}
    await desk.module.handlers[told.name](told)
    entry = (await desk.entries())[0]
    assert (entry["act"], entry["after"]) == ("audit.exported", {"size": "2", "by": "person"})


async def test_what_was_archived_away_leaves_its_hash(desk: Desk, tmp_path: Path) -> None:
    await live(desk, 12)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(EntryRow).where(EntryRow.index < 4).values(leaf=b""))
    archive = await exported(desk)
    assert json.loads(archive.read("manifest.json"))["leaves_from"] == 4
    assert archive.read("entries.jsonl").startswith(b"\n\n\n\n{")
    archive.extractall(tmp_path)
    verdict = verify_export(tmp_path)
    assert (verdict.findings, verdict.hashes_only, verdict.size) == ((), 4, 12)


async def test_another_organisation_has_an_export_of_its_own(desk: Desk) -> None:
    other = await desk.crowd.new_organisation()
    await desk.tell(SignedIn(person_id=new_id(), session_id=new_id(), methods=()), other)
    await live(desk, 2)
    archive = await exported(desk)
    assert str(other).encode() not in b"".join(archive.read(name) for name in archive.namelist())
