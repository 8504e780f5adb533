"""The Python client against a real server: cut as often as you like, nothing is lost and nothing is there twice."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from outcry.client.client import OutcryClient
from outcry.client.refusals import ConnectionLostError, RefusedError, SignInRefusedError
from outcry.client.subscription import Heard, Place, TopicRefusedError
from tests.running import Client, RunningServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(
        tmp_path_factory.mktemp("data"), OUTCRY_SAMPLE_MARKET="false", OUTCRY_AUTH_HASH_MEMORY_KIB="1024"
    ).start()
    yield running
    assert running.stop() == 0


@pytest.fixture
async def person(server: RunningServer) -> AsyncIterator[Client]:
    person = await Client(server.url).sign_up()
    yield person
    await person.close()


@pytest.fixture
async def room(person: Client) -> str:
    return str((await person.call("POST", "/rooms", {"kind": "room", "title": "Floor"}))["id"])


def soon(_attempt: int) -> float:
    return 0.01


async def test_posts_arrive_once_and_in_order_through_any_cut(server: RunningServer, person: Client, room: str) -> None:
    heard: list[Heard] = []
    async with (
        OutcryClient(server.url, token=person.token, wait=soon) as writer,
        OutcryClient(server.url, token=person.token, wait=soon) as reader,
    ):
        _, place = await reader.history(room)
        async with reader.follow(f"room:{room}", place=place, sink=heard.append):
            posting = [asyncio.create_task(writer.post(room, f"message {number}")) for number in range(60)]
            for number, task in enumerate(posting):
                await asyncio.wait((task,))
                if number % 10 == 3:
                    writer.link.cut()
                if number % 7 == 5:
                    reader.link.cut()
            posted = [await task for task in posting]
            last = (await reader.history(room))[1]
            async with asyncio.timeout(10):
                while heard[-1].place.offset < last.offset:  # noqa: ASYNC110  # the sink has no other sign
                    await asyncio.sleep(0.01)
        assert writer.link.opened > 3
        assert reader.link.opened > 3
    texts = [f"message {number}" for number in range(60)]
    assert [message["text"] for message in posted] == texts
    assert [message["text"] for message in await person.history(room)] == texts
    assert [update.place.offset for update in heard] == list(range(place.offset + 1, last.offset + 1))
    seen = [update.data["message"]["text"] for update in heard if update.data["kind"] == "message"]
    assert seen == texts


async def test_what_was_not_sent_is_sent_by_the_next_program_with_the_outbox(
    server: RunningServer, person: Client, room: str, tmp_path: Path
) -> None:
    path = tmp_path / "outbox"
    gone = OutcryClient("http://127.0.0.1:9", token=person.token, outbox=path, wait=soon)
    async with gone:
        posting = [asyncio.create_task(gone.post(room, text)) for text in ("one", "two")]
        await asyncio.sleep(0)
    assert all(task.cancelled() for task in posting) or await asyncio.gather(*posting, return_exceptions=True)
    async with OutcryClient(server.url, token=person.token, outbox=path, wait=soon) as outcry:
        await outcry.post(room, "three")
    assert [message["text"] for message in await person.history(room)] == ["one", "two", "three"]
    assert path.read_text().count("put") <= 3
    async with OutcryClient(server.url, token=person.token, outbox=path, wait=soon) as outcry:
        await outcry.post(room, "four")
    assert len(await person.history(room)) == 4


async def test_a_request_without_an_answer_is_a_lost_connection() -> None:
    async with OutcryClient("http://127.0.0.1:9", token="any", wait=soon) as outcry:
        with pytest.raises(ConnectionLostError):
            await outcry.request("GET", "/rooms")
        # It goes on trying beside.
        assert outcry.link._task
        assert not outcry.link._task.done()


async def test_what_is_refused_for_good_holds_nothing_up(server: RunningServer, person: Client, room: str) -> None:
    async with OutcryClient(server.url, token=person.token, wait=soon) as outcry:
        bad, good = (asyncio.create_task(outcry.post(room, text)) for text in ("", "fine"))
        assert (await good)["text"] == "fine"
        with pytest.raises(RefusedError) as refused:
            await bad
        assert (refused.value.status, refused.value.code) == (422, "invalid_input")
        with pytest.raises(RefusedError) as refused:
            await outcry.request("GET", f"/rooms/{uuid4()}")
        assert refused.value.status == 404


async def test_a_place_of_another_time_is_a_reset(server: RunningServer, person: Client, room: str) -> None:
    async with (
        OutcryClient(server.url, token=person.token, wait=soon) as outcry,
        outcry.follow(f"room:{room}", place=Place(epoch="of another time", offset=3)) as updates,
    ):
        await outcry.post(room, "hello")
        heard = aiter(updates)
        first, second = await anext(heard), await anext(heard)
        assert first.reset
        assert first.place == (await outcry.history(room))[1] or first.place.offset < second.place.offset
        assert second.data["kind"] in ("message", "room")


async def test_somebody_elses_room_is_refused(server: RunningServer, room: str) -> None:
    stranger = await Client(server.url).sign_up("Eve Stranger")
    async with OutcryClient(server.url, token=stranger.token, wait=soon) as outcry:
        with pytest.raises(TopicRefusedError):
            async with outcry.follow(f"room:{room}"):
                pass
    await stranger.close()


async def test_a_token_that_is_refused_is_asked_for_anew_and_then_given_up(
    server: RunningServer, person: Client, room: str
) -> None:
    given: list[bool] = []

    async def token(refused: bool) -> str:
        given.append(refused)
        return person.token if refused else "over"

    async with OutcryClient(server.url, token=token, wait=soon) as outcry:
        await outcry.post(room, "after all")
    assert given == [False, True]
    async with OutcryClient(server.url, token="nothing", wait=soon) as outcry:
        with pytest.raises(SignInRefusedError):
            await outcry.post(room, "never")
