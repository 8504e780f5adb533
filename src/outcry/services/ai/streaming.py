"""Carries an answer into the chat as it is written: the first words at once, then a few times a second."""

import asyncio
import contextlib
from typing import Protocol
from uuid import UUID

from outcry.services.chat.contracts import ChatFacade

# Short enough to look like typing, long enough that a fast model does not write the database full.
_PAUSE_S = 0.06
# Tools that answer at once are not worth a notice.
_ACTIVITY_AFTER_S = 0.12


class ReplyClosedError(Exception):
    """The reply is no longer being written in this version: it was stopped, retried or removed."""


class AnswerStream(Protocol):
    """Where an answer is written to."""

    text: str

    def push(self, text: str) -> None:
        """Add text."""
        ...

    def show_activity(self, activity: str) -> None:
        """Tell what is being done."""
        ...

    async def drain(self) -> None:
        """Wait until all of it is where it belongs."""
        ...


class UnseenStream:
    """An answer that nobody watches while it is written."""

    def __init__(self) -> None:
        self.text = ""

    def push(self, text: str) -> None:
        """Add text."""
        self.text += text

    def show_activity(self, activity: str) -> None:
        """Nobody looks."""

    async def drain(self) -> None:
        """It is all there."""


class ReplyStream:
    """The text of one version of a reply. ``push`` never waits for the database; ``drain`` does."""

    def __init__(self, chat: ChatFacade, *, tenant_id: UUID, message_id: UUID, version: int) -> None:
        self._chat = chat
        self._tenant_id = tenant_id
        self._message_id = message_id
        self._version = version
        self.text = ""
        self._sent = 0
        self._activity = ""
        self._told = ""
        self._dirty = asyncio.Event()
        self._first_text = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[bool] | None = None

    def start(self) -> None:
        """Begin to carry."""
        self._task = asyncio.create_task(self._carry(), name=f"reply-{self._message_id}")

    def push(self, text: str) -> None:
        """Add text; raises ReplyClosedError when nobody waits for it any more, or what writing it raised."""
        if self._task is not None and self._task.done():
            self._task.result()
            raise ReplyClosedError()
        self._forget_activity()
        self.text += text
        self._activity = ""
        self._dirty.set()
        self._first_text.set()

    def show_activity(self, activity: str) -> None:
        """Tell what is being done, unless text follows at once."""
        self._forget_activity()
        self._later = asyncio.get_running_loop().call_later(_ACTIVITY_AFTER_S, self._set_activity, activity)

    def _set_activity(self, activity: str) -> None:
        self._activity = activity
        self._dirty.set()

    def _forget_activity(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    async def drain(self) -> None:
        """Write what is left and stop carrying; raises ReplyClosedError when the reply is closed."""
        await self.abandon()
        if len(self.text) > self._sent and not await asyncio.shield(self._write()):
            raise ReplyClosedError()

    async def abandon(self) -> None:
        """Stop carrying, whatever is left."""
        self._forget_activity()
        task, self._task = self._task, None
        if task is None:
            return
        if task.done():
            task.result()
            raise ReplyClosedError()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        if self._writing is not None and not await asyncio.shield(self._writing):
            raise ReplyClosedError()

    async def _carry(self) -> None:
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            had_text = bool(self.text)
            # Shielded: a write that began is finished, so that `_sent` always says what the chat has.
            self._writing = asyncio.create_task(self._write())
            if not await asyncio.shield(self._writing):
                return
            if had_text:
                await asyncio.sleep(_PAUSE_S)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PAUSE_S):
                        await self._first_text.wait()

    async def _write(self) -> bool:
        at, text, activity = self._sent, self.text[self._sent :], self._activity
        if not text and activity == self._told:
            return True
        kept = await self._chat.append_reply(
            tenant_id=self._tenant_id,
            message_id=self._message_id,
            version=self._version,
            at=at,
            text=text,
            activity=activity,
        )
        self._sent, self._told = at + len(text), activity
        return kept
