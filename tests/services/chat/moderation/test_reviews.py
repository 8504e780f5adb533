"""Reported messages, unwanted words, and who decides."""

import asyncio

import pytest
from sqlalchemy import update

from outcry.kit.errors import ForbiddenError
from outcry.kit.events import seal
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.services.auth.models.people import MembershipRow
from outcry.services.chat.contracts import Room
from outcry.services.chat.events import MessageReviewed
from outcry.services.chat.messages.errors import MessageGoneError
from outcry.services.chat.moderation.contracts import Case, CaseState, UnwantedWord
from outcry.services.chat.moderation.errors import (
    CaseDecidedError,
    CaseNotFoundError,
    OwnMessageError,
    UnwantedWordsError,
    WordsImpossibleError,
)
from outcry.services.chat.moderation.handlers import ModerationHandlers
from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, history, say, start
from tests.services.chat.outbox import events_of

# What asks nothing of the engine that others do not: once is enough.
on_one_engine = pytest.mark.parametrize("open_database", ["sqlite"], indirect=True)


async def cases(desk: Desk, person: Principal, state: CaseState = "open") -> tuple[Case, ...]:
    """Return what is for somebody to review."""
    page = await desk.moderation.queries.list_cases(person, state=state, room_id=None, cursor=None, limit=50)
    return page.items


async def unwanted(desk: Desk, person: Principal, room: Room | None, **words: str) -> None:
    """Put words on a list."""
    entries = [
        UnwantedWord(text=text, action="review" if action == "review" else "refuse") for text, action in words.items()
    ]
    await desk.moderation.words.write(person, None if room is None else room.id, entries)


