"""Finds model servers on this machine, and lists the models that a server offers."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from outcry.ports.models import FoundServer

if TYPE_CHECKING:
    import httpx2

# Each server's usual port, as its documentation has it.
USUAL_PORTS = (("Ollama", 11434), ("llama.cpp", 8080), ("LM Studio", 1234), ("vLLM", 8000))
_HERE = "http://127.0.0.1"
_WITHIN_S = 0.8
_LIST_S = 3.0
_MOST_MODELS = 100
_MOST_BYTES = 1_000_000
_MOST_REDIRECTS = 3


async def find_servers(
    *, own_port: int, ports: Sequence[tuple[str, int]] = USUAL_PORTS, within_s: float = _WITHIN_S
) -> tuple[FoundServer, ...]:
    """Return the servers that answer like a model server on this machine, but for the one on ``own_port``."""
    client = await asyncio.to_thread(_open, within_s)
    async with client:
        tries = [_find(client, kind, port, within_s) for kind, port in ports if port != own_port]
        return tuple(server for server in await asyncio.gather(*tries) if server is not None)


def _open(within_s: float) -> "httpx2.AsyncClient":
    import httpx2

    from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options

    rules = Rules(home=_HERE, private_allowed=True, clear_allowed=True, most_bytes=_MOST_BYTES, total_s=within_s)
    return httpx2.AsyncClient(**client_options(GuardedTransport(rules), connect_s=within_s, silence_s=within_s))


async def _find(client: "httpx2.AsyncClient", kind: str, port: int, within_s: float) -> FoundServer | None:
    base_url = f"{_HERE}:{port}/v1"
    models = await _ask(client, base_url, {}, within_s)
    return None if models is None else FoundServer(kind=kind, base_url=base_url, models=models)


async def list_models(client: "httpx2.AsyncClient", base_url: str, api_key: str) -> tuple[str, ...]:
    """Return the names of a server's models, none when it does not say."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    return await _ask(client, base_url, headers, _LIST_S) or ()


async def _ask(
    client: "httpx2.AsyncClient", base_url: str, headers: dict[str, str], within_s: float
) -> tuple[str, ...] | None:
    from outcry.adapters.outgoing.guarded import get

    url = f"{base_url.rstrip('/')}/models"
    try:
        async with asyncio.timeout(within_s):
            response = await get(client, url, headers=headers, most_redirects=_MOST_REDIRECTS)
    except Exception:
        # The list is only a convenience: whatever the server does here, the trial has its answer already.
        return None
    return _model_names(response) if response.status_code == 200 else None


def _model_names(response: Any) -> tuple[str, ...] | None:
    """The ids in an OpenAI list of models; None when the answer is no such list."""
    if len(response.content) > _MOST_BYTES:
        return None
    try:
        entries = response.json()["data"]
        names = [entry["id"] for entry in entries]
    except (ValueError, KeyError, TypeError):
        return None
    return tuple(str(name)[:200] for name in names[:_MOST_MODELS])
