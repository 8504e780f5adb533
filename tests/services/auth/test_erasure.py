"""A person has all that is theirs, and is erased for good: also where an older copy of the data was put back."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, insert, select

from outcry.kit.errors import UnavailableError
from outcry.kit.ids import new_id
from outcry.kit.privacy import ExportFile, PersonalData
from outcry.ports.erasures import Erasure
from outcry.services.auth.models.access import ApiKeyRow, MailRow, RefreshTokenRow, SessionRow, TicketRow
from outcry.services.auth.models.factors import CredentialRow, PasskeyRow, TotpRow
from outcry.services.auth.models.metadata import Base
from outcry.services.auth.models.people import (
    ErasureRow,
    InstallationRow,
    InvitationRow,
    MembershipRow,
    OrganisationKeyRow,
    OrganisationRow,
    PersonKeyRow,
    PersonRow,
)
from outcry.services.auth.vault import Vault
from tests.services.auth.conftest import Browser, Desk
from tests.services.auth.test_profile import picture

ANN, BOB = "ann@example.com", "bob@example.com"


class Shelf(PersonalData):
    """A service that holds a word of everybody, and notes what it is asked to erase."""

    def __init__(self) -> None:
        self.erased: list[tuple[tuple[UUID, ...], tuple[UUID, ...]]] = []
        self.failing = 0

    async def export_person(self, *, person_id: UUID) -> tuple[ExportFile, ...]:
        return (ExportFile(path="shelf/words.txt", text=f"a word of {person_id}"),)

    async def erase_people(self, *, person_ids: tuple[UUID, ...], organisation_ids: tuple[UUID, ...]) -> int:
        if self.failing:
            self.failing -= 1
            raise UnavailableError("The shelf is away.")
        self.erased.append((person_ids, organisation_ids))
        return len(self.erased) == 1


class Forgetting:
    """Counts how often the engines were told to forget."""

    def __init__(self) -> None:
        self.times = 0

    async def __call__(self, _people: tuple[UUID, ...], _organisations: tuple[UUID, ...]) -> None:
        self.times += 1


class Person:
    """Somebody signed in, in a browser."""

    def __init__(self, browser: Browser, session: dict[str, Any]) -> None:
        self.browser = browser
        self.id = UUID(session["me"]["person"]["id"])
        self.organisation_id = UUID(session["me"]["organisation"]["id"])
        self.headers = {"Authorization": f"Bearer {session['access_token']}"}

    async def post(self, path: str, body: Any = None) -> httpx.Response:
        return await self.browser.http.post(path, json=body, headers=self.headers)

    async def erase(self, email: str) -> httpx.Response:
        return await self.post("/me/erasure", {"email": email})


async def sign_up(desk: Desk, email: str, name: str) -> Person:
    browser = desk.browser()
    return Person(browser, (await browser.register(email, name=name)).json())


async def choose_picture(person: Person) -> bytes:
    """Choose a picture and return it as others get it."""
    chosen = await person.browser.http.put("/me/picture", content=picture(), headers=person.headers)
    assert chosen.status_code == 200, chosen.text
    return (await person.browser.http.get(f"/people/{person.id}/picture", headers=person.headers)).content


async def join(desk: Desk, person: Person, organisation_id: UUID, role: str = "member") -> None:
    values = {"person_id": person.id, "organisation_id": organisation_id, "role": role, "joined_at": desk.clock.now()}
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(insert(MembershipRow).values(values))


async def all_of(desk: Desk, table: type[Base]) -> list[Any]:
    async with desk.database.reading() as session:
        return list(await session.scalars(select(table)))


async def everything(desk: Desk) -> dict[str, list[Any]]:
    """Return every row of every table, as values."""
    async with desk.database.reading() as session:
        return {
            name: [tuple(row) for row in await session.execute(select(table))]
            for name, table in Base.metadata.tables.items()
        }


async def give_factors(desk: Desk, person: Person) -> None:
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    now = desk.clock.now()
    async with desk.database.transaction() as transaction:
        key = await vault.person(transaction.session, person.id)
        transaction.session.add_all(
            [
                TotpRow(person_id=person.id, sealed_seed=key.seal("JBSWY3DPEHPK3PXP", "totp.seed"), created_at=now),
                PasskeyRow(
                    id=new_id(),
                    person_id=person.id,
                    credential_id=b"credential",
                    public_key=b"key",
                    sign_count=0,
                    transports=["usb"],
                    backed_up=False,
                    name="Blue token",
                    created_at=now,
                ),
                MailRow(id=new_id(), person_id=person.id, sealed=b"noise", created_at=now),
                TicketRow(
                    id=new_id(),
                    purpose="email",
                    token_hash=b"t" * 32,
                    person_id=person.id,
                    sealed_data=b"noise",
                    created_at=now,
                    expires_at=now,
                ),
            ]
        )


@pytest.fixture
def shelf(desk: Desk) -> Shelf:
    shelf = Shelf()
    desk.parts.fill({"shelf": shelf}, Forgetting())
    return shelf


async def test_the_zip_has_what_is_theirs_of_every_service_and_no_secrets(desk: Desk, shelf: Shelf) -> None:
    ann, bob = await sign_up(desk, ANN, "Ann Lee"), await sign_up(desk, BOB, "Bob Ray")
    await give_factors(desk, ann)
    made = (await ann.post("/api-keys", {"name": "Ticker", "scopes": ["charts:bars:read"]})).json()
    drawn = await choose_picture(ann)
    answer = await ann.post("/me/export")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="outcry-export.zip"'
    assert answer.headers["cache-control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert sorted(archive.namelist()) == ["README.txt", "account.json", "picture.png", "shelf/words.txt"]
    assert archive.read("shelf/words.txt").decode() == f"a word of {ann.id}"
    assert archive.read("picture.png") == drawn
    assert "shelf/" in archive.read("README.txt").decode()
    account = json.loads(archive.read("account.json"))
    assert (account["profile"]["name"], account["profile"]["email"]) == ("Ann Lee", ANN)
    assert [one["name"] for one in account["organisations"]] == ["Ann Lee's desk"]
    assert [one["name"] for one in account["passkeys"]] == ["Blue token"]
    assert [one["name"] for one in account["api_keys"]] == ["Ticker"]
    assert len(account["sessions"]) == len(account["totp"]) == len(account["password"]) == 1
    text = archive.read("account.json").decode()
    for secret in (made["token"], "JBSWY3DPEHPK3PXP", "argon2", "hash", "sealed", "public_key", str(bob.id), "Bob"):
        assert secret not in text
    assert [event.data for event in await desk.events("auth.person_exported.v1")] == [{"person_id": str(ann.id)}]


async def test_both_want_a_fresh_factor(desk: Desk, shelf: Shelf) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    desk.clock.advance(timedelta(minutes=6))
    for answer in (await ann.post("/me/export"), await ann.erase(ANN)):
        assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")
    assert await all_of(desk, ErasureRow) == []


@pytest.mark.parametrize("email", [BOB, "", "ann", "ann@example.com.evil.test", "\ud800@example.com"])
async def test_a_wrong_confirmation_erases_nothing(desk: Desk, shelf: Shelf, email: str) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    before = await everything(desk)
    headers = {**ann.headers, "content-type": "application/json"}
    answer = await ann.browser.http.post("/me/erasure", content=json.dumps({"email": email}), headers=headers)
    assert answer.status_code == 422
    assert await everything(desk) == before
    assert await desk.erasures.list_all() == []


async def test_the_erased_are_gone_from_every_table_and_the_others_are_not(desk: Desk, shelf: Shelf) -> None:
    bob, ann = await sign_up(desk, BOB, "Bob Ray"), await sign_up(desk, ANN, "Ann Lee")
    await join(desk, ann, bob.organisation_id)
    await give_factors(desk, ann)
    await ann.post("/api-keys", {"name": "Ticker", "scopes": ["charts:bars:read"]})
    await choose_picture(ann)
    await desk.deliver()

    answer = await ann.erase(" Ann@Example.com ")
    assert answer.status_code == 204, answer.text
    assert {"outcry_refresh", "outcry_device"} & set(ann.browser.http.cookies) == set()
    assert (await ann.browser.http.get("/me", headers=ann.headers)).status_code == 401
    assert (await desk.browser().sign_in(ANN)).json()["code"] == "wrong_credentials"
    await desk.deliver()

    assert shelf.erased == [((ann.id,), (ann.organisation_id,))]
    assert [blob async for blob in desk.blobs.list_prefix("people")] == []
    for table in (CredentialRow, TotpRow, PasskeyRow, ApiKeyRow, MailRow, TicketRow, MembershipRow, PersonKeyRow):
        left = await all_of(desk, table)
        assert all(getattr(row, "person_id", None) == bob.id for row in left), table
    stone = next(row for row in await all_of(desk, PersonRow) if row.id == ann.id)
    assert stone.erased_at is not None
    assert [stone.sealed_name, stone.sealed_email, stone.email_index, stone.handle, stone.name] == [None] * 4 + [""]
    sessions = [row for row in await all_of(desk, SessionRow) if row.person_id == ann.id]
    assert [(row.user_agent, row.address, row.end_reason) for row in sessions] == [("", "", "erased")]
    assert {row.session_id for row in await all_of(desk, RefreshTokenRow)}.isdisjoint(row.id for row in sessions)
    assert ann.organisation_id not in {row.organisation_id for row in await all_of(desk, OrganisationKeyRow)}
    assert {row.id: row.name for row in await all_of(desk, OrganisationRow)}[ann.organisation_id] == ""
    (erasure,) = await all_of(desk, ErasureRow)
    assert erasure.finished_at is not None
    assert [entry.person_id for entry in await desk.erasures.list_all()] == [ann.id]

    assert (await desk.browser().sign_in(BOB)).status_code == 200
    assert (await bob.browser.get_me(bob.headers["Authorization"].removeprefix("Bearer "))).status_code == 200
    assert (await desk.browser().register(ANN, name="Ann Anew")).status_code == 201


async def test_who_owns_an_organisation_with_others_is_told_which(desk: Desk, shelf: Shelf) -> None:
    await sign_up(desk, "op@example.com", "Op")
    ann, bob = await sign_up(desk, ANN, "Ann Lee"), await sign_up(desk, BOB, "Bob Ray")
    await join(desk, bob, ann.organisation_id)
    before = await everything(desk)
    refused = await ann.erase(ANN)
    assert (refused.status_code, refused.json()["code"]) == (409, "owns_organisations")
    assert "Ann Lee's desk" in refused.json()["detail"]
    assert await everything(desk) == before
    assert await desk.erasures.list_all() == []


async def test_who_runs_the_installation_goes_last(desk: Desk, shelf: Shelf) -> None:
    ann, bob = await sign_up(desk, ANN, "Ann Lee"), await sign_up(desk, BOB, "Bob Ray")
    refused = await ann.erase(ANN)
    assert (refused.status_code, refused.json()["code"]) == (409, "operator_stays")
    assert (await bob.erase(BOB)).status_code == 204
    assert (await ann.erase(ANN)).status_code == 204
    assert await all_of(desk, InstallationRow) == []
    newcomer = (await desk.browser().register("cy@example.com", name="Cy")).json()
    assert "platform:operate" in newcomer["me"]["permissions"]


async def test_without_the_ledger_nothing_is_erased(desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    before = await everything(desk)

    async def full(_erasure: object) -> None:
        raise UnavailableError("The ledger of erasures cannot be written: No space left on device.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.erasures, "record", full)
        assert (await ann.erase(ANN)).status_code == 503
    assert await everything(desk) == before
    assert (await ann.erase(ANN)).status_code == 204


async def test_a_part_that_fails_is_asked_again(desk: Desk, shelf: Shelf) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    await ann.erase(ANN)
    shelf.failing = 1
    with pytest.raises(UnavailableError):
        await desk.deliver()
    (erasure,) = await all_of(desk, ErasureRow)
    assert (shelf.erased, erasure.finished_at) == ([], None)
    await desk.deliver()
    (erasure,) = await all_of(desk, ErasureRow)
    assert len(shelf.erased) == 1
    assert erasure.finished_at is not None


async def test_what_a_crash_left_undone_is_done_at_the_next_start(desk: Desk, shelf: Shelf) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    await ann.erase(ANN)
    await desk.open_again()
    assert shelf.erased == [((ann.id,), (ann.organisation_id,))]
    (erasure,) = await all_of(desk, ErasureRow)
    assert erasure.finished_at is not None


async def test_an_older_copy_is_erased_again_without_harm_to_others(desk: Desk, shelf: Shelf) -> None:
    """In the older copy Bob was still in Ann's organisation, and his key was wrapped by that organisation's."""
    ann, bob = await sign_up(desk, ANN, "Ann Lee"), await sign_up(desk, BOB, "Bob Ray")
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    await join(desk, bob, ann.organisation_id)
    async with desk.database.transaction() as transaction:
        await vault.move_person(transaction.session, bob.id, ann.organisation_id)
    # The entry is what an erasure on the newer data has left behind.
    gone = Erasure(person_id=ann.id, organisation_ids=(ann.organisation_id,), erased_at=desk.clock.now())
    await desk.erasures.record(gone)
    again = await desk.open_again()
    assert (await again.browser().sign_in(ANN)).json()["code"] == "wrong_credentials"
    signed_in = await again.browser().sign_in(BOB)
    assert signed_in.json()["me"]["person"]["name"] == "Bob Ray"
    assert shelf.erased == [((ann.id,), (ann.organisation_id,))]
    before = await everything(desk)
    await desk.open_again()
    assert await everything(desk) == before


async def test_a_lost_ledger_is_written_again(desk: Desk, shelf: Shelf) -> None:
    ann = await sign_up(desk, ANN, "Ann Lee")
    await ann.erase(ANN)
    (entry,) = await desk.erasures.list_all()
    for path in desk.erasures._folder.iterdir():
        path.unlink()
    await desk.open_again()
    assert await desk.erasures.list_all() == [entry]


async def test_invitations_to_them_go_also_where_they_were_accepted(desk: Desk, shelf: Shelf) -> None:
    bob, ann = await sign_up(desk, BOB, "Bob Ray"), await sign_up(desk, ANN, "Ann Lee")
    vault = Vault(desk.secrets, desk.clock)
    await vault.start()
    now, kept = desk.clock.now(), new_id()
    rows = [
        (new_id(), vault.email_index(ANN), None),
        (new_id(), vault.email_index("ann.old@example.com"), ann.id),
        (kept, vault.email_index("cy@example.com"), None),
    ]
    async with desk.database.transaction() as transaction:
        for number, (row_id, index, accepted_by) in enumerate(rows):
            transaction.session.add(
                InvitationRow(
                    id=row_id,
                    organisation_id=bob.organisation_id,
                    invited_by=bob.id,
                    sealed_email=b"noise",
                    email_index=index,
                    role="member",
                    token_hash=bytes([number]) * 32,
                    created_at=now,
                    expires_at=now,
                    accepted_by=accepted_by,
                )
            )
    assert (await ann.erase(ANN)).status_code == 204
    assert [row.id for row in await all_of(desk, InvitationRow)] == [kept]


async def test_an_organisation_that_was_named_after_them_is_not_any_more(desk: Desk, shelf: Shelf) -> None:
    """They founded it, handed it over and left: it goes on, without their name."""
    await sign_up(desk, "op@example.com", "Op")
    ann, bob = await sign_up(desk, ANN, "Ann Lee"), await sign_up(desk, BOB, "Bob Ray")
    await join(desk, bob, ann.organisation_id, role="owner")
    await join(desk, ann, bob.organisation_id)
    async with desk.database.transaction() as transaction:
        here = (MembershipRow.person_id == ann.id) & (MembershipRow.organisation_id == ann.organisation_id)
        await transaction.session.execute(delete(MembershipRow).where(here))
    assert (await ann.browser.refresh()).status_code == 401
    back = (await desk.browser().sign_in(ANN)).json()
    ann.headers = {"Authorization": f"Bearer {back['access_token']}"}
    assert (await ann.erase(ANN)).status_code == 204
    names = {row.id: row.name for row in await all_of(desk, OrganisationRow)}
    assert names[ann.organisation_id] == "Former member's desk"
    assert names[bob.organisation_id] == "Bob Ray's desk"


async def test_only_stones_name_their_id(desk: Desk, shelf: Shelf) -> None:
    await sign_up(desk, BOB, "Bob Ray")
    ann = await sign_up(desk, ANN, "Ann Lee")
    await give_factors(desk, ann)
    assert (await ann.erase(ANN)).status_code == 204
    await desk.deliver()
    naming = {table for table, rows in (await everything(desk)).items() if any(ann.id in row for row in rows)}
    assert naming == {"person", "session", "erasure"}
