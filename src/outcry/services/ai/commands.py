"""What changes model servers: rows and events in one transaction. Keys are sealed before they are stored."""

from collections.abc import Sequence

from outcry.kit.clock import Clock
from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.kit.sealing import KEY_SIZE, seal_secret
from outcry.kit.text import clean_line
from outcry.ports.database import Database
from outcry.ports.models import FoundServer, Models, ModelServer, Trial
from outcry.ports.secrets import Secrets
from outcry.services.ai.errors import KeyUnreadableError
from outcry.services.ai.events import ModelServerChanged
from outcry.services.ai.models import ModelServerRow
from outcry.services.ai.queries import KEYS_SECRET, AiQueries, ModelServerView

OPERATE = "platform:operate"
_SHOWN_OF_KEY = 4


class AiCommands:
    """Everything an administrator can do to the organisation's model server."""

    def __init__(
        self, *, database: Database, queries: AiQueries, models: Models, secrets: Secrets, clock: Clock
    ) -> None:
        self._database = database
        self._queries = queries
        self._models = models
        self._secrets = secrets
        self._clock = clock

    async def set_model_server(
        self, principal: Principal, *, base_url: str, model: str, api_key: str | None
    ) -> ModelServerView:
        """Set the server; raises InvalidInputError for an address that may not be called.

        Without ``api_key`` the stored key is kept, but only for the address that it was entered for.
        """
        server = await self._server(principal, base_url, model, api_key)
        await self._models.check(server)
        sealed = await self._seal(principal, server.api_key) if server.api_key else None
        async with self._database.transaction() as transaction:
            row = await transaction.session.get(ModelServerRow, principal.tenant_id, with_for_update=True)
            before = {"base_url": row.base_url, "model": row.model} if row else {}
            if row is None:
                row = ModelServerRow(tenant_id=principal.tenant_id)
                transaction.session.add(row)
            row.base_url, row.model, row.sealed_key = server.base_url, server.model, sealed
            row.key_hint = key_hint(server.api_key)
            row.private_allowed = server.private_allowed
            row.changed_at, row.changed_by = self._clock.now(), principal.user_id
            transaction.publish(
                ModelServerChanged(
                    base_url=server.base_url, model=server.model, key_changed=api_key is not None, before=before
                ),
                tenant_id=principal.tenant_id,
                key=str(principal.tenant_id),
                actor_id=principal.user_id,
            )
        return await self._queries.view_model_server(principal.tenant_id)

    async def remove_model_server(self, principal: Principal) -> None:
        """Remove the server and its key; nothing happens when there is none."""
        async with self._database.transaction() as transaction:
            row = await transaction.session.get(ModelServerRow, principal.tenant_id)
            if row is None:
                return
            await transaction.session.delete(row)
            transaction.publish(
                ModelServerChanged(
                    base_url="", model="", key_changed=True, before={"base_url": row.base_url, "model": row.model}
                ),
                tenant_id=principal.tenant_id,
                key=str(principal.tenant_id),
                actor_id=principal.user_id,
            )

    async def try_model_server(self, principal: Principal, *, base_url: str, model: str, api_key: str | None) -> Trial:
        """Ask a server for one short answer, without storing anything."""
        return await self._models.try_server(await self._server(principal, base_url, model, api_key))

    async def find_local(self, principal: Principal) -> Sequence[FoundServer]:
        """Return the model servers on this machine, for the operator of the installation; for others none."""
        return await self._models.find_local() if principal.may(OPERATE) else ()

    async def _server(self, principal: Principal, base_url: str, model: str, api_key: str | None) -> ModelServer:
        address, name = clean_line(base_url).rstrip("/"), clean_line(model)
        if not name:
            raise InvalidInputError(
                "The name of the model is missing.", errors=({"field": "model", "message": "is empty"},)
            )
        return ModelServer(
            base_url=address,
            model=name,
            api_key=await self._stored_key(principal, address) if api_key is None else _header_safe(api_key),
            private_allowed=principal.may(OPERATE),
        )

    async def _stored_key(self, principal: Principal, address: str) -> str:
        try:
            stored = await self._queries.find_model_server(principal.tenant_id)
        except KeyUnreadableError:
            return ""
        return stored.api_key if stored is not None and stored.base_url == address else ""

    async def _seal(self, principal: Principal, api_key: str) -> bytes:
        key = await self._secrets.get_or_create(KEYS_SECRET, size=KEY_SIZE)
        return seal_secret(api_key.encode(), key=key, context=principal.tenant_id.bytes)


def key_hint(api_key: str) -> str:
    """Return what may be shown of a key: its last characters, where enough of it stays hidden."""
    if not api_key:
        return ""
    return f"…{api_key[-_SHOWN_OF_KEY:]}" if len(api_key) >= 4 * _SHOWN_OF_KEY else "…"


def _header_safe(api_key: str) -> str:
    """A key as it can stand in a header: printable ASCII without spaces."""
    key = api_key.strip()
    if not all("!" <= letter <= "~" for letter in key):
        message = "The key has characters that no key has."
        raise InvalidInputError(message, errors=({"field": "api_key", "message": message},))
    return key
