"""Finds model servers on this machine, and lists the models that a server offers."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import httpx

from outcry.ports.models import FoundServer

if TYPE_CHECKING:
    import httpx2

# Each server's usual port, as its documentation has it.
USUAL_PORTS = (("Ollama", 11434), ("llama.cpp", 8080), ("LM Studio", 1234), ("vLLM", 8000))
_WITHIN_S = 0.8
_MOST_MODELS = 100
_MOST_BYTES = 1_000_000


async def find_servers(
    *, own_port: int, ports: Sequence[tuple[str, int]] = USUAL_PORTS, within_s: float = _WITHIN_S
) -> tuple[FoundServer, ...]:
    """Return the servers that answer like a model server on this machine, but for the one on ``own_port``."""
    async with httpx.AsyncClient(timeout=within_s, trust_env=False) as client:
        tries = [_find(client, kind, port, within_s) for kind, port in ports if port != own_port]
        found = await asyncio.gather(*tries)
    return tuple(server for server in found if server is not None)


async def _find(client: httpx.AsyncClient, kind: str, port: int, within_s: float) -> FoundServer | None:
    base_url = f"http://127.0.0.1:{port}/v1"
    try:
        async with asyncio.timeout(within_s):
            response = await client.get(f"{base_url}/models")
    except (httpx.HTTPError, TimeoutError, OSError):
        return None
    models = _model_names(response) if response.status_code == 200 else None
    return None if models is None else FoundServer(kind=kind, base_url=base_url, models=models)


async def list_models(client: "httpx2.AsyncClient", base_url: str, api_key: str) -> tuple[str, ...]:
    """Return the names of a server's models, none when it does not say."""
    headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
    try:
        async with asyncio.timeout(3):
            response = await client.get(f"{base_url.rstrip('/')}/models", headers=headers)
    except Exception:
        # The list is only a convenience: whatever the server does here, the trial has its answer already.
        return ()
    return (_model_names(response) or ()) if response.status_code == 200 else ()


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
