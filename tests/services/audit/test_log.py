"""The log: acts become entries once, in order, provably, and readable for who may."""

import asyncio
import base64
import json
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from outcry.kit.errors import UnavailableError
from outcry.kit.events import seal
from outcry.kit.ids import new_id
from outcry.services.audit.commands import AuditLog
from outcry.services.audit.handlers import AuditHandlers
from outcry.services.audit.models import CheckpointRow, EntryRow
from outcry.services.audit.notes import open_checkpoint, parse_verifier_key
from outcry.services.audit.tree import verify_consistency
from outcry.services.auth.contracts import PlainText, SealedText
from outcry.services.auth.events import NO_TENANT, MemberChanged, SignedIn, SignInFailed
from tests.services.audit.conftest import Desk, check_proof

ADDRESS = "203.0.113.9"


def member_changed(person_id: UUID, tenant_id: UUID, after: str = "analyst") -> MemberChanged:
    return MemberChanged(person_id=person_id, organisation_id=tenant_id, act="role", before="member", after=after)


def signed_in(person_id: UUID) -> SignedIn:
    return SignedIn(person_id=person_id, session_id=new_id(), methods=("pwd",))


async def stored(desk: Desk) -> int:
    """Return how many entries all logs have."""
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(EntryRow)) or 0


async def test_an_act_becomes_an_entry(desk: Desk) -> None:
    """Who, what, to whom, from what to what, from where, and by which request."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    bob = await desk.crowd.new_person("Bob", tenant)
    told = await desk.tell(member_changed(bob, tenant), tenant, actor_id=owner)
    (entry,) = await desk.entries()
    assert (entry["index"], entry["id"], entry["act"], entry["outcome"]) == (
        0,
        str(told.id),
        "auth.member_role",
        "done",
    )
    assert (entry["actor_id"], entry["person_id"], entry["object_id"]) == (str(owner), str(bob), str(bob))
    assert (entry["before"], entry["after"]) == ({"role": "member"}, {"role": "analyst"})
    assert (entry["address"], entry["erased"]) == (ADDRESS, False)
    assert (entry["request_id"], entry["trace"]) == (str(told.causation_id), "ab" * 16)
    leaf = json.loads(entry["leaf"])
    assert leaf["address"]["of"] == str(owner)
    assert ADDRESS not in entry["leaf"]
    assert json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == entry["leaf"]


async def test_an_event_that_comes_again_changes_nothing(desk: Desk) -> None:
    """Also when it comes twice at once, and after a start anew."""
    envelope = await desk.tell(signed_in(desk.reader.user_id), desk.reader.tenant_id)
    handle = desk.module.handlers[SignedIn.name]
    await asyncio.gather(*(handle(envelope) for _ in range(5)))
    await desk.sign()
    await handle(envelope)
    assert await stored(desk) == 1


async def test_an_entry_about_nobody_known_keeps_its_address(desk: Desk) -> None:
    """A try to sign in to no account belongs to no organisation, and stays out of every other's list."""
    await desk.tell(SignInFailed(person_id=None), NO_TENANT)
    assert await stored(desk) == 1
    assert await desk.entries() == []
    async with desk.database.reading() as session:
        row = (await session.scalars(select(EntryRow))).one()
    assert json.loads(row.leaf)["address"] == {"plain": ADDRESS}
    assert (row.tenant_id, row.outcome) == (NO_TENANT, "failed")
    for name in (str(row.id), "0"):
        assert (await desk.get(f"/entries/{name}")).status_code == 404
        assert (await desk.get(f"/entries/{name}/proof")).status_code == 404


