"""Looks at what a link leads to: the page's own words, and its picture drawn anew. No reader ever asks the page."""

import asyncio
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from outcry.kit.errors import OutcryError
from outcry.kit.ids import new_id
from outcry.kit.pictures import Drawn, NotAPictureError, PictureQueue, fit_within
from outcry.ports.blobs import Blobs
from outcry.ports.pages import Page, Pages, PagesOffError
from outcry.services.chat.previews.links import host_of
from outcry.services.chat.previews.reading import Reading, name_of_file, read_page

PICTURE_WIDTH, PICTURE_HEIGHT = 640, 400
# Smaller ones are there to count readers, or are icons.
LEAST_SIDE = 48
_MOST_HTML, _MOST_PICTURE = 512 * 1024, 6 * 2**20
_HTML = {"text/html": _MOST_HTML, "application/xhtml+xml": _MOST_HTML}
_PICTURE = {"image/png": _MOST_PICTURE, "image/jpeg": _MOST_PICTURE, "image/webp": _MOST_PICTURE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What was found behind a link; all empty for nothing."""

    title: str = ""
    description: str = ""
    site: str = ""
    picture_id: UUID | None = None
    picture: Drawn | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.title and self.picture is None


def picture_key(tenant_id: UUID, picture_id: UUID) -> str:
    """Return where a picture of a page lies among the blobs."""
    return f"{tenant_id}/previews/{picture_id}.webp"


class Visitor:
    """Visits links."""

    def __init__(self, *, pages: Pages, blobs: Blobs) -> None:
        self._pages = pages
        self._blobs = blobs
        self._pictures = PictureQueue()

    async def visit(self, link: str, *, tenant_id: UUID) -> Visit:
        """Return what is there, its picture stored already; raises PagesOffError where nothing is fetched."""
        try:
            page = await self._pages.fetch(link, most_bytes=_HTML | _PICTURE)
        except PagesOffError:
            raise
        except OutcryError:
            return Visit()
        if page.kind in _PICTURE:
            reading = Reading(title=name_of_file(page.url), description="", site="", picture_url="")
            drawn = await self._draw(page)
            if drawn is None:
                return Visit()
        else:
            reading = await asyncio.to_thread(read_page, page)
            drawn = await self._picture(reading.picture_url) if reading.title else None
        picture_id = await self._store(tenant_id, drawn)
        return Visit(
            title=reading.title or (host_of(page.url) if drawn else ""),
            description=reading.description,
            site=reading.site,
            picture_id=picture_id,
            picture=drawn,
        )

    async def _picture(self, url: str) -> Drawn | None:
        if not url:
            return None
        try:
            return await self._draw(await self._pages.fetch(url, most_bytes=_PICTURE))
        except OutcryError:
            return None

    async def _draw(self, page: Page) -> Drawn | None:
        if not page.whole:
            return None
        try:
            draw = partial(fit_within, page.data, width=PICTURE_WIDTH, height=PICTURE_HEIGHT)
            drawn = await self._pictures.draw(draw)
        except NotAPictureError:
            return None
        return drawn if min(drawn.width, drawn.height) >= LEAST_SIDE else None

    async def _store(self, tenant_id: UUID, drawn: Drawn | None) -> UUID | None:
        if drawn is None:
            return None
        picture_id = new_id()
        await self._blobs.put(picture_key(tenant_id, picture_id), drawn.data)
        return picture_id
