"""The calls of a socket begin one after the other."""

import asyncio
from typing import Protocol

from outcry.kit.module import Closing


class OpenSocket(Protocol):
    """A socket, as far as its calls have to do with it."""

    id: str

    def on_close(self, callback: Closing) -> None:
        """Have something done when it is gone."""
        ...


class Turn:
    """The socket, as one call knows it."""

    __slots__ = ("_socket", "taken")

    def __init__(self, socket: OpenSocket) -> None:
        self._socket = socket
        self.taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def id(self) -> str:
        """The socket's own name."""
        return self._socket.id

    def on_close(self, callback: Closing) -> None:
        """Have something done when the socket is gone."""
        self._socket.on_close(callback)

    def go_on(self) -> None:
        """Let the next call begin."""
        if not self.taken.done():
            self.taken.set_result(None)
