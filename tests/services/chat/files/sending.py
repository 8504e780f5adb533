"""Sends and posts files."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Room
from outcry.services.chat.files.kinds import MessageFile
from outcry.services.chat.messages.writing import Extras
from tests.services.chat.conftest import Desk

ON_ONE_ENGINE = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)
PDF = b"%PDF-1.7\nfigures\n"


async def parts_of(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1_000):
        yield data[start : start + 1_000]


async def send(desk: Desk, person: Principal, room: Room, data: bytes = PDF, name: str = "figures.pdf") -> MessageFile:
    """Send a file that is not posted yet."""
    return await desk.filing.commands.upload(person, room.id, name=name, body=parts_of(data))


async def post(desk: Desk, person: Principal, room: Room, *files: MessageFile, text: str = "") -> Message:
    """Post files."""
    extras = Extras(file_ids=[file.id for file in files])
    return await desk.commands.post(person, room.id, text=text, client_id=new_id().hex, extras=extras)


async def keys(desk: Desk) -> list[str]:
    """Return what is kept."""
    return sorted([info.key async for info in desk.blobs.list_prefix("")])


async def room_of_two(desk: Desk) -> tuple[Principal, Principal, Room]:
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Rates", kind="private")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    return ada, bob, room


async def had(desk: Desk, person: Principal, file_id: UUID) -> bytes:
    """Return the bytes of a file as a person has them."""
    row = await desk.filing.queries.get(person, file_id)
    found = [part async for part in desk.filing.queries.store.parts(row.tenant_id, row.digest, 0, row.size)]
    return b"".join(found)