async def test_every_entry_is_proved_to_every_later_checkpoint(desk: Desk) -> None:
    """Entries that came many at once are whole, in a row, and proved; a checkpoint is signed at every tenth."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    await asyncio.gather(*(desk.tell(signed_in(owner), tenant) for _ in range(24)))
    assert (await desk.get("/entries/23/proof")).json()["code"] == "not_checkpointed"
    await desk.sign()
    answer = (await desk.get("/checkpoints")).json()
    key = parse_verifier_key((await desk.get("/key")).json())
    checkpoints = [open_checkpoint(one["note"], key) for one in answer["items"]]
    sizes = [one.size for one in checkpoints]
    assert sizes == [24, 20, 10]
    assert {one.origin for one in checkpoints} == {f"outcry/audit/{tenant}"}
    for size in sizes:
        for index in range(size):
            proof = (await desk.get(f"/entries/{index}/proof", size=size)).json()
            assert check_proof(proof).size == size
            assert json.loads(proof["leaf"])["index"] == index
    for old in checkpoints:
        for new in checkpoints:
            if old.size <= new.size:
                shown = (await desk.get("/consistency", old=old.size, new=new.size)).json()
                hashes = [base64.b64decode(one) for one in shown["hashes"]]
                verify_consistency(old=old.size, new=new.size, old_root=old.root, new_root=new.root, proof=hashes)
    assert (await desk.get("/entries/23/proof", size=20)).json()["code"] in ("invalid_log_size", "checkpoint_not_found")
    assert (await desk.get("/entries/3/proof", size=7_000)).json()["code"] == "checkpoint_not_found"
    assert (await desk.get("/consistency", old=1, new=25)).json()["code"] == "invalid_log_size"
    assert (await desk.get("/consistency", old=5, new=4)).json()["code"] == "invalid_log_size"


async def test_a_log_goes_on_past_full_tiles_in_another_process(desk: Desk) -> None:
    """What another process wrote meanwhile is seen, and 600 entries of two writers are one valid log."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    log = AuditLog(database=desk.database, auth=desk.people, checkpoints=desk.checkpoints, checkpoint_entries=10)
    theirs = AuditHandlers(log).by_event()[SignedIn.name]
    ours = desk.module.handlers[SignedIn.name]
    for _ in range(4):
        envelopes = [seal(signed_in(owner), clock=desk.clock, tenant_id=tenant, key="k") for _ in range(150)]
        await asyncio.gather(*(handle(one) for one in envelopes for handle in (theirs, ours)))
    await log.stop()
    await desk.sign()
    assert await stored(desk) == 600
    for index in (0, 255, 256, 511, 512, 599):
        check_proof((await desk.get(f"/entries/{index}/proof")).json())


async def test_checkpoints_are_copied(desk: Desk) -> None:
    """The Blobs have each, under its organisation and size, word for word."""
    await desk.tell(signed_in(desk.reader.user_id), desk.reader.tenant_id)
    await desk.sign()
    newest = (await desk.get("/checkpoints/latest")).json()
    key = f"{desk.reader.tenant_id}/audit/checkpoints/1.note"
    assert (await desk.blobs.get(key)).decode() == newest["note"]


async def test_filters(desk: Desk) -> None:
    """Each filter finds its own, together they narrow, and pages follow each other."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    bob = await desk.crowd.new_person("Bob", tenant)
    await desk.tell(signed_in(bob), tenant, actor_id=bob)
    await desk.tell(SignInFailed(person_id=bob), tenant)
    desk.clock.advance(timedelta(hours=1))
    later = desk.clock.now().isoformat()
    await desk.tell(member_changed(bob, tenant), tenant, actor_id=owner)

    async def indices(**parameters: object) -> list[int]:
        return [one["index"] for one in await desk.entries(**parameters) if one["index"] < 3]

    assert await indices() == [2, 1, 0]
    assert await indices(start=later) == [2]
    assert await indices(end=later) == [1, 0]
    assert await indices(actor_id=bob) == [0]
    assert await indices(person_id=bob) == [2, 1, 0]
    assert await indices(act="auth.sign") == [1, 0]
    assert await indices(act="auth.signed.in") == []
    assert await indices(act="auth_signed") == []
    assert await indices(outcome="failed") == [1]
    assert await indices(object_type="member", object_id=str(bob)) == [2]
    assert await indices(object_type="member", outcome="failed") == []
    first = (await desk.get("/entries", end=later, limit=1)).json()
    second = (await desk.get("/entries", end=later, limit=1, cursor=first["next_cursor"])).json()
    assert [one["index"] for one in first["items"] + second["items"]] == [1, 0]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    ["act=A'B", "start=never", "actor_id=1", "outcome=maybe", "cursor=%21", "limit=0", "object_id=%00", "limit=201"],
)
async def test_bad_filters(desk: Desk, query: str) -> None:
    """What cannot be a filter is refused in words."""
    answer = await desk.http.get(f"/api/v1/audit/entries?{query}")
    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"


@pytest.mark.parametrize("name", ["-1", "abc", "9" * 19, "99999999999999999999", "-" * 36, "1.0"])
async def test_names_of_no_entry(desk: Desk, name: str) -> None:
    """What names no entry is not found, or no name."""
    for path in (f"/entries/{name}", f"/entries/{name}/proof"):
        assert (await desk.get(path)).status_code in (404, 422)


async def test_reading_about_others_is_told(desk: Desk) -> None:
    """Once a request; reading about oneself alone is not."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    await desk.tell(signed_in(owner), tenant, actor_id=owner)
    await desk.entries()
    assert await desk.database.pending(after=0, limit=10) == []
    bob = await desk.crowd.new_person("Bob", tenant)
    for _ in range(3):
        await desk.tell(signed_in(bob), tenant, actor_id=bob)
    await desk.entries(act="auth.")
    ((_, told, _),) = await desk.database.pending(after=0, limit=10)
    assert (told.name, told.actor_id, told.tenant_id) == ("audit.entries_read.v1", owner, tenant)
    assert told.data == {
        "reader_id": str(owner),
        "count": 3,
        "first": 1,
        "last": 3,
        "filters": {"act": "auth."},
    }
    await desk.module.handlers[told.name](told)
    assert (await desk.entries())[0]["act"] == "audit.entries_read"


