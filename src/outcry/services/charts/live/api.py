"""HTTP endpoints of feeds."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.params import Depends

from outcry.kit.http import requires
from outcry.kit.principal import Principal
from outcry.services.charts.live.contracts import FeedStatus
from outcry.services.charts.live.runner import LiveRunner

_FEED_READ: Depends = requires("charts:feed:read")


def feeds_router(live: LiveRunner | None) -> APIRouter:
    """Return the endpoints; without a live feed there is none to tell of."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])

    @router.get("/feeds")
    async def list_feeds(_: Annotated[Principal, _FEED_READ]) -> tuple[FeedStatus, ...]:
        """Say how the live market feed goes: whether it is connected, how late it is, what was lost and made good."""
        return () if live is None else (live.status(),)

    return router
