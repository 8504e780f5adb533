"""Charts that people show in a room, through the facade."""

import pytest

from outcry.kit.errors import InvalidInputError, NotFoundError
from outcry.kit.ids import new_id
from outcry.services.chat.contracts import ChartCard, Message
from tests.services.chat.conftest import Desk
from tests.services.chat.test_erasure import history, shared

CARD = ChartCard(symbols=("AAPL",), timeframe="1d", start=None, end=None, share_id=new_id())


async def test_a_member_shows_a_chart_once_and_everybody_sees_it(desk: Desk) -> None:
    ann, ben, room = await shared(desk)
    heard = await desk.follow(f"room:{room.id}")

    async def show(text: str = "Look") -> Message:
        return await desk.replies.post_charts(
            tenant_id=ann.tenant_id,
            room_id=room.id,
            person_id=ann.user_id,
            text=text,
            cards=(CARD,),
            client_id="0123456789",
        )

    posted = await show()
    assert await show("again") == posted
    assert (posted.text, posted.cards, posted.author.name) == ("Look", (CARD,), "Ada")
    assert await history(desk, ben, room) == (posted,)
    assert [one["message"]["cards"][0]["share_id"] for one in heard if one["kind"] == "message"] == [str(CARD.share_id)]
    # It is no question: the assistant has nothing to answer.
    events = [envelope for _, envelope, _ in await desk.database.pending(after=0, limit=100)]
    assert [event.data["reply_wanted"] for event in events if event.name == "chat.message_posted.v1"] == [False]
    assert '"share_id"' in (await desk.personal.export_person(person_id=ann.user_id))[1].text
    await desk.personal.erase_people(person_ids=(ann.user_id,), organisation_ids=())
    (erased,) = await history(desk, ben, room)
    assert (erased.status, erased.cards) == ("erased", ())


async def test_nobody_shows_a_chart_in_a_room_that_they_are_not_in(desk: Desk) -> None:
    ann = await desk.new_person("Ann")
    eve = await desk.new_person("Eve", ann.tenant_id)
    room = await desk.commands.create_room(ann, title="Desk", kind="room")
    for person, text, refusal in ((eve, "x", NotFoundError), (ann, " ", InvalidInputError)):
        with pytest.raises(refusal):
            await desk.replies.post_charts(
                tenant_id=ann.tenant_id,
                room_id=room.id,
                person_id=person.user_id,
                text=text,
                cards=(CARD,),
                client_id="0123456789",
            )
    assert (await desk.queries.history(ann, room.id, cursor=None, limit=10)).items == ()
    got = await desk.replies.get_room(tenant_id=ann.tenant_id, room_id=room.id, person_id=ann.user_id)
    assert got.title == "Desk"
    with pytest.raises(NotFoundError):
        await desk.replies.get_room(tenant_id=ann.tenant_id, room_id=room.id, person_id=eve.user_id)
