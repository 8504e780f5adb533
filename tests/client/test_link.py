"""The socket from a program's side, against a server that does as a test says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from outcry.client.link import Link
from outcry.client.refusals import ConnectionLostError, LinkClosedError, RefusedError, SignInRefusedError
from outcry.client.subscription import Heard, Place, Subscription, TopicRefusedError
from tests.client.desk import Desk

TOPIC = "room:1"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    await desk.stop()


@pytest.fixture
async def link(desk: Desk) -> AsyncIterator[Link]:
    address, tickets = await desk.start(), iter(("first", "second", "third", "fourth"))

    async def ticket(_refused: bool) -> str:
        return next(tickets)

    link = Link(address, ticket, wait=lambda _attempt: 0.0)
    yield link
    await link.stop()


def follow(place: Place | None = None) -> tuple[Subscription, list[Heard]]:
    """Return a subscription, and the list that what it hears goes to."""
    heard: list[Heard] = []
    return Subscription(TOPIC, is_log=True, place=place, sink=heard.append), heard


async def answer_pings(desk: Desk, link: Link) -> None:
    """Let everything that was said be heard: what is answered was said before."""
    calling = asyncio.create_task(link.call("test.fence", {}))
    number = await desk.until(lambda heard: next((one["id"] for one in heard if one.get("name") == "test.fence"), None))
    await desk.say({"type": "answer", "id": number, "body": None})
    await calling
    desk.heard[:] = [frame for frame in desk.heard if frame.get("name") != "test.fence"]


async def test_it_signs_in_and_resumes_from_what_it_heard_last(desk: Desk, link: Link) -> None:
    subscription, heard = follow(Place(epoch="e", offset=7))
    await link.follow(subscription)
    link.start()
    await desk.until(lambda _: desk.subscriptions())
    assert desk.heard == [
        {"type": "auth", "ticket": "first"},
        {"type": "subscribe", "topic": TOPIC, "epoch": "e", "offset": 7},
    ]
    await desk.say({"type": "subscribed", "topic": TOPIC, "epoch": "e", "offset": 12, "reset": False})
    # Of what was missed some is left out, where a later update says it whole.
    await desk.say([{"topic": TOPIC, "offset": offset, "data": offset} for offset in (7, 9, 11)])
    await desk.say([{"topic": TOPIC, "offset": 13, "data": 13}])
    await answer_pings(desk, link)
    link.cut()
    await desk.until(lambda _: len(desk.subscriptions()) == 2)
    assert desk.subscriptions()[1] == {"type": "subscribe", "topic": TOPIC, "epoch": "e", "offset": 13}
    assert [update.data for update in heard] == [9, 11, 13]
    assert link.opened == 2


async def test_a_reset_is_told_and_gone_on_from(desk: Desk, link: Link) -> None:
    subscription, heard = follow(Place(epoch="old", offset=40))
    await link.follow(subscription)
    link.start()
    await desk.until(lambda _: desk.subscriptions())
    await desk.say({"type": "subscribed", "topic": TOPIC, "epoch": "new", "offset": 3, "reset": True})
    await desk.say([{"topic": TOPIC, "offset": 4, "data": "next"}])
    await answer_pings(desk, link)
    assert [(update.reset, update.place, update.data) for update in heard] == [
        (True, Place(epoch="new", offset=3), None),
        (False, Place(epoch="new", offset=4), "next"),
    ]


async def test_after_a_hole_it_asks_anew_and_once(desk: Desk, link: Link) -> None:
    subscription, heard = follow()
    await link.follow(subscription)
    link.start()
    await desk.until(lambda _: desk.subscriptions())
    await desk.say({"type": "subscribed", "topic": TOPIC, "epoch": "e", "offset": 1, "reset": False})
    await desk.say([{"topic": TOPIC, "offset": offset, "data": offset} for offset in (2, 4, 5)])
    await desk.until(lambda _: len(desk.subscriptions()) == 2)
    await desk.say({"type": "subscribed", "topic": TOPIC, "epoch": "e", "offset": 5, "reset": False})
    await desk.say([{"topic": TOPIC, "offset": offset, "data": offset} for offset in (3, 4, 5)])
    await answer_pings(desk, link)
    assert desk.subscriptions()[1:] == [{"type": "subscribe", "topic": TOPIC, "epoch": "e", "offset": 2}]
    assert [update.data for update in heard] == [2, 3, 4, 5]


async def test_a_call_is_answered_refused_or_lost(desk: Desk, link: Link) -> None:
    link.start()
    asked = [asyncio.create_task(link.call("chat.post", {"n": number})) for number in range(3)]
    calls = await desk.until(lambda heard: [one for one in heard if one["type"] == "call"][2:] and heard[1:])
    first, second, _ = (call["id"] for call in calls)
    await desk.say({"type": "answer", "id": second, "problem": {"code": "conflict", "status": 409, "detail": "No."}})
    await desk.say({"type": "answer", "id": first, "body": {"fine": True}})
    assert await asked[0] == {"fine": True}
    with pytest.raises(RefusedError) as refused:
        await asked[1]
    assert (refused.value.code, refused.value.status, refused.value.may_pass) == ("conflict", 409, False)
    link.cut()
    with pytest.raises(ConnectionLostError):
        await asked[2]


async def test_a_topic_that_is_refused_ends(desk: Desk, link: Link) -> None:
    subscription = Subscription(TOPIC, is_log=True, place=None, sink=None)
    await link.follow(subscription)
    link.start()
    await desk.until(lambda _: desk.subscriptions())
    await desk.say({"type": "error", "topic": TOPIC, "code": "not_found", "detail": "There is no such topic."})
    with pytest.raises(TopicRefusedError):
        async for _ in subscription:
            pass


async def test_a_refused_sign_in_is_tried_once_more_with_a_new_one(desk: Desk, link: Link) -> None:
    desk.refused = {"first"}
    link.start()
    await link.wait_open()
    assert [frame["ticket"] for frame in desk.heard] == ["first", "second"]
    desk.refused = {"third", "fourth"}
    link.cut()
    await asyncio.sleep(0)
    await desk.until(lambda heard: len(heard) == 4)
    with pytest.raises(SignInRefusedError):
        await link.call("chat.post", {})


async def test_a_server_that_is_away_or_fails_is_tried_again(desk: Desk) -> None:
    failing = {"code": "internal_error", "status": 500, "detail": "Something failed."}
    away = iter((ConnectionLostError("refused"), RefusedError(failing), RefusedError({**failing, "status": 504})))

    async def ticket(_refused: bool) -> str:
        if error := next(away, None):
            raise error
        return "first"

    link = Link(await desk.start(), ticket, wait=lambda _attempt: 0.0)
    link.start()
    async with asyncio.timeout(10):
        await link.wait_open()
    assert [frame["ticket"] for frame in desk.heard] == ["first"]
    await link.stop()


async def test_it_comes_back_no_sooner_than_it_was_asked_to(desk: Desk, link: Link) -> None:
    link.start()
    await link.wait_open()
    begun = asyncio.get_running_loop().time()
    await desk.say({"type": "error", "code": "rate_limited", "detail": "Wait.", "wait_s": 0.2})
    await desk.connections[-1].close(4429)
    await desk.until(lambda heard: len(heard) == 2)
    assert asyncio.get_running_loop().time() - begun >= 0.19


async def test_pings_say_positions_once_the_last_one_was_answered(desk: Desk) -> None:
    async def ticket(_refused: bool) -> str:
        return "first"

    link = Link(await desk.start(), ticket, ping_every_s=0.2)
    subscription, _ = follow(Place(epoch="e", offset=7))
    await link.follow(subscription)
    link.start()
    # The first two times it says something else, then it answers: the first of three, then the rest.
    pong = {"type": "pong"}
    answers: tuple[list[Any], ...] = ([[]], [[]], [pong], [pong] * 3)
    for number, said in enumerate(answers, start=1):
        await desk.until(lambda _: len(_pings(desk.heard)) == number)  # noqa: B023  # it is called within this round
        for one in said:
            await desk.say(one)
    await desk.until(lambda heard: len(_pings(heard)) >= 5)
    place = {TOPIC: {"epoch": "e", "offset": 7}}
    assert [ping["positions"] for ping in _pings(desk.heard)[:5]] == [place, {}, {}, {}, place]
    # From here on the server says nothing more: it is given up, and another connection made.
    await desk.until(lambda heard: len([one for one in heard if one["type"] == "auth"]) == 2)
    await link.stop()


def _pings(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [frame for frame in heard if frame["type"] == "ping"]


async def test_nothing_is_left_of_a_wait_that_was_given_up(desk: Desk) -> None:
    async def ticket(_refused: bool) -> str:
        await asyncio.Event().wait()
        raise AssertionError("it is never given out")

    link = Link(await desk.start(), ticket)
    link.start()
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(link.wait_open())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    await link.stop()


async def test_what_is_closed_says_so(desk: Desk, link: Link) -> None:
    with pytest.raises(LinkClosedError):
        await link.call("chat.post", {})
    link.start()
    await link.wait_open()
    await link.stop()
    with pytest.raises(LinkClosedError):
        await link.call("chat.post", {})


async def test_a_topic_is_followed_once(link: Link) -> None:
    await link.follow(follow()[0])
    with pytest.raises(ValueError, match="already"):
        await link.follow(follow()[0])
