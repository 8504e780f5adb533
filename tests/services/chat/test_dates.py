"""Jumping to a date in a room, and paging back from any message."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, event

from outcry.kit.errors import InvalidInputError
from outcry.services.chat.models import MessageRow
from outcry.services.chat.topics.streams import Stream
from tests.services.chat.conftest import Desk
from tests.services.chat.test_messages import start

HOUR = timedelta(hours=1)


async def test_a_moment_is_found_among_messages_with_gaps(desk: Desk) -> None:
    ada, room = await start(desk)
    begun = desk.clock.now()
    for number in range(1, 13):
        await desk.commands.post(ada, room.id, text=f"m{number}", client_id=f"client-{number}")
        desk.clock.advance(HOUR)
    async with desk.database.transaction() as transaction:
        gone = delete(MessageRow).where(MessageRow.room_id == room.id, MessageRow.sequence.in_((5, 6, 7)))
        await transaction.session.execute(gone)

    async def first(moment: datetime) -> int | None:
        page = await desk.queries.history(ada, room.id, cursor=None, limit=200, at=moment)
        return next((each.sequence for each in page.items if each.created_at >= moment), None)

    assert await first(begun - HOUR) == 1
    assert await first(begun) == 1
    assert await first(begun + HOUR / 2) == 2
    assert await first(begun + 3 * HOUR) == 4
    assert await first(begun + 3.5 * HOUR) == 8
    assert await first(begun + 11 * HOUR) == 12
    assert await first(begun + 11.5 * HOUR) is None
    assert await first(datetime(9999, 12, 31, tzinfo=UTC)) is None
    page = await desk.queries.history(ada, room.id, cursor=None, limit=4, at=begun + 3.5 * HOUR)
    assert [each.sequence for each in page.items] == [4, 8, 9, 10]
    assert page.newer


async def test_a_moment_in_a_stream_is_where_that_stream_goes_on(desk: Desk) -> None:
    ada, room = await start(desk)
    begun = desk.clock.now()
    topic = await desk.topics.start(ada, room.id, title="Fills")
    for number in range(1, 13):
        # The topic has the messages 1 and 11 alone.
        place = topic.id if number in (1, 11) else None
        await desk.commands.post(ada, room.id, text="m", client_id=f"client-{number}", topic_id=place)
        desk.clock.advance(HOUR)

    async def around(moment: datetime, stream: Stream) -> list[int]:
        page = await desk.queries.history(ada, room.id, cursor=None, limit=1, at=moment, topic=stream)
        return [each.sequence for each in page.items]

    assert await around(begun + HOUR, topic.id) == [11]
    assert await around(begun + HOUR, "main") == [2]
    assert await around(begun + 10 * HOUR, "main") == [12]
    assert await around(begun + 10 * HOUR, None) == [11]
    assert await around(begun, topic.id) == [1]
    assert await around(begun + 12 * HOUR, topic.id) == [11]


async def test_an_empty_room_has_no_dates(desk: Desk) -> None:
    ada, room = await start(desk)
    assert (await desk.queries.history(ada, room.id, cursor=None, limit=5, at=desk.clock.now())).items == ()


async def test_pages_end_before_a_message(desk: Desk) -> None:
    ada, room = await start(desk)
    for number in range(1, 8):
        await desk.commands.post(ada, room.id, text=f"m{number}", client_id=f"client-{number}")

    async def places(before: int) -> tuple[list[int], bool, bool]:
        page = await desk.queries.history(ada, room.id, cursor=None, limit=3, before=before)
        return [each.sequence for each in page.items], page.next_cursor is not None, page.newer

    assert await places(8) == ([5, 6, 7], True, False)
    assert await places(5) == ([2, 3, 4], True, True)
    assert await places(2) == ([1], False, True)
    assert await places(1) == ([], False, False)
    with pytest.raises(InvalidInputError):
        await desk.queries.history(ada, room.id, cursor=None, limit=5, before=3, at=desk.clock.now())


async def test_a_moment_in_a_long_room_costs_few_looks(desk: Desk) -> None:
    ada, room = await start(desk)
    for number in range(1, 65):
        await desk.commands.post(ada, room.id, text="m", client_id=f"client-{number}")
        desk.clock.advance(HOUR)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        page = await desk.queries.history(ada, room.id, cursor=None, limit=1, at=desk.clock.now() - 32 * HOUR)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [each.sequence for each in page.items] == [33]
    assert len([statement for statement in asked if "created_at" in statement and "LIMIT" in statement]) < 10
