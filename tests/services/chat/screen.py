"""What a client shows of a room: a state that was read, and the updates that came after it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import jsonschema_rs
from pydantic import TypeAdapter

from outcry.kit.principal import Principal
from outcry.kit.topics import Position
from outcry.services.chat.contracts import HistoryPage, Member, Room, RoomUpdate, Topic
from outcry.services.chat.queries import ChatQueries
from outcry.services.chat.topics.queries import TopicQueries

PAGE = 200
# Each person's own, or told on their own topic: no part of what a room's topic keeps up to date.
OWN_FIELDS = {"archived", "people", "place", "last_activity_at", "last_text"}
_SCHEMA = TypeAdapter(RoomUpdate).json_schema(mode="serialization")
_VALIDATOR = jsonschema_rs.validator_for(_SCHEMA)
_TOPICS = TypeAdapter(tuple[Topic, ...])
_PAGE, _ROOM, _MEMBERS = TypeAdapter(HistoryPage), TypeAdapter(Room), TypeAdapter(tuple[Member, ...])


class HasQueries(Protocol):
    """The chat service as it is read."""

    queries: ChatQueries


@dataclass
class Screen:
    """Messages by their id, the room and its members, as JSON; and the position up to which it is that."""

    position: Position
    room: dict[str, Any]
    members: list[dict[str, Any]]
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    topics: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)

    @classmethod
    async def load(cls, desk: HasQueries, person: Principal, room_id: UUID) -> "Screen":
        """Read the state anew, the position first."""
        page = await desk.queries.history(person, room_id, cursor=None, limit=PAGE)
        room = await desk.queries.get_room(person, room_id)
        members = await desk.queries.list_members(person, room_id)
        screen = cls(
            position=Position(epoch=page.epoch, offset=page.offset),
            room=shown_of(_ROOM.dump_python(room, mode="json")),
            members=_MEMBERS.dump_python(members, mode="json"),
        )
        for message in _PAGE.dump_python(page, mode="json")["items"]:
            screen.messages[message["id"]] = message
        seen = TopicQueries(database=desk.queries._database)
        for archived in (False, True):
            topics = await seen.list_topics(person, room_id, archived=archived, cursor=None, limit=PAGE)
            screen.topics |= {topic["id"]: topic for topic in _TOPICS.dump_python(topics.items, mode="json")}
        return screen

    @property
    def state(self) -> tuple[Any, ...]:
        """All that is shown, messages in their order."""
        ordered = sorted(self.messages.values(), key=lambda message: message["sequence"])
        return self.room, self.members, self.topics, ordered

    def take(self, updates: Iterable[tuple[int, str]]) -> None:
        """Apply updates that came, each only once and only forward."""
        for offset, data in updates:
            if offset > self.position.offset:
                self.position = Position(epoch=self.position.epoch, offset=offset)
                self.seen.append(offset)
                self._apply(json.loads(data))

    def reach(self, position: Position) -> None:
        """Note that there is nothing else up to a position."""
        if position.offset > self.position.offset:
            self.position = position

    def _apply(self, update: dict[str, Any]) -> None:
        _VALIDATOR.validate(update)
        assert update.keys() <= _SCHEMA["properties"].keys()
        match update["kind"]:
            case "message":
                self.messages[update["message"]["id"]] = update["message"]
            case "room":
                self.room, floor = shown_of(update["room"]), update["room"]["floor"]
                self.messages = {key: each for key, each in self.messages.items() if each["sequence"] > floor}
            case "topic":
                self.topics[update["topic"]["id"]] = update["topic"]
            case "members":
                self.members = update["members"]
            case "delta" | "activity" as kind:
                self._go_on(kind, update)
            case other:
                raise AssertionError(f"a kind that no screen knows: {other}")

    def _go_on(self, kind: str, update: dict[str, Any]) -> None:
        message = self.messages[update["message_id"]]
        if message["status"] != "streaming" or message["version"] != update["version"]:
            return
        if kind == "activity":
            message["activity"] = update["text"]
            return
        assert update["at"] <= len(message["text"]), "a piece of the text is missing"
        message["text"] += update["text"][len(message["text"]) - update["at"] :]


def shown_of(room: dict[str, Any]) -> dict[str, Any]:
    """Return what everybody in a room sees of it."""
    return {name: value for name, value in room.items() if name not in OWN_FIELDS}