async def test_what_is_erased_stays_closed_and_the_proofs_hold(desk: Desk) -> None:
    """Destroying a person's key closes the address and the sealed words; no leaf and no proof changes."""
    tenant = desk.reader.tenant_id
    bob = await desk.crowd.new_person("Bob", tenant)
    await desk.tell(signed_in(bob), tenant, actor_id=bob)
    await desk.sign()
    before = (await desk.get("/entries/0/proof")).json()
    assert desk.module.personal is not None
    (exported,) = await desk.module.personal.export_person(person_id=bob)
    assert exported.path == "audit/entries.jsonl"
    assert json.loads(exported.text)["address"] == ADDRESS
    await desk.destroy_key(bob)
    assert await desk.module.personal.erase_people(person_ids=(bob,), organisation_ids=()) == 0
    desk.clock.advance(timedelta(minutes=1))  # an opened key is remembered for less
    entry = await desk.get("/entries/0")
    assert (entry.json()["address"], entry.json()["erased"]) == ("", True)
    after = (await desk.get("/entries/0/proof")).json()
    assert after == before
    check_proof(after)
    await desk.tell(signed_in(bob), tenant, actor_id=bob)
    assert (await desk.get("/entries/1")).json()["address"] == ""


async def test_words_are_sealed_for_people_and_opened(desk: Desk) -> None:
    """Each in its place; None for who has no key, and for what was sealed for another."""
    bob = await desk.crowd.new_person("Bob", desk.reader.tenant_id)
    sealed = await desk.people.seal_for_people(
        items=(PlainText(person_id=bob, text="ä\u0000"), PlainText(person_id=new_id(), text="x"))
    )
    assert sealed[1] is None
    assert sealed[0] is not None
    owners = (bob, desk.reader.user_id, new_id())
    items = tuple(SealedText(person_id=owner, sealed=sealed[0]) for owner in owners)
    broken = SealedText(person_id=bob, sealed="no base64")
    assert await desk.people.open_for_people(items=(*items, broken)) == ("ä\u0000", None, None, None)


async def test_when_the_keys_do_not_answer_nothing_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler raises, so that the event is tried again; then it is there once."""
    tenant, owner = desk.reader.tenant_id, desk.reader.user_id
    envelope = seal(signed_in(owner), clock=desk.clock, tenant_id=tenant, key="k", actor_id=owner, address=ADDRESS)
    handle = desk.module.handlers[SignedIn.name]

    async def gone(_self: object, **_: object) -> None:
        raise UnavailableError()

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.people), "seal_for_people", gone)
        with pytest.raises(UnavailableError):
            await handle(envelope)
        assert await stored(desk) == 0
    await handle(envelope)
    assert await stored(desk) == 1
    async with desk.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(CheckpointRow)) == 0
