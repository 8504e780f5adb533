"""The Mail port on a mail server, by SMTP."""

import asyncio
import contextlib
import socket
import ssl
from datetime import datetime
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from outcry.adapters.mail.letter import to_ascii_address, write_letter
from outcry.adapters.mail.smtp_address import SmtpServer
from outcry.adapters.outgoing.destinations import Destination, Destinations
from outcry.kit.address import AddressError
from outcry.kit.clock import Clock
from outcry.kit.errors import OutcryError, UnavailableError
from outcry.ports.mail import MailMessage, RefusedMailError

# These say something about our settings, not about the mail: sign in first, or differently (RFC 4954).
_ABOUT_SIGNING_IN: Final = frozenset({530, 534, 535, 538})
_CLOSING: Final = 421  # RFC 5321, 4.2.3: the service as a whole is not available


class SmtpMail:
    """Hands each mail to the server over a connection of its own.

    Args:
        server: where, and how safely; see ``read_smtp_address``.
        clock: dates the mails.
        step_s: the longest wait for one answer of the server.
        total_s: the longest time that handing over a mail may take.
        outside: keeps how calls to the server go.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        clock: Clock,
        step_s: float = 10.0,
        total_s: float = 30.0,
        outside: Destinations | None = None,
    ) -> None:
        self._server = server
        self._clock = clock
        self._step_s, self._total_s = step_s, total_s
        place = f"{server.host}:{server.port}"
        self._destination: Destination = (outside or Destinations()).get("mail server", place)
        self._tls = None if server.tls == "none" else _make_tls(server.ca_file)
        name = socket.gethostname()
        # RFC 5321, 4.1.3: who has no full name gives an address.
        self._own_name = name if "." in name and name.isascii() else "[127.0.0.1]"

    async def send(self, message: MailMessage) -> None:
        """Hand the mail over.

        Raises RefusedMailError where the server refused the mail or its receiver for good; UnavailableError where it
        is absent, too slow, not safe enough, refuses us, says that it may take the mail later, or failed so often that
        it is not asked for a while. It is never asked twice here: the first time may have gone out.
        """
        letter = write_letter(message, sender=self._server.sender, at=self._clock.now(), encoding="quoted-printable")
        async with self._destination.calling(is_failure=_is_out_of_order):
            await self._send(letter, to_ascii_address(message.to))

    async def _send(self, letter: EmailMessage, to: str) -> None:
        client = self._client()
        try:
            async with asyncio.timeout(self._total_s):
                await self._connect(client)
                await self._hand_over(client, letter, to)
            # The mail is theirs: how we part does not matter any more.
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=min(self._step_s, 2.0))
        except TimeoutError:
            raise UnavailableError("The mail server did not answer in time.") from None
        finally:
            client.close()

    async def forget(self, *, before: datetime) -> int:
        """Nothing is kept here."""
        return 0

    async def close(self) -> None:
        """Nothing stays open between mails."""

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password if server.user else None,
            local_hostname=self._own_name,
            timeout=self._step_s,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "starttls",
            tls_context=self._tls,
        )

    # Below, causes are dropped: what a server says may contain the person's address, which no log may.

    async def _connect(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UnavailableError(_explain_connection(error)) from None

    async def _hand_over(self, client: aiosmtplib.SMTP, letter: EmailMessage, to: str) -> None:
        try:
            await client.send_message(letter, sender=self._server.sender, recipients=[to])
        except aiosmtplib.SMTPNotSupported:
            raise RefusedMailError("The mail server cannot write to an address with letters such as these.") from None
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _explain_answer(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _explain_answer(error.code) from None
        except aiosmtplib.SMTPTimeoutError:
            raise UnavailableError("The mail server did not answer in time.") from None
        except (aiosmtplib.SMTPException, OSError):
            raise UnavailableError("The mail server broke the connection.") from None


def _make_tls(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise AddressError("the file that ca= names holds no certificates that can be read") from None


def _explain_connection(error: Exception) -> str:
    cause = error.__cause__ or error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The mail server's certificate cannot be trusted: {cause.verify_message}."
    if isinstance(cause, ssl.SSLError):
        return "The mail server does not speak TLS as it should."
    if isinstance(error, aiosmtplib.SMTPTimeoutError):
        return "The mail server did not answer in time."
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"The mail server did not accept the user name and password (status {error.code})."
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"The mail server refused the connection (status {error.code})."
    if isinstance(error, OSError):
        return "The mail server cannot be reached."
    # What is left is a server that lacks STARTTLS or every way to sign in.
    return "The mail server does not offer what OUTCRY_MAIL asks for: TLS, or a way to sign in."


def _explain_answer(status: int) -> OutcryError:
    if status in _ABOUT_SIGNING_IN:
        return UnavailableError(f"The mail server wants us to sign in differently (status {status}).")
    if 500 <= status < 600:
        return RefusedMailError(f"The mail server refused this mail for good (status {status}).")
    if status == _CLOSING:
        return UnavailableError(f"The mail server did not take the mail now (status {status}).")
    return _LaterError(f"The mail server did not take the mail now (status {status}).")


class _LaterError(UnavailableError):
    """The server is well, and takes this one mail later: greylisting, a full box."""


def _is_out_of_order(error: BaseException) -> bool:
    return isinstance(error, UnavailableError) and not isinstance(error, _LaterError)
