"""One zip of everything that is a person's, of every service."""

import asyncio
import contextlib
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator
from typing import IO, Any

from pydantic_core import to_jsonable_python

from outcry.kit.clock import Clock
from outcry.kit.errors import NotFoundError
from outcry.kit.principal import Principal
from outcry.kit.privacy import ExportFile, PersonalParts
from outcry.ports.database import Database
from outcry.services.auth.events import PersonExported
from outcry.services.auth.queries.own_data import OwnData
from outcry.services.auth.queries.pictures import PictureQueries

_CHUNK = 64 * 1024
_IN_MEMORY = 8 * 1024 * 1024

_README = """\
Everything that this installation of Outcry holds of you, written at {at}.

account.json     Who you are, where you belong, your sessions, keys for programs, and ways to sign in.
                 Secrets are not in it: of passwords, keys and codes we keep nothing that could be read,
                 and the seed of an authenticator app is nobody's to read again, once it is set up.
picture.png      Your picture, if you set one.
{others}
Times are in UTC. Files that end in .json are text; any browser or editor opens them.
"""


class Exporter:
    """Gathers it, and packs it away from the event loop."""

    def __init__(
        self, *, database: Database, own: OwnData, parts: PersonalParts, pictures: PictureQueries, clock: Clock
    ) -> None:
        self._database = database
        self._own = own
        self._parts = parts
        self._pictures = pictures
        self._clock = clock

    async def export_me(self, principal: Principal) -> IO[bytes]:
        """Return the zip, open at its start; whoever takes it closes it."""
        person_id = principal.user_id
        account = to_jsonable_python(await self._own.read(person_id))
        files = await self._parts.export_person(person_id)
        content: dict[str, bytes] = {"account.json": _as_json(account)}
        with contextlib.suppress(NotFoundError):  # replaced meanwhile
            if picture := await self._pictures.find_own(person_id):
                content["picture.png"] = picture
        async with self._database.transaction() as transaction:
            event = PersonExported(person_id=person_id)
            transaction.publish(event, tenant_id=principal.tenant_id, key=str(person_id), actor_id=person_id)
        readme = _README.format(at=f"{self._clock.now():%Y-%m-%d %H:%M}", others=_describe(files))
        return await asyncio.to_thread(_pack, {"README.txt": readme.encode(), **content}, files)


async def read_chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Go through an open file, and close it, whatever happens."""
    try:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()


def _describe(files: tuple[ExportFile, ...]) -> str:
    folders = sorted({file.path.partition("/")[0] for file in files})
    return "".join(f"{folder + '/':<17}What the service {folder} holds of you.\n" for folder in folders)


def _as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def _pack(content: dict[str, bytes], files: tuple[ExportFile, ...]) -> IO[bytes]:
    # Small ones stay in memory; the file of a large one has no name, and ends with the process.
    packed = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # whoever reads it closes it
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            archive.writestr(path, data)
        for file in files:
            archive.writestr(file.path, file.text.encode())
    packed.seek(0)
    return packed
