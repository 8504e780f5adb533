"""Snapshot then stream has no gap: the state before, and what its topic tells, is the state after.

Each kind of change has a line in CHANGES. Every one is followed live, and read from the log by somebody who was away.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.realtime import Update
from outcry.services.auth.events import MemberChanged
from outcry.services.chat.contracts import ASSISTANT_ID, Answer, Message, QuotedMessage, Room
from outcry.services.chat.events import MessageRemoved
from outcry.services.chat.messages.mentions import NamedPerson
from outcry.services.chat.messages.writing import Extras
from outcry.services.chat.models import RoomRow
from tests.services.chat.conftest import Desk
from tests.services.chat.screen import Screen

QUESTION = "What is the RSI of AAPL?"


@dataclass
class Stage:
    """A room of three people and the desk, with a question and its reply that is being written."""

    ada: Principal
    ben: Principal
    cleo: Principal
    room: Room
    question: Message
    reply: Message


async def post(desk: Desk, stage: Stage) -> None:
    await desk.commands.post(stage.ben, stage.room.id, text="Good morning", client_id="m" * 8)


async def post_again(desk: Desk, stage: Stage) -> None:
    await post(desk, stage)
    await post(desk, stage)


async def post_the_first(desk: Desk, stage: Stage) -> None:
    """Post what also becomes the room's title."""
    async with desk.changes.of(stage.room.id) as change:
        row = await change.session.get_one(RoomRow, stage.room.id, with_for_update=True)
        row.title, row.title_chosen, row.titled_by = "New conversation", False, None
    await post(desk, stage)


async def rename(desk: Desk, stage: Stage) -> None:
    await desk.commands.change_room(stage.ben, stage.room.id, title="Morning call", archived=None)


async def join(desk: Desk, stage: Stage) -> None:
    await desk.new_person("Dora", stage.ada.tenant_id)
    await desk.commands.add_member(stage.ada, stage.room.id, email="dora@example.com")


async def remove(desk: Desk, stage: Stage) -> None:
    await desk.commands.remove_member(stage.ada, stage.room.id, stage.cleo.user_id)


async def describe(desk: Desk, stage: Stage) -> None:
    await desk.commands.change_room(stage.ben, stage.room.id, description="Where we trade")


async def open_up(desk: Desk, stage: Stage) -> None:
    """Make the private room an open one, into which somebody comes by themselves."""
    await desk.commands.change_room(stage.ada, stage.room.id, kind="open")
    await desk.rooms.join(await desk.new_person("Dora", stage.ada.tenant_id), stage.room.id)


async def hand_over(desk: Desk, stage: Stage) -> None:
    """Give the room to somebody else, who lets the third only read."""
    await desk.rooms.change_role(stage.ada, stage.room.id, stage.ben.user_id, role="owner")
    await desk.rooms.change_role(stage.ben, stage.room.id, stage.cleo.user_id, role="reader")


async def talk_in_a_topic(desk: Desk, stage: Stage) -> None:
    topic = await desk.topics.start(stage.ben, stage.room.id, title="Rates")
    await desk.commands.post(stage.cleo, stage.room.id, text="Bunds?", client_id="t" * 8, topic_id=topic.id)
    await desk.topics.change(stage.ada, stage.room.id, topic.id, title="Bonds", archived=True)


async def move_to_a_topic(desk: Desk, stage: Stage) -> None:
    topic = await desk.topics.start(stage.ben, stage.room.id, title=None, message_id=stage.question.id)
    await desk.topics.move(stage.ada, stage.room.id, stage.question.id, topic_id=topic.id)


async def leave_the_organisation(desk: Desk, stage: Stage) -> None:
    tenant_id = stage.ada.tenant_id
    gone = MemberChanged(
        person_id=stage.cleo.user_id, organisation_id=tenant_id, act="removed", before="member", after=""
    )
    await desk.hear(gone, tenant_id, actor_id=stage.ada.user_id)


async def go_on(desk: Desk, stage: Stage, *, at: int = 0, text: str = "The RSI", activity: str = "") -> bool:
    return await desk.replies.append_reply(
        tenant_id=stage.ada.tenant_id, message_id=stage.reply.id, version=1, at=at, text=text, activity=activity
    )


async def stream(desk: Desk, stage: Stage) -> None:
    for at, text, activity in ((0, "The ", "reads bars"), (4, "RSI ", ""), (4, "RSI is 61.", ""), (14, "", "checks")):
        assert await go_on(desk, stage, at=at, text=text, activity=activity)


