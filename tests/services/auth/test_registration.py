"""Making an account: what it writes, what it refuses, and who wins when two do it at once."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import func, select

from outcry.services.auth.models.access import RefreshTokenRow, SessionRow
from outcry.services.auth.models.factors import CredentialRow
from outcry.services.auth.models.people import InstallationRow, MembershipRow, OrganisationRow, PersonRow
from tests.services.auth.conftest import PASSWORD, Desk

TABLES = (PersonRow, CredentialRow, OrganisationRow, MembershipRow, SessionRow, RefreshTokenRow, InstallationRow)


async def count_rows(desk: Desk) -> list[int]:
    async with desk.database.reading() as session:
        return [await session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


async def test_an_account_comes_with_an_organisation_and_a_session(desk: Desk) -> None:
    browser = desk.browser()
    response = await browser.register(email="Ann.Lee@Example.com", name="  Ann \t Lee ")
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"access_token", "expires_in", "kind", "me"}
    assert body["expires_in"] == 600
    me = body["me"]
    assert (me["person"]["name"], me["person"]["email"]) == ("Ann Lee", "Ann.Lee@example.com")
    assert (me["organisation"]["name"], me["role"]) == ("Ann Lee's desk", "owner")
    assert (await browser.get_me(body["access_token"])).json() == me
    principal = await desk.authenticate(response)
    assert str(principal.user_id) == me["person"]["id"]
    assert str(principal.tenant_id) == me["organisation"]["id"]
    assert await count_rows(desk) == [1] * len(TABLES)


async def test_it_is_told(desk: Desk) -> None:
    me = (await desk.browser().register()).json()["me"]
    registered, made, signed_in = await desk.events()
    names = [registered.name, made.name, signed_in.name]
    assert names == ["auth.person_registered.v1", "auth.organisation_changed.v1", "auth.signed_in.v1"]
    assert {name: value for name, value in registered.data.items() if name != "sealed"} == {
        "person_id": me["person"]["id"],
        "organisation_id": me["organisation"]["id"],
        "role": "owner",
        "operator": True,
    }
    for envelope in (registered, made, signed_in):
        assert envelope.tenant_id == UUID(me["organisation"]["id"])
        assert envelope.actor_id == UUID(me["person"]["id"])
        assert "ann" not in str(envelope.data).lower()


async def test_passwords_and_tokens_are_stored_as_hashes(desk: Desk) -> None:
    browser = desk.browser()
    await browser.register()
    async with desk.database.reading() as session:
        password_hash = await session.scalar(select(CredentialRow.password_hash))
        token_hash = await session.scalar(select(RefreshTokenRow.token_hash))
    assert password_hash is not None
    assert password_hash.startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert token_hash is not None
    assert len(token_hash) == 32
    assert browser.token.encode() not in token_hash


async def test_only_the_first_account_runs_the_installation(desk: Desk) -> None:
    first = (await desk.browser().register()).json()["me"]
    second = (await desk.browser().register(email="bob@example.com", name="Bob")).json()["me"]
    assert "platform:operate" in first["permissions"]
    assert "platform:operate" not in second["permissions"]
    assert set(first["permissions"]) - {"platform:operate"} == set(second["permissions"])
    assert first["organisation"]["id"] != second["organisation"]["id"]


async def test_of_first_accounts_made_at_once_one_runs_the_installation(desk: Desk) -> None:
    browsers = [desk.browser() for _ in range(8)]
    responses = await asyncio.gather(
        *(browser.register(email=f"p{number}@example.com") for number, browser in enumerate(browsers))
    )
    assert [response.status_code for response in responses] == [201] * 8
    principals = [await desk.authenticate(response) for response in responses]
    assert sum(principal.may("platform:operate") for principal in principals) == 1
    operators = [event.data["operator"] for event in await desk.events("auth.person_registered.v1")]
    assert sorted(operators) == [False] * 7 + [True]


async def test_of_accounts_made_at_once_for_one_address_one_is_made(desk: Desk) -> None:
    spellings = ["ann@example.com", "ANN@EXAMPLE.COM", "Ann@example.com", " ann@Example.com"]
    responses = await asyncio.gather(*(desk.browser().register(email=spelling) for spelling in spellings))
    assert sorted(response.status_code for response in responses) == [201, 409, 409, 409]
    assert await count_rows(desk) == [1] * len(TABLES)
    refused = next(response for response in responses if response.status_code == 409)
    assert refused.json()["code"] == "email_taken"
    assert "set-cookie" not in refused.headers


async def test_a_taken_address_leaves_nothing_behind(desk: Desk) -> None:
    await desk.browser().register()
    before = await count_rows(desk), len(await desk.events())
    response = await desk.browser().register(password="another set of five words", name="Mallory")
    assert response.status_code == 409
    assert "Sign in" in response.json()["detail"]
    assert (await count_rows(desk), len(await desk.events())) == before
    assert (await desk.browser().sign_in()).status_code == 200


async def test_who_looks_for_taken_addresses_is_slowed(desk: Desk) -> None:
    await desk.browser().register()
    snooper = desk.browser(address="198.51.100.9")
    answers = [(await snooper.register()).status_code for _ in range(32)]
    assert answers == [409] * 30 + [429] * 2
    assert (await desk.browser().register(email="new@example.com")).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "ann"),
        ("email", "ann@"),
        ("email", "Ann <ann@example.com>"),
        ("email", "ann@example..com"),
        ("email", "ann\x00@example.com"),
        ("email", "ann@example.com\nBcc: bob@example.com"),
        ("email", "a" * 300 + "@example.com"),
        ("email", "x" * 100_000),
        ("email", "\u202eann@example.com"),
        ("email", "ann\u200b@example.com"),
        ("email", 5),
        ("email", None),
        ("email", ["ann@example.com"]),
        ("name", ""),
        ("name", " \t\n "),
        ("name", "\u200b\u200d\u2060"),
        ("name", "\u3164"),
        ("name", "\u0301"),
        ("name", "x" * 81),
        ("name", "x" * 100_000),
        ("name", {"a": 1}),
        ("password", "short"),
        ("password", "x" * 100_000),
        ("password", "\x00" * 20),
        ("password", None),
        ("password", True),
        ("admin", True),
    ],
)
async def test_what_cannot_be_used_is_said_by_field(desk: Desk, field: str, value: object) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD, "name": "Ann", field: value}
    response = await desk.browser().http.post("/register", json=body)
    assert response.status_code == 422
    problem = response.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert PASSWORD not in response.text
    assert await count_rows(desk) == [0] * len(TABLES)


@pytest.mark.parametrize("field", ["email", "name", "password"])
async def test_half_a_character_is_refused(desk: Desk, field: str) -> None:
    body = f'{{"email": "a@example.com", "password": "{PASSWORD}", "name": "Ann"}}'
    body = body.replace(f'"{field}": "', f'"{field}": "\\ud800')
    response = await desk.browser().http.post("/register", content=body, headers={"content-type": "application/json"})
    assert response.status_code in (400, 422)
    assert await count_rows(desk) == [0] * len(TABLES)


@pytest.mark.parametrize(
    "name",
    [
        "José Ñandú",
        "李小龍",
        "محمد",
        "O'Brien; DROP TABLE person;--",
        "<script>alert(1)</script>",
        "👩‍🚀 Ada",
        "{{7*7}}",
        "%s%n",
    ],
)
async def test_names_of_all_kinds_are_text(desk: Desk, name: str) -> None:
    response = await desk.browser().register(name=name)
    assert response.status_code == 201
    assert response.json()["me"]["person"]["name"] == name
    assert response.json()["me"]["organisation"]["name"] == f"{name}'s desk"


async def test_control_characters_are_taken_out_of_names(desk: Desk) -> None:
    response = await desk.browser().register(name="Ann\u0000 Lee")
    assert response.json()["me"]["person"]["name"] == "Ann Lee"


@pytest.mark.parametrize(
    ("registered", "typed"),
    [
        ("jürgen@münchen.de", "JÜRGEN@MÜNCHEN.DE"),
        ("jürgen@münchen.de", "ju\u0308rgen@xn--mnchen-3ya.de"),
        ("ann@example.com", "ａｎｎ@example.com"),
        ("root@mailhost", "ROOT@mailhost"),
        ("ann@desk.test", "ann@DESK.test"),
    ],
)
async def test_two_spellings_are_one_account(desk: Desk, registered: str, typed: str) -> None:
    assert (await desk.browser().register(email=registered)).status_code == 201
    assert (await desk.browser().register(email=typed)).status_code == 409
    assert (await desk.browser().sign_in(email=typed)).status_code == 200


async def test_look_alikes_of_addresses_are_refused(desk: Desk) -> None:
    assert (await desk.browser().register(email="anna@example.com")).status_code == 201
    for email in ("аnna@example.com", "anna@exаmple.com", "anna@example.cоm"):  # each has one Cyrillic letter
        refused = await desk.browser().register(email=email)
        assert refused.status_code == 422
        assert "alphabets" in refused.json()["errors"][0]["message"]
        assert refused.json()["errors"][0]["field"] == "email"
    assert (await desk.browser().register(email="анна@пример.рф")).status_code == 201
