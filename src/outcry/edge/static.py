"""The web application's files: immutable assets kept for a year, and one page for every address that is not a file."""

import hashlib
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from outcry.edge.policy import split_page, to_header


class WebApplication(StaticFiles):
    """Static files with the single page as the answer to unknown paths; ``/api`` never falls back to it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=False)
        page, policy = split_page((folder / "index.html").read_text())
        self._page = page.encode()
        self._headers = {
            "cache-control": "no-cache",
            "content-security-policy": to_header(policy),
            "etag": f'"{hashlib.sha256(self._page).hexdigest()[:32]}"',
        }

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file, or the page."""
        if path.startswith("api/"):
            raise HTTPException(404)
        if path == "index.html":
            return self._serve_page(scope)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or not _wants_page(path, scope):
                raise
            return self._serve_page(scope)
        if path.startswith("_app/immutable/"):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        else:
            response.headers.setdefault("cache-control", "no-cache")
        return response

    def _serve_page(self, scope: Scope) -> Response:
        response = Response(self._page, media_type="text/html", headers=self._headers)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


def _wants_page(path: str, scope: Scope) -> bool:
    """Say whether a missing path is one of the application's own addresses, which may hold dots (``/chart/BRK.B``)."""
    if scope["method"] not in ("GET", "HEAD") or path.startswith("_app/"):
        return False
    # Starlette calls the front page ".".
    named = path != "." and "." in path.rsplit("/", 1)[-1]
    return not named or "text/html" in Headers(scope=scope).get("accept", "")


def find_web_folder() -> Path | None:
    """Return where the built web application is: inside the package, or in the repository that it runs from."""
    here = Path(__file__).resolve()
    candidates = (here.parent / "web", here.parents[3] / "web" / "build")
    return next((folder for folder in candidates if (folder / "index.html").is_file()), None)
