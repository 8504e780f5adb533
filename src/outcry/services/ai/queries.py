"""What reads: the modes, and the organisation's model server."""

from dataclasses import dataclass
from uuid import UUID

from outcry.kit.sealing import KEY_SIZE, SealBrokenError, open_secret
from outcry.ports.database import Database
from outcry.ports.models import ModelServer
from outcry.ports.secrets import Secrets
from outcry.services.ai.contracts import AiFacade, Mode
from outcry.services.ai.errors import KeyUnreadableError
from outcry.services.ai.models import ModelServerRow

KEYS_SECRET = "ai-model-keys"  # noqa: S105  # the name of a secret, not one
MODES = (
    Mode(
        name="fast",
        title="Fast",
        summary="One answer from recorded market data, with its figures traced to their sources and a small chart.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServerView:
    """An organisation's model server as its administrators see it. The key is never shown, only a hint of it."""

    configured: bool
    base_url: str = ""
    model: str = ""
    key_hint: str = ""


class AiQueries(AiFacade):
    """The AI service's reading side."""

    def __init__(self, *, database: Database, secrets: Secrets) -> None:
        self._database = database
        self._secrets = secrets

    async def list_modes(self, *, tenant_id: UUID) -> tuple[Mode, ...]:
        """Return the modes that this organisation can use."""
        return MODES

    async def view_model_server(self, tenant_id: UUID) -> ModelServerView:
        """Return what may be shown of the organisation's model server."""
        row = await self._find_row(tenant_id)
        if row is None:
            return ModelServerView(configured=False)
        return ModelServerView(configured=True, base_url=row.base_url, model=row.model, key_hint=row.key_hint)

    async def find_model_server(self, tenant_id: UUID) -> ModelServer | None:
        """Return the organisation's model server with its key, None without one; raises KeyUnreadableError."""
        row = await self._find_row(tenant_id)
        if row is None:
            return None
        return ModelServer(
            base_url=row.base_url,
            model=row.model,
            api_key=await self._open_key(row),
            private_allowed=row.private_allowed,
        )

    async def _find_row(self, tenant_id: UUID) -> ModelServerRow | None:
        async with self._database.reading() as session:
            return await session.get(ModelServerRow, tenant_id)

    async def _open_key(self, row: ModelServerRow) -> str:
        if row.sealed_key is None:
            return ""
        key = await self._secrets.get_or_create(KEYS_SECRET, size=KEY_SIZE)
        try:
            return open_secret(row.sealed_key, key=key, context=row.tenant_id.bytes).decode()
        except SealBrokenError as error:
            raise KeyUnreadableError() from error
