"""A web server for links, and the names of the network that tests do not have."""

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.cache.memory import MemoryCache
from outcry.adapters.pages.web import WebPages
from outcry.kit.clock import FakeClock
from outcry.ports.database import Database
from outcry.services.chat.changes import Changes
from outcry.services.chat.names import Names
from outcry.services.chat.previews.wiring import Previews, build_previews
from tests.adapters_support.web_server import Asked, Reply, WebServer


class Site(WebServer):
    """Serves what was put into ``replies``."""

    async def answer(self, asked: Asked) -> Reply:
        return Reply(404, b"")

    def show(self, path: str, head: str, *, charset: str = "utf-8") -> str:
        """Serve a page with this head, and return its address."""
        html = f"<!doctype html><html><head>{head}</head><body>hello</body></html>"
        self.replies[path] = Reply(200, html.encode(charset), {"content-type": f"text/html; charset={charset}"})
        return f"{self.url}{path}"


def photograph(width: int = 1280, height: int = 640) -> bytes:
    """Return a picture as PNG."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, format="PNG")
    return out.getvalue()


async def nowhere(host: str, port: int) -> Sequence[str]:
    """Resolve this machine, and no name."""
    if host == "127.0.0.1":
        return [host]
    raise OSError("there is no network in tests")


class Linked:
    """What link previews stand on in tests. Only the site is ever asked, as the operator's own."""

    def __init__(self, site: Site, clock: FakeClock, folder: Path) -> None:
        self.site, self._clock = site, clock
        self.blobs = ObstoreBlobs.in_folder(folder)
        self._pages = WebPages(site.url, resolve=nowhere)
        self._built: list[Previews] = []

    def build(self, database: Database, changes: Changes, names: Names) -> Previews:
        """Wire previews over it."""
        cache, clock = MemoryCache(self._clock), self._clock
        made = build_previews(
            database=database,
            changes=changes,
            names=names,
            cache=cache,
            pages=self._pages,
            blobs=self.blobs,
            clock=clock,
        )
        self._built.append(made)
        return made

    async def close(self) -> None:
        """Let go of connections."""
        for made in self._built:
            await made.worker.stop()
        await self._pages.close()
