"""The endpoints of moderation."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from outcry.kit.http import refusals, requires
from outcry.kit.paging import Page
from outcry.kit.principal import Principal
from outcry.services.chat.contracts import Member, Room
from outcry.services.chat.moderation.commands import ModerationCommands
from outcry.services.chat.moderation.contracts import Ban, Case, CaseState, Decision, OpenCases, UnwantedWord, WordList
from outcry.services.chat.moderation.queries import ModerationQueries
from outcry.services.chat.moderation.reviews import ReviewCommands
from outcry.services.chat.moderation.word_lists import WordLists

_LONGEST_MINUTES = 366 * 24 * 60
_SLOWEST_S = 6 * 60 * 60
_Moderator = Annotated[Principal, requires("chat:moderation:manage")]


@dataclass(frozen=True, kw_only=True)
class Term:
    """For how many minutes; without it until a moderator ends it."""

    minutes: Annotated[int, Field(ge=1, le=_LONGEST_MINUTES)] | None = None


@dataclass(frozen=True, kw_only=True)
class SlowMode:
    """How many seconds are between two messages of a member; 0 ends slow mode."""

    seconds: Annotated[int, Field(ge=0, le=_SLOWEST_S)]


@dataclass(frozen=True, kw_only=True)
class WordEntry:
    """A word, or some in this order, and what happens to a message that has them."""

    text: Annotated[str, Field(min_length=1, max_length=100)]
    action: Literal["refuse", "review"] = "refuse"


@dataclass(frozen=True, kw_only=True)
class WordsChange:
    """A list in place of the one before."""

    entries: Annotated[tuple[WordEntry, ...], Field(max_length=500)]


@dataclass(frozen=True, kw_only=True)
class MessageReport:
    """Why a message is reported."""

    reason: Annotated[str, Field(max_length=500)] = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of a reported message; a ``note`` on a removed one is shown in its place."""

    verdict: Literal["kept", "removed"]
    note: Annotated[str, Field(max_length=300)] = ""


def moderation_router(
    commands: ModerationCommands, queries: ModerationQueries, words: WordLists, reviews: ReviewCommands
) -> APIRouter:
    """Return the endpoints, bound to these."""
    router = APIRouter(prefix="/api/v1", tags=["chat"])
    _add_silences(router, commands)
    _add_bans(router, commands, queries)
    _add_words(router, words)
    _add_reviews(router, reviews, queries)
    return router


def _add_silences(router: APIRouter, commands: ModerationCommands) -> None:
    @router.put("/rooms/{room_id}/members/{user_id}/silence", responses=refusals(409))
    async def silence_member(principal: _Moderator, room_id: UUID, user_id: UUID, body: Term) -> Member:
        """Take a member's voice in a room, for a time or until it is given back."""
        return await commands.silence(principal, room_id, user_id, minutes=body.minutes)

    @router.delete("/rooms/{room_id}/members/{user_id}/silence", responses=refusals(409))
    async def unsilence_member(principal: _Moderator, room_id: UUID, user_id: UUID) -> Member:
        """Give a member's voice back."""
        return await commands.unsilence(principal, room_id, user_id)

    @router.put("/rooms/{room_id}/slow-mode", responses=refusals(409))
    async def set_slow_mode(principal: _Moderator, room_id: UUID, body: SlowMode) -> Room:
        """Let a member post once in so many seconds."""
        return await commands.set_slow_mode(principal, room_id, seconds=body.seconds)


def _add_bans(router: APIRouter, commands: ModerationCommands, queries: ModerationQueries) -> None:
    @router.get("/rooms/{room_id}/bans")
    async def list_bans(principal: _Moderator, room_id: UUID) -> tuple[Ban, ...]:
        """List who may not come into a room."""
        return await queries.list_bans(principal, room_id)

    @router.put("/rooms/{room_id}/bans/{user_id}", responses=refusals(409))
    async def ban_person(principal: _Moderator, room_id: UUID, user_id: UUID, body: Term) -> Ban:
        """Take somebody out of a room and let them not come back, also not by a link."""
        return await commands.ban(principal, room_id, user_id, minutes=body.minutes)

    @router.delete("/rooms/{room_id}/bans/{user_id}", status_code=204, responses=refusals(409))
    async def unban_person(principal: _Moderator, room_id: UUID, user_id: UUID) -> None:
        """Let somebody come into a room again."""
        await commands.unban(principal, room_id, user_id)


def _add_words(router: APIRouter, words: WordLists) -> None:
    @router.get("/rooms/{room_id}/words")
    async def list_room_words(principal: _Moderator, room_id: UUID) -> WordList:
        """List the words that are not wanted in a room."""
        return await words.read(principal, room_id)

    @router.put("/rooms/{room_id}/words")
    async def set_room_words(principal: _Moderator, room_id: UUID, body: WordsChange) -> WordList:
        """Say which words are not wanted in a room."""
        return await words.write(principal, room_id, to_words(body))

    @router.get("/moderation/words")
    async def list_words(principal: Annotated[Principal, requires("chat:words:manage")]) -> WordList:
        """List the words that are not wanted in any room of the organisation."""
        return await words.read(principal, None)

    @router.put("/moderation/words")
    async def set_words(principal: Annotated[Principal, requires("chat:words:manage")], body: WordsChange) -> WordList:
        """Say which words are not wanted in any room of the organisation."""
        return await words.write(principal, None, to_words(body))


def _add_reviews(router: APIRouter, reviews: ReviewCommands, queries: ModerationQueries) -> None:
    @router.post("/rooms/{room_id}/messages/{message_id}/report", status_code=204, responses=refusals(409))
    async def report_message(
        principal: Annotated[Principal, requires("chat:message:report")],
        room_id: UUID,
        message_id: UUID,
        body: MessageReport,
    ) -> None:
        """Report a message to who looks after the room. Doing it again changes nothing."""
        await reviews.report(principal, room_id, message_id, reason=body.reason)

    @router.get("/reviews")
    async def list_reviews(
        principal: Annotated[Principal, requires("chat:review:manage")],
        state: Annotated[CaseState, Query(description="Which cases.")] = "open",
        room_id: Annotated[UUID | None, Query(description="Only of this room.")] = None,
        cursor: Annotated[str | None, Query(max_length=400, description="The next_cursor of the page before.")] = None,
        limit: Annotated[int, Query(ge=1, le=100, description="Most items of a page.")] = 50,
    ) -> Page[Case]:
        """List reported messages: of the rooms that one looks after, or of the organisation for its administrators."""
        return await queries.list_cases(principal, state=state, room_id=room_id, cursor=cursor, limit=limit)

    @router.get("/reviews/count")
    async def count_reviews(principal: Annotated[Principal, requires("chat:review:manage")]) -> OpenCases:
        """Count the reported messages that wait for the person's decision, up to 100."""
        return await queries.count_open(principal)

    @router.post("/reviews/{message_id}/decision", responses=refusals(404, 409))
    async def decide_review(
        principal: Annotated[Principal, requires("chat:review:manage")], message_id: UUID, body: Verdict
    ) -> Decision:
        """Keep or remove a reported message."""
        return await reviews.decide(principal, message_id, verdict=body.verdict, note=body.note)


def to_words(body: WordsChange) -> tuple[UnwantedWord, ...]:
    """Return the entries of a list as the service takes them."""
    return tuple(UnwantedWord(text=each.text, action=each.action) for each in body.entries)
