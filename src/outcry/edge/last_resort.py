"""What nobody foresaw becomes a 500 that tells nothing, with all the headers that answers have."""

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from outcry.edge.problems import refuse, unforeseen

log = logging.getLogger(__name__)


class LastResort:
    """Answers for what failed before it answered; Starlette's own stands outside of what adds headers.

    An answer that began cannot be taken back: the error goes on, and ends the connection.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def send_watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception as error:
            if begun:
                raise
            log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            await refuse(scope, send, unforeseen())
