"""What of a message is indexed."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from outcry.ports.text_search import Document
from outcry.services.chat.contracts import GONE
from outcry.services.chat.models import MessageRow

HAS = ("link", "chart", "figure", "source", "file", "image")
SYMBOL = r"\$[A-Za-z][A-Za-z0-9]{0,11}(?:[.\-/][A-Za-z0-9]{1,11})?"
_LINK = re.compile(r"https?://\S", re.IGNORECASE)
_SYMBOLS = re.compile(rf"(?<![\w$]){SYMBOL}")


def topic_flag(topic_id: UUID) -> str:
    """Return the flag of the messages of a topic."""
    return f"topic:{topic_id}"


def to_document(row: MessageRow) -> Document | None:
    """Return what can be found of a message; None for what is erased or still being written."""
    if row.status in (*GONE, "streaming") or not (row.text or row.cards or row.files):
        return None
    return Document(
        id=row.id,
        tenant_id=row.tenant_id,
        scope_id=row.room_id,
        author_id=row.author_id,
        time=row.created_at,
        text="\n".join(filter(None, (row.text, *(each["name"] for each in row.files or ())))),
        flags=frozenset(_flags(row)),
    )


def _flags(row: MessageRow) -> Iterator[str]:
    answer: dict[str, Any] = row.answer or {}
    cards = [*(row.cards or ()), *(answer.get("cards") or ())]
    if _LINK.search(row.text):
        yield "link"
    if cards:
        yield "chart"
    if row.files:
        yield "file"
    if any(each["kind"] == "image" for each in row.files or ()):
        yield "image"
    if answer.get("figures"):
        yield "figure"
    if answer.get("sources"):
        yield "source"
    if row.topic_id is not None:
        yield topic_flag(row.topic_id)
    for found in _SYMBOLS.finditer(row.text):
        yield found[0].upper()
    for card in cards:
        yield from (f"${symbol.upper()}" for symbol in card.get("symbols") or ())
