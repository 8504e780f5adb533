"""The Models port: the desk model, and any server that speaks OpenAI's chat completions (vLLM, Ollama, a cloud …)."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic_ai.direct import model_request_stream
from pydantic_ai.messages import ModelRequest, PartDeltaEvent, PartStartEvent
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from outcry.adapters.models.desk.model import make_desk_model
from outcry.adapters.models.failures import explain_failure
from outcry.adapters.models.local import find_servers, list_models
from outcry.adapters.outgoing.addresses import (
    AddressRefusedError,
    Resolve,
    allowed_addresses,
    resolve_host,
    split_url,
)
from outcry.adapters.outgoing.destinations import Destinations
from outcry.kit.errors import InvalidInputError, OutcryError
from outcry.ports.models import FoundServer, ModelServer, Trial

if TYPE_CHECKING:
    from outcry.adapters.models.connecting import Connection

_MOST_CONNECTIONS = 32
_PROMPT = "Answer with the single word: ready"


class OpenaiModels:
    """Gives the desk model and the models of servers, whose connections are kept open between answers.

    ``connect_s`` and ``silence_s`` are how long opening a connection and waiting for the next bytes may take.
    ``own_port`` is left out when local servers are looked for. ``outside`` keeps how calls to each server go.
    """

    def __init__(
        self,
        *,
        own_port: int = 0,
        connect_s: float = 3.0,
        silence_s: float = 20.0,
        resolve: Resolve = resolve_host,
        outside: Destinations | None = None,
    ) -> None:
        self._desk = make_desk_model()
        self._own_port = own_port
        self._connect_s = connect_s
        self._silence_s = silence_s
        self._resolve = resolve
        self._outside = outside or Destinations()
        self._connections: OrderedDict[ModelServer, Connection] = OrderedDict()

    def desk(self) -> Model:
        """Return the desk model."""
        return self._desk

    async def at(self, server: ModelServer) -> Model:
        """Return the model of a server."""
        connection = self._connections.get(server)
        if connection is None:
            # Importing the client library takes most of a second, which only those who connect a server pay.
            connection = await asyncio.to_thread(self._connect, server)
            connection = self._connections.setdefault(server, connection)
        self._connections.move_to_end(server)
        while len(self._connections) > _MOST_CONNECTIONS:
            _, oldest = self._connections.popitem(last=False)
            await oldest.close()
        return connection.model

    def _connect(self, server: ModelServer) -> "Connection":
        from outcry.adapters.models.connecting import Connection

        host, port = split_url(server.base_url)
        # A server per key: one organisation's quota or nonsense must not keep others from the same host.
        destination = self._outside.get("model server", f"{host}:{port}", key=server)
        return Connection(
            server, destination, connect_s=self._connect_s, silence_s=self._silence_s, resolve=self._resolve
        )

    async def check(self, server: ModelServer) -> None:
        """Raise InvalidInputError unless the server's address may be called."""
        try:
            host, port = split_url(server.base_url)
            await allowed_addresses(host, port, private_allowed=server.private_allowed, resolve=self._resolve)
        except AddressRefusedError as error:
            told = {"field": "base_url", "message": error.detail}
            raise InvalidInputError(error.detail, errors=(told,)) from error

    def explain(self, error: BaseException) -> str:
        """Return why a model failed."""
        return explain_failure(error)

    async def try_server(self, server: ModelServer) -> Trial:
        """Ask for one short streamed answer."""
        started = time.perf_counter()
        try:
            await self.check(server)
            model = await self.at(server)
            self._connections[server].destination.try_now()
            started = time.perf_counter()
            async with asyncio.timeout(self._connect_s + self._silence_s):
                await _first_token(model)
        except Exception as error:
            words = error.detail if isinstance(error, OutcryError) else f"The server {explain_failure(error)}."
            return Trial(ok=False, message=words, models=await self._offered(server))
        elapsed = (time.perf_counter() - started) * 1000
        return Trial(
            ok=True,
            message="The server answers.",
            first_token_ms=round(elapsed, 1),
            models=await self._offered(server),
        )

    async def _offered(self, server: ModelServer) -> tuple[str, ...]:
        connection = self._connections.get(server)
        return () if connection is None else await list_models(connection.http, server.base_url, server.api_key)

    async def find_local(self) -> Sequence[FoundServer]:
        """Look for servers on the usual ports of this machine."""
        return await find_servers(own_port=self._own_port)

    async def close(self) -> None:
        """Close every connection."""
        connections = list(self._connections.values())
        self._connections.clear()
        for connection in connections:
            await connection.close()


async def _first_token(model: Model) -> None:
    """Return once a text or thinking token came; raises what the model raises, ValueError when none came."""
    settings = ModelSettings(max_tokens=16)
    async with model_request_stream(model, [ModelRequest.user_text_prompt(_PROMPT)], model_settings=settings) as stream:
        async for event in stream:
            if isinstance(event, PartStartEvent | PartDeltaEvent):
                return
    raise ValueError("no token came")
