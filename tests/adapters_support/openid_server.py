"""An OpenID provider that signs whatever it is told to, and one that speaks GitHub's API."""

import base64
import hashlib
import json
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.jwk import RSAKey

from outcry.ports.identity_provider import Errand, ForeignIdentity, IdentityProvider, ProviderConfig
from tests.adapters_support.web_server import Asked, Reply, WebServer

CLIENT_ID, CLIENT_SECRET = "outcry-desk", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


ERRAND = Errand(redirect_uri="http://desk.example/callback", state="s" * 43, nonce="n" * 43, verifier="v" * 43)


def provider_config(issuer: str, **more: Any) -> ProviderConfig:
    """Return the configuration of a provider that these servers take."""
    values = {"name": "corp", "title": "Corp", "kind": "oidc", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return ProviderConfig(**{**values, "issuer": issuer, **more})


async def visit(url: str) -> str:
    """Open a page of a provider, where the person agrees at once; return where it sends the browser."""
    async with httpx.AsyncClient() as http:
        response = await http.get(url)
    assert response.status_code == 302, response.text
    return response.headers["location"]


async def come_back(provider: IdentityProvider, errand: Errand = ERRAND) -> dict[str, str]:
    """Visit a provider; return what the browser brings back."""
    back = urlsplit(await visit(await provider.address(errand)))
    return {name: values[0] for name, values in parse_qs(back.query).items()}


async def identify(provider: IdentityProvider, errand: Errand = ERRAND) -> ForeignIdentity:
    """Visit a provider and read what it says."""
    back = await come_back(provider, errand)
    return await provider.identify(errand, code=back["code"], issuer=back.get("iss"))


def half_hash(text: str) -> str:
    """Return ``at_hash`` for SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).rstrip(b"=").decode()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class _CodeServer(WebServer):
    """Gives codes, and takes each once, from who holds the verifier and the client's secret (RFC 6749, RFC 7636)."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, dict[str, str]] = {}
        self.back: dict[str, str] = {}

    def authorise(self, asked: Asked) -> Reply:
        """Send the browser back with a code, as if its person had signed in and agreed. ``back`` adds or changes."""
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked.query
        answer = {"code": code, "state": asked.query["state"], **self.back}
        return Reply.redirect(f"{asked.query['redirect_uri']}?{urlencode({k: v for k, v in answer.items() if v})}")

    def redeem(self, asked: Asked) -> dict[str, str] | None:
        """Return what was asked for with a code."""
        wanted = self.codes.pop(asked.form.get("code", ""), None)
        if wanted is None or asked.form.get("redirect_uri") != wanted["redirect_uri"]:
            return None
        basic = base64.b64decode(asked.headers.get("authorization", "").removeprefix("Basic ")).decode()
        shown = tuple(basic.split(":")) if basic else (asked.form.get("client_id"), asked.form.get("client_secret"))
        secret = shown == (CLIENT_ID, CLIENT_SECRET)
        proved = wanted["code_challenge_method"] == "S256" and (
            _challenge(asked.form.get("code_verifier", "")) == wanted["code_challenge"]
        )
        return wanted if secret and proved else None


class OpenidServer(_CodeServer):
    """The provider. ``person`` is who signs in; ``claims``, ``header`` and ``key`` bend the tokens that it signs."""

    def __init__(self) -> None:
        super().__init__()
        self.person: dict[str, Any] = {
            "sub": "ann-1",
            "email": "ann@example.com",
            "email_verified": True,
            "name": "Ann Lee",
        }
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.key: Any = KEY
        self.keys: list[dict[str, Any]] = [dict(KEY.as_dict(private=False))]
        self.document: dict[str, Any] = {}
        self.forge: Any = None

    def describe(self) -> dict[str, Any]:
        """Return the discovery document; ``document`` adds or changes, None removes."""
        document = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.document,
        }
        return {name: value for name, value in document.items() if value is not None}

    async def answer(self, asked: Asked) -> Reply:
        """Answer as a provider does."""
        if asked.path == "/.well-known/openid-configuration":
            return Reply.json(self.describe())
        if asked.path == "/authorize":
            return self.authorise(asked)
        if asked.path == "/jwks":
            return Reply.json({"keys": self.keys})
        if asked.path == "/token":
            wanted = self.redeem(asked)
            return Reply.json(self._tokens(wanted)) if wanted else Reply.json({"error": "invalid_grant"}, 400)
        if asked.path == "/userinfo":
            right = asked.headers.get("authorization") == "Bearer the-access-token"
            return Reply.json(self.person, 200 if right else 401)
        return Reply.json({"error": "no such path"}, 404)

    def _tokens(self, wanted: dict[str, str]) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": wanted["nonce"],
            "at_hash": half_hash("the-access-token"),
            # As if the person had signed in again a moment ago, which providers tell who asks by max_age.
            "auth_time": now if "max_age" in wanted else None,
            **self.person,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        token = self.forge(claims) if self.forge else jwt.encode(self.header, claims, self.key)
        return {"access_token": "the-access-token", "token_type": "Bearer", "expires_in": 300, "id_token": token}


def part(document: Any) -> str:
    """Return a header or claims as they stand in a token; text goes in as it is."""
    text = document if isinstance(document, str) else json.dumps(document)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed_by_hand(header: Any, claims: Any) -> str:
    """Return a token signed with RS256 whatever its header says."""
    text = f"{part(header)}.{part(claims)}"
    assert KEY.private_key is not None
    signature = KEY.private_key.sign(text.encode(), PKCS1v15(), SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


class GithubServer(_CodeServer):
    """GitHub's sign-in and the two questions of its API, on one address."""

    def __init__(self) -> None:
        super().__init__()
        self.user: Any = {"id": 583231, "login": "annlee", "name": "Ann Lee"}
        self.emails: Any = [
            {"email": "old@example.com", "primary": False, "verified": True},
            {"email": "ann@example.com", "primary": True, "verified": True},
        ]

    async def answer(self, asked: Asked) -> Reply:
        """Answer as GitHub does: errors of the token endpoint are 200 too."""
        if asked.path == "/login/oauth/authorize":
            return self.authorise(asked)
        if asked.path == "/login/oauth/access_token":
            if self.redeem(asked) is None:
                return Reply.json({"error": "bad_verification_code", "error_description": "Incorrect or expired."})
            return Reply.json({"access_token": "gho_1", "token_type": "bearer", "scope": "read:user,user:email"})
        if asked.headers.get("authorization") != "Bearer gho_1":
            return Reply.json({"message": "Bad credentials"}, 401)
        found = {"/api/user": self.user, "/api/user/emails": self.emails}.get(asked.path)
        return Reply.json(found) if found is not None else Reply.json({"message": "Not Found"}, 404)
