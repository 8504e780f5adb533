"""How a room's messages are put before a model: who said what, as data that no message can break out of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from outcry.kit.errors import NotFoundError
from outcry.kit.text import clean_line
from outcry.services.ai.settings import AiSettings
from outcry.services.chat.contracts import ASSISTANT_ID, ASSISTANT_NAME, GONE, ChatFacade, Message

_LONGEST_EARLIER = 2_000
_LONGEST_NAME = 80
# No person is called like a part of the conversation itself, or makes a server's marker of the brackets around a name.
_TAKEN = (ASSISTANT_NAME, "system", "developer", "assistant", "user", "tool", "inst", "/inst")
# What servers put between messages. Some read it also inside of one.
_MARKERS = re.compile(r"<(?=\|)|(?<=\|)>|\[(?=/?INST\])|<(?=/?s>|</?SYS>>|(?:start|end)_of_turn>)", re.IGNORECASE)
# Few bytes a token, so that rather less is sent than a server takes.
_BYTES_A_TOKEN = 3
_TOKENS_AROUND = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a model gets of a room: the question, and what was said before it."""

    prompt: str
    history: Sequence[ModelMessage]


class Transcripts:
    """Reads what a model gets of a room: as it is now, of the stream that was asked in, and of no other room."""

    def __init__(self, *, chat: ChatFacade, settings: AiSettings) -> None:
        self._chat = chat
        self._settings = settings

    async def read(self, *, tenant_id: UUID, question: Message) -> Transcript:
        """Return the question with what it answers and the newest messages before it, as far as the budget goes."""
        earlier = await self._chat.recent_messages(
            tenant_id=tenant_id,
            room_id=question.room_id,
            before=question.sequence,
            limit=self._settings.history_messages,
        )
        answered = await self._answered(tenant_id, question)
        return write_transcript(question, earlier, answered, tokens=self._settings.history_tokens)

    async def _answered(self, tenant_id: UUID, question: Message) -> tuple[Message, ...]:
        """Return the message of this room that the question answers, after what that one was a reply to."""
        if question.quote is None or question.quote.room_id != question.room_id:
            return ()
        found: list[Message] = []
        following: UUID | None = question.quote.message_id
        try:
            while following is not None:
                found.insert(0, await self._chat.get_message(tenant_id=tenant_id, message_id=following))
                following = found[0].reply_to
        except NotFoundError:
            pass
        return tuple(message for message in found if message.status not in GONE)


class Labels:
    """What the people of a room are called before a model: by their names of now, in one line, no two alike."""

    def __init__(self) -> None:
        self._labels: dict[UUID, str] = {ASSISTANT_ID: ASSISTANT_NAME}
        self._taken = {name.casefold() for name in _TAKEN}

    def of(self, person_id: UUID, name: str) -> str:
        """Return somebody's label, the same each time."""
        if person_id not in self._labels:
            self._labels[person_id] = self._make(name)
        return self._labels[person_id]

    def _make(self, name: str) -> str:
        plain = label = clean_line(name.translate({ord("["): "(", ord("]"): ")"}))[:_LONGEST_NAME] or "Somebody"
        number = 1
        while label.casefold() in self._taken:
            number += 1
            label = f"{plain} ({number})"
        self._taken.add(label.casefold())
        return label


def write_transcript(
    question: Message, earlier: Sequence[Message], answered: Sequence[Message] = (), *, tokens: int
) -> Transcript:
    """Return the question and, oldest first, as much of what was said before it as the budget takes.

    What the question answers stands right before it. What is not finished is left out.
    """
    labels = Labels()
    for message in (*earlier, *answered, question):
        labels.of(message.author.id, message.author.name)
    moved = {message.id for message in answered}
    before = [message for message in earlier if message.id not in moved]
    history: list[ModelMessage] = []
    for message in reversed((*before, *answered)):
        if message.author.kind != "person" and message.status not in ("complete", "stopped"):
            continue
        text = _write(message, labels)
        tokens -= _TOKENS_AROUND + len(text.encode()) // _BYTES_A_TOKEN
        if tokens < 0:
            break
        if message.author.kind == "person":
            history.insert(0, ModelRequest(parts=[UserPromptPart(content=text)]))
        elif text.strip():
            history.insert(0, ModelResponse(parts=[TextPart(content=text)]))
    while history and isinstance(history[0], ModelResponse):
        history.pop(0)
    return Transcript(prompt=_write(question, labels, longest=None), history=history)


def _write(message: Message, labels: Labels, *, longest: int | None = _LONGEST_EARLIER) -> str:
    """Return a message as a model reads it. Every line but the first is indented: none begins like another message."""
    if message.author.kind != "person":
        return _disarm(message.text[:longest])
    name = labels.of(message.author.id, message.author.name)
    lines = _disarm(_name_people(message, labels)[:longest]).splitlines()
    return f"[{_disarm(name)}] " + "\n  ".join(lines)


def _name_people(message: Message, labels: Labels) -> str:
    """Return a text in which people are named as their own messages are."""
    parts: list[str] = []
    at = 0
    for mention in message.mentions:
        if mention.person_id is not None:
            label = labels.of(mention.person_id, mention.name)
            parts += [message.text[at : mention.start], f"@[{label}]"]
            at = mention.end
    return "".join((*parts, message.text[at:]))


def _disarm(text: str) -> str:
    """Return a text in which no server finds an end of the message: its markers are set apart."""
    return _MARKERS.sub(lambda found: f"{found[0]} " if found[0] != ">" else " >", text)
