"""A real mail server on a free port of 127.0.0.1, told to behave well or badly."""

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Received:
    """A mail that the server took."""

    sender: str
    to: tuple[str, ...]
    content: bytes
    over_tls: bool
    user: str


@dataclass
class MailServer:
    """Takes every mail unless told otherwise.

    Args:
        context: serves TLS with it: from the first byte, or after STARTTLS where ``starttls`` is set.
        user, password: who may send; anybody where they are empty.
        answers: what to answer instead, by the step: MAIL, RCPT, DATA, such as ``550 5.1.1 no such person``. The answer
            ``stall`` is none, ever; ``cut`` breaks the connection.
    """

    context: ssl.SSLContext | None = None
    starttls: bool = False
    user: str = ""
    password: str = ""
    utf8: bool = True
    answers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _server: asyncio.Server | None = None
    _made: list[SMTP] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        implicit = self.context if self.context and not self.starttls else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._make, "127.0.0.1", self.port, ssl=implicit)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for protocol in self._made:
            if protocol.transport is not None:
                protocol.transport.close()
            if protocol._handler_coroutine is not None:
                protocol._handler_coroutine.cancel()
                await asyncio.gather(protocol._handler_coroutine, return_exceptions=True)
        await self._server.wait_closed()

    def _make(self) -> SMTP:
        protocol = SMTP(
            self,
            hostname="mail.test",
            enable_SMTPUTF8=self.utf8,
            tls_context=self.context if self.starttls else None,
            auth_required=bool(self.user) and self.context is not None,
            auth_require_tls=self.starttls,
            authenticator=self._authenticate,
            loop=asyncio.get_running_loop(),
        )
        self._made.append(protocol)
        return protocol

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        fine = given == (self.user, self.password)
        return AuthResult(success=fine, handled=False, auth_data=data)

    async def _step(self, step: str, server: SMTP) -> str | None:
        answer = self.answers.get(step)
        if answer == "stall":
            self.stalled.set()
            await asyncio.Event().wait()
        if answer == "cut":
            assert server.transport is not None
            server.transport.close()
        return answer

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Greet."""
        session.host_name = hostname
        answer = await self._step("EHLO", server)
        return [answer] if answer else responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        answer = await self._step("MAIL", server)
        if answer:
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the receiver."""
        answer = await self._step("RCPT", server)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take the mail."""
        answer = await self._step("DATA", server)
        if answer:
            return answer
        content = envelope.original_content or b""
        signed_in: Any = session.auth_data
        user = signed_in.login.decode() if session.authenticated else ""
        over_tls = session.ssl is not None or (self.context is not None and not self.starttls)
        mail_from = envelope.mail_from or ""
        self.received.append(Received(mail_from, tuple(envelope.rcpt_tos), content, over_tls, user))
        return "250 OK"
