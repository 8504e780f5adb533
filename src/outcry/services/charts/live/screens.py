"""What live prices look like to those who look, as often as a screen can show it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from outcry.kit.market import Timeframe
from outcry.ports.realtime import Realtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a topic shows of a symbol: its quote where no timeframe is named, else its bars, or a study of them."""

    timeframe: Timeframe | None = None
    study: str = ""


QUOTE = Shown()

# Gives what is shown of a symbol now, None while there is nothing.
StateOf = Callable[[str, Shown], dict[str, Any] | None]

# A little more than ten times a second, so that with the way to the socket no tick is older than a tenth when it shows.
SHOW_EVERY_S = 0.08
# A listener is announced before it listens; after so many looks without one it is forgotten.
_PATIENCE = 40


@dataclass(slots=True)
class _View:
    """One topic of one organisation that somebody follows, or did a moment ago."""

    topic: str
    symbol: str
    shown: Shown
    owed: bool = True
    idle_looks: int = 0


class Screens:
    """Sends the newest state of what changed to who follows it, all of it together, a few times a second.

    However many ticks come, a topic is sent at most once in ``every_s``; what came in between is in the next state.
    """

    def __init__(self, realtime: Realtime, state_of: StateOf, *, every_s: float = SHOW_EVERY_S) -> None:
        self._realtime = realtime
        self._state_of = state_of
        self._every_s = every_s
        self._views: dict[str, dict[str, _View]] = {}
        self._changed: set[str] = set()
        self._wake = asyncio.Event()

    def expect(self, tenant_id: UUID, symbol: str, shown: Shown = QUOTE) -> None:
        """Note that somebody is about to follow something of a symbol."""
        topic = topic_of(tenant_id, symbol, shown)
        views = self._views.setdefault(symbol, {})
        view = views.setdefault(topic, _View(topic=topic, symbol=symbol, shown=shown))
        view.owed, view.idle_looks = True, 0

    def touch(self, symbol: str) -> None:
        """Note that something of a symbol changed."""
        if symbol in self._views:
            self._changed.add(symbol)
            self._wake.set()

    @property
    def followed(self) -> set[tuple[str, Shown]]:
        """What somebody follows, or did a moment ago."""
        return {(view.symbol, view.shown) for views in self._views.values() for view in views.values()}

    async def run(self) -> None:
        """Send until cancelled: at once after a pause, then in even steps."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            due = loop.time() + self._every_s
            await self.show()
            await asyncio.sleep(due - loop.time())

    async def show(self) -> None:
        """Send what changed since the last time."""
        changed, self._changed = self._changed, set()
        for symbol in changed:
            texts: dict[Shown, str] = {}
            for view in tuple(self._views.get(symbol, {}).values()):
                if self._realtime.listeners(view.topic):
                    await self._send(view, texts)

    async def look(self) -> None:
        """Greet those who came, and forget those who left; called a few times a second."""
        for symbol, views in tuple(self._views.items()):
            for view in tuple(views.values()):
                if self._realtime.listeners(view.topic):
                    view.idle_looks = 0
                    if view.owed:
                        await self._send(view, {})
                    continue
                view.idle_looks += 1
                if view.idle_looks > _PATIENCE:
                    del views[view.topic]
            if not views:
                del self._views[symbol]

    async def _send(self, view: _View, texts: dict[Shown, str]) -> None:
        text = texts.get(view.shown)
        if text is None:
            state = self._state_of(view.symbol, view.shown)
            if state is None:
                return
            text = texts[view.shown] = json.dumps(state)
        view.owed = False
        await self._realtime.set_latest(view.topic, text)


def topic_of(tenant_id: UUID, symbol: str, shown: Shown = QUOTE) -> str:
    """Return the realtime topic of an organisation's view of a symbol."""
    if shown.timeframe is None:
        return f"quotes:{tenant_id}:{symbol}"
    if not shown.study:
        return f"bars:{tenant_id}:{symbol}:{shown.timeframe}"
    return f"studies:{tenant_id}:{symbol}:{shown.timeframe}:{shown.study}"