async def finish(desk: Desk, stage: Stage) -> None:
    await stream(desk, stage)
    assert await desk.replies.finish_reply(
        tenant_id=stage.ada.tenant_id,
        message_id=stage.reply.id,
        version=1,
        status="complete",
        text="The RSI is 61.2.",
        answer=Answer(engine="desk"),
    )


async def stop(desk: Desk, stage: Stage) -> None:
    await stream(desk, stage)
    await desk.commands.stop_reply(stage.cleo, stage.room.id, stage.reply.id)


async def retry(desk: Desk, stage: Stage) -> None:
    await stop(desk, stage)
    desk.clock.advance(timedelta(seconds=1))
    await desk.commands.add_member(stage.ada, stage.room.id, person_id=ASSISTANT_ID)
    await desk.commands.retry_reply(stage.ben, stage.room.id, stage.reply.id)


async def begin_again(desk: Desk, stage: Stage) -> None:
    """As after a crash: the same reply from its beginning."""
    await stream(desk, stage)
    await desk.replies.begin_reply(tenant_id=stage.ada.tenant_id, room_id=stage.room.id, reply_to=stage.question.id)


async def report(desk: Desk, stage: Stage) -> None:
    """Let the assistant say something by itself, which goes with what it is made of."""
    desk.clock.advance(timedelta(seconds=1))
    await desk.commands.add_member(stage.ada, stage.room.id, person_id=ASSISTANT_ID)
    question = stage.question
    quoted = QuotedMessage(room_id=stage.room.id, message_id=question.id, sequence=question.sequence)
    for client_id in ("r" * 8, "r" * 8, "s" * 8):
        await desk.replies.post_report(
            tenant_id=stage.ada.tenant_id,
            room_id=stage.room.id,
            client_id=client_id,
            text=f"{question.text} was asked.",
            answer=Answer(engine="desk", messages=(quoted,)),
        )


async def report_on_what_is_removed(desk: Desk, stage: Stage) -> None:
    await report(desk, stage)
    await desk.messages.remove(stage.ada, stage.room.id, stage.question.id)
    removed = MessageRemoved(
        room_id=stage.room.id,
        message_id=stage.question.id,
        sequence=stage.question.sequence,
        author_id=stage.question.author.id,
        act="removed",
    )
    await desk.hear(removed, stage.ada.tenant_id)


async def edit(desk: Desk, stage: Stage) -> None:
    named = NamedPerson(label="@Cleo", person_id=stage.cleo.user_id)
    for text in ("@Cleo: what of $AAPL?", "@Cleo and @desk: what of $MSFT?"):
        await desk.messages.edit(stage.ben, stage.room.id, stage.question.id, text=text, mentions=[named])


async def take_away(desk: Desk, stage: Stage) -> None:
    await edit(desk, stage)
    await desk.marks.pin(stage.cleo, stage.room.id, stage.question.id)
    await desk.messages.remove(stage.ada, stage.room.id, stage.question.id, reason="asked already")


async def withdraw(desk: Desk, stage: Stage) -> None:
    """Take a question back while it is being answered."""
    await stream(desk, stage)
    await desk.messages.withdraw(stage.ben, stage.room.id, stage.question.id)


async def react(desk: Desk, stage: Stage) -> None:
    await finish(desk, stage)
    for who, emoji in ((stage.ada, "👍"), (stage.ben, "👍"), (stage.cleo, "🚀")):
        await desk.marks.react(who, stage.room.id, stage.reply.id, emoji)
    await desk.marks.unreact(stage.cleo, stage.room.id, stage.reply.id, "🚀")


async def pin(desk: Desk, stage: Stage) -> None:
    await desk.marks.pin(stage.cleo, stage.room.id, stage.question.id)
    await finish(desk, stage)
    await desk.marks.pin(stage.ben, stage.room.id, stage.reply.id)
    await desk.marks.unpin(stage.ada, stage.room.id, stage.question.id)


async def moderate(desk: Desk, stage: Stage) -> None:
    """Silence one, slow the others down, ban a third, and remove what was reported."""
    commands, room_id = desk.moderation.commands, stage.room.id
    await commands.silence(stage.ada, room_id, stage.cleo.user_id, minutes=5)
    await commands.set_slow_mode(stage.ada, room_id, seconds=30)
    await desk.moderation.reviews.report(stage.cleo, room_id, stage.question.id, reason="loud")
    await desk.moderation.reviews.decide(stage.ada, stage.question.id, verdict="removed", note="too loud")
    await commands.unsilence(stage.ada, room_id, stage.cleo.user_id)
    await commands.ban(stage.ada, room_id, stage.cleo.user_id, minutes=None)


