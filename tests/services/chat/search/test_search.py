"""People find the messages that they may read, and nothing else."""

from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from outcry.kit.errors import InvalidInputError
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Answer, ChartCard, Figure, Message, Room, Source
from outcry.services.chat.search.contracts import FoundMessage
from outcry.services.chat.search.errors import UnreadableSearchError
from tests.services.chat.conftest import Desk

# Nothing here goes over the facade but replies, which other suites send through bytes.
pytestmark = pytest.mark.parametrize("desk", ["direct"], indirect=True)

_NUMBERS: Iterator[int] = count(10_000_000)


async def say(desk: Desk, person: Principal, room: Room, text: str, *, topic_id: UUID | None = None) -> Message:
    """Post a message."""
    client_id = f"c{next(_NUMBERS)}"
    return await desk.commands.post(person, room.id, text=text, client_id=client_id, topic_id=topic_id)


async def look(desk: Desk, person: Principal, query: str, *, limit: int = 50) -> list[FoundMessage]:
    """Bring the index up to date and return what is found."""
    await desk.indexer.catch_up()
    return list((await desk.search.search(person, query=query, cursor=None, limit=limit)).items)


async def texts(desk: Desk, person: Principal, query: str) -> list[str]:
    """Return the fragments of what is found."""
    return [found.fragment.text for found in await look(desk, person, query)]


async def room_of_two(desk: Desk, title: str | None = "Rates") -> tuple[Principal, Principal, Room]:
    """Make a room of Ada Lovelace's with Bob in it."""
    ada = await desk.new_person("Ada")
    bob = await desk.new_person("Bob", ada.tenant_id)
    room = await desk.commands.create_room(ada, title=title, kind="room")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    return ada, bob, room


