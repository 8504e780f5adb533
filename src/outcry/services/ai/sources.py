"""What the tools returned during one answer: each call is a source that figures can point at."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outcry.services.chat.contracts import ChartCard, Message, QuotedMessage, Source


@dataclass(slots=True)
class Call:
    """One tool call under way or done.

    ``quoted`` are the messages whose words stand in its result, ``read`` those that it was made of besides.
    """

    id: str
    tool: str
    title: str
    arguments: dict[str, Any]
    result: dict[str, Any] = field(default_factory=dict)
    card: ChartCard | None = None
    as_of: str = ""
    quoted: tuple[QuotedMessage, ...] = ()
    read: tuple[UUID, ...] = ()

    def quote(self, messages: Iterable[Message]) -> None:
        """Note whose words the result repeats."""
        self.quoted = tuple(
            QuotedMessage(room_id=each.room_id, message_id=each.id, sequence=each.sequence) for each in messages
        )

    @property
    def failed(self) -> bool:
        """Whether the tool answered with a sentence about why there is nothing."""
        return not self.result or "error" in self.result

    def to_source(self) -> Source:
        """Return the call as the reader sees it."""
        return Source(id=self.id, tool=self.tool, title=self.title, arguments=self.arguments, result=self.result)


class SourceLog:
    """The calls of one answer, in the order in which they began: s1, s2 and so on."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def begin(self, tool: str, title: str, arguments: dict[str, Any]) -> Call:
        """Note that a tool was called."""
        call = Call(id=f"s{len(self.calls) + 1}", tool=tool, title=title, arguments=arguments)
        self.calls.append(call)
        return call

    @property
    def sources(self) -> tuple[Source, ...]:
        """Everything that was returned, failures included."""
        return tuple(call.to_source() for call in self.calls if call.result)

    @property
    def cards(self) -> tuple[ChartCard, ...]:
        """The small charts of the calls that found something, each once."""
        cards: list[ChartCard] = []
        for call in self.calls:
            if call.card is not None and not call.failed and call.card not in cards:
                cards.append(call.card)
        return tuple(cards)

    @property
    def quoted(self) -> tuple[QuotedMessage, ...]:
        """The messages whose words were returned, each once."""
        return tuple(dict.fromkeys(each for call in self.calls for each in call.quoted))

    @property
    def read(self) -> tuple[UUID, ...]:
        """The messages that results were made of, each once."""
        return tuple(dict.fromkeys(each for call in self.calls for each in call.read))

    @property
    def as_of(self) -> str:
        """The newest date, or time, of the data that was used; empty when none was."""
        return max((call.as_of for call in self.calls if not call.failed), default="")
