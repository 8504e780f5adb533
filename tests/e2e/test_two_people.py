"""Two people of one organisation in one conversation with the AI."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import Client, RunningServer, find_answer


def move_into(data: Path, newcomer: Client, host: Client) -> None:
    """Make one person a member of another's organisation, in the database: inviting is not there yet."""
    ids = [
        bytes.fromhex(client.me[part]["id"].replace("-", "")).hex()
        for client, part in ((host, "organisation"), (newcomer, "person"))
    ]
    with sqlite3.connect(data / "databases" / "auth.sqlite", timeout=10) as connection:
        done = connection.execute("UPDATE membership SET organisation_id = ?, role = 'member' WHERE person_id = ?", ids)
        assert done.rowcount == 1
    connection.close()


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Client, Client]]:
    """Ada and Bob, colleagues, on a server of their own."""
    server = RunningServer(tmp_path / "data", OUTCRY_AUTH_HASH_MEMORY_KIB="1024").start()
    ada, bob = await Client(server.url).sign_up("Ada"), await Client(server.url).sign_up("Bob")
    move_into(server.data, bob, ada)
    await bob.sign_in(bob.me["person"]["email"])
    yield ada, bob
    for person in (ada, bob):
        await person.close()
    assert server.stop() == 0


async def test_both_see_one_stream_and_who_is_taken_out_hears_no_more(pair: tuple[Client, Client]) -> None:
    ada, bob = pair
    room = await ada.new_conversation()
    async with ada.socket() as hers, bob.socket() as his:
        refused = await his.follow(f"room:{room}")
        assert refused["code"] == "not_found"
        member = await ada.call("POST", f"/rooms/{room}/members", {"email": bob.me["person"]["email"]})
        assert member["author"]["name"] == "Bob"
        assert [item["id"] for item in (await bob.call("GET", "/rooms"))["items"]] == [room]
        for socket in (hers, his):
            assert (await socket.follow(f"room:{room}"))["type"] == "subscribed"

        question = await bob.post(room, "What is the RSI of AAPL?")
        answers = [await one.until(lambda heard: find_answer(heard, question["id"])) for one in (hers, his)]
        assert answers[0] == answers[1]

        await ada.call("DELETE", f"/rooms/{room}/members/{bob.me['person']['id']}")
        await his.until(lambda heard: heard.control[-1].get("code") == "not_found")
        seen = len(his.heard.updates)
        posted = await ada.post(room, "Now that he is gone")
        await hers.until(lambda heard: find_answer(heard, posted["id"]))
        await his.send(type="ping")
        await his.until(lambda heard: {"type": "pong"} in heard.control)
        assert len(his.heard.updates) == seen
        # Neither does the socket that was open take anything more for it.
        asked = {
            "chat.post": {"room_id": room, "text": "hi", "client_id": "abcdefgh"},
            "chat.typing": {"room_id": room, "typing": True},
        }
        for name, body in asked.items():
            await his.send(type="call", id=name, name=name, body=body)
            answer = await his.until(
                lambda heard, name=name: next((said for said in heard.control if said.get("id") == name), None)
            )
            assert answer["problem"]["status"] == 404, answer
        await bob.call("GET", f"/rooms/{room}/messages", status=404)
        await bob.call("POST", f"/rooms/{room}/messages", {"text": "hi", "client_id": "abcdefgh"}, status=404)


async def test_a_new_name_shows_and_who_erases_themselves_leaves_no_words(pair: tuple[Client, Client]) -> None:
    ada, bob = pair
    room, email = await ada.new_conversation(), bob.me["person"]["email"]
    await ada.call("POST", f"/rooms/{room}/members", {"email": email})
    question = await bob.post(room, "What is the RSI of AAPL?")
    assert question["author"]["name"] == "Bob"
    async with ada.socket() as hers:
        page = await ada.call("GET", f"/rooms/{room}/messages?limit=1")
        await hers.follow(f"room:{room}", epoch=page["epoch"], offset=page["offset"])

        await bob.call("PATCH", "/auth/me", {"name": "Robert"})
        # Sooner than names are kept for: what makes them right at once is the event.
        async with asyncio.timeout(15):
            while (await ada.history(room))[0]["author"]["name"] != "Robert":
                pass

        await bob.call("POST", "/auth/me/erasure", {"email": email})
        await hers.until(lambda heard: [said for said in heard.updates if is_erased(said, question["id"])])
    messages = await ada.history(room)
    assert {(message["status"], message["text"]) for message in messages} == {("erased", "")}
    assert messages[0]["author"]["name"] == "Former member"
    shown = await ada.call("GET", f"/rooms/{room}")
    assert (shown["title"], shown["last_text"]) == ("New conversation", "")
    members = await ada.call("GET", f"/rooms/{room}/members")
    assert {member["author"]["name"] for member in members} == {"Ada", "Desk"}


