"""Who is in which room, asked by many at once: each gets their own answer, as they would alone."""

import asyncio
from uuid import UUID

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.chat.membership import Memberships
from tests.services.chat.conftest import Desk, as_person


async def test_many_who_ask_at_once_get_each_their_own_answer(desk: Desk) -> None:
    ann = await desk.new_person("Ann")
    ben = await desk.new_person("Ben", ann.tenant_id)
    eve = await desk.new_person("Eve")
    theirs: dict[UUID, Principal] = {}
    for person in (ann, ben, eve, ann):
        theirs[(await desk.commands.create_room(person, kind="private", title="Floor")).id] = person
    memberships = Memberships(desk.database)
    asked = [(person, str(room)) for person in (ann, ben, eve) for room in (*theirs, new_id())]
    answers = await asyncio.gather(*(memberships.is_in(person, room) for person, room in asked))
    assert answers == [UUID(room) in theirs and theirs[UUID(room)] == person for person, room in asked]
    # The right person in the name of another organisation; and what is no id.
    moved = as_person(ann.user_id, eve.tenant_id, "member")
    room = next(iter(theirs))
    assert await asyncio.gather(*(memberships.is_in(each, str(room)) for each in (ann, moved))) == [True, False]
    assert not await memberships.is_in(ann, "*")
