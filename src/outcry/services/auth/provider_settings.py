"""What an operator writes of a provider in OUTCRY_AUTH_OIDC."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from outcry.ports.identity_provider import LONGEST_ISSUER, ProviderConfig

_GITHUB = "https://github.com"
_GITHUB_API = "https://api.github.com"
_HERE = ("localhost", "127.0.0.1", "::1")

_Address = Annotated[str, Field(max_length=LONGEST_ISSUER)]


class ProviderSettings(BaseModel):
    """One provider that people may sign in by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32, description="A word for addresses, such as `google`."
    )
    title: str = Field(default="", max_length=60, description="What people see; unset: the name.")
    kind: Literal["oidc", "github"] = Field(default="oidc", description="github is for GitHub; all else is oidc.")
    issuer: _Address = Field(default="", description="The OpenID issuer, such as https://accounts.google.com.")
    api: _Address = Field(default="", description="Where a GitHub Enterprise server's API is.")
    client_id: str = Field(min_length=1, max_length=300, description="What the provider calls this installation.")
    client_secret: SecretStr | None = Field(default=None, description="Unset: the secret `oidc-<name>`.")
    trusted: bool = Field(
        default=False, description="Whether an address that it vouches for opens the account with that address."
    )

    @model_validator(mode="after")
    def _addresses_are_safe(self) -> Self:
        if self.kind == "oidc" and not self.issuer:
            raise ValueError(f"the provider {self.name} needs an issuer")
        for address in (self.issuer, self.api):
            if address and not _is_safe(address):
                raise ValueError(f"the addresses of {self.name} have to begin with https://, and have no user, ? or #")
        return self

    @property
    def known_as(self) -> str:
        """The issuer of its identities, as it is stored with them."""
        issuer = self.issuer or _GITHUB
        return issuer.rstrip("/") if self.kind == "github" else issuer

    def to_config(self, client_secret: str) -> ProviderConfig:
        """Return this as the port takes it."""
        github = self.kind == "github"
        return ProviderConfig(
            name=self.name,
            title=self.title or self.name,
            kind=self.kind,
            issuer=self.issuer or _GITHUB,
            api=(self.api or _GITHUB_API) if github else "",
            client_id=self.client_id,
            client_secret=client_secret,
        )


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in _HERE
    plain = parts.username is None and not parts.query and not parts.fragment
    return (parts.scheme == "https" or here) and bool(parts.hostname) and plain and address.isprintable()
