"""SVG to PNG, in a process of its own with a time limit."""

import asyncio
import contextlib
import sys
from importlib.resources import as_file, files
from pathlib import Path

from outcry.kit.errors import UnavailableError

_CHILD = Path(__file__).with_name("raster_child.py")
_FONT = "NotoSans[wdth,wght].ttf"
# Each takes a core for a fifth of a second or so: more at once would only take turns.
_AT_ONCE = 2


class Rasteriser:
    """Makes PNG; a few at once, the others wait."""

    def __init__(
        self, *, seconds: float = 10.0, command: tuple[str, ...] = (sys.executable, "-I", str(_CHILD))
    ) -> None:
        self._seconds = seconds
        self._command = command
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def to_png(self, svg: str, *, width: int) -> bytes:
        """Return the picture ``width`` pixels wide; raises UnavailableError when it takes too long or fails."""
        try:
            async with asyncio.timeout(self._seconds), self._places:
                with as_file(files("fontpkg_noto_sans") / "files" / _FONT) as font:
                    return await self._run(svg.encode(), str(width), str(font))
        except TimeoutError:
            raise UnavailableError("The picture took too long to make.", wait_s=5) from None

    async def _run(self, svg: bytes, *arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            png, said = await process.communicate(svg)
        finally:
            # Also when somebody waits no longer: nothing is left to run on.
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if process.returncode != 0 or not png:
            raise UnavailableError("The picture could not be made.") from RuntimeError(
                said.decode(errors="replace")[-500:]
            )
        return png
