"""The IdentityProvider port: somewhere else to prove who one is, such as Google, GitHub or a company's own sign-in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from outcry.kit.errors import UnauthenticatedError

LONGEST_ISSUER = 300
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class IdentityRefusedError(UnauthenticatedError):
    """What came back does not prove who somebody is: forged, too old, meant for somebody else, or not understood."""

    code, title = "identity_refused", "The provider's answer does not prove who you are"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """What the operator wrote of a provider. Making one opens nothing.

    Args:
        name: one word, part of addresses.
        title: what people see.
        kind: ``oidc`` finds everything else at the issuer; ``github`` is OAuth 2.0 with GitHub's own API.
        issuer: the OpenID issuer, to the letter; for GitHub where people sign in.
        api: where GitHub's API is.
    """

    name: str
    title: str
    kind: Literal["oidc", "github"]
    issuer: str
    api: str = ""
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One trip of a browser to a provider and back. Whoever sends it keeps this, and has it used once.

    ``nonce`` comes back inside the ID token, ``verifier`` is shown when the code is exchanged (PKCE, RFC 7636). With
    ``since`` the person has to prove to the provider again, after that moment, that it is they; only OpenID providers
    can be asked for that.
    """

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignIdentity:
    """Who somebody is at a provider: ``issuer`` and ``subject`` together never name anybody else.

    ``email`` and ``name`` are the provider's words, unchecked, empty when it has none; ``email_verified`` says that
    the provider vouches for the address.
    """

    issuer: str
    subject: str
    email: str = field(repr=False)
    email_verified: bool
    name: str = field(repr=False)


class IdentityProvider(Protocol):
    """Sends a browser away to prove who its person is, and reads what comes back."""

    async def address(self, errand: Errand) -> str:
        """Return where to send the browser; raises UnavailableError when the provider cannot be asked."""
        ...

    async def identify(self, errand: Errand, *, code: str, issuer: str | None) -> ForeignIdentity:
        """Exchange the code that came back for who it proves; ``issuer`` is ``iss`` of the answer (RFC 9207).

        Raises IdentityRefusedError when it proves nothing, UnavailableError when the provider cannot be asked.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
