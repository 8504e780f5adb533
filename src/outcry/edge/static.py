"""The web application's files: immutable assets kept for a year, and one page for every address that is not a file.

The build packs each file once, into ``<file>.br`` and ``<file>.gz`` beside it; the page itself is packed at the start.
"""

import hashlib
import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from outcry.edge.codings import Coding, negotiate, pack
from outcry.edge.compression import accepted
from outcry.edge.policy import let_load, split_page, to_header

_ENDINGS: dict[Coding, str] = {"br": ".br", "gzip": ".gz"}


class Pages(Mount):
    """Where the pages are: everywhere but under ``/api``, so that a wrong method there is told as such."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether a request is for the pages."""
        return (Match.NONE, {}) if scope["path"].startswith("/api/") else super().matches(scope)


class WebApplication(StaticFiles):
    """Static files with the single page as the answer to unknown paths; ``/api`` never falls back to it.

    ``origins`` are those besides our own that the page may load a widget from.
    """

    def __init__(self, folder: Path, *, origins: Sequence[str] = ()) -> None:
        super().__init__(directory=folder, html=False)
        page, sources = split_page((folder / "index.html").read_text())
        self._pages: dict[Coding | None, bytes] = {None: page.encode()}
        self._pages |= {coding: pack(page.encode(), coding) for coding in _ENDINGS}
        self._policy = to_header(let_load(sources, origins))
        # Of both: a browser that is told that the page is the same goes on with the policy that it kept.
        policy = self._policy.encode()
        self._marks = {coding: hashlib.sha256(body + policy).hexdigest()[:32] for coding, body in self._pages.items()}

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

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return a file, or what the build packed of it. Parts are counted in the bytes as they are."""
        path = os.fspath(full_path)
        packed = {} if "range" in Headers(scope=scope) else _packed_files(path)
        coding = negotiate(accepted(scope), tuple(packed)).coding
        if coding is None:
            response = super().file_response(path, stat_result, scope, status_code)
        else:
            response = super().file_response(path + _ENDINGS[coding], packed[coding], scope, status_code)
            response.headers["content-encoding"] = coding
            response.headers["content-type"] = _type_of(path)
        if packed:
            response.headers.add_vary_header("Accept-Encoding")
        return response

    def _serve_page(self, scope: Scope) -> Response:
        coding = negotiate(accepted(scope), tuple(_ENDINGS)).coding
        body = self._pages[coding]
        headers = {
            "cache-control": "no-cache",
            "content-security-policy": self._policy,
            "etag": f'"{self._marks[coding]}"',
            "vary": "Accept-Encoding",
        }
        response = Response(body, media_type="text/html", headers=headers)
        if coding:
            response.headers["content-encoding"] = coding
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


def _packed_files(path: str) -> dict[Coding, os.stat_result]:
    found = {}
    for coding, ending in _ENDINGS.items():
        try:
            found[coding] = os.stat(path + ending)  # noqa: PTH116  # Starlette hands over text
        except FileNotFoundError:
            continue
    return found


def _type_of(path: str) -> str:
    kind = mimetypes.guess_type(path)[0] or "text/plain"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


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
