"""Group commit: what comes together is written together, and nobody suffers for another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from outcry.kit.errors import ConflictError, UnavailableError
from outcry.services.chat.log.grouping import MOST_TOGETHER, GroupCommit

ONE, TWO = UUID(int=1), UUID(int=2)


@dataclass
class Store:
    """Writes texts. ``let_go`` holds up every writing; a text may say what is to happen."""

    written: list[list[str]] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    places: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    @asynccontextmanager
    async def hold(self, room_id: UUID) -> AsyncIterator[None]:
        """Hold a room."""
        async with self.places.setdefault(room_id, asyncio.Lock()):
            yield

    async def write(self, texts: Sequence[str]) -> Sequence[str | Exception]:
        """Write texts; all or, where one is poisoned, none."""
        self.written.append(list(texts))
        await self.let_go.wait()
        if "poison" in texts:
            raise ZeroDivisionError(str(len(texts)))
        if "gone" in texts:
            raise UnavailableError("gone")
        return [ConflictError("no") if text == "refused" else text.upper() for text in texts]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def group(store: Store) -> GroupCommit[str, str]:
    return GroupCommit(hold=store.hold, write=store.write)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("it never came")


async def begin(group: GroupCommit[str, str], store: Store, *texts: str) -> list[asyncio.Task[str]]:
    """Let a first be under way, and these come meanwhile, in two rooms in turn."""
    first = asyncio.create_task(group.add(ONE, "first"))
    await until(lambda: bool(store.written))
    rooms = (TWO, UUID(int=3))
    return [first, *(asyncio.create_task(group.add(rooms[at % 2], text)) for at, text in enumerate(texts))]


async def test_who_is_alone_waits_for_nobody(group: GroupCommit[str, str], store: Store) -> None:
    store.let_go.set()
    assert await group.add(ONE, "a") == "A"
    assert await group.add(ONE, "b") == "B"
    assert store.written == [["a"], ["b"]]


async def test_what_comes_during_a_writing_shares_the_next_in_order(group: GroupCommit[str, str], store: Store) -> None:
    texts = [f"{number:03}" for number in range(100)]
    tasks = await begin(group, store, *texts)
    store.let_go.set()
    assert await asyncio.gather(*tasks) == ["FIRST", *(text.upper() for text in texts)]
    assert store.written[0] == ["first"]
    assert len(store.written) <= 4
    assert all(len(batch) <= MOST_TOGETHER for batch in store.written)
    for odd in (0, 1):
        of_room = [text for batch in store.written for text in batch if text != "first" and int(text) % 2 == odd]
        assert of_room == texts[odd::2]


async def test_one_that_is_refused_fails_alone(group: GroupCommit[str, str], store: Store) -> None:
    tasks = await begin(group, store, "a", "refused", "b")
    store.let_go.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(each) if isinstance(each, str) else type(each) for each in done] == ["FIRST", "A", ConflictError, "B"]
    assert len(store.written) == 2


async def test_one_that_breaks_the_batch_fails_alone(group: GroupCommit[str, str], store: Store) -> None:
    tasks = await begin(group, store, "a", "b", "poison", "c")
    store.let_go.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [each for each in done if isinstance(each, str)] == ["FIRST", "A", "B", "C"]
    assert [str(each) for each in done if isinstance(each, ZeroDivisionError)] == ["1"]


async def test_an_engine_that_is_gone_is_told_to_all_and_not_tried_again(
    group: GroupCommit[str, str], store: Store
) -> None:
    tasks = await begin(group, store, "a", "gone", "b")
    store.let_go.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [isinstance(each, UnavailableError) for each in done] == [False, True, True, True]
    assert len(store.written) == 2


async def test_a_room_that_is_held_keeps_no_other_waiting(group: GroupCommit[str, str], store: Store) -> None:
    store.let_go.set()
    async with store.hold(ONE):
        waits = asyncio.create_task(group.add(ONE, "late"))
        assert await group.add(TWO, "soon") == "SOON"
        assert not waits.done()
    assert await waits == "LATE"


async def test_who_goes_away_harms_nobody(group: GroupCommit[str, str], store: Store) -> None:
    tasks = await begin(group, store, "a", "b", "c")
    await asyncio.sleep(0)
    tasks[1].cancel()
    store.let_go.set()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(done[1], asyncio.CancelledError)
    assert (done[0], *done[2:]) == ("FIRST", "B", "C")
    assert await group.add(ONE, "after") == "AFTER"
