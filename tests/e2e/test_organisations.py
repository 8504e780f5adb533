"""From an invitation to its end, over a real server: what a guest sees, and how fast a removal takes hold."""

import asyncio
import re
from email import message_from_bytes, policy
from pathlib import Path

from tests.running import Client, RunningServer

GUARD = {"X-Outcry": "1"}


def find_token(data: Path, email: str) -> str | None:
    """Return the token of the newest invitation to an address."""
    for path in sorted(data.glob("**/*.eml"), reverse=True):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        found = re.search(r"/invitation#(\S+)", message.get_content())
        if found and message["to"] == email:
            return found.group(1)
    return None


async def token_in_mail(data: Path, email: str) -> str:
    """Wait until the mail is written, and return its token."""
    async with asyncio.timeout(20):
        while True:
            if token := await asyncio.to_thread(find_token, data, email):
                return token
            await asyncio.sleep(0.02)


async def bring_in(server: RunningServer, by: Client, role: str, **more: str) -> Client:
    """Make an account, invite it and let it accept."""
    somebody = await Client(server.url).sign_up("Gus Guest")
    email = somebody.me["person"]["email"]
    await by.call("POST", "/auth/organisation/invitations", {"email": email, "role": role, **more})
    somebody.http.headers.update(GUARD)
    token = await token_in_mail(server.data, email)
    somebody._keep(await somebody.call("POST", "/auth/invitations/accept", {"token": token}))
    return somebody


async def test_a_guest_sees_one_room_until_they_are_removed(server: RunningServer, client: Client) -> None:
    rooms = [(await client.call("POST", "/rooms", {"kind": "room"}))["id"] for _ in range(2)]
    guest = await bring_in(server, client, "guest", room_id=rooms[0])
    async with guest.socket() as socket:
        await socket.follow(f"user:{guest.me['person']['id']}")
        if not (await guest.call("GET", "/rooms"))["items"]:
            await socket.until(lambda heard: heard.updates)
    assert [room["id"] for room in (await guest.call("GET", "/rooms"))["items"]] == [rooms[0]]
    await guest.call("GET", f"/rooms/{rooms[1]}", status=404)
    await guest.post(rooms[0], "good morning")
    async with guest.socket() as socket:
        assert (await socket.follow(f"room:{rooms[0]}"))["type"] == "subscribed"
        assert (await socket.follow(f"room:{rooms[1]}"))["type"] == "error"
        await client.call("DELETE", f"/auth/organisation/members/{guest.me['person']['id']}")
        async with asyncio.timeout(1):
            await socket.connection.wait_closed()
        assert socket.connection.close_code == 4401
    await guest.call("GET", "/rooms", status=401)
    await guest.close()


async def test_a_switch_closes_the_sockets_of_before_and_opens_nothing_of_there(client: Client) -> None:
    room = await client.new_conversation()
    made = await client.call("POST", "/auth/organisations", {"name": "Second"})
    client.http.headers.update(GUARD)
    async with client.socket() as before:
        await before.follow(f"room:{room}")
        client._keep(await client.call("POST", "/auth/switch", {"organisation_id": made["id"]}))
        async with asyncio.timeout(1):
            await before.connection.wait_closed()
        assert before.connection.close_code == 4401
    assert (await client.call("GET", "/rooms"))["items"] == []
    async with client.socket() as now:
        assert (await now.follow(f"room:{room}"))["type"] == "error"
