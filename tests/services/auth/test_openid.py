"""Signing in by a provider: who gets into which account, and what is refused. The provider is a real server."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, update

from outcry.services.auth.events import CredentialChanged, SignedIn
from outcry.services.auth.models.access import TicketRow
from outcry.services.auth.models.factors import IdentityRow, TotpRow
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.provider_settings import ProviderSettings
from outcry.services.auth.queries.factors import IDENTITY_EMAIL
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.vault import Vault
from tests.adapters_support.openid_server import CLIENT_ID, CLIENT_SECRET, OpenidServer, visit
from tests.services.auth.conftest import Browser, Desk
from tests.services.people import FAST

CALLBACK = "http://desk.example/api/v1/auth/oidc/corp/callback"


def provider_settings(server: OpenidServer, name: str, *, trusted: bool) -> ProviderSettings:
    return ProviderSettings(
        name=name,
        title=name.title(),
        issuer=server.url,
        client_id=CLIENT_ID,
        client_secret=SecretStr(CLIENT_SECRET),
        trusted=trusted,
    )


@pytest.fixture
async def corp() -> AsyncIterator[OpenidServer]:
    """A provider that the operator trusts."""
    async with OpenidServer() as server:
        yield server


@pytest.fixture
async def club() -> AsyncIterator[OpenidServer]:
    """A provider whose word about addresses counts for nothing."""
    async with OpenidServer() as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, corp: OpenidServer, club: OpenidServer) -> AuthSettings:
    """Both providers beside the usual settings, and what a test changes of them."""
    providers = (provider_settings(corp, "corp", trusted=True), provider_settings(club, "club", trusted=False))
    return FAST.model_copy(update={"oidc": providers, **getattr(request, "param", {})})


async def start(browser: Browser, name: str = "corp", path: str = "/rooms") -> str:
    """Begin to sign in; return where the browser is sent."""
    response = await browser.http.post(f"/oidc/{name}/start", json={"next": path})
    assert response.status_code == 200, response.text
    return str(response.json()["url"])


async def sign_in(browser: Browser, name: str = "corp", path: str = "/rooms") -> httpx.Response:
    """Sign in by a provider; return the answer to the browser that came back."""
    return await browser.http.get(await visit(await start(browser, name, path)))


def landing(response: httpx.Response) -> str:
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def link(browser: Browser, token: str, name: str = "corp") -> httpx.Response:
    """Connect a provider with the account that is signed in."""
    response = await browser.http.post(
        f"/factors/identities/{name}/start", json={"next": "/account"}, headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 200, response.text
    return await browser.http.get(await visit(response.json()["url"]))


async def registered(desk: Desk, *, verified: bool = True) -> tuple[Browser, str]:
    """Register Ann with a password; return her browser and access token."""
    browser = desk.browser()
    token = (await browser.register()).json()["access_token"]
    if verified:
        async with desk.database.transaction() as transaction:
            await transaction.session.execute(update(PersonRow).values(email_verified_at=desk.clock.now()))
    return browser, token


async def count(desk: Desk, table: type[PersonRow] | type[IdentityRow] | type[TicketRow]) -> int:
    async with desk.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def me_of(browser: Browser) -> dict[str, object]:
    """Return who the browser is signed in as."""
    refreshed = await browser.refresh()
    assert refreshed.status_code == 200, refreshed.text
    return dict(refreshed.json()["me"])


async def test_the_providers_are_listed_in_the_operators_order(desk: Desk) -> None:
    response = await desk.browser().http.get("/providers")
    assert response.json() == [{"name": "corp", "title": "Corp"}, {"name": "club", "title": "Club"}]


async def test_the_browser_is_sent_away_with_pkce_state_and_nonce(desk: Desk, corp: OpenidServer) -> None:
    browser = desk.browser()
    url = urlsplit(await start(browser))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{corp.url}/authorize"
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT_ID, CALLBACK)
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid email profile")
    assert all(len(asked[name]) >= 43 for name in ("state", "nonce", "code_challenge"))
    cookie = next(cookie for cookie in browser.http.cookies.jar if cookie.name.startswith("outcry_trip_"))
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "lax"
    assert asked["state"] not in f"{cookie.name}={cookie.value}"


async def test_the_address_to_come_back_to_is_not_made_from_the_request(desk: Desk) -> None:
    response = await desk.browser().http.post("/oidc/corp/start", json={"next": "/"}, headers={"Host": "evil.example"})
    assert parse_qs(urlsplit(response.json()["url"]).query)["redirect_uri"] == [CALLBACK]


async def test_somebody_new_gets_an_account(desk: Desk, corp: OpenidServer) -> None:
    browser = desk.browser()
    response = await sign_in(browser)
    assert landing(response) == "/rooms"
    assert response.headers["cache-control"] == "no-store"
    me = await me_of(browser)
    assert me["person"]["email"] == "ann@example.com"  # type: ignore[index]  # the answer is JSON
    assert me["person"]["name"] == "Ann Lee"  # type: ignore[index]  # the same
    assert me["email_verified"] is True
    (event,) = await desk.events("auth.signed_in.v1")
    assert event.open(SignedIn).methods == ("fed",)
    assert not [name for name in browser.http.cookies if name.startswith("outcry_trip_")]
    async with desk.database.reading() as session:
        row = (await session.scalars(select(IdentityRow))).one()
        vault = Vault(desk.secrets, desk.clock)
        await vault.start()
        opened = (await vault.person(session, row.person_id)).open(row.sealed_email or b"", IDENTITY_EMAIL)
    assert (row.issuer, row.subject, opened) == (corp.url, "ann-1", "ann@example.com")


async def test_the_same_identity_comes_back_to_the_same_account(desk: Desk, corp: OpenidServer) -> None:
    first, second = desk.browser(), desk.browser()
    await sign_in(first)
    corp.person |= {"email": "else@example.com", "name": "Somebody"}
    assert landing(await sign_in(second)) == "/rooms"
    assert (await me_of(first))["person"] == (await me_of(second))["person"]
    assert await count(desk, PersonRow) == 1


async def test_another_subject_with_the_same_address_finds_the_account_and_its_person_is_told(
    desk: Desk, corp: OpenidServer
) -> None:
    await registered(desk)
    browser = desk.browser()
    assert landing(await sign_in(browser)) == "/rooms"
    assert await count(desk, PersonRow) == 1
    (event,) = await desk.events("auth.credential_changed.v1")
    changed = event.open(CredentialChanged)
    assert (changed.what, changed.act) == ("identity", "added")
    (mail,) = await desk.deliver()
    assert (mail.to, mail.subject) == ("ann@example.com", "You can sign in by Corp now")


async def test_case_is_no_difference(desk: Desk, corp: OpenidServer) -> None:
    await registered(desk)
    corp.person["email"] = "Ann@Example.COM"
    assert landing(await sign_in(desk.browser())) == "/rooms"
    assert await count(desk, PersonRow) == 1


@pytest.mark.parametrize(
    "email", ["ａnn@example.com", "ann@example.co\u2098", "ann@ｅxample.com", "an\u212b@example.com"]
)
async def test_an_address_that_only_looks_alike_finds_nothing(desk: Desk, corp: OpenidServer, email: str) -> None:
    await registered(desk)
    corp.person["email"] = email
    response = await sign_in(desk.browser())
    assert landing(response) == "/sign-in#problem=link_first"
    assert await count(desk, IdentityRow) == 0


@pytest.mark.parametrize("bent", [{"email_verified": False}, {"email_verified": "true"}, {"email_verified": None}])
async def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(
    desk: Desk, corp: OpenidServer, bent: dict[str, object]
) -> None:
    corp.person |= bent
    assert landing(await sign_in(desk.browser())) == "/sign-in#problem=link_first"
    assert (await count(desk, PersonRow), await count(desk, IdentityRow)) == (0, 0)


async def test_an_account_that_waits_with_somebody_elses_address_is_not_opened(desk: Desk) -> None:
    await registered(desk, verified=False)
    browser = desk.browser()
    assert landing(await sign_in(browser)) == "/sign-in#problem=link_first"
    assert "outcry_refresh" not in browser.http.cookies
    assert await count(desk, IdentityRow) == 0


async def test_the_word_of_an_untrusted_provider_finds_no_account(desk: Desk, club: OpenidServer) -> None:
    await registered(desk)
    assert landing(await sign_in(desk.browser(), "club")) == "/sign-in#problem=link_first"
    assert await count(desk, IdentityRow) == 0


async def test_an_account_made_by_an_untrusted_provider_is_no_trap_for_who_owns_the_address(
    desk: Desk, club: OpenidServer
) -> None:
    attacker = desk.browser()
    assert landing(await sign_in(attacker, "club")) == "/rooms"
    assert (await me_of(attacker))["email_verified"] is False
    assert landing(await sign_in(desk.browser())) == "/sign-in#problem=link_first"


@pytest.mark.parametrize("settings", [{"confirm_email": True}], indirect=True)
async def test_where_addresses_are_confirmed_only_a_trusted_provider_makes_an_account(
    desk: Desk, club: OpenidServer
) -> None:
    club.person["email"] = "bob@example.com"
    assert landing(await sign_in(desk.browser(), "club")) == "/sign-in#problem=link_first"
    assert await count(desk, PersonRow) == 0
    assert landing(await sign_in(desk.browser())) == "/rooms"


async def test_a_second_factor_is_still_asked_for(desk: Desk, corp: OpenidServer) -> None:
    _, token = await registered(desk)
    person_id = (await desk.facade.authenticate(access_token=token)).user_id
    async with desk.database.transaction() as transaction:
        row = TotpRow(person_id=person_id, sealed_seed=b"x", last_step=0, created_at=desk.clock.now())
        transaction.session.add(row)
    browser = desk.browser()
    page, _, fragment = landing(await sign_in(browser)).partition("#")
    told = parse_qs(fragment)
    assert (page, told["kinds"], told["next"]) == ("/sign-in", ["totp"], ["/rooms"])
    assert len(told["factor"][0]) >= 43
    assert "outcry_refresh" not in browser.http.cookies
    assert len(await desk.events("auth.signed_in.v1")) == 1  # the registration


async def test_a_disabled_person_stays_out(desk: Desk) -> None:
    browser = desk.browser()
    await sign_in(browser)
    async with desk.database.transaction() as transaction:
        await transaction.session.execute(update(PersonRow).values(disabled_at=desk.clock.now()))
    assert landing(await sign_in(desk.browser())) == "/sign-in#problem=wrong_credentials"


async def test_a_signed_in_person_connects_and_disconnects(desk: Desk, corp: OpenidServer) -> None:
    browser, token = await registered(desk, verified=False)
    corp.person |= {"email": "ann@corp.example", "email_verified": False}
    assert landing(await link(browser, token)) == "/account"
    assert landing(await link(browser, token)) == "/account"  # once more is no problem
    assert landing(await sign_in(desk.browser())) == "/rooms"
    async with desk.database.reading() as session:
        identity_id = await session.scalar(select(IdentityRow.id))
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.http.delete(f"/factors/identities/{identity_id}", headers=headers)).status_code == 204
    response = await browser.http.delete(f"/factors/identities/{identity_id}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (404, "identity_not_found")
    acts = [event.open(CredentialChanged).act for event in await desk.events("auth.credential_changed.v1")]
    assert acts == ["added", "removed"]
    assert [mail.subject for mail in await desk.deliver()] == [
        "You can sign in by Corp now",
        "You cannot sign in by Corp any more",
    ]


async def test_connecting_needs_somebody_who_is_fresh(desk: Desk) -> None:
    browser, token = await registered(desk)
    path = "/factors/identities/corp/start"
    assert (await browser.http.post(path)).status_code == 401
    desk.clock.advance(timedelta(minutes=desk.settings.step_up_minutes))
    response = await browser.http.post(path, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (403, "step_up_required")


async def test_an_identity_of_somebody_else_cannot_be_connected(desk: Desk) -> None:
    await sign_in(desk.browser())
    bob = desk.browser()
    token = (await bob.register("bob@example.com", name="Bob")).json()["access_token"]
    assert landing(await link(bob, token)) == "/account#problem=identity_taken"
    assert await count(desk, IdentityRow) == 1


async def test_connecting_ends_with_the_session_that_began_it(desk: Desk) -> None:
    browser, token = await registered(desk)
    response = await browser.http.post("/factors/identities/corp/start", headers={"Authorization": f"Bearer {token}"})
    back = await visit(response.json()["url"])
    await browser.sign_out()
    assert landing(await browser.http.get(back)) == "/#problem=sign_in_lost"
    assert await count(desk, IdentityRow) == 0


async def test_the_only_way_in_is_not_removed(desk: Desk) -> None:
    browser = desk.browser()
    await sign_in(browser)
    token = (await browser.refresh()).json()["access_token"]
    async with desk.database.reading() as session:
        identity_id: UUID | None = await session.scalar(select(IdentityRow.id))
    headers = {"Authorization": f"Bearer {token}"}
    response = await browser.http.delete(f"/factors/identities/{identity_id}", headers=headers)
    assert (response.status_code, response.json()["code"]) == (409, "last_way_in")
    assert landing(await link(browser, token, "club")) == "/account"
    assert (await browser.http.delete(f"/factors/identities/{identity_id}", headers=headers)).status_code == 204


async def test_an_identity_of_somebody_else_is_not_there(desk: Desk) -> None:
    await sign_in(desk.browser())
    bob = desk.browser()
    token = (await bob.register("bob@example.com", name="Bob")).json()["access_token"]
    async with desk.database.reading() as session:
        identity_id = await session.scalar(select(IdentityRow.id))
    response = await bob.http.delete(f"/factors/identities/{identity_id}", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 404
    assert await count(desk, IdentityRow) == 1