async def test_what_was_said_is_found_with_what_is_needed_to_jump_there(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    await say(desk, ada, room, "The <b>Fed</b> holds rates")
    message = await say(desk, bob, room, "No cut before June, says the fed")
    found = (await look(desk, ada, "FED says"))[0]
    assert (found.id, found.room_id, found.room_title, found.sequence) == (message.id, room.id, "Rates", 2)
    assert (found.author.name, found.created_at) == ("Bob", message.created_at)
    spans = [found.fragment.text[span.start : span.end] for span in found.fragment.highlights]
    assert (found.fragment.text, spans) == (message.text, ["says", "fed"])
    assert await texts(desk, bob, '"holds rates"') == ["The <b>Fed</b> holds rates"]
    assert await texts(desk, bob, "hol") == ["The <b>Fed</b> holds rates"]


async def test_only_rooms_that_the_person_is_in_now(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    await say(desk, bob, room, "zebra shared")
    private = await desk.commands.create_room(ada, title="Own", kind="room")
    await say(desk, ada, private, "zebra private")
    eve = await desk.new_person("Eve")
    theirs = await desk.commands.create_room(eve, title="Other", kind="room")
    await say(desk, eve, theirs, "zebra elsewhere")
    assert await texts(desk, ada, "zebra") == ["zebra private", "zebra shared"]
    assert await texts(desk, bob, "zebra") == ["zebra shared"]
    assert await texts(desk, eve, "zebra") == ["zebra elsewhere"]
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    # At once, whatever the index says: nothing of it is brought up to date.
    assert (await desk.search.search(bob, query="zebra", cursor=None, limit=5)).items == ()
    with pytest.raises(UnreadableSearchError):
        await look(desk, bob, "in:Rates")
    await desk.commands.add_member(ada, room.id, email="bob@example.com")
    assert await texts(desk, bob, "zebra") == ["zebra shared"]


async def test_a_guest_finds_what_is_in_their_room(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    await say(desk, ada, room, "zebra here")
    other = await desk.commands.create_room(ada, title="Other", kind="room")
    await say(desk, ada, other, "zebra there")
    guest = await desk.new_person("Gus", ada.tenant_id, role="guest")
    await desk.bind(guest, room.id)
    await desk.commands.add_member(ada, room.id, email="gus@example.com")
    assert await texts(desk, guest, "zebra") == ["zebra here"]
    with pytest.raises(UnreadableSearchError):
        await look(desk, guest, "zebra in:Other")


async def test_a_topic_is_looked_in_by_its_title_alone(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    spreads = await desk.topics.start(ada, room.id, title="Swap spreads")
    await say(desk, ada, room, "zebra outside")
    inside = await say(desk, ada, room, "zebra inside", topic_id=spreads.id)
    (found,) = await look(desk, bob, 'in:"swap spreads" zebra')
    assert (found.id, found.topic_id, found.topic_title) == (inside.id, spreads.id, "Swap spreads")
    # What a topic and a room are called is looked for in both.
    other = await desk.commands.create_room(ada, title="Widespread", kind="room")
    await say(desk, ada, other, "zebra elsewhere")
    assert await texts(desk, ada, "in:spread zebra") == ["zebra elsewhere", "zebra inside"]
    assert await texts(desk, ada, "in:rates in:spreads zebra") == ["zebra inside", "zebra outside"]
    # What moves to another stream is found there.
    await desk.topics.move(ada, room.id, inside.id, topic_id=None)
    assert await texts(desk, bob, "in:spreads zebra") == []
    await desk.commands.remove_member(ada, room.id, bob.user_id)
    with pytest.raises(UnreadableSearchError, match="No room or topic of yours is called spreads"):
        await look(desk, bob, "in:spreads zebra")


async def test_a_conversation_without_a_title_is_called_by_the_others_in_it(desk: Desk) -> None:
    ada, bob, _ = await room_of_two(desk)
    cleo = await desk.new_person("Cleo", ada.tenant_id)
    direct, other = [await desk.rooms.open_direct(ada, person_id=each.user_id) for each in (bob, cleo)]
    for room in (direct, other):
        await say(desk, ada, room, "zebra")
    for words in ("in:cleo", 'in:"CLÉO"'):
        (found,) = await look(desk, ada, f"{words} zebra")
        assert (found.room_id, found.room_title, found.room_kind) == (other.id, "", "direct")
        assert {person.name for person in found.room_people} == {"Ada", "Cleo"}
    # One's own name is in all of one's conversations.
    with pytest.raises(UnreadableSearchError):
        await look(desk, ada, "in:ada zebra")


async def test_filters(desk: Desk) -> None:
    ada, bob, room = await room_of_two(desk)
    await say(desk, ada, room, "look at https://example.com and $AAPL")
    await say(desk, bob, room, "aapl without a sign, $BRK.B with")
    card = ChartCard(symbols=("MSFT",), timeframe="1d", start=None, end=None)
    await desk.replies.post_charts(
        tenant_id=ada.tenant_id,
        room_id=room.id,
        person_id=ada.user_id,
        text="my drawing",
        cards=(card,),
        client_id="c" * 8,
    )
    second = await desk.commands.create_room(ada, title="Café Desk", kind="room")
    await say(desk, ada, second, "look here too")
    shown = {
        "from:ada look": ["look here too", "look at https://example.com and $AAPL"],
        "from:BOB ": ["aapl without a sign, $BRK.B with"],
        "from:me drawing": ["my drawing"],
        "from:ada from:bob sign": ["aapl without a sign, $BRK.B with"],
        "look in:cafe": ["look here too"],
        f"look in:{room.id}": ["look at https://example.com and $AAPL"],
        "has:link": ["look at https://example.com and $AAPL"],
        "has:chart": ["my drawing"],
        "$MSFT ": ["my drawing"],
        "$aapl ": ["look at https://example.com and $AAPL"],
        "$BRK.B ": ["aapl without a sign, $BRK.B with"],
        "on:2026-01-05 drawing": ["my drawing"],
        "before:2026-01-05": [],
        "after:2026-01-05": [],
        "after:2026-01-04 drawing": ["my drawing"],
    }
    assert {query: await texts(desk, ada, query) for query in shown} == shown
    for nobody in ("from:eve", "in:Nowhere"):
        with pytest.raises(UnreadableSearchError):
            await look(desk, ada, nobody)


async def test_pages(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    said = [await say(desk, ada, room, f"zebra {number}") for number in range(7)]
    await desk.indexer.catch_up()
    seen, cursor = [], None
    while True:
        page = await desk.search.search(ada, query="zebra", cursor=cursor, limit=3)
        seen += [found.id for found in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted((message.id for message in said), reverse=True)
    for bad in ("x", "WzEsIDJd", "WzEsICJ4Il0"):
        with pytest.raises(InvalidInputError):
            await desk.search.search(ada, query="zebra", cursor=bad, limit=3)


async def test_a_reply_is_found_once_it_is_whole_and_never_by_older_words(desk: Desk) -> None:
    ada = await desk.new_person("Ada")
    room = await desk.commands.create_room(ada, title="Talk", kind="conversation")
    question = await say(desk, ada, room, "how was it")
    where: dict[str, Any] = {"tenant_id": ada.tenant_id}
    reply = await desk.replies.begin_reply(**where, room_id=room.id, reply_to=question.id)
    await desk.replies.append_reply(**where, message_id=reply.id, version=1, at=0, text="zebra", activity="")
    assert await texts(desk, ada, "zebra") == []
    source = Source(id="s1", tool="bars", title="AAPL", arguments={}, result={"close": 5})
    answer = Answer(
        engine="desk",
        sources=(source,),
        figures=(Figure(start=0, end=1, source_id="s1", path="/close"),),
        cards=(ChartCard(symbols=("AAPL",), timeframe="1d", start=None, end=None),),
    )
    await desk.replies.finish_reply(
        **where, message_id=reply.id, version=1, status="complete", text="zebra closed", answer=answer
    )
    assert await texts(desk, ada, "zebra from:desk has:figure has:source has:chart $AAPL ") == ["zebra closed"]
    await desk.commands.retry_reply(ada, room.id, reply.id)
    assert await texts(desk, ada, "zebra") == []
    again = await desk.replies.begin_reply(**where, room_id=room.id, reply_to=question.id)
    await desk.replies.append_reply(**where, message_id=reply.id, version=again.version, at=0, text="lion", activity="")
    await desk.commands.stop_reply(ada, room.id, reply.id)
    assert await texts(desk, ada, "lion") == ["lion"]


async def test_history_around_a_message(desk: Desk) -> None:
    ada, _, room = await room_of_two(desk)
    for number in range(1, 21):
        await say(desk, ada, room, f"number {number}")

    async def places(limit: int = 5, **where: Any) -> tuple[list[int], bool, bool]:
        page = await desk.queries.history(ada, room.id, cursor=None, limit=limit, **where)
        return [each.sequence for each in page.items], page.next_cursor is not None, page.newer

    assert await places(around=10) == ([8, 9, 10, 11, 12], True, True)
    assert await places(around=1) == ([1, 2, 3], False, True)
    assert await places(around=20) == ([16, 17, 18, 19, 20], True, False)
    assert await places(around=5000) == ([16, 17, 18, 19, 20], True, False)
    assert await places(after=12) == ([13, 14, 15, 16, 17], False, True)
    assert await places(after=17) == ([18, 19, 20], False, False)
    assert await places(after=20) == ([], False, False)
    assert await places() == ([16, 17, 18, 19, 20], True, False)
    with pytest.raises(InvalidInputError):
        await desk.queries.history(ada, room.id, cursor=None, limit=5, around=3, after=3)