def is_erased(update: dict[str, Any], message_id: str) -> bool:
    """Say whether an update shows that a message was erased."""
    message = update["data"].get("message") or {}
    return message.get("id") == message_id and message["status"] == "erased"


def told(heard: Any, topic: str) -> dict[str, Any] | None:
    """Return the newest that a topic told."""
    found = [update["data"] for update in heard.updates if update["topic"] == topic]
    return found[-1] if found else None


async def test_each_sees_that_the_other_is_there_types_and_has_read(pair: tuple[Client, Client]) -> None:
    ada, bob = pair
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Desk"}))["id"]
    await ada.call("POST", f"/rooms/{room}/members", {"email": bob.me["person"]["email"]})
    his_id = bob.me["person"]["id"]
    async with ada.socket() as hers:
        for topic in ("presence", "typing", "receipts"):
            assert (await hers.follow(f"{topic}:{room}"))["type"] == "subscribed"
        await hers.follow(f"user:{ada.me['person']['id']}")
        async with bob.socket() as his:
            await his.send(type="call", name="chat.presence", body={"state": "here"})
            people = (await hers.until(lambda heard: told(heard, f"presence:{room}")))["people"]
            assert [(each["person_id"], each["state"]) for each in people] == [(his_id, "here")]
            assert (await ada.call("GET", f"/rooms/{room}/presence"))["people"] == people

            await his.send(type="call", name="chat.typing", body={"room_id": room, "typing": True})
            await hers.until(lambda heard: (told(heard, f"typing:{room}") or {}).get("count") == 1)
            message = await bob.post(room, "hello")
            await hers.until(lambda heard: (told(heard, f"typing:{room}") or {}).get("count") == 0)
            news = await hers.until(lambda heard: told(heard, f"user:{ada.me['person']['id']}"))
            assert news["kind"] in ("rooms", "news")
            assert [each["unread"] for each in (await ada.call("GET", "/unread"))["rooms"]] == [1]

            await his.follow(f"receipts:{room}")
            await hers.send(type="call", name="chat.read", body={"room_id": room, "read": message["sequence"]})
            await his.until(
                lambda heard: any(
                    each["person_id"] != his_id and each["read"] == message["sequence"]
                    for each in (told(heard, f"receipts:{room}") or {}).get("receipts", ())
                )
            )
            seen = await bob.call("GET", f"/rooms/{room}/messages/{message['id']}/seen")
            assert ([each["name"] for each in seen["items"]], seen["seen"], seen["people"]) == (["Ada"], 1, 1)
            assert [each["unread"] for each in (await ada.call("GET", "/unread"))["rooms"]] == [0]
            strange = await hers.follow("presence:00000000-0000-7000-8000-000000000000")
            assert strange["code"] == "not_found"


async def test_in_a_room_the_desk_answers_both_when_it_is_called(pair: tuple[Client, Client]) -> None:
    ada, bob = pair
    room = (await ada.call("POST", "/rooms", {"kind": "private", "title": "Tech"}))["id"]
    for member in ({"email": bob.me["person"]["email"]}, {"person_id": "00000000-0000-7000-8000-0000000000a1"}):
        await ada.call("POST", f"/rooms/{room}/members", member)
    async with ada.socket() as hers, bob.socket() as his:
        for socket in (hers, his):
            assert (await socket.follow(f"room:{room}"))["type"] == "subscribed"
        await ada.post(room, "What do you think of AAPL?")
        question = await bob.post(room, "@desk RSI of AAPL")
        answers = [await one.until(lambda heard: find_answer(heard, question["id"])) for one in (hers, his)]
        assert answers[0] == answers[1]
        assert "RSI of Apple" in answers[0]["text"]
    history = await ada.call("GET", f"/rooms/{room}/messages")
    assert [message["author"]["name"] for message in history["items"]] == ["Ada", "Bob", "Desk"]
