"""WebSockets to addresses that somebody wrote down: the same rules as for calls, checked when one is opened."""

from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

from outcry.adapters.outgoing.addresses import (
    AddressRefusedError,
    Resolve,
    allowed_addresses,
    read_host,
    resolve_host,
)
from outcry.adapters.outgoing.guarded import is_loopback
from outcry.kit.network import USUAL_PORTS

_CONNECT_S = 10.0
_MOST_TRIED = 3  # addresses of one host
_MOST_BYTES = 4_194_304  # of one message
_SCHEMES = {"ws": "http", "wss": "https"}


async def open_socket(
    url: str, *, private_allowed: bool, resolve: Resolve = resolve_host, most_bytes: int = _MOST_BYTES
) -> ClientConnection:
    """Return an open WebSocket to one address that was checked; no proxy and no redirect to another host.

    ``private_allowed`` is for what the operator of the installation named; only this machine is spoken to without TLS.
    Pings are answered, and a peer that answers none of ours is given up. Raises AddressRefusedError, OSError,
    TimeoutError or websockets.exceptions.WebSocketException.
    """
    parts = urlsplit(url)
    scheme, host = _SCHEMES.get(parts.scheme, ""), read_host(parts.hostname or "")
    if not scheme or parts.username is not None or (scheme == "http" and not is_loopback(host)):
        raise AddressRefusedError("The address of a socket has to begin with wss://.")
    port = parts.port or USUAL_PORTS[scheme]
    failure: Exception = OSError("no address")
    addresses = await allowed_addresses(host, port, private_allowed=private_allowed, resolve=resolve)
    for address in addresses[:_MOST_TRIED]:
        try:
            return await connect(
                url,
                host=address,
                port=port,
                proxy=None,
                open_timeout=_CONNECT_S,
                close_timeout=1.0,
                max_size=most_bytes,
                compression=None,
                user_agent_header="outcry",
            )
        except (InvalidHandshake, InvalidURI):
            raise
        except (OSError, TimeoutError, WebSocketException) as error:
            failure = error
    raise failure
