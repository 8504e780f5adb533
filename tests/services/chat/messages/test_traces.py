"""What people left on messages is given out to them, and erased with them."""

import json

from tests.services.chat.conftest import Desk
from tests.services.chat.messages.rooms import everything, history, named, say, start


async def test_traces_are_exported(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    message = await say(desk, ada, room, "before")
    await desk.messages.edit(ada, room.id, message.id, text="after")
    await desk.marks.react(ada, room.id, message.id, "👍")
    other = await say(desk, bob, room, "spam")
    await desk.messages.remove(ada, room.id, other.id, reason="is spam")
    files = {file.path: json.loads(file.text) for file in await desk.personal.export_person(person_id=ada.user_id)}
    assert [each["emoji"] for each in files["chat/reactions.json"]] == ["👍"]
    assert [each["text"] for each in files["chat/earlier-versions.json"]] == ["before"]
    assert [each["reason"] for each in files["chat/removals.json"]] == ["is spam"]
    assert "chat/reactions.json" not in {file.path for file in await desk.personal.export_person(person_id=bob.user_id)}


async def test_traces_are_erased_and_others_words_stay(desk: Desk) -> None:
    ada, bob, room = await start(desk)
    mine = await say(desk, ada, room, "ask @Bob Byron-Xyz about $AAPL", mentions=[named("@Bob Byron-Xyz", bob)])
    await desk.messages.edit(
        ada, room.id, mine.id, text="do ask @Bob Byron-Xyz now", mentions=[named("@Bob Byron-Xyz", bob)]
    )
    for who in (ada, bob):
        await desk.marks.react(who, room.id, mine.id, "👍")
    theirs = await say(desk, bob, room, "xylophone")
    await desk.messages.edit(bob, room.id, theirs.id, text="xylophones")
    heard = await desk.follow(f"room:{room.id}")
    await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=())
    left = await everything(desk)
    assert "Byron-Xyz" not in left
    assert "xylophone" not in left
    shown = (await history(desk, ada, room))[0]
    assert shown.text == "do ask @Former member now"
    assert [(each.count, each.people) for each in shown.reactions] == [(1, (ada.user_id,))]
    assert [update["message"]["text"] for update in heard if update["kind"] == "message"][-1] == shown.text
    assert await desk.personal.erase_people(person_ids=(bob.user_id,), organisation_ids=()) == 0
