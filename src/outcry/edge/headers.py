"""Headers that keep browsers strict, on every answer that does not set its own."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.policy import CLOSED_POLICY

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", CLOSED_POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_NO_STORE = (b"cache-control", b"no-store")
# Two years, as the preload lists ask for; sent over TLS alone, where it means something.
_ONLY_TLS = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def strict_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer that sets none of them itself."""
    wanted = list(_HEADERS)
    if scope["path"].startswith("/api/"):
        wanted.append(_NO_STORE)
    if scope["scheme"] == "https":
        wanted.append(_ONLY_TLS)
    return wanted


class SecurityHeaders:
    """Adds what is missing to the headers of each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wanted = strict_headers(scope)

        async def send_strict(message: Message) -> None:
            # A browser lays the headers of a 304 over those that it kept: they must say nothing new.
            if message["type"] == "http.response.start" and message["status"] != 304:
                headers = list(message.get("headers", ()))
                set_already = {name.lower() for name, _ in headers}
                message["headers"] = headers + [pair for pair in wanted if pair[0] not in set_already]
            await send(message)

        await self._app(scope, receive, send_strict)