async def expire(desk: Desk, stage: Stage) -> None:
    """Keep less than what was said, and say something that stays."""
    await desk.retention.commands.set_rule(stage.ada, stage.room.id, days=1)
    desk.clock.advance(timedelta(days=2))
    await post(desk, stage)
    assert await desk.retention.sweeper.sweep() == 2


async def quote(desk: Desk, stage: Stage) -> None:
    extras = Extras(quote_id=stage.question.id)
    await desk.commands.post(stage.cleo, stage.room.id, text="I ask @here too", client_id="q" * 8, extras=extras)


async def post_files(desk: Desk, stage: Stage) -> None:
    """Post a file, which is the room's newest words, and take it away."""

    async def body() -> AsyncIterator[bytes]:
        yield b"Date,Close"

    for _ in range(2):
        file = await desk.filing.commands.upload(stage.cleo, stage.room.id, name="bars.csv", body=body())
        extras = Extras(file_ids=[file.id])
        message = await desk.commands.post(stage.cleo, stage.room.id, text="", client_id=new_id().hex, extras=extras)
    await desk.messages.remove(stage.cleo, stage.room.id, message.id)


async def look_at_links(desk: Desk, stage: Stage) -> None:
    """Post links, look at what is there, and take one preview away."""
    links = [desk.linked.site.show(f"/{name}", f"<title>{name}</title>") for name in ("one", "two")]
    posted = await desk.commands.post(stage.ben, stage.room.id, text=" ".join(links), client_id="l" * 8)
    await desk.previews.worker.settle()
    shown = (await desk.reading.get(stage.ben, stage.room.id, posted.id)).previews
    await desk.previews.commands.remove(stage.ben, stage.room.id, posted.id, shown[0].id)


async def erase_traces(desk: Desk, stage: Stage) -> None:
    """Erase somebody who reacted to others' messages and is named in them."""
    await edit(desk, stage)
    await desk.marks.react(stage.cleo, stage.room.id, stage.question.id, "👍")
    await desk.personal.erase_people(person_ids=(stage.cleo.user_id,), organisation_ids=())


async def erase(desk: Desk, stage: Stage) -> None:
    """Erase somebody who asked, was answered, and named the room."""
    await rename(desk, stage)
    await finish(desk, stage)
    await desk.personal.erase_people(person_ids=(stage.ben.user_id,), organisation_ids=())


Change = Callable[[Desk, Stage], Awaitable[None]]

CHANGES: tuple[Change, ...] = (
    post,
    post_again,
    post_the_first,
    rename,
    join,
    remove,
    describe,
    open_up,
    hand_over,
    talk_in_a_topic,
    move_to_a_topic,
    leave_the_organisation,
    stream,
    finish,
    stop,
    retry,
    report,
    report_on_what_is_removed,
    begin_again,
    edit,
    take_away,
    withdraw,
    react,
    pin,
    moderate,
    expire,
    quote,
    post_files,
    look_at_links,
    erase_traces,
    erase,
)


async def make_stage(desk: Desk) -> Stage:
    """Make the room in which something is going to change."""
    ada = await desk.new_person("Ada")
    ben, cleo = [await desk.new_person(name, ada.tenant_id) for name in ("Ben", "Cleo")]
    room = await desk.commands.create_room(ada, title="Desk", kind="private")
    for name in ("ben", "cleo"):
        await desk.commands.add_member(ada, room.id, email=f"{name}@example.com")
    question = await desk.commands.post(ben, room.id, text=QUESTION, client_id=new_id().hex)
    reply = await desk.replies.begin_reply(tenant_id=ada.tenant_id, room_id=room.id, reply_to=question.id)
    return Stage(ada=ada, ben=ben, cleo=cleo, room=room, question=question, reply=reply)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_the_state_before_and_what_is_told_are_the_state_after(desk: Desk, change: Change) -> None:
    stage = await make_stage(desk)
    room_id: UUID = stage.room.id
    live, away = [await Screen.load(desk, stage.ada, room_id) for _ in range(2)]
    heard: list[Update] = []
    await desk.realtime.join_log(f"room:{room_id}", live.position, heard.append)
    before = live.position

    await change(desk, stage)

    after = await Screen.load(desk, stage.ada, room_id)
    live.take((update.offset, update.data) for update in heard)
    assert live.state == after.state
    assert live.position == after.position
    # Live, nothing is left out and nothing comes twice.
    assert live.seen == list(range(before.offset + 1, after.position.offset + 1))
    assert live.seen

    past = await desk.history.since(str(room_id), before)
    assert past is not None
    away.take(past.updates)
    assert away.state == after.state
    assert past.position == after.position
