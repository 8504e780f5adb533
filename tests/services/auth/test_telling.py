"""What the events of people and organisations tell, so that every version of a record can be made again."""

from datetime import timedelta
from uuid import UUID

from outcry.kit.events import Envelope
from outcry.kit.ids import new_id
from outcry.services.auth.contracts import PlainText, Refusal, SealedText
from outcry.services.auth.events import AccessRefused, OrganisationChanged, PeopleRead, SignInFailed
from outcry.services.auth.refusals import MOST_A_MINUTE
from tests.services.auth import team
from tests.services.auth.conftest import PASSWORD, Desk
from tests.services.auth.test_members import give_up_own
from tests.services.auth.test_profile import sign_up


async def opened(desk: Desk, person_id: str, event: Envelope) -> dict[str, str | None]:
    """Return the sealed words of an event as whoever reads the log sees them."""
    sealed = event.data["sealed"]
    items = tuple(SealedText(person_id=UUID(person_id), sealed=text) for text in sealed.values())
    return dict(zip(sealed, await desk.facade.open_for_people(items=items), strict=True))


async def test_a_person_is_told_sealed_from_the_first_version_on(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    body = {"name": "Ann Leigh", "time_zone": "Europe/Berlin"}
    person = (await browser.http.patch("/me", json=body, headers=headers)).json()["person"]["id"]
    (made,) = await desk.events("auth.person_registered.v1")
    assert await opened(desk, person, made) == {"after.name": "Ann Lee", "after.email": "ann@example.com"}
    (changed,) = await desk.events("auth.person_changed.v1")
    assert await opened(desk, person, changed) == {
        "before.name": "Ann Lee",
        "after.name": "Ann Leigh",
        "before.time_zone": "UTC",
        "after.time_zone": "Europe/Berlin",
    }
    assert "Ann" not in str([made.data, changed.data])


async def test_an_organisations_names_are_sealed_for_whoever_chose_them(desk: Desk) -> None:
    browser, headers = await sign_up(desk)
    await browser.http.patch("/organisation", json={"name": "Leigh & Sons"}, headers=headers)
    made, named = await desk.events(OrganisationChanged.name)
    person = made.data["sealed_for"]
    assert (made.data["what"], made.data["after"]) == ("made", desk.settings.default_plan)
    assert await opened(desk, person, made) == {"after.name": "Ann Lee's desk"}
    assert await opened(desk, named.data["sealed_for"], named) == {"after.name": "Leigh & Sons"}


async def test_what_is_sealed_stays_closed_after_the_erasure_and_for_others(desk: Desk) -> None:
    await sign_up(desk)
    (made,) = await desk.events("auth.person_registered.v1")
    person = made.data["person_id"]
    other = await sign_up(desk, "bob@example.com", "Bob")
    stranger = (await other[0].http.get("/me", headers=other[1])).json()["person"]["id"]
    nothing: dict[str, str | None] = {"after.name": None, "after.email": None}
    assert await opened(desk, stranger, made) == nothing
    assert await opened(desk, str(new_id()), made) == nothing
    # Who runs the installation goes last.
    (_, bob_made) = await desk.events("auth.person_registered.v1")
    gone = await other[0].http.post("/me/erasure", json={"email": "bob@example.com"}, headers=other[1])
    assert gone.status_code == 204, gone.text
    assert await opened(desk, stranger, bob_made) == nothing
    assert await desk.facade.seal_for_people(items=(PlainText(person_id=UUID(stranger), text="x"),)) == (None,)
    nonsense = SealedText(person_id=UUID(person), sealed="not sealed")
    assert await desk.facade.open_for_people(items=(nonsense,)) == (None,)


async def test_a_flood_of_refusals_is_counted_and_not_told(desk: Desk) -> None:
    refusal = Refusal(person_id=new_id(), tenant_id=new_id(), what="GET /x", reason="forbidden")
    other = Refusal(person_id=new_id(), tenant_id=refusal.tenant_id, what="GET /x", reason="forbidden")
    for _ in range(MOST_A_MINUTE + 5):
        await desk.facade.report_refusal(refusal=refusal)
    await desk.facade.report_refusal(refusal=other)
    told = [event.open(AccessRefused) for event in await desk.events(AccessRefused.name)]
    assert [event.person_id for event in told] == [refusal.person_id] * MOST_A_MINUTE + [other.person_id]
    desk.clock.advance(timedelta(minutes=1))
    await desk.facade.report_refusal(refusal=refusal)
    last = (await desk.events(AccessRefused.name))[-1].open(AccessRefused)
    assert (last.person_id, last.dropped) == (refusal.person_id, 5)


async def test_the_right_password_of_who_is_kept_out_is_told_as_that(desk: Desk) -> None:
    ann = await team.sign_up(desk, "Ann")
    ben = await team.join(ann, "Ben")
    await give_up_own(ben)
    assert (await ann.ask("POST", f"/organisation/members/{ben.id}/disable")).status_code == 200
    for password in (PASSWORD, "not the right one"):
        assert (await desk.browser().sign_in(email=ben.email, password=password)).status_code == 401
    told = [event.open(SignInFailed) for event in await desk.events(SignInFailed.name)]
    assert [(event.person_id, event.reason) for event in told] == [(UUID(ben.id), "disabled"), (UUID(ben.id), "")]


async def test_an_admin_who_looks_at_others_is_told_and_a_colleague_is_not(desk: Desk) -> None:
    ann = await team.sign_up(desk, "Ann")
    ben = await team.join(ann, "Ben")
    await team.invite(ann, "carl@example.com")
    for somebody in (ann, ben):
        await somebody.get("/organisation/members")
    await ann.get("/organisation/invitations")
    told = [(event.actor_id, event.open(PeopleRead)) for event in await desk.events(PeopleRead.name)]
    assert told == [
        (UUID(ann.id), PeopleRead(what="members", count=2)),
        (UUID(ann.id), PeopleRead(what="invitations", count=1)),
    ]
