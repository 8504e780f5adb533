"""A room of two people, and what tests look at in it."""

from typing import Any

from sqlalchemy import select

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Message, Room
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.models import Base
from tests.services.chat.conftest import Desk


async def start(desk: Desk) -> tuple[Principal, Principal, Room]:
    """Make a room of Ada, who owns it, and Bob."""
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title="Floor", kind="private")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    return ada, bob, room


async def say(desk: Desk, person: Principal, room: Room, text: str, **extras: Any) -> Message:
    """Post a message."""
    return await desk.commands.post(person, room.id, text=text, client_id=new_id().hex, extras=Extras(**extras))


async def history(desk: Desk, person: Principal, room: Room) -> tuple[Message, ...]:
    """Return what a person sees of a room."""
    return (await desk.queries.history(person, room.id, cursor=None, limit=100)).items


async def everything(desk: Desk) -> str:
    """Return every value of every row of the chat service, as one text to look for words in."""
    await desk.indexer.forget()
    found: list[str] = []
    async with desk.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            found += [repr(tuple(row)) for row in await session.execute(select(table))]
    return "\n".join(found)


def named(label: str, person: Principal) -> NamedPerson:
    """Return whom a label means."""
    return NamedPerson(label=label, person_id=person.user_id)
