"""How the platform is served: the port it listens on, TLS, and an end at which no request is lost."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn

    from outcry.main import Platform
    from outcry.settings import Settings

# The first file that systemd hands over (sd_listen_fds(3)).
_HANDED_OVER = 3


class StartError(Exception):
    """Something that a person can mend keeps the platform from starting."""


def listen(settings: "Settings") -> socket.socket:
    """Take the port before anything else is done, so that a taken one costs nobody a wait.

    A socket that systemd listens on is taken over: who connects while Outcry restarts waits instead of being refused.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_HANDED_OVER)
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((settings.host, settings.port))
        # From here on early visitors wait instead of being refused, and nobody else can take the port.
        listening.listen(2048)
    except OSError as error:
        reason = (
            "is already in use: stop what uses it, or set PORT"
            if error.errno == errno.EADDRINUSE
            else str(error.strerror)
        )
        raise StartError(f"{settings.host}:{settings.port} {reason}") from error
    return listening


def open_tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """Return what TLS is spoken with, 1.3 alone; None without files. Raises StartError for files that do not serve."""
    if cert is None and key is None:
        return None
    if cert is None or key is None:
        raise StartError("TLS needs both a certificate (--tls-cert) and its key (--tls-key)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["http/1.1"])
    for path in (cert, key):
        if not path.is_file() or not os.access(path, os.R_OK):
            raise StartError(f"the file {path} is not there, or may not be read")
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except ssl.SSLError as error:
        if "KEY_VALUES_MISMATCH" in str(error):
            raise StartError(f"the key in {key} is not that of the certificate in {cert}") from error
        raise StartError(f"{cert} and {key} are no certificate and key in PEM form") from error
    return context


def _no_password() -> str:
    raise StartError("the key of the certificate has a password: take that off, and protect the file instead")


def make_server(platform: "Platform", *, ready: str, tls: ssl.SSLContext | None) -> "uvicorn.Server":
    """Return the server of a platform; it says ``ready`` once it serves."""
    import uvicorn

    from outcry.edge.http_protocol import strict_protocol
    from outcry.edge.socket_frames import MOST_FRAME_BYTES
    from outcry.edge.socket_protocol import ComeBackProtocol

    class Server(uvicorn.Server):
        """Uvicorn's server without its habit of ending the process by the signal that it was stopped with."""

        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            """Stop gracefully on SIGTERM and SIGINT, and return, so that the services are stopped after the sockets."""
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            try:
                yield
            finally:
                for number in (signal.SIGTERM, signal.SIGINT):
                    loop.remove_signal_handler(number)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Say that it is ready once it is: who stops it right after that line gets an orderly end too."""
            await super().startup(sockets)
            print(ready, flush=True)

    config = uvicorn.Config(
        platform.app,
        http=strict_protocol(platform.edge, platform.counts),
        ws=ComeBackProtocol,
        ws_max_size=MOST_FRAME_BYTES,
        # The protocol offers a packing of its own.
        ws_per_message_deflate=False,
        ws_ping_interval=platform.edge.heartbeat_seconds,
        ws_ping_timeout=platform.edge.heartbeat_seconds,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        # Whose word counts is the edge's to say; uvicorn believes everybody on this machine.
        proxy_headers=False,
        timeout_keep_alive=65,
        timeout_graceful_shutdown=platform.edge.stop_seconds,
        backlog=2048,
    )
    config.load()
    config.ssl = tls
    return Server(config)
