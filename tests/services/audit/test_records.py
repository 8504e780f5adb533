"""Records made again from the log, as they were at any time."""

from datetime import timedelta
from uuid import UUID

from outcry.kit.ids import new_id
from outcry.services.auth.contracts import PlainText
from outcry.services.auth.events import InvitationChanged, MemberChanged, OrganisationChanged
from tests.services.audit.conftest import Desk


async def sealed(desk: Desk, person_id: UUID, text: str) -> dict[str, str]:
    (found,) = await desk.people.seal_for_people(items=(PlainText(person_id=person_id, text=text),))
    assert found is not None
    return {"after.name": found}


async def record(desk: Desk, thing: str, at: object = None) -> dict[str, object]:
    answer = await desk.get(f"/records/{thing}", **({} if at is None else {"at": str(at)}))
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_every_version_of_a_record_is_made_again(desk: Desk) -> None:
    ann, tenant = await desk.crowd.new_person("Ann", desk.reader.tenant_id), desk.reader.tenant_id
    moments = []
    for act, before, after in (
        ("joined", "", "member"),
        ("role", "member", "admin"),
        ("disabled", "admin", "admin"),
        ("removed", "admin", ""),
    ):
        moments.append(desk.clock.now().isoformat())
        event = MemberChanged(person_id=ann, organisation_id=tenant, act=act, before=before, after=after)
        await desk.tell(event, tenant, actor_id=desk.reader.user_id)
        desk.clock.advance(timedelta(hours=1))
    versions = [(await record(desk, f"member/{ann}", moment))["fields"] for moment in moments]
    assert versions == [
        {"role": "member", "state": "active"},
        {"role": "admin", "state": "active"},
        {"role": "admin", "state": "disabled"},
        {"role": "admin", "state": "gone"},
    ]
    newest = await record(desk, f"member/{ann}")
    assert (newest["fields"], newest["versions"], newest["first"], newest["index"]) == (versions[3], 4, 0, 3)
    early = await desk.get(f"/records/member/{ann}", at=(desk.clock.now() - timedelta(days=1)).isoformat())
    assert (early.status_code, early.json()["code"]) == (404, "entry_not_found")


async def test_words_are_opened_until_their_person_is_erased(desk: Desk) -> None:
    ann, tenant = await desk.crowd.new_person("Ann", desk.reader.tenant_id), desk.reader.tenant_id
    words = await sealed(desk, ann, "Ann's desk")
    named = OrganisationChanged(
        organisation_id=tenant, what="made", before="", after="desk", sealed=words, sealed_for=ann
    )
    await desk.tell(named, tenant)
    await desk.tell(OrganisationChanged(organisation_id=tenant, what="plan", before="desk", after="pro"), tenant)
    found = await record(desk, f"organisation/{tenant}")
    assert (found["fields"], found["closed"]) == ({"name": "Ann's desk", "plan": "pro"}, [])
    await desk.destroy_key(ann)
    desk.clock.advance(timedelta(minutes=1))
    later = await record(desk, f"organisation/{tenant}")
    assert (later["fields"], later["closed"]) == ({"plan": "pro"}, ["name"])


async def test_what_was_refused_changes_nothing_and_an_older_value_is_known_from_before(desk: Desk) -> None:
    tenant, invitation = desk.reader.tenant_id, new_id()
    for act in ("refused", "revoked"):
        await desk.tell(InvitationChanged(invitation_id=invitation, act=act, role="viewer"), tenant)
    found = await record(desk, f"invitation/{invitation}")
    assert (found["fields"], found["versions"]) == ({"role": "viewer", "state": "revoked"}, 1)


async def test_another_organisations_record_is_like_none(desk: Desk) -> None:
    thing = new_id()
    sent = InvitationChanged(invitation_id=thing, act="sent", role="viewer")
    await desk.tell(sent, await desk.crowd.new_organisation())
    for one in (thing, new_id()):
        answer = await desk.get(f"/records/invitation/{one}")
        assert (answer.status_code, answer.json()["code"]) == (404, "entry_not_found")


async def test_that_a_record_was_read_is_told(desk: Desk) -> None:
    thing, tenant = new_id(), desk.reader.tenant_id
    await desk.tell(InvitationChanged(invitation_id=thing, act="sent", role="viewer"), tenant)
    await record(desk, f"invitation/{thing}")
    (told,) = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=9)]
    assert (told.name, told.data["filters"]) == (
        "audit.entries_read.v1",
        {"object_type": "invitation", "object_id": str(thing)},
    )
