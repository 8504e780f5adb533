"""ID tokens: each attack on the list of RFC 8725, and each claim of OpenID Connect, is its own test."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from outcry.adapters.identity_provider.oidc import OidcIdentityProvider
from outcry.kit.clock import SystemClock
from outcry.ports.identity_provider import IdentityRefusedError
from tests.adapters_support.openid_server import (
    CLIENT_ID,
    CLIENT_SECRET,
    KEY,
    OpenidServer,
    half_hash,
    identify,
    part,
    provider_config,
    signed_by_hand,
)

Forge = Callable[[dict[str, Any]], str]

NOW = int(time.time())
RIGHT = {"alg": "RS256", "kid": "one"}
OTHER = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig"}, private=True)
EDWARDS = OKPKey.generate_key("Ed25519", {"kid": "three", "use": "sig"}, private=True)


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


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("RS256", KEY), ("PS384", KEY), ("ES256", CURVE), ("Ed25519", EDWARDS)],
    ids=["RS256", "PS384", "ES256", "Ed25519"],
)
async def test_a_right_token_is_taken(
    server: OpenidServer, provider: OidcIdentityProvider, algorithm: str, key: Any
) -> None:
    server.keys = [dict(each.as_dict(private=False)) for each in (CURVE, KEY, EDWARDS)]
    server.claims = {"at_hash": None}
    server.forge = _signed({"alg": algorithm, "kid": key.kid}, key)
    assert (await identify(provider)).subject == "ann-1"


async def test_a_token_that_names_no_key_is_taken_where_only_one_can_be_meant(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.keys.append(dict(CURVE.as_dict(private=False)))
    server.forge = _signed({"alg": "RS256"}, KEY)
    assert (await identify(provider)).subject == "ann-1"


async def test_a_token_that_names_no_key_is_refused_where_two_could_be_meant(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.keys.append({**OTHER.as_dict(private=False), "kid": "two"})
    server.forge = _signed({"alg": "RS256"}, KEY)
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


async def test_a_key_that_is_for_encryption_signs_nothing(server: OpenidServer, provider: OidcIdentityProvider) -> None:
    server.keys = [{**server.keys[0], "use": "enc"}]
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


async def test_a_shared_key_in_the_key_set_signs_nothing(server: OpenidServer, provider: OidcIdentityProvider) -> None:
    shared = OctKey.generate_key(256, {"kid": "one"})
    server.keys = [dict(shared.as_dict(private=True))]
    server.forge = _signed({"alg": "HS256", "kid": "one"}, shared)
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


def _signed(header: dict[str, Any], key: Any) -> Forge:
    return lambda claims: jwt.encode(header, claims, key, algorithms=[header["alg"]])


def _spliced(claims: dict[str, Any]) -> str:
    header, _, signature = jwt.encode(RIGHT, claims, KEY).split(".")
    return f"{header}.{part({**claims, 'sub': 'bob-1'})}.{signature}"


FORGERIES: dict[str, Forge] = {
    "alg none": lambda claims: f"{part({'alg': 'none', 'kid': 'one'})}.{part(claims)}.",
    "alg None, written otherwise": lambda claims: f"{part({'alg': 'nOnE', 'kid': 'one'})}.{part(claims)}.",
    "no alg": lambda claims: signed_by_hand({"kid": "one"}, claims),
    "alg is no text": lambda claims: signed_by_hand({"alg": ["RS256"], "kid": "one"}, claims),
    "kid is no text": lambda claims: signed_by_hand({"alg": "RS256", "kid": {"one": 1}}, claims),
    "the public key as a shared one": _signed(
        {"alg": "HS256", "kid": "one"}, OctKey.import_key(KEY.as_pem(private=False).hex())
    ),
    "the client's secret as a shared key": _signed({"alg": "HS256", "kid": "one"}, OctKey.import_key(CLIENT_SECRET)),
    "another key of the same name": _signed(RIGHT, OTHER),
    "a key that the token brings along": lambda claims: jwt.encode(
        {"alg": "RS256", "jwk": OTHER.as_dict(private=False)}, claims, OTHER
    ),
    "a key of another type": _signed({"alg": "ES256", "kid": "one"}, CURVE),
    "a key that is not there": _signed({"alg": "RS256", "kid": "four"}, KEY),
    "a key that a path names": _signed({"alg": "RS256", "kid": "../../dev/null"}, KEY),
    "a header that must be understood and is not": lambda claims: signed_by_hand(
        {**RIGHT, "crit": ["x"], "x": 1}, claims
    ),
    "signature cut off": lambda claims: jwt.encode(RIGHT, claims, KEY).rpartition(".")[0] + ".",
    "claims changed afterwards": _spliced,
    "claims are a list": lambda claims: signed_by_hand(RIGHT, [claims]),
    "claims without an end": lambda _: signed_by_hand(RIGHT, "[" * 5_000),
    "a header without an end": lambda claims: signed_by_hand("[" * 5_000, claims),
    "three words": lambda _: "not.a.token",
    "one word": lambda _: "nonsense",
    "nothing": lambda _: "",
    "not ASCII": lambda _: "é.é.é",
    "far too long": lambda claims: jwt.encode(RIGHT, {**claims, "x": "y" * 20_000}, KEY),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_proves_nothing(server: OpenidServer, provider: OidcIdentityProvider, name: str) -> None:
    server.forge = FORGERIES[name]
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ["https://evil.example"]},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"aud": None},
        {"aud": []},
        {"azp": "another-client"},
        {"azp": [CLIENT_ID]},
        {"nonce": "x" * 43},
        {"nonce": None},
        {"nonce": ["n" * 43]},
        {"exp": NOW - 120},
        {"exp": None},
        {"exp": "never"},
        {"iat": NOW + 3_600},
        {"iat": None},
        {"nbf": NOW + 3_600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\x00b"},
        {"sub": "é"},
        {"sub": "a" * 256},
        {"at_hash": half_hash("another-token")},
        {"at_hash": 7},
    ],
    ids="-".join,  # the names alone: some values are of this second, and workers collect in different ones
)
async def test_a_token_for_another_place_time_or_person_proves_nothing(
    server: OpenidServer, provider: OidcIdentityProvider, claims: dict[str, Any]
) -> None:
    server.claims = claims
    with pytest.raises(IdentityRefusedError):
        await identify(provider)


async def test_a_token_for_several_parties_is_taken_when_we_are_the_one_that_asked(
    server: OpenidServer, provider: OidcIdentityProvider
) -> None:
    server.claims = {"aud": [CLIENT_ID, "an-api"], "azp": CLIENT_ID}
    assert (await identify(provider)).subject == "ann-1"


async def test_clocks_may_differ_by_a_little(server: OpenidServer, provider: OidcIdentityProvider) -> None:
    server.claims = {"iat": int(time.time()) + 20, "exp": int(time.time()) - 20}
    assert (await identify(provider)).subject == "ann-1"
