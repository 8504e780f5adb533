"""Finds in a text whom and what it names. A mention is data beside the text, never markup in it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.text import clean_line
from outcry.services.chat.contracts import FORMER_NAME, HERE_ID
from outcry.services.chat.messages.models import MentionRow
from outcry.services.chat.models import MessageRow
from outcry.services.chat.search.documents import SYMBOL

MOST_MENTIONS = 50

# What is written as code is about a word, and calls nobody.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_GROUPS = re.compile(r"(?<![\w@./-])@(here|desk)\b(?!@)", re.IGNORECASE)
_SYMBOLS = re.compile(rf"(?<![\w$]){SYMBOL}(?!\w)")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPerson:
    """Somebody whom the words ``label`` (such as ``@Ada Lovelace``) in a text mean.

    Where several have one label, the first means its first place in the text, and so on; the last means all others.
    """

    label: str
    person_id: UUID


def read_mentions(text: str, people: Sequence[NamedPerson] = ()) -> list[dict[str, Any]] | None:
    """Return the mentions of a cleaned text as they are stored, in order and apart; None for none."""
    taken = [found.span() for found in _CODE.finditer(text)]
    found: list[tuple[int, int, dict[str, Any]]] = []
    for start, end, what in (*_people(text, people), *_groups(text), *_symbols(text)):
        if len(found) < MOST_MENTIONS and all(end <= begun or start >= ended for begun, ended in taken):
            taken.append((start, end))
            found.append((start, end, what))
    stored = [
        {"start": start, "end": end, "person_id": None, "symbol": ""} | what
        for start, end, what in sorted(found, key=_place)
    ]
    return stored or None


def people_in_mentions(stored: Iterable[dict[str, Any]] | None) -> list[UUID]:
    """Return the people whom stored mentions name, each once; HERE_ID for everybody."""
    named = (HERE_ID if each["kind"] == "here" else each["person_id"] for each in stored or ())
    return list(dict.fromkeys(UUID(str(person_id)) for person_id in named if person_id))


def calls_desk(stored: Iterable[dict[str, Any]] | None) -> bool:
    """Say whether stored mentions name the AI."""
    return any(each["kind"] == "desk" for each in stored or ())


async def note_mentions(session: AsyncSession, row: MessageRow) -> None:
    """Write who is named by a message, in place of what was written before."""
    await session.execute(delete(MentionRow).where(MentionRow.message_id == row.id))
    for person_id in people_in_mentions(row.mentions):
        session.add(
            MentionRow(
                message_id=row.id,
                person_id=person_id,
                tenant_id=row.tenant_id,
                room_id=row.room_id,
                sequence=row.sequence,
            )
        )


def unname(
    text: str, stored: list[dict[str, Any]] | None, people: frozenset[UUID]
) -> tuple[str, list[dict[str, Any]] | None]:
    """Return a text and its mentions without the names of these people in it."""
    parts: list[str] = []
    mentions: list[dict[str, Any]] = []
    at = moved = 0
    for each in stored or ():
        mention = each | {"start": each["start"] + moved, "end": each["end"] + moved}
        if each["person_id"] and UUID(each["person_id"]) in people:
            label = f"@{FORMER_NAME}"
            parts += [text[at : each["start"]], label]
            at = each["end"]
            moved += len(label) - (each["end"] - each["start"])
            mention["end"] = mention["start"] + len(label)
        mentions.append(mention)
    return "".join((*parts, text[at:])), mentions or None


def _place(found: tuple[int, int, dict[str, Any]]) -> int:
    return found[0]


def _people(text: str, people: Sequence[NamedPerson]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    by_label: dict[str, list[UUID]] = {}
    for named in people:
        label = clean_line(named.label)
        if label.startswith("@") and len(label) > 1:
            by_label.setdefault(label, []).append(named.person_id)
    # The longest first: "@Ada Lovelace" is not "@Ada".
    for label in sorted(by_label, key=len, reverse=True):
        meant = by_label[label]
        for number, found in enumerate(re.finditer(rf"(?<![\w@]){re.escape(label)}(?!\w)", text)):
            person_id = meant[min(number, len(meant) - 1)]
            yield found.start(), found.end(), {"kind": "person", "person_id": str(person_id)}


def _groups(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for found in _GROUPS.finditer(text):
        yield found.start(), found.end(), {"kind": found[1].lower()}


def _symbols(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for found in _SYMBOLS.finditer(text):
        yield found.start(), found.end(), {"kind": "symbol", "symbol": found[0][1:].upper()}
