"""Access tokens: what they say, and every published way to forge one, each its own case."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.clock import FakeClock
from outcry.kit.errors import UnauthenticatedError
from outcry.kit.ids import new_id
from outcry.services.auth import module
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.vault import Vault
from tests.services.auth.conftest import Desk
from tests.services.people import FAST

MIGRATIONS = Path(module.__file__).parent / "migrations"
PERSON, TENANT, SESSION = new_id(), new_id(), new_id()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def part(value: Any) -> str:
    return b64(value if isinstance(value, bytes) else json.dumps(value).encode())


@dataclass
class Forge:
    """A real token taken apart, and the real key, to make others of them."""

    token: str
    header: dict[str, Any]
    claims: dict[str, Any]
    kid: str
    key: OKPKey

    def signed(self, header: Any, claims: Any, key: OKPKey | None = None) -> str:
        """Sign any header and claims, by default with the real key."""
        text = f"{part(header)}.{part(claims)}"
        private = (key or self.key).private_key
        assert isinstance(private, Ed25519PrivateKey)
        return f"{text}.{b64(private.sign(text.encode()))}"

    def with_header(self, **changes: Any) -> str:
        return self.signed(changed(self.header, changes), self.claims)

    def with_claims(self, **changes: Any) -> str:
        return self.signed(self.header, changed(self.claims, changes))

    def with_hmac(self, secret: bytes, algorithm: str = "HS256") -> str:
        text = f"{part({**self.header, 'alg': algorithm})}.{part(self.claims)}"
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
        return f"{text}.{b64(hmac.new(secret, text.encode(), digest).digest())}"

    @property
    def public_pem(self) -> bytes:
        private = self.key.private_key
        assert isinstance(private, Ed25519PrivateKey)
        return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


GONE = object()


def changed(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**values, **changes}.items() if value is not GONE}


@pytest.fixture
async def keys(tmp_path: Path, fake_clock: FakeClock) -> AsyncIterator[SigningKeys]:
    """Signing keys in a database of their own; the engine makes no difference to a token."""
    database = SqliteDatabase(tmp_path / "auth.sqlite", clock=fake_clock)
    await database.migrate(MIGRATIONS)
    vault = Vault(FilesSecrets(tmp_path / "secrets", environment={}), fake_clock)
    yield SigningKeys(database, vault, fake_clock, FAST)
    await database.close()


@pytest.fixture
def tokens(keys: SigningKeys, fake_clock: FakeClock) -> AccessTokens:
    return AccessTokens(keys, FAST, fake_clock)


async def issue(tokens: AccessTokens) -> str:
    return await tokens.issue(person_id=PERSON, tenant_id=TENANT, role="member", session_id=SESSION)


@pytest.fixture
async def forge(tokens: AccessTokens, keys: SigningKeys) -> Forge:
    token = await issue(tokens)
    header, claims = (json.loads(base64.urlsafe_b64decode(f"{piece}==")) for piece in token.split(".")[:2])
    kid, key = await keys.current()
    return Forge(token=token, header=header, claims=claims, kid=kid, key=key)


async def test_a_token_says_what_it_should(forge: Forge, tokens: AccessTokens, fake_clock: FakeClock) -> None:
    now = int(fake_clock.now().timestamp())
    assert forge.header == {"alg": "EdDSA", "typ": "at+jwt", "kid": forge.kid}
    assert UUID(forge.claims.pop("jti")).version == 7
    assert forge.claims == {
        "iss": "outcry",
        "aud": "outcry",
        "sub": str(PERSON),
        "tenant": str(TENANT),
        "role": "member",
        "sid": str(SESSION),
        "iat": now,
        "exp": now + 600,
    }
    claims = await tokens.verify(forge.token)
    assert (claims.sub, claims.tenant, claims.sid) == (PERSON, TENANT, SESSION)


async def test_what_is_signed_anew_unchanged_is_taken(forge: Forge, tokens: AccessTokens) -> None:
    # The forge works: what the cases below show is the change that each makes.
    assert (await tokens.verify(forge.signed(forge.header, forge.claims))).sub == PERSON


async def test_it_is_valid_for_ten_minutes(forge: Forge, tokens: AccessTokens, fake_clock: FakeClock) -> None:
    fake_clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    await tokens.verify(forge.token)
    fake_clock.advance(timedelta(microseconds=1))
    with pytest.raises(UnauthenticatedError):
        await tokens.verify(forge.token)


FOREIGN = OKPKey.generate_key("Ed25519")
OTHER_UUID = "01900000-0000-7000-8000-000000000000"

FORGERIES: dict[str, Callable[[Forge], str]] = {
    "alg none, no signature": lambda f: f"{part({**f.header, 'alg': 'none'})}.{part(f.claims)}.",
    "alg None": lambda f: f"{part({**f.header, 'alg': 'None'})}.{part(f.claims)}.",
    "alg NONE, old signature": lambda f: f"{part({**f.header, 'alg': 'NONE'})}.{'.'.join(f.token.split('.')[1:])}",
    "alg missing": lambda f: f.with_header(alg=GONE),
    "alg null": lambda f: f.with_header(alg=None),
    "alg a list": lambda f: f.with_header(alg=["EdDSA"]),
    "alg in lower case": lambda f: f.with_header(alg="eddsa"),
    "alg by its newer name": lambda f: f.with_header(alg="Ed25519"),
    "alg of RSA": lambda f: f.with_header(alg="RS256"),
    "alg of elliptic curves": lambda f: f.with_header(alg="ES256"),
    "key confusion, raw public key": lambda f: f.with_hmac(base64.urlsafe_b64decode(f.key.as_dict()["x"] + "=")),
    "key confusion, PEM": lambda f: f.with_hmac(f.public_pem),
    "key confusion, JWK": lambda f: f.with_hmac(json.dumps(f.key.as_dict(private=False)).encode()),
    "key confusion, HS512": lambda f: f.with_hmac(f.public_pem, "HS512"),
    "empty HMAC key": lambda f: f.with_hmac(b""),
    "jwk with the forger's key": lambda f: f.signed(
        {**f.header, "jwk": FOREIGN.as_dict(private=False)}, f.claims, FOREIGN
    ),
    "jwk with the true key": lambda f: f.with_header(jwk=f.key.as_dict(private=False)),
    "jku": lambda f: f.signed({**f.header, "jku": "https://evil.example/jwks"}, f.claims, FOREIGN),
    "jku on a true signature": lambda f: f.with_header(jku="https://evil.example/jwks"),
    "x5u": lambda f: f.with_header(x5u="https://evil.example/cert"),
    "x5c": lambda f: f.with_header(x5c=["MIIB"]),
    "crit": lambda f: f.with_header(crit=["exp"]),
    "crit empty": lambda f: f.with_header(crit=[]),
    "b64 false": lambda f: f.with_header(b64=False, crit=["b64"]),
    "zip": lambda f: f.with_header(zip="DEF"),
    "one more header": lambda f: f.with_header(note="x"),
    "kid missing": lambda f: f.with_header(kid=GONE),
    "kid unknown": lambda f: f.with_header(kid="A" * 43),
    "kid of a file": lambda f: f.with_header(kid="../../../../dev/null"),
    "kid with SQL": lambda f: f.with_header(kid="x' UNION SELECT 'AA=='--"),
    "kid a number": lambda f: f.with_header(kid=0),
    "kid a list": lambda f: f.with_header(kid=[f.kid]),
    "kid null": lambda f: f.with_header(kid=None),
    "typ missing": lambda f: f.with_header(typ=GONE),
    "typ JWT": lambda f: f.with_header(typ="JWT"),
    "typ of an id token": lambda f: f.with_header(typ="id+jwt"),
    "typ in capitals": lambda f: f.with_header(typ="AT+JWT"),
    "stripped signature": lambda f: f.token.rpartition(".")[0] + ".",
    "two parts": lambda f: f.token.rpartition(".")[0],
    "four parts": lambda f: f.token + ".x",
    "another's signature": lambda f: f.signed(f.header, f.claims, FOREIGN),
    "zero signature": lambda f: f.token.rpartition(".")[0] + "." + b64(bytes(64)),
    "cut signature": lambda f: f.token[:-8],
    "changed claims, old signature": lambda f: ".".join(
        [part(f.header), part({**f.claims, "role": "owner"}), f.token.split(".")[2]]
    ),
    "expired": lambda f: f.with_claims(exp=f.claims["iat"]),
    "not yet issued": lambda f: f.with_claims(iat=f.claims["iat"] + 60),
    "exp as text": lambda f: f.with_claims(exp=str(f.claims["exp"])),
    "exp as a fraction": lambda f: f.with_claims(exp=f.claims["exp"] + 0.5),
    "exp true": lambda f: f.with_claims(exp=True),
    "exp infinite": lambda f: f.with_claims(exp=float("inf")),
    "exp beyond the lifetime": lambda f: f.with_claims(exp=f.claims["exp"] + 1),
    "exp with too many digits": lambda f: f.with_claims(exp=10**400),
    "wrong audience": lambda f: f.with_claims(aud="other"),
    "audience a list": lambda f: f.with_claims(aud=["outcry"]),
    "audience in capitals": lambda f: f.with_claims(aud="OUTCRY"),
    "wrong issuer": lambda f: f.with_claims(iss="https://evil.example"),
    "issuer with more": lambda f: f.with_claims(iss="outcry.evil.example"),
    "sub no id": lambda f: f.with_claims(sub="1"),
    "sub null": lambda f: f.with_claims(sub=None),
    "tenant no id": lambda f: f.with_claims(tenant="*"),
    "role a list": lambda f: f.with_claims(role=["owner"]),
    "one more claim": lambda f: f.with_claims(scope="platform:operate"),
    "claims a list": lambda f: f.signed(f.header, [f.claims]),
    "claims text": lambda f: f.signed(f.header, "claims"),
    "claims no JSON": lambda f: f.signed(f.header, b"{"),
    "claims no UTF-8": lambda f: f.signed(f.header, b"\xff\xfe"),
    "claims nested deeply": lambda f: f.signed(f.header, b"[" * 1_000),
    "header a text": lambda f: f.signed("alg", f.claims),
    "header a list": lambda f: f.signed(["alg"], f.claims),
    "header a number": lambda f: f.signed(1, f.claims),
    "header null": lambda f: f.signed(None, f.claims),
    "header no JSON": lambda f: f.signed(b"{", f.claims),
    "header no base64": lambda f: "!!!." + f.token.partition(".")[2],
    "five parts, as if encrypted": lambda f: part({"alg": "dir", "enc": "A256GCM"}) + "..a.b.c",
    "an encrypted one's header": lambda f: f.with_header(alg="dir", enc="A256GCM"),
    "with white space": lambda f: f.token + "\n",
    "not ASCII": lambda f: f.token + "ä",
    "half a character": lambda f: f.token + "\ud800",
    "with a NUL": lambda f: f.token + "\x00",
    "empty": lambda _: "",
    "dots": lambda _: "..",
    "a word": lambda _: "null",
    "very long": lambda f: f.with_claims(role="x" * 100_000),
    "a million dots": lambda _: "." * 1_000_000,
} | {f"without {claim}": lambda f, claim=claim: f.with_claims(**{claim: GONE}) for claim in
     ("iss", "aud", "sub", "tenant", "role", "sid", "iat", "exp", "jti")}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_forgeries_are_refused(forge: Forge, tokens: AccessTokens, forgery: str) -> None:
    token = FORGERIES[forgery](forge)
    assert token != forge.token
    with pytest.raises(UnauthenticatedError) as caught:
        await tokens.verify(token)
    assert caught.value.detail == UnauthenticatedError.title
    await tokens.verify(forge.token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
@given(at=st.integers(0, 10_000), character=st.sampled_from("AZaz09-_.=+/ !"))
async def test_a_token_changed_anywhere_is_refused_or_means_the_same(
    forge: Forge, tokens: AccessTokens, at: int, character: str
) -> None:
    at %= len(forge.token)
    token = forge.token[:at] + character + forge.token[at + 1 :]
    try:
        claims = await tokens.verify(token)
    except UnauthenticatedError:
        return
    # Only the unused bits at the end of the signature's base64 may differ.
    assert token.rpartition(".")[0] == forge.token.rpartition(".")[0]
    assert claims == await tokens.verify(forge.token)


async def test_what_is_remembered_of_a_token_ends_with_its_time_and_with_its_key(
    tokens: AccessTokens, keys: SigningKeys, forge: Forge, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = await tokens.verify(forge.token)
    assert await tokens.verify(forge.token) is await tokens.verify(forge.token) == claims
    monkeypatch.setattr(keys, "_public", {})
    monkeypatch.setattr(keys, "_may_reload", lambda: False)
    with pytest.raises(UnauthenticatedError):
        await tokens.verify(forge.token)
    monkeypatch.undo()
    assert await tokens.verify(forge.token) == claims
    fake_clock.advance(timedelta(seconds=tokens.lifetime_s))
    with pytest.raises(UnauthenticatedError):
        await tokens.verify(forge.token)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=200))
async def test_any_text_is_refused(tokens: AccessTokens, text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        await tokens.verify(text)


async def test_another_installation_of_the_same_name_is_refused(
    tmp_path: Path, fake_clock: FakeClock, forge: Forge
) -> None:
    database = SqliteDatabase(tmp_path / "other.sqlite", clock=fake_clock)
    await database.migrate(MIGRATIONS)
    vault = Vault(FilesSecrets(tmp_path / "secrets", environment={}), fake_clock)
    other = AccessTokens(SigningKeys(database, vault, fake_clock, FAST), FAST, fake_clock)
    await issue(other)
    with pytest.raises(UnauthenticatedError):
        await other.verify(forge.token)
    await database.close()


@pytest.mark.parametrize("changes", [{"sub": OTHER_UUID}, {"tenant": OTHER_UUID}, {"sid": OTHER_UUID}])
async def test_a_true_signature_does_not_move_a_session(desk: Desk, changes: dict[str, str]) -> None:
    response = await desk.browser().register()
    token = response.json()["access_token"]
    header, claims = (json.loads(base64.urlsafe_b64decode(f"{piece}==")) for piece in token.split(".")[:2])
    kid, key = await SigningKeys(desk.database, Vault(desk.secrets, desk.clock), desk.clock, FAST).current()
    assert kid == header["kid"]
    forge = Forge(token=token, header=header, claims=claims, kid=kid, key=key)
    await desk.facade.authenticate(access_token=forge.signed(header, claims))
    with pytest.raises(UnauthenticatedError):
        await desk.facade.authenticate(access_token=forge.with_claims(**changes))


async def test_a_role_in_the_token_gives_nothing(desk: Desk) -> None:
    response = await desk.browser().register()
    header, claims = (
        json.loads(base64.urlsafe_b64decode(f"{piece}==")) for piece in response.json()["access_token"].split(".")[:2]
    )
    kid, key = await SigningKeys(desk.database, Vault(desk.secrets, desk.clock), desk.clock, FAST).current()
    forge = Forge(token="", header=header, claims=claims, kid=kid, key=key)
    principal = await desk.facade.authenticate(access_token=forge.with_claims(role="emperor"))
    assert principal.role == "owner"
