"""Acts of several people at once: each is done or refused, none waits for another that waits for it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import httpx
from sqlalchemy import select

from outcry.services.auth.models.access import SessionRow
from tests.services.auth.conftest import Desk
from tests.services.auth.team import Somebody, invite, join, put_on, sign_up


def check(answers: Sequence[httpx.Response]) -> None:
    """No act may have failed for want of an order in which rows are held."""
    assert [answer.text for answer in answers if answer.status_code >= 500] == []


async def test_a_person_who_does_everything_while_they_are_removed(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    theirs = await ann.organisation()
    for name in ("Ben", "Cas", "Dan"):
        ben = await join(ann, name)
        own = next(entry["id"] for entry in await ben.get("/organisations") if entry["id"] != theirs)
        phones = [desk.browser(address=f"198.51.100.{number}") for number in range(2)]
        key = {"name": "k", "scopes": ["charts:bars:read"]}
        answers = await asyncio.gather(
            *(phone.sign_in(ben.email) for phone in phones),
            ben.ask("POST", "/api-keys", json=key),
            ben.switch(own),
            ben.browser.refresh(),
            ann.ask("DELETE", f"/organisation/members/{ben.id}"),
            ann.ask("PUT", "/organisation/plan", json={"plan": "pro"}),
            ben.ask("POST", "/organisation/leave"),
            ann.ask("POST", f"/organisation/members/{ben.id}/disable"),
        )
        check(answers)
        assert (await desk.browser().sign_in(ben.email)).status_code == 200
        await put_on(ann, "desk")


async def test_a_person_who_is_erased_while_they_are_removed_and_join(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    for name in ("Ben", "Cas", "Dan"):
        ben = await join(ann, name)
        eve = await sign_up(desk, f"Eve{name}")
        phone = desk.browser()
        other = Somebody(desk, phone, ben.email, (await phone.sign_in(ben.email)).json()["access_token"], ben.id)
        token = await invite(eve, ben.email)
        answers = await asyncio.gather(
            ben.ask("POST", "/me/erasure", json={"email": ben.email}),
            ann.ask("DELETE", f"/organisation/members/{ben.id}"),
            other.accept(token),
            ann.ask("POST", "/organisation/transfer", json={"person_id": ben.id}),
            ben.browser.refresh(),
            desk.browser().sign_in(ben.email),
        )
        check(answers)
        if answers[3].status_code == 204:
            back = await ben.ask("POST", "/organisation/transfer", json={"person_id": ann.id})
            assert back.status_code == 204
        else:
            assert await ann.role() == "owner"


async def test_who_signs_in_while_they_are_removed_has_no_session_there(desk: Desk) -> None:
    ann = await sign_up(desk, "Ann")
    theirs = UUID(await ann.organisation())
    for name in ("Ben", "Cas", "Dan"):
        ben = await join(ann, name)
        phones = [desk.browser(address=f"198.51.100.{number}") for number in range(3)]
        answers = await asyncio.gather(
            *(phone.sign_in(ben.email) for phone in phones),
            ann.ask("DELETE", f"/organisation/members/{ben.id}"),
        )
        assert answers[3].status_code == 204
        query = select(SessionRow.id).where(
            SessionRow.person_id == UUID(ben.id),
            SessionRow.organisation_id == theirs,
            SessionRow.ended_at.is_(None),
        )
        async with desk.database.reading() as session:
            assert list(await session.scalars(query)) == []
