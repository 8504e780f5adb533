"""The IdentityProvider port over real servers: what is read from each, and how each may fail."""

import gzip
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from outcry.adapters.identity_provider.github import GithubIdentityProvider
from outcry.adapters.identity_provider.oidc import OidcIdentityProvider
from outcry.adapters.identity_provider.outgoing import MOST_BYTES
from outcry.kit.clock import FakeClock, SystemClock
from outcry.kit.errors import UnavailableError
from outcry.ports.identity_provider import IdentityProvider, IdentityRefusedError
from tests.adapters_support.openid_server import (
    ERRAND,
    GithubServer,
    OpenidServer,
    come_back,
    identify,
    provider_config,
)
from tests.adapters_support.web_server import Reply


@pytest.fixture
async def server() -> AsyncIterator[OpenidServer]:
    """An OpenID provider."""
    async with OpenidServer() as made:
        yield made


@pytest.fixture
async def provider(server: OpenidServer) -> AsyncIterator[OidcIdentityProvider]:
    """What talks to it."""
    made = OidcIdentityProvider(provider_config(server.url), SystemClock())
    yield made
    await made.close()


@pytest.fixture
async def hub() -> AsyncIterator[GithubServer]:
    """GitHub."""
    async with GithubServer() as made:
        yield made


@pytest.fixture
async def github(hub: GithubServer) -> AsyncIterator[GithubIdentityProvider]:
    """What talks to it."""
    made = GithubIdentityProvider(provider_config(hub.url, kind="github", api=f"{hub.url}/api"))
    yield made
    await made.close()


@pytest.fixture(params=["oidc", "github"])
def either(request: pytest.FixtureRequest, provider: OidcIdentityProvider, github: GithubIdentityProvider) -> Any:
    """Each kind in turn: what the port promises holds for both."""
    return provider if request.param == "oidc" else github


async def test_the_browser_goes_with_state_and_the_hash_of_the_verifier(either: IdentityProvider) -> None:
    asked = parse_qs(urlsplit(await either.address(ERRAND)).query)
    assert asked["state"] == [ERRAND.state]
    assert asked["redirect_uri"] == [ERRAND.redirect_uri]
    assert asked["code_challenge_method"] == ["S256"]
    assert ERRAND.verifier not in str(asked)


async def test_the_person_is_named(either: IdentityProvider) -> None:
    identity = await identify(either)
    assert (identity.email, identity.email_verified, identity.name) == ("ann@example.com", True, "Ann Lee")
    assert "ann@" not in repr(identity)


async def test_a_code_is_taken_once(either: IdentityProvider) -> None:
    back = await come_back(either)
    await either.identify(ERRAND, code=back["code"], issuer=None)
    with pytest.raises(IdentityRefusedError):
        await either.identify(ERRAND, code=back["code"], issuer=None)


@pytest.mark.parametrize("code", ["", "made-up", "é\r\nx: y", "c" * 5_000])
async def test_a_code_that_nobody_gave_proves_nothing(either: IdentityProvider, code: str) -> None:
    with pytest.raises(IdentityRefusedError):
        await either.identify(ERRAND, code=code, issuer=None)


async def test_a_code_from_another_trip_proves_nothing(either: IdentityProvider) -> None:
    back = await come_back(either)
    with pytest.raises(IdentityRefusedError):
        await either.identify(replace(ERRAND, verifier="w" * 43), code=back["code"], issuer=None)


async def test_the_answer_of_another_issuer_is_not_exchanged(
    either: IdentityProvider, server: OpenidServer, hub: GithubServer
) -> None:
    back = await come_back(either)
    for other in ("https://evil.example", ""):
        with pytest.raises(IdentityRefusedError):
            await either.identify(ERRAND, code=back["code"], issuer=other)
    assert not [asked for asked in (*server.asked, *hub.asked) if asked.method == "POST"]