async def test_a_message_is_reported_once_a_person_and_decided_once(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    cleo = await desk.new_person("Cleo", ada.tenant_id)
    await desk.commands.add_member(ada, room.id, person_id=cleo.user_id)
    message = await say(desk, bob, room, "rude words")
    own = await desk.follow(f"user:{ada.user_id}")
    for reason in ("rude", "very rude"):
        await desk.moderation.reviews.report(cleo, room.id, message.id, reason=reason)
    assert [each for each in own if each["kind"] == "reviews"] == [{"kind": "reviews", "room_id": str(room.id)}]
    (case,) = await cases(desk, ada)
    assert (case.message.text, case.room_title, case.state) == ("rude words", "Floor", "open")
    assert [(each.by and each.by.name, each.reason) for each in case.reports] == [("Cleo", "rude")]
    for person in (bob, cleo):
        assert await cases(desk, person) == ()
        with pytest.raises(CaseNotFoundError):
            await desk.moderation.reviews.decide(person, message.id, verdict="kept", note="")
    await desk.moderation.reviews.decide(ada, message.id, verdict="removed", note="Be kind.")
    with pytest.raises(CaseDecidedError):
        await desk.moderation.reviews.decide(ada, message.id, verdict="kept", note="")
    (gone,) = await history(desk, bob, room)
    assert (gone.status, gone.text, gone.removal and gone.removal.reason) == ("removed", "", "Be kind.")
    (decided,) = await cases(desk, ada, "removed")
    assert (decided.decided_by and decided.decided_by.name, decided.note) == ("Ada", "Be kind.")
    assert await cases(desk, ada) == ()
    assert "rude words" not in await everything(desk)
    told = await events_of(desk.database, MessageReviewed)
    assert [event.act for event in told] == ["reported", "removed"]
    with pytest.raises(MessageGoneError):
        await desk.moderation.reviews.report(ada, room.id, message.id, reason="")


@on_one_engine
async def test_what_was_kept_is_open_again_when_somebody_else_reports_it(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    cleo = await desk.new_person("Cleo", ada.tenant_id, role="viewer")
    await desk.commands.add_member(ada, room.id, person_id=cleo.user_id, role="reader")
    message = await say(desk, ada, room, "hm")
    await desk.moderation.reviews.report(bob, room.id, message.id, reason="")
    with pytest.raises(OwnMessageError):
        await desk.moderation.reviews.report(ada, room.id, message.id, reason="")
    # The owner wrote it: somebody above them decides, who need not be in the room.
    assert await cases(desk, ada) == ()
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    assert [case.message.text for case in await cases(desk, boss)] == ["hm"]
    await desk.moderation.reviews.decide(boss, message.id, verdict="kept", note="fine")
    assert (await history(desk, bob, room))[-1].text == "hm"
    await desk.moderation.reviews.report(cleo, room.id, message.id, reason="no")
    (case,) = await cases(desk, boss)
    assert (len(case.reports), case.decided_by) == (2, None)
    elsewhere = await desk.new_person("Elsewhere", role="admin")
    assert await cases(desk, elsewhere) == ()
    with pytest.raises(CaseNotFoundError):
        await desk.moderation.reviews.decide(elsewhere, message.id, verdict="kept", note="")


@on_one_engine
async def test_a_direct_room_is_reviewed_by_administrators_alone(desk: Desk) -> None:
    ada, bob, _ = await start(desk)
    room = await desk.rooms.open_direct(ada, person_id=bob.user_id)
    message = await say(desk, bob, room, "psst")
    await desk.moderation.reviews.report(ada, room.id, message.id, reason="")
    assert await cases(desk, ada) == ()
    boss = await desk.new_person("Boss", ada.tenant_id, role="owner")
    assert len(await cases(desk, boss)) == 1


async def test_what_waits_is_counted_for_who_decides_and_administrators_hear_of_it_elsewhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    inside = await desk.new_person("Inside", ada.tenant_id, role="owner")
    outside = await desk.new_person("Outside", role="admin")
    for person in (boss, inside):
        await desk.commands.add_member(ada, room.id, person_id=person.user_id)
    await desk.rooms.change_role(ada, room.id, inside.user_id, role="moderator")
    await desk.commands.remove_member(ada, room.id, boss.user_id)
    gone = await desk.new_person("Gone", ada.tenant_id, role="admin")
    async with desk.crowd.database.transaction() as transaction:
        away = update(MembershipRow).where(MembershipRow.person_id == gone.user_id)
        await transaction.session.execute(away.values(disabled_at=desk.clock.now()))
    heard = {each.user_id: await desk.follow(f"user:{each.user_id}") for each in (ada, bob, boss, inside, outside)}
    queries = desk.moderation.queries

    async def counts() -> list[int]:
        return [(await queries.count_open(each)).open for each in (ada, bob, boss, outside)]

    for number in range(3):
        message = await say(desk, bob, room, f"rude {number}")
        await desk.moderation.reviews.report(ada, room.id, message.id, reason="")
    assert await counts() == [3, 0, 3, 0]
    (event, *_) = await events_of(desk.database, MessageReviewed)
    handlers = ModerationHandlers(database=desk.database, courier=desk.changes._courier, auth=desk.calls)
    envelope = seal(event, clock=desk.clock, tenant_id=ada.tenant_id, key="room", actor_id=ada.user_id)
    await handlers.by_event()[envelope.name](envelope)
    told = [len([each for each in updates if each["kind"] == "reviews"]) for updates in heard.values()]
    assert told == [3, 0, 1, 3, 0]
    assert heard[boss.user_id][-1] == {"kind": "reviews", "room_id": str(room.id)}
    holders = await desk.calls.list_holders(tenant_id=ada.tenant_id, permission="chat:review:all")
    assert set(holders) == {boss.user_id, inside.user_id}
    monkeypatch.setattr("outcry.services.chat.moderation.queries.MOST_COUNTED", 2)
    assert await counts() == [2, 0, 2, 0]
    await desk.moderation.reviews.decide(ada, message.id, verdict="kept", note="")
    monkeypatch.undo()
    assert await counts() == [2, 0, 2, 0]
    (case, *_) = await cases(desk, boss)
    del heard[ada.user_id][:]
    await desk.messages.remove(bob, room.id, case.message.id)
    assert [each for each in heard[ada.user_id] if each["kind"] == "reviews"]
    assert await counts() == [1, 0, 1, 0]


@on_one_engine
async def test_a_message_that_its_author_removes_leaves_the_queue(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, bob, room, "oops")
    await desk.moderation.reviews.report(ada, room.id, message.id, reason="")
    await desk.messages.remove(bob, room.id, message.id)
    assert await cases(desk, ada) == ()
    assert len(await cases(desk, ada, "removed")) == 1


async def test_cases_come_in_pages(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    for number in range(5):
        message = await say(desk, bob, room, f"m{number}")
        await desk.moderation.reviews.report(ada, room.id, message.id, reason="")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await desk.moderation.queries.list_cases(ada, state="open", room_id=room.id, cursor=cursor, limit=2)
        seen += [case.message.text for case in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"m{number}" for number in range(5)]


async def test_unwanted_words_are_refused_or_reviewed(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    boss = await desk.new_person("Boss", ada.tenant_id, role="admin")
    await unwanted(desk, boss, None, Scam="refuse")
    await unwanted(desk, ada, room, moon="review", lambo="refuse")
    for text in ("A SC\u0430M", "my lambo!"):
        with pytest.raises(UnwantedWordsError):
            await say(desk, bob, room, text)
    assert await history(desk, bob, room) == ()
    message = await say(desk, bob, room, "To the Moon")
    (case,) = await cases(desk, ada)
    assert (case.message.id, [each.by for each in case.reports]) == (message.id, [None])
    harmless = await say(desk, bob, room, "fine")
    with pytest.raises(UnwantedWordsError):
        await desk.messages.edit(bob, room.id, harmless.id, text="scam")
    await desk.messages.edit(bob, room.id, harmless.id, text="moon?")
    assert len(await cases(desk, ada)) == 2
    # The organisation's list holds in its other rooms too, the room's in it alone, and neither elsewhere.
    other = await desk.commands.create_room(bob, title="Other", kind="private")
    with pytest.raises(UnwantedWordsError, match="“Scam”"):
        await say(desk, bob, other, "scam")
    await say(desk, bob, other, "lambo")
    stranger = await desk.new_person("Stranger")
    await say(desk, stranger, await desk.commands.create_room(stranger, title="S", kind="private"), "scam")
    assert (await desk.moderation.words.read(ada, room.id)).entries == (
        UnwantedWord(text="moon", action="review"),
        UnwantedWord(text="lambo", action="refuse"),
    )
    await desk.moderation.words.write(boss, None, [])
    await say(desk, bob, other, "scam")


@on_one_engine
async def test_titles_and_descriptions_keep_to_the_lists(desk: Desk) -> None:
    ada, _, room = await start(desk)
    admin = await desk.new_person("Adam", ada.tenant_id, role="admin")
    await unwanted(desk, admin, None, scam="refuse")
    await unwanted(desk, ada, room, lambo="refuse", moon="review")
    message = await say(desk, ada, room, "fills")
    topic = await desk.topics.start(ada, room.id, title="To the moon")
    before = await desk.queries.get_room(ada, room.id)
    for refused in (
        desk.commands.create_room(ada, title="A scam", kind="open"),
        desk.commands.create_room(ada, title="Fine", kind="private", description="no scam"),
        desk.commands.change_room(ada, room.id, title="LAMBO", archived=True),
        desk.commands.change_room(ada, room.id, description="a lambo"),
        desk.topics.start(ada, room.id, title="Lambo"),
        desk.topics.start(ada, room.id, title="scam", message_id=message.id),
        desk.topics.change(ada, room.id, topic.id, title="Scam", archived=True),
    ):
        with pytest.raises(UnwantedWordsError):
            await refused
    assert await desk.queries.get_room(ada, room.id) == before
    topics = await desk.seen_topics.list_topics(ada, room.id, archived=False, cursor=None, limit=5)
    assert topics.items == (topic,)
    rooms = await desk.queries.list_rooms(ada, archived=False, cursor=None, limit=5)
    assert [each.id for each in rooms.items] == [room.id]
    # What is only to be reviewed passes, and asks nobody.
    assert (await desk.commands.change_room(ada, room.id, title="Moon")).title == "Moon"
    assert await cases(desk, admin) == ()
    # A room's own list is of that room alone.
    assert (await desk.commands.create_room(ada, title="Lambo", kind="open")).title == "Lambo"


@on_one_engine
async def test_lists_are_for_those_who_look_after_it(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    with pytest.raises(ForbiddenError):
        await unwanted(desk, bob, room, x="refuse")
    with pytest.raises(ForbiddenError):
        await unwanted(desk, ada, None, x="refuse")
    with pytest.raises(WordsImpossibleError):
        await unwanted(desk, ada, room, **{"!!!": "refuse"})
    with pytest.raises(WordsImpossibleError):
        await unwanted(desk, ada, room, **{"a b c d e f g h i": "refuse"})


@on_one_engine
async def test_one_refused_message_leaves_the_others_of_its_batch_alone(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    await unwanted(desk, ada, room, scam="refuse")
    posts = [desk.commands.post(bob, room.id, text=text, client_id=new_id().hex) for text in ("a", "scam", "b")]
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert [isinstance(each, UnwantedWordsError) for each in outcomes] == [False, True, False]
    assert [message.text for message in await history(desk, bob, room)] == ["a", "b"]


async def test_reports_and_decisions_go_out_and_away_with_the_person(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    cleo = await desk.new_person("Cleo", ada.tenant_id)
    await desk.commands.add_member(ada, room.id, person_id=cleo.user_id)
    message = await say(desk, bob, room, "hm")
    await desk.moderation.reviews.report(cleo, room.id, message.id, reason="cleos reason")
    await desk.moderation.reviews.decide(ada, message.id, verdict="kept", note="adas note")
    await desk.moderation.commands.silence(ada, room.id, cleo.user_id, minutes=None)
    exports = {person: await desk.personal.export_person(person_id=person.user_id) for person in (ada, cleo)}
    for person, words in ((ada, "adas note"), (cleo, "cleos reason")):
        (file,) = [file for file in exports[person] if file.path == "chat/moderation.json"]
        assert words in file.text
    assert '"silence"' in file.text
    await desk.personal.erase_people(person_ids=(cleo.user_id,), organisation_ids=())
    left = await everything(desk)
    assert "cleos reason" not in left
    assert "adas note" in left
    await desk.personal.erase_people(person_ids=(ada.user_id,), organisation_ids=())
    assert "adas note" not in await everything(desk)
