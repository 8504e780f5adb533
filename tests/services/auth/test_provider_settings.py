"""What an operator writes of providers: taken to the letter, or the start is refused with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pydantic_settings import SettingsError

from outcry.adapters.identity_provider.github import GithubIdentityProvider
from outcry.adapters.identity_provider.oidc import OidcIdentityProvider
from outcry.adapters.secrets.files import FilesSecrets
from outcry.kit.errors import NotFoundError, UnavailableError
from outcry.services.auth.providers import Providers
from outcry.services.auth.settings import AuthSettings
from tests.services.people import make_provider

GOOGLE = {"name": "google", "title": "Google", "issuer": "https://accounts.google.com", "client_id": "a"}


def read(monkeypatch: pytest.MonkeyPatch, *providers: dict[str, Any]) -> AuthSettings:
    monkeypatch.setenv("OUTCRY_AUTH_OIDC", json.dumps(providers))
    return AuthSettings(public_url="https://desk.example/")


def test_without_the_setting_there_are_none() -> None:
    assert AuthSettings().oidc == ()


async def test_providers_are_made_in_order_with_secrets_from_both_places(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = {"name": "git-hub", "kind": "github", "client_id": "b", "client_secret": "hidden-text", "trusted": True}
    settings = read(monkeypatch, GOOGLE, hub)
    assert "hidden-text" not in repr(settings)
    (tmp_path / "oidc-google").write_text("from a file\n")
    providers = Providers(settings, FilesSecrets(tmp_path, environment={}), make_provider)
    await providers.start()
    google, github = providers.list()
    assert (google.title, google.trusted, github.title, github.trusted) == ("Google", False, "git-hub", True)
    assert isinstance(google.engine, OidcIdentityProvider)
    assert isinstance(github.engine, GithubIdentityProvider)
    assert providers.redirect_uri(google) == "https://desk.example/api/v1/auth/oidc/google/callback"
    configs = [wanted.to_config("secret-text") for wanted in settings.oidc]
    assert [(config.issuer, config.api) for config in configs] == [
        ("https://accounts.google.com", ""),
        ("https://github.com", "https://api.github.com"),
    ]
    assert "secret-text" not in repr(configs)
    await providers.stop()
    with pytest.raises(NotFoundError):
        providers.get("google")


@pytest.mark.parametrize("content", [None, "", " \n"])
async def test_a_provider_without_a_secret_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "oidc-google").write_text(content)
    providers = Providers(read(monkeypatch, GOOGLE), FilesSecrets(tmp_path, environment={}), make_provider)
    with pytest.raises(UnavailableError, match="needs a client_secret, or a secret named oidc-google"):
        await providers.start()


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Google"},
        {"name": "a/b"},
        {"name": ".."},
        {"name": "a-"},
        {"name": ""},
        {"name": "a" * 33},
        {"issuer": ""},
        {"issuer": "http://accounts.example"},
        {"issuer": "http://10.0.0.1"},
        {"issuer": "https://"},
        {"issuer": "https://a:b@accounts.example"},
        {"issuer": "https://accounts.example?x=1"},
        {"issuer": "https://accounts.example#x"},
        {"issuer": "ftp://accounts.example"},
        {"issuer": "https://accounts.example/\nx"},
        {"issuer": "https://[::1"},
        {"issuer": "https://" + "a" * 300},
        {"api": "http://api.example"},
        {"kind": "saml"},
        {"client_id": ""},
        {"secret": "x"},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read(monkeypatch, {**GOOGLE, **change})


def test_two_providers_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError, match="the same name"):
        read(monkeypatch, GOOGLE, GOOGLE)


def test_what_is_no_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTCRY_AUTH_OIDC", "google")
    with pytest.raises(SettingsError):
        AuthSettings()


@pytest.mark.parametrize("issuer", ["http://localhost:8080/realms/a", "http://127.0.0.1:9000", "http://[::1]:9000"])
def test_an_issuer_on_this_machine_may_be_plain(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    assert read(monkeypatch, {**GOOGLE, "issuer": issuer}).oidc[0].issuer == issuer
