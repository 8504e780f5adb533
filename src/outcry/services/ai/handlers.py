"""What the AI service does when something happens in a room; each event once."""

from outcry.kit.errors import NotFoundError
from outcry.kit.events import Envelope
from outcry.kit.module import Handler
from outcry.ports.database import Database
from outcry.services.ai.replies import Replies
from outcry.services.ai.reply_store import ReplyStore
from outcry.services.chat.contracts import ChatFacade
from outcry.services.chat.events import MessageEdited, MessagePosted, ReplyRetried, ReplyStopped

_CONSUMER = "ai"


class AiHandlers:
    """Queues questions, and stops and repeats replies. The answers themselves are written elsewhere."""

    def __init__(self, *, database: Database, chat: ChatFacade, store: ReplyStore, replies: Replies) -> None:
        self._database = database
        self._chat = chat
        self._store = store
        self._replies = replies

    def by_event(self) -> dict[str, Handler]:
        """Return the handlers by the name of their event."""
        return {
            MessagePosted.name: self.on_message_posted,
            MessageEdited.name: self.on_message_edited,
            ReplyStopped.name: self.on_reply_stopped,
            ReplyRetried.name: self.on_reply_retried,
        }

    async def on_message_posted(self, envelope: Envelope) -> None:
        """Queue a question that wants a reply."""
        await self._ask(envelope, envelope.open(MessagePosted))

    async def on_message_edited(self, envelope: Envelope) -> None:
        """Queue what became a question by an edit."""
        await self._ask(envelope, envelope.open(MessageEdited))

    async def _ask(self, envelope: Envelope, event: MessagePosted | MessageEdited) -> None:
        if not event.reply_wanted:
            return
        async with self._database.transaction() as transaction:
            if not await transaction.first_time(envelope.id, _CONSUMER):
                return
            await self._store.queue(
                transaction, tenant_id=envelope.tenant_id, room_id=event.room_id, question_id=event.message_id
            )
        self._replies.schedule(event.message_id, event.room_id)

    async def on_reply_retried(self, envelope: Envelope) -> None:
        """Queue a question again, in place of what is still being written."""
        event = envelope.open(ReplyRetried)
        async with self._database.transaction() as transaction:
            if not await transaction.first_time(envelope.id, _CONSUMER):
                return
            await self._store.queue(
                transaction, tenant_id=envelope.tenant_id, room_id=event.room_id, question_id=event.question_id
            )
        await self._replies.cancel(event.question_id)
        self._replies.schedule(event.question_id, event.room_id)

    async def on_reply_stopped(self, envelope: Envelope) -> None:
        """Stop writing a reply. Doing it twice is harmless, so the note that it was done comes last."""
        event = envelope.open(ReplyStopped)
        try:
            message = await self._chat.get_message(tenant_id=envelope.tenant_id, message_id=event.message_id)
        except NotFoundError:
            return
        if message.reply_to is not None:
            await self._replies.finish_stopped(message.reply_to, envelope.tenant_id, message.id)
        async with self._database.transaction() as transaction:
            await transaction.first_time(envelope.id, _CONSUMER)
