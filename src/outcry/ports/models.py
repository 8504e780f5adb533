"""The Models port: language models that can call tools."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic_ai.models import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """Where an OpenAI-compatible server is. ``base_url`` ends before ``/chat/completions``, mostly in ``/v1``.

    ``private_allowed`` says that an operator of the installation set it, so that it may stand on this machine or in
    the private network; for everybody else such addresses are refused.
    """

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    private_allowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServer:
    """A model server that answered on this machine: its kind (``Ollama``), address and the models it offers."""

    kind: str
    base_url: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What trying a model server gave: milliseconds to the first token, or a sentence about what went wrong."""

    ok: bool
    message: str
    first_token_ms: float | None = None
    models: tuple[str, ...] = ()


class Models(Protocol):
    """Gives models to agents. The desk model is always there; a server's model may fail at any moment."""

    def desk(self) -> Model:
        """Return the model that needs no network: rules over tools."""
        ...

    async def at(self, server: ModelServer) -> Model:
        """Return the model of a server; nothing is called yet. Every call checks the address again, see ``check``."""
        ...

    async def check(self, server: ModelServer) -> None:
        """Raise InvalidInputError, with a sentence for the person, unless the server's address may be called.

        It may when it is http or https without credentials, and every address that its host resolves to is public
        or, with ``private_allowed``, on this machine or in the private network. Addresses where clouds serve the
        machine's own secrets never may.
        """
        ...

    def explain(self, error: BaseException) -> str:
        """Return why a model failed, as the end of a sentence ("did not answer in time"): no keys, no foreign text."""
        ...

    async def try_server(self, server: ModelServer) -> Trial:
        """Ask the server for one short streamed answer; never raises for what the server does."""
        ...

    async def find_local(self) -> Sequence[FoundServer]:
        """Look for servers on the usual ports of this machine, within a second."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
