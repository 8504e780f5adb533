"""The endpoint of searching."""

from typing import Annotated

from fastapi import APIRouter, Query

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.search.contracts import FoundMessage
from outcry.services.chat.search.queries import MOST, SearchQueries


def search_router(queries: SearchQueries) -> APIRouter:
    """Return the endpoint, bound to these queries."""
    router = APIRouter(prefix="/api/v1/messages", tags=["chat"])

    @router.get("/search", responses=refusals(503))
    async def search_messages(
        principal: Annotated[Principal, requires("chat:message:read")],
        query: Annotated[str, Query(max_length=400, description='Words, "phrases", $SYMBOL and filters.')],
        cursor: Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Most items of a page.")] = 20,
    ) -> Page[FoundMessage]:
        """Find messages of the rooms that the person is in now, the newest first.

        Every word has to be in a message, without regard to case and accents; the last one may go on. Filters:
        `from:name` (or `from:me`), `in:name` of a room, of a topic, or of a person in a conversation without a title;
        `has:link`, `has:chart`, `has:figure`, `has:source`, `has:file`, `has:image`; `before:2026-01-31`, `after:`,
        `on:` (days of UTC). A name of several words stands in quotation marks. `$AAPL` finds what names that symbol or
        shows its chart.
        """
        return await queries.search(principal, query=query, cursor=cursor, limit=limit)

    return router
