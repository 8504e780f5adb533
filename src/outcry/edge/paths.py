"""Addresses with control characters in them are refused: no page and no endpoint has one.

Regular expressions take a line break at the end for the end, those of routers too. So ``/exports%0a`` would reach what
``/exports`` does, while whoever compares addresses, to count or to bound, sees another one.
"""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from outcry.edge.counting import Counts
from outcry.edge.problems import refuse
from outcry.kit.errors import MalformedRequestError

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class PlainPaths:
    """Answers 400 to a request or socket whose address, decoded, holds a control character."""

    def __init__(self, app: ASGIApp, *, counts: Counts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or socket."""
        if scope["type"] in ("http", "websocket") and _CONTROLS.search(scope["path"]):
            self._counts.add("malformed_path")
            wrong = MalformedRequestError("The address has a character that no address may have.")
            await refuse(scope, send, wrong)
            return
        await self._app(scope, receive, send)
