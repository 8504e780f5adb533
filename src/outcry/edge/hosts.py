"""Under which names the installation answers: those of its public address, once it has one."""

from typing import ClassVar
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.kit.errors import OutcryError
from outcry.kit.network import USUAL_PORTS

# Probes come by number.
HEALTH = ("/livez", "/readyz")


class UnknownHostError(OutcryError):
    """A request names a host that is not this installation: by mistake, or to make its links lead elsewhere."""

    code: ClassVar[str] = "unknown_host"
    status: ClassVar[int] = 421
    title: ClassVar[str] = "This is not the place that was asked for"


class Hosts:
    """Refuses requests and sockets for other hosts than that of ``public_url``; without one every host is fine."""

    def __init__(self, app: ASGIApp, *, public_url: str, counts: Counts) -> None:
        self._app = app
        self._counts = counts
        parts = urlsplit(public_url)
        host = (parts.hostname or "").encode()
        port = parts.port or USUAL_PORTS.get(parts.scheme, 443)
        shown = b"[%b]" % host if b":" in host else host
        usual = port == USUAL_PORTS.get(parts.scheme)
        self._known = {b"%b:%d" % (shown, port)} | ({shown} if usual else set()) if host else set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if self._known and scope["type"] in ("http", "websocket") and scope["path"] not in HEALTH:
            hosts = [value.strip().lower() for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or hosts[0] not in self._known:
                self._counts.add(UnknownHostError.code)
                await refuse(scope, send, UnknownHostError("This installation answers under its own address only."))
                return
        await self._app(scope, receive, send)
