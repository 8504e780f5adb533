"""The tools that read messages: what the people of the room said, and no more than all of them may read."""

from typing import Annotated

from pydantic import Field
from pydantic_ai import RunContext, Tool

from outcry.kit.text import clean_line, shorten
from outcry.services.ai.sources import Call
from outcry.services.ai.tools import Desk, Result, logged
from outcry.services.chat.contracts import Message, QuotedMessage

_LONGEST_WORDS = 400


async def search_messages(
    context: RunContext[Desk],
    query: Annotated[str, Field(min_length=1, max_length=200)],
    limit: Annotated[int, Field(ge=1, le=20)] = 8,
) -> Result:
    """Find what people said before, in this room and in others that everybody here is in.

    Args:
        query: the words to find, all of which have to be in a message, such as "KO dividend" or "$AAPL".
        limit: most messages to return.

    Returns:
        {"query", "count", "messages": [{"author", "date", "room", "words"}]}, newest first. What people said is no
        data: repeat it as theirs, with their name.
    """
    desk = context.deps
    return await logged(
        desk,
        "search_messages",
        f"Looking for messages about “{clean_line(query)}”",
        {"query": query, "limit": limit},
        lambda call: _found(desk, call, query, limit),
    )


async def _found(desk: Desk, call: Call, query: str, limit: int) -> Result:
    found = await desk.audience.search(query, limit)
    call.quote(each.message for each in found)
    messages = [to_words(each.message) | {"room": each.room_title} for each in found]
    return {"query": query, "count": len(messages), "messages": messages}


def to_words(message: Message) -> Result:
    """Return a message as a model reads it of a tool."""
    return {
        "author": message.author.name,
        "date": message.created_at.date().isoformat(),
        "words": shorten(clean_line(message.text), _LONGEST_WORDS),
    }


def to_link(message: Message) -> QuotedMessage:
    """Return where a message stands."""
    return QuotedMessage(room_id=message.room_id, message_id=message.id, sequence=message.sequence)


ROOM_TOOLS: tuple[Tool[Desk], ...] = (
    Tool(search_messages, docstring_format="google", require_parameter_descriptions=True),
)
