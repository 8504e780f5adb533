"""The providers that people may sign in by: made at the start, from the settings and the secrets."""

from collections.abc import Callable
from dataclasses import dataclass

from outcry.kit.errors import NotFoundError, UnavailableError
from outcry.ports.identity_provider import IdentityProvider, ProviderConfig
from outcry.ports.secrets import Secrets
from outcry.services.auth.provider_settings import ProviderSettings
from outcry.services.auth.settings import AuthSettings

MakeProvider = Callable[[ProviderConfig], IdentityProvider]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider. ``trusted`` says whether an address that it vouches for opens the account with that address, and
    ``asks_again`` whether it can be told to let its people prove anew who they are."""

    name: str
    title: str
    issuer: str
    trusted: bool
    asks_again: bool
    engine: IdentityProvider


class Providers:
    """Gives providers by name."""

    def __init__(self, settings: AuthSettings, secrets: Secrets, make: MakeProvider) -> None:
        self._settings = settings
        self._secrets = secrets
        self._make = make
        self._open: dict[str, Provider] = {}

    async def start(self) -> None:
        """Make them; raises UnavailableError when one has no secret. None is asked anything yet."""
        for wanted in self._settings.oidc:
            config = wanted.to_config(await self._secret_of(wanted))
            self._open[wanted.name] = Provider(
                name=wanted.name,
                title=config.title,
                issuer=wanted.known_as,
                trusted=wanted.trusted,
                asks_again=wanted.kind == "oidc",
                engine=self._make(config),
            )

    async def _secret_of(self, wanted: ProviderSettings) -> str:
        if wanted.client_secret is not None:
            return wanted.client_secret.get_secret_value()
        name = f"oidc-{wanted.name}"
        found = await self._secrets.find(name)
        secret = (found or b"").decode(errors="replace").strip()
        if not secret:
            raise UnavailableError(f"The provider {wanted.name} needs a client_secret, or a secret named {name}.")
        return secret

    def get(self, name: str) -> Provider:
        """Return a provider; raises NotFoundError."""
        found = self._open.get(name)
        if found is None:
            raise NotFoundError("There is no such provider.")
        return found

    def list(self) -> tuple[Provider, ...]:
        """Return all, in the order of the settings."""
        return tuple(self._open.values())

    def redirect_uri(self, provider: Provider) -> str:
        """Return where a provider sends browsers back: one address for each, never made from a request."""
        return f"{self._settings.public_url.rstrip('/')}/api/v1/auth/oidc/{provider.name}/callback"

    async def stop(self) -> None:
        """Let go of connections."""
        while self._open:
            await self._open.popitem()[1].engine.close()
