"""The lists of unwanted words: what they are, and what they say of a text."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.kit.principal import Principal
from outcry.kit.text import clean_line
from outcry.ports.database import Database, Transaction
from outcry.services.chat.events import RoomModerated
from outcry.services.chat.membership import room_of
from outcry.services.chat.moderation.contracts import UnwantedWord, WordList
from outcry.services.chat.moderation.errors import UnwantedWordsError, WordsImpossibleError
from outcry.services.chat.moderation.models import EVERYWHERE, WordListRow
from outcry.services.chat.moderation.words import Entry, find, fold, to_entry
from outcry.services.chat.rights import Right, require

# Of both lists that hold in a room: that of the organisation, then its own.
Lists = Mapping[tuple[UUID, UUID], Sequence[Entry]]
MOST_WORDS = 8


class WordLists:
    """Reads and changes the lists. A room's is for its moderators, the organisation's for its administrators."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def read(self, principal: Principal, room_id: UUID | None) -> WordList:
        """Return the list of a room, or of the organisation."""
        async with self._database.reading() as session:
            await _check(session, principal, room_id)
            row = await session.get(WordListRow, (principal.tenant_id, room_id or EVERYWHERE))
        entries = () if row is None else row.entries
        return WordList(entries=tuple(UnwantedWord(text=each["text"], action=each["action"]) for each in entries))

    async def write(self, principal: Principal, room_id: UUID | None, entries: Sequence[UnwantedWord]) -> WordList:
        """Put a list in place of the one before; raises WordsImpossibleError for an entry without a word."""
        read = [_read(each) for each in entries]
        unique = {entry.words: entry for entry in read}
        key = (principal.tenant_id, room_id or EVERYWHERE)
        async with self._database.transaction() as transaction:
            await _check(transaction.session, principal, room_id)
            before = await transaction.session.get(WordListRow, key, with_for_update=True)
            was = 0 if before is None else len(before.entries)
            row = WordListRow(
                tenant_id=key[0],
                room_id=key[1],
                entries=[
                    {"text": each.text, "words": list(each.words), "action": each.action} for each in unique.values()
                ],
                changed_by=principal.user_id,
                changed_at=self._clock.now(),
            )
            await transaction.session.merge(row)
            _publish(transaction, principal, room_id, was=was, now=len(unique))
        return WordList(entries=tuple(UnwantedWord(text=each.text, action=each.action) for each in unique.values()))


async def lists_of(session: AsyncSession, tenant_ids: set[UUID], room_ids: set[UUID]) -> Lists:
    """Return the lists of these rooms and organisations, by both ids."""
    query = select(WordListRow).where(
        WordListRow.tenant_id.in_(tenant_ids), WordListRow.room_id.in_(room_ids | {EVERYWHERE})
    )
    return {
        (row.tenant_id, row.room_id): [to_entry(each) for each in row.entries] for row in await session.scalars(query)
    }


def needs_review(lists: Lists, tenant_id: UUID, room_id: UUID, text: str) -> bool:
    """Say whether a text is to be reviewed; raises UnwantedWordsError for one that is refused."""
    if not lists:
        return False
    entries = [*lists.get((tenant_id, EVERYWHERE), ()), *lists.get((tenant_id, room_id), ())]
    found = find(entries, text) if entries else None
    if found is not None and found.action == "refuse":
        raise UnwantedWordsError(f"“{found.text}” is not wanted here. Say it in other words.")
    return found is not None


async def refuse_words(session: AsyncSession, tenant_id: UUID, room_id: UUID, *texts: str | None) -> None:
    """Raise UnwantedWordsError for a title or description with words that are refused.

    Words that are only to be reviewed pass, and nothing comes into the queue: it is one of messages.
    """
    given = [text for text in texts if text]
    if not given:
        return
    lists = await lists_of(session, {tenant_id}, {room_id})
    for text in given:
        needs_review(lists, tenant_id, room_id, text)


def _read(given: UnwantedWord) -> Entry:
    text = clean_line(given.text)
    words = fold(text)
    if not 1 <= len(words) <= MOST_WORDS:
        raise WordsImpossibleError(f"An entry has between one and {MOST_WORDS} words.")
    return Entry(text=text, words=words, action=given.action)


async def _check(session: AsyncSession, principal: Principal, room_id: UUID | None) -> None:
    if room_id is None:
        principal.require("chat:words:manage")
        return
    _, own = await room_of(session, principal, room_id, lock=False)
    require(own, Right.MODERATE)


def _publish(transaction: Transaction, principal: Principal, room_id: UUID | None, *, was: int, now: int) -> None:
    event = RoomModerated(room_id=room_id, act="words", was=was, now=now)
    key = str(room_id or principal.tenant_id)
    transaction.publish(event, tenant_id=principal.tenant_id, key=key, actor_id=principal.user_id)
