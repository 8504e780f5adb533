"""HTTP endpoints of shared charts."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from fastapi.params import Depends
from pydantic import BaseModel, ConfigDict, Field, StrictBool, with_config

from outcry.kit.http import Moment, public, refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.charts.contracts import Adjustment
from outcry.services.charts.layouts.contracts import ChartLayout
from outcry.services.charts.rendering.api import file_responses, to_response
from outcry.services.charts.rendering.gathering import Look
from outcry.services.charts.rendering.palette import Theme
from outcry.services.charts.rendering.picture import LEAST_SIDE, LEAST_WIDTH, MOST_BARS, MOST_SIDE
from outcry.services.charts.rendering.pictures import Pictures
from outcry.services.charts.sharing.commands import LinkWish, ShareCommands
from outcry.services.charts.sharing.contracts import LinkAudience, NewShare, Share, SharedChart
from outcry.services.charts.sharing.opening import ShareOpener
from outcry.services.charts.sharing.queries import ShareQueries
from outcry.services.charts.sharing.snapshots import SnapshotWish
from outcry.services.chat.contracts import Message

_READ: Depends = requires("charts:share:read")
_CREATE: Depends = requires("charts:share:create")
_POST: Depends = requires("charts:share:post")
_REVOKE: Depends = requires("charts:share:revoke")

_strict = with_config(ConfigDict(extra="forbid"))


@_strict
@dataclass(frozen=True, kw_only=True)
class ChartToShare:
    """A chart as it is arranged now. ``drawings`` takes along the person's own, or those of ``drawings_of`` a room.

    ``adjustment`` is that of the chart where it is not said.
    """

    chart: ChartLayout
    start: Moment | None = None
    end: Moment | None = None
    limit: Annotated[int, Field(strict=True, ge=2, le=MOST_BARS)] = 160
    adjustment: Adjustment | None = None
    drawings: StrictBool = False
    drawings_of: UUID | None = None

    def to_wish(self) -> SnapshotWish:
        """Return what is to be shared."""
        return SnapshotWish(
            layout=self.chart,
            start=self.start,
            end=self.end,
            limit=self.limit,
            adjustment=self.adjustment or self.chart.adjustment,
            drawings=self.drawings,
            room_id=self.drawings_of,
        )


@_strict
@dataclass(frozen=True, kw_only=True)
class LinkToMake(ChartToShare):
    """A chart to share by a link, who may open it, and for how many days."""

    title: Annotated[str, Field(max_length=400)] = ""
    audience: LinkAudience
    people: Annotated[tuple[UUID, ...], Field(max_length=50)] = ()
    days: Annotated[int, Field(strict=True, ge=1, le=365)] = 30


@_strict
@dataclass(frozen=True, kw_only=True)
class ChartToPost(ChartToShare):
    """A chart to post into a room; ``client_id`` makes posting it twice harmless."""

    text: Annotated[str, Field(max_length=10_000)] = ""
    client_id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class LookWish(BaseModel):
    """How a picture is to look."""

    model_config = ConfigDict(frozen=True)

    theme: Theme = "light"
    width: Annotated[int, Field(ge=LEAST_WIDTH, le=MOST_SIDE, description="Pixels.")] = 960
    height: Annotated[int, Field(ge=LEAST_SIDE, le=MOST_SIDE, description="Pixels.")] = 540

    def to_look(self) -> Look:
        """Return it as those who paint take it."""
        return Look(theme=self.theme, width=self.width, height=self.height)


class LinkToOpen(LookWish):
    """The token of a link, and how its picture is to look."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, Field(min_length=20, max_length=100, repr=False)]


def make_router(commands: ShareCommands, queries: ShareQueries, opener: ShareOpener, pictures: Pictures) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["charts"])
    _add_links(router, commands, queries)
    _add_opening(router, opener)
    _add_pictures(router, opener, pictures)

    @router.post("/rooms/{room_id}/charts", status_code=201)
    async def post_chart(room_id: UUID, principal: Annotated[Principal, _POST], body: ChartToPost) -> Message:
        """Post a chart into a room: a message with a card, whose picture the room's members may see."""
        return await commands.show_in_room(principal, room_id, body.to_wish(), text=body.text, client_id=body.client_id)

    return router


def _add_links(router: APIRouter, commands: ShareCommands, queries: ShareQueries) -> None:
    @router.get("/shares")
    async def list_shares(
        principal: Annotated[Principal, _READ],
        everybody: Annotated[bool, Query(description="Those of the whole organisation, for its admins.")] = False,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[Share]:
        """List what the person shared, newest first, with how often each was opened."""
        return await queries.list_shares(principal, everybody=everybody, cursor=cursor, limit=limit)

    @router.post("/shares", status_code=201)
    async def create_share(principal: Annotated[Principal, _CREATE], body: LinkToMake) -> NewShare:
        """Share a chart by a link: for the organisation, for some of its people, or for anyone who has it."""
        link = LinkWish(title=body.title, audience=body.audience, people=body.people, days=body.days)
        return await commands.create(principal, body.to_wish(), link)

    @router.delete("/shares/{share_id}", status_code=204)
    async def revoke_share(share_id: UUID, principal: Annotated[Principal, _REVOKE]) -> None:
        """Share it no more: its link leads nowhere from now on."""
        await commands.revoke(principal, share_id)


def _add_opening(router: APIRouter, opener: ShareOpener) -> None:
    @router.post("/shares/open", dependencies=[public()], responses=refusals(404))
    async def open_share(body: LinkToOpen) -> SharedChart:
        """Open a link that is for anyone, without an account."""
        return await opener.open(body.token, body.to_look())

    @router.post("/shares/enter", responses=refusals(404))
    async def enter_share(principal: Annotated[Principal, _READ], body: LinkToOpen) -> SharedChart:
        """Open a link as who is signed in. One that is for others looks like one that there is not."""
        return await opener.open(body.token, body.to_look(), principal=principal)

    @router.get("/shares/{share_id}")
    async def get_share(
        share_id: UUID,
        principal: Annotated[Principal, _READ],
        wish: Annotated[LookWish, Query()],
    ) -> SharedChart:
        """Return what a share shows, to whom it is for: its maker, its audience, the members of its room."""
        return await opener.get(principal, share_id, wish.to_look())


def _add_pictures(router: APIRouter, opener: ShareOpener, pictures: Pictures) -> None:
    @router.get("/shares/{share_id}/chart.svg", response_class=Response, responses=file_responses("image/svg+xml"))
    async def get_share_svg(
        share_id: UUID,
        principal: Annotated[Principal, _READ],
        wish: Annotated[LookWish, Query()],
        if_none_match: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        """Return the picture of a share as SVG."""
        picture = await opener.get_picture(principal, share_id, wish.to_look())
        return to_response((await pictures.to_svg(picture)).encode(), "image/svg+xml", if_none_match)

    @router.get("/shares/{share_id}/chart.png", response_class=Response, responses=file_responses("image/png"))
    async def get_share_png(
        share_id: UUID,
        principal: Annotated[Principal, _READ],
        wish: Annotated[LookWish, Query()],
        if_none_match: Annotated[str | None, Header(max_length=200)] = None,
    ) -> Response:
        """Return the picture of a share as PNG."""
        picture = await opener.get_picture(principal, share_id, wish.to_look())
        return to_response(await pictures.to_png(principal.tenant_id, picture), "image/png", if_none_match)
