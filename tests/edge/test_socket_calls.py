"""Calls over a socket, in their order, and what is done when it ends."""

import asyncio
from dataclasses import dataclass
from typing import Any

from outcry.adapters.realtime.memory import MemoryRealtime
from outcry.edge.socket import MOST_UNDER_WAY
from outcry.kit.module import Connection, SocketCall
from outcry.kit.principal import Principal
from tests.edge.socket_server import serving, until

ROOM = "room:0190"


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An empty body."""


async def test_what_a_service_wants_done_at_the_end_is_done_once_however_it_ends() -> None:
    done: list[str] = []

    async def begin(_principal: Principal, connection: Connection, _body: Nothing) -> None:
        async def end() -> None:
            done.append(connection.id)

        async def fail() -> None:
            raise ValueError("another service's mistake")

        connection.on_close(fail)
        connection.on_close(end)

    call = SocketCall(permission="read", body=Nothing, handle=begin)
    async with serving(calls={"test.begin": call}) as server:
        server.people.add("ada", "read")
        for number in range(2):
            one = await server.connect("ada")
            await one.say(type="call", name="test.begin", id="1")
            assert await one.next() == {"type": "answer", "id": "1", "body": None}
            if number:
                one.connection.transport.abort()
            else:
                await one.connection.close()
            await until(lambda number=number: len(done) == number + 1)
        assert len(set(done)) == 2


async def test_calls_are_answered_in_their_order_and_updates_still_come() -> None:
    realtime = MemoryRealtime()

    async def tell(_principal: Principal, _connection: Connection, _body: Nothing) -> int:
        return (await realtime.append(ROOM, "1")).offset

    call = SocketCall(permission="read", body=Nothing, answer=int, handle=tell)
    async with serving(calls={"test.tell": call}, realtime=realtime) as server:
        server.people.add("ada", "read")
        one = await server.connect("ada")
        await one.follow(ROOM)
        for number in range(20):
            await one.say(type="call", name="test.tell", id=str(number))
        answers, updates = list[Any](), list[Any]()
        while len(answers) < 20 or len(updates) < 20:
            said = await one.next()
            if isinstance(said, list):
                updates += said
            else:
                answers.append(said)
        assert [answer["id"] for answer in answers] == [str(number) for number in range(20)]
        assert [answer["body"] for answer in answers] == [update["offset"] for update in updates]


async def test_a_call_whose_order_is_fixed_lets_the_next_one_begin() -> None:
    """The first lets others begin and is answered last; one that says nothing of the kind keeps them waiting."""
    begun: list[str] = []
    release = asyncio.Event()

    async def patient(_principal: Principal, connection: Connection, _body: Nothing) -> None:
        begun.append("patient")
        connection.go_on()
        await release.wait()

    async def slow(_principal: Principal, _connection: Connection, _body: Nothing) -> None:
        begun.append("slow")
        await asyncio.sleep(0)
        begun.append("slow is done")

    calls = {
        name: SocketCall(permission="read", body=Nothing, handle=handle)
        for name, handle in (("test.patient", patient), ("test.slow", slow))
    }
    async with serving(calls=calls) as server:
        server.people.add("ada", "read")
        one = await server.connect("ada")
        for number, name in enumerate(("patient", "slow", "slow", "patient")):
            await one.say(type="call", name=f"test.{name}", id=str(number))
        assert [(await one.next())["id"] for _ in range(2)] == ["1", "2"]
        await until(lambda: len(begun) == 6)
        assert begun == ["patient", *["slow", "slow is done"] * 2, "patient"]
        release.set()
        assert [(await one.next())["id"] for _ in range(2)] == ["0", "3"]


async def test_not_more_than_some_calls_are_under_way() -> None:
    begun: list[int] = []
    release = asyncio.Semaphore(0)

    async def wait(_principal: Principal, connection: Connection, _body: Nothing) -> None:
        begun.append(1)
        connection.go_on()
        await release.acquire()

    async with serving(calls={"test.wait": SocketCall(permission="read", body=Nothing, handle=wait)}) as server:
        server.people.add("ada", "read")
        one = await server.connect("ada")
        for number in range(MOST_UNDER_WAY + 5):
            await one.say(type="call", name="test.wait", id=str(number))
        await until(lambda: len(begun) == MOST_UNDER_WAY)
        await asyncio.sleep(0.05)
        assert len(begun) == MOST_UNDER_WAY
        for more in range(1, 6):
            release.release()
            await one.next()
            await until(lambda more=more: len(begun) == MOST_UNDER_WAY + more)
        for _ in range(MOST_UNDER_WAY):
            release.release()


async def test_what_is_to_be_done_at_the_end_is_done_also_when_the_end_came_first() -> None:
    done, gone = asyncio.Event(), asyncio.Event()

    async def late(_principal: Principal, connection: Connection, _body: Nothing) -> None:
        async def end() -> None:
            done.set()

        connection.go_on()
        await gone.wait()
        connection.on_close(end)

    async with serving(calls={"test.late": SocketCall(permission="read", body=Nothing, handle=late)}) as server:
        server.people.add("ada", "read")
        one = await server.connect("ada")
        await one.say(type="call", name="test.late")
        await one.say(type="ping")
        assert await one.next() == {"type": "pong"}
        await one.connection.close()
        await until(lambda: len(server.parts.watch) == 0)
        gone.set()
        async with asyncio.timeout(5):
            await done.wait()
