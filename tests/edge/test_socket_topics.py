"""Topics that end while a socket follows them."""

from tests.edge.socket_server import serving

ROOM = "room:0190"


async def test_a_person_can_be_told_that_all_topics_of_a_kind_are_over() -> None:
    async with serving() as server:
        ada, one = server.people.add("ada", "read"), await server.connect("ada")
        await one.follow(ROOM)
        own = f"user:{ada.user_id}"
        await server.realtime.append(own, '{"kind":"ended","topics":"receipts:"}')
        await server.realtime.append(own, '{"kind":"other","topics":"room:","text":"ended"}')
        await server.realtime.append(ROOM, '"fine"')
        assert [update["data"] for update in await one.next()] == ["fine"]
        await server.realtime.append(own, '{"kind":"ended","topics":"room:"}')
        assert (await one.next())["code"] == "not_found"
        await server.realtime.append(ROOM, '"secret"')
        await one.say(type="ping")
        assert await one.next() == {"type": "pong"}
