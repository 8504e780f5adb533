"""Pictures of charts as files: SVG at once, PNG made once for whatever shows the same."""

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID

from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.ports.blobs import Blobs
from outcry.services.charts.rendering.painting import paint
from outcry.services.charts.rendering.picture import Picture
from outcry.services.charts.rendering.raster import Rasteriser

KEPT_FOR = timedelta(days=7)
# After so many new pictures, those that are old are looked for.
_SWEEP_EVERY = 200


class Pictures:
    """Paints, and keeps PNG in Blobs by a hash of the SVG that it was made of.

    A picture with drawings has words of people in it: it is made anew each time and kept nowhere.
    """

    def __init__(self, *, blobs: Blobs, rasteriser: Rasteriser, clock: Clock) -> None:
        self._blobs = blobs
        self._rasteriser = rasteriser
        self._clock = clock
        self._made = 0

    async def to_svg(self, picture: Picture) -> str:
        """Return the SVG."""
        return await asyncio.to_thread(paint, picture)

    async def to_png(self, tenant_id: UUID, picture: Picture, *, scale: int = 1) -> bytes:
        """Return the PNG, ``scale`` times as many pixels wide and high as the picture says."""
        svg = await self.to_svg(picture)
        width = picture.width * scale
        if picture.drawings:
            return await self._rasteriser.to_png(svg, width=width)
        key = f"{_folder(tenant_id)}/{hashlib.sha256(f'{width}:{svg}'.encode()).hexdigest()}.png"
        try:
            return await self._blobs.get(key)
        except NotFoundError:
            png = await self._rasteriser.to_png(svg, width=width)
        await self._blobs.put(key, png)
        self._made += 1
        if self._made % _SWEEP_EVERY == 0:
            await self.sweep(tenant_id)
        return png

    async def sweep(self, tenant_id: UUID, *, older_than: timedelta = KEPT_FOR) -> int:
        """Remove an organisation's pictures that are old; return how many."""
        before = self._clock.now() - older_than
        old = [info.key async for info in self._blobs.list_prefix(_folder(tenant_id)) if info.modified <= before]
        for key in old:
            await self._blobs.delete(key)
        return len(old)

    async def forget(self, tenant_id: UUID) -> int:
        """Remove all of an organisation's pictures; return how many."""
        keys = [info.key async for info in self._blobs.list_prefix(_folder(tenant_id))]
        for key in keys:
            await self._blobs.delete(key)
        return len(keys)


def _folder(tenant_id: UUID) -> str:
    return f"{tenant_id}/charts/pictures"