async def test_an_answer_without_the_issuer_that_was_promised_is_not_exchanged(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.document = {"authorization_response_iss_parameter_supported": True}
    back = await come_back(provider)
    with pytest.raises(IdentityRefusedError):
        await provider.identify(ERRAND, code=back["code"], issuer=None)
    server.back = {"iss": server.url}
    assert (await identify(provider)).subject == "ann-1"


async def test_what_the_token_is_silent_about_is_asked_for(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.claims = {"email": None, "email_verified": None, "name": None}
    identity = await identify(provider)
    assert (identity.email, identity.email_verified, identity.name) == ("ann@example.com", True, "Ann Lee")


async def test_the_answer_about_somebody_else_is_refused(server: OpenidServer, provider: OidcIdentityProvider) -> None:
    server.claims = {"email": None}
    server.replies["/userinfo"] = Reply.json({"sub": "bob-1", "email": "bob@example.com", "email_verified": True})
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


async def test_a_provider_that_takes_the_secret_in_the_header_gets_it_there(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.document = {"token_endpoint_auth_methods_supported": None}
    assert (await identify(provider)).subject == "ann-1"
    asked = next(asked for asked in server.asked if asked.path == "/token")
    assert asked.headers["authorization"].startswith("Basic ")
    assert "client_secret" not in asked.form


async def test_a_new_key_is_found_and_made_up_names_do_not_make_us_ask(server: OpenidServer) -> None:
    clock = FakeClock(SystemClock().now())
    provider = OidcIdentityProvider(provider_config(server.url), clock)
    await identify(provider)
    key = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
    server.key, server.keys, server.header = key, [dict(key.as_dict(private=False))], {"alg": "ES256", "kid": "two"}
    for _ in range(3):
        with pytest.raises(IdentityRefusedError):
            await identify(provider)
    assert server.paths().count("/jwks") == 1
    clock.advance(timedelta(minutes=1))
    assert (await identify(provider)).subject == "ann-1"
    assert server.paths().count("/jwks") == 2
    assert server.paths().count("/.well-known/openid-configuration") == 1
    await provider.close()


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "http://desk.example/authorize"},
        {"authorization_endpoint": "https://user:pass@desk.example/authorize"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"token_endpoint": None},
        {"jwks_uri": "https://[::1"},
        {"jwks_uri": 7},
        {"userinfo_endpoint": "https://desk.example/\nx"},
    ],
    ids=str,
)
async def test_a_description_that_leads_astray_is_not_followed(
    server: OpenidServer, provider: OidcIdentityProvider, document: dict[str, Any]
) -> None:
    server.document = document
    with pytest.raises(UnavailableError):
        await provider.address(ERRAND)
    assert server.paths() == ["/.well-known/openid-configuration"]


@pytest.mark.parametrize("found", ["10.0.0.7", "169.254.169.254", "127.0.0.1", "::1"])
async def test_a_host_that_a_description_names_is_not_called_on_a_private_network(
    server: OpenidServer, found: str
) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if host == "127.0.0.1" else [found]

    provider = OidcIdentityProvider(provider_config(server.url), SystemClock(), resolve=resolve)
    server.document = {"token_endpoint": "https://inside.example/token"}
    back = await come_back(provider)
    with pytest.raises(UnavailableError):
        await provider.identify(ERRAND, code=back["code"], issuer=None)
    assert asked[-1] == "inside.example"
    await provider.close()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/jwks", "/token"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, b"secret-detail"),
        Reply(200, b"<html>"),
        Reply(200, b"[" * 100_000),
        Reply(200, b"null"),
        Reply(200, b"{" + b" " * MOST_BYTES + b"}"),
        Reply(200, gzip.compress(b" " * 10_000_000), {"content-encoding": "gzip"}),
        Reply.redirect("http://127.0.0.1:1/"),
    ],
    ids=["500", "not JSON", "deep", "null", "large", "packed", "redirect"],
)
async def test_an_answer_that_makes_no_sense_is_no_500_and_no_sign_in(
    server: OpenidServer, provider: OidcIdentityProvider, path: str, reply: Reply
) -> None:
    server.replies[path] = reply
    with pytest.raises((UnavailableError, IdentityRefusedError)) as raised:
        await identify(provider)
    assert "secret-detail" not in str(raised.value)


async def test_a_provider_that_is_not_there_is_unavailable(server: OpenidServer) -> None:
    provider = OidcIdentityProvider(provider_config("http://127.0.0.1:9"), SystemClock())
    with pytest.raises(UnavailableError) as raised:
        await provider.address(ERRAND)
    assert raised.value.detail == "Corp cannot be asked right now. Try again later."
    await provider.close()


async def test_github_knows_a_person_by_number(hub: GithubServer, github: GithubIdentityProvider) -> None:
    identity = await identify(github)
    assert (identity.issuer, identity.subject) == (hub.url, "583231")


@pytest.mark.parametrize(
    "emails",
    [
        [],
        [{"email": "ann@example.com", "primary": True, "verified": False}],
        [{"email": "ann@example.com", "primary": False, "verified": True}],
        [{"email": "ann@example.com", "primary": "true", "verified": "true"}],
        [{"email": 7, "primary": True, "verified": True}],
        {"message": "no"},
        [None, "x"],
    ],
    ids=str,
)
async def test_only_the_first_and_verified_address_of_github_counts(
    hub: GithubServer, github: GithubIdentityProvider, emails: Any
) -> None:
    hub.emails = emails
    identity = await identify(github)
    assert (identity.email, identity.email_verified) == ("", False)


@pytest.mark.parametrize("user", [{}, [], {"id": "583231"}, {"id": True}, {"id": 0}, {"id": 1.5}], ids=str)
async def test_an_account_without_a_number_is_nobody(
    hub: GithubServer, github: GithubIdentityProvider, user: Any
) -> None:
    hub.user = user
    with pytest.raises(IdentityRefusedError):
        await identify(github)
