"""From a topic to all sockets that follow it: each update is heard once, and made into bytes once."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from functools import partial

from outcry.edge.outgoing import TOGETHER_S, Batch, Outgoing, Rounds
from outcry.ports.realtime import Position, Realtime, Subscribed, Update

log = logging.getLogger(__name__)

_MOST_LOOKS = 500

Begin = Callable[[Subscribed], str]


class _Joining:
    """What is heard of a topic while one socket comes into it. Two that heard the same are not the same."""

    __slots__ = ("heard",)

    def __init__(self) -> None:
        self.heard: list[Update] = []


class Feed:
    """One topic as this process hears it. ``name`` is what clients call it, ``inner`` what the courier does."""

    __slots__ = (
        "cancel",
        "epoch",
        "flushed_at",
        "followers",
        "inner",
        "is_log",
        "joining",
        "last",
        "looked",
        "name",
        "opening",
        "sent",
        "waiting",
    )

    def __init__(self, name: str, inner: str, *, is_log: bool) -> None:
        self.name = name
        self.inner = inner
        self.is_log = is_log
        # Each socket, and the offset up to which it has everything from its start.
        self.followers: dict[Outgoing, int] = {}
        self.joining: set[_Joining] = set()
        self.waiting: list[Update] = []
        self.epoch = ""
        # Offsets: the last that was heard, that was handed to the sockets, and where the log stood at the last look.
        self.last = self.sent = self.looked = 0
        self.flushed_at = 0.0
        self.opening = asyncio.Lock()
        self.cancel: Callable[[], None] | None = None


class FanOut:
    """The topics that sockets of this process follow."""

    def __init__(self, realtime: Realtime) -> None:
        self._realtime = realtime
        self._feeds: dict[str, Feed] = {}
        self.rounds = Rounds()

    def __len__(self) -> int:
        return len(self._feeds)

    async def join(
        self, outgoing: Outgoing, name: str, inner: str, *, is_log: bool, after: Position | None, begin: Begin
    ) -> Feed:
        """Let a socket follow a topic: first what ``begin`` says of the start, then what was missed, then the rest.

        Nothing is lost or repeated in between, however long the courier takes to answer.
        """
        feed = self._feeds.get(inner)
        if feed is None:
            feed = self._feeds[inner] = Feed(name, inner, is_log=is_log)
        joining = _Joining()
        feed.joining.add(joining)
        try:
            await self._open(feed)
            if is_log:
                start = await self._realtime.follow_log(inner, after, _ignore)
            else:
                start = await self._realtime.follow_latest(inner, _ignore)
            start.cancel()
            outgoing.say(begin(start))
            since = start.position.offset
            missed = [*start.missed, *(update for update in joining.heard if update.offset > since)]
            if missed:
                since = missed[-1].offset
                outgoing.give(Batch(name, missed, conflated=not is_log), asyncio.get_running_loop().time())
            feed.followers[outgoing] = since
        finally:
            feed.joining.remove(joining)
            self._close_if_idle(feed)
        return feed

    def leave(self, outgoing: Outgoing, feed: Feed) -> None:
        """Let a socket follow a topic no more."""
        if feed.followers.pop(outgoing, None) is not None:
            outgoing.drop_topic(feed.name)
            self._close_if_idle(feed)

    async def look(self) -> None:
        """Compare what was heard of each log with where it stands; end the part of those that missed something.

        What the courier had at the look before must have been heard by now. Of very many logs some are looked at, in
        turn: each look may ask a database.
        """
        turn = list(itertools.islice(self._feeds.values(), _MOST_LOOKS))
        for feed in [feed for feed in turn if feed.is_log and feed.cancel]:
            position = await self._realtime.position(feed.inner)
            if position.epoch != feed.epoch or feed.last < feed.looked:
                self._fall_behind(feed)
            feed.looked = position.offset
        for feed in turn:
            if self._feeds.get(feed.inner) is feed:
                self._feeds[feed.inner] = self._feeds.pop(feed.inner)

    async def _open(self, feed: Feed) -> None:
        async with feed.opening:
            if feed.cancel is None:
                hear = partial(self._hear, feed)
                if feed.is_log:
                    start = await self._realtime.follow_log(feed.inner, None, hear)
                else:
                    start = await self._realtime.follow_latest(feed.inner, hear)
                feed.epoch, feed.cancel = start.position.epoch, start.cancel
                feed.last = feed.sent = feed.looked = max(feed.last, start.position.offset)

    def _close_if_idle(self, feed: Feed) -> None:
        if feed.followers or feed.joining:
            return
        if feed.cancel:
            feed.cancel()
            feed.cancel = None
        if self._feeds.get(feed.inner) is feed:
            del self._feeds[feed.inner]

    def _hear(self, feed: Feed, update: Update) -> None:
        if feed.is_log and feed.cancel and update.offset != feed.last + 1:
            self._fall_behind(feed)
        feed.last = update.offset
        for joining in feed.joining:
            joining.heard.append(update)
        if not feed.followers:
            return
        if feed.is_log:
            feed.waiting.append(update)
        else:
            feed.waiting[:] = [update]
        if len(feed.waiting) == 1:
            self._flush_soon(feed)

    def _flush_soon(self, feed: Feed) -> None:
        loop = asyncio.get_running_loop()
        wait = feed.flushed_at + TOGETHER_S - loop.time()
        if wait <= 0:
            loop.call_soon(self._flush, feed)
        else:
            loop.call_later(wait, self._flush, feed)

    def _flush(self, feed: Feed) -> None:
        updates, feed.waiting = feed.waiting, []
        if not updates:
            return
        now = feed.flushed_at = asyncio.get_running_loop().time()
        batch = Batch(feed.name, updates, conflated=not feed.is_log)
        feed.sent = batch.last
        for outgoing, since in tuple(feed.followers.items()):
            if since < batch.first or not feed.is_log:
                outgoing.give(batch, now)
            elif since < batch.last:
                outgoing.give(Batch(feed.name, [update for update in updates if update.offset > since]), now)

    def _fall_behind(self, feed: Feed) -> None:
        log.warning("a topic was not heard whole; those who follow it come back: %s", feed.inner)
        for outgoing in tuple(feed.followers):
            outgoing.fall_behind()


def _ignore(_update: Update) -> None:
    """Hear nothing: only the start is asked for."""
