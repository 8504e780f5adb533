"""Takes uploaded files in, and begins their import."""

import asyncio
import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO
from uuid import UUID

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.services.charts.importing.report import ImportLimits, ImportOptions
from outcry.services.charts.importing.running import ImportRunner
from outcry.services.charts.naming import require_symbol
from outcry.services.charts.settings import ChartsSettings

# A folder of a few years of an index's members; each may hold a file open while it comes in.
MOST_FILES = 200
_UNUSUAL = re.compile(r"[^A-Za-z0-9._^=\- ]")


class ImportCommands:
    """Begins imports of a person for their organisation."""

    def __init__(self, runner: ImportRunner, settings: ChartsSettings) -> None:
        self._runner = runner
        self._limits = ImportLimits(bytes=settings.import_bytes, rows=settings.import_rows)

    async def begin(
        self, principal: Principal, uploads: Sequence[tuple[str, BinaryIO]], options: ImportOptions
    ) -> UUID:
        """Keep the files and begin; return the import's id. Raises InvalidInputError for none, or a wrong option."""
        if not uploads or len(uploads) > MOST_FILES:
            raise InvalidInputError(
                f"Send 1 to {MOST_FILES} files, each as a part named file.",
                errors=({"field": "file", "message": f"1 to {MOST_FILES} files"},),
            )
        if options.symbol is not None:
            require_symbol(options.symbol)
        import_id, folder = self._runner.new_folder()
        try:
            files = [
                await asyncio.to_thread(_keep, folder / str(number), name, file)
                for number, (name, file) in enumerate(uploads)
            ]
            await self._runner.begin(import_id, principal, files, replace(options, limits=self._limits))
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
            raise
        return import_id


def safe_name(name: str) -> str:
    """Return the last part of a file's name as it may stand in a path: no separator, no dots alone, 100 characters."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = _UNUSUAL.sub("_", last).strip(" .")[-100:]
    return plain or "file"


def _keep(folder: Path, name: str, file: BinaryIO) -> Path:
    folder.mkdir(parents=True, mode=0o700)
    path = folder / safe_name(name)
    with path.open("wb") as kept:
        shutil.copyfileobj(file, kept, 1 << 20)
    return path
