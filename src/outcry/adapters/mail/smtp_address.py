"""What the address of a mail server says."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from outcry.kit.address import Address, AddressError, read_address
from outcry.kit.errors import InvalidInputError
from outcry.ports.mail import MailMessage

Tls = Literal["implicit", "starttls", "none"]


@dataclass(frozen=True, kw_only=True)
class SmtpServer:
    """Where mails go, as whom, and how safely."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    tls: Tls
    ca_file: str | None


def read_smtp_address(text: str) -> SmtpServer:
    """Return what an address says; raises AddressError, whose words never show the address.

    ``smtp://user:password@host:587?from=desk@example.com`` insists on STARTTLS, ``smtps://`` speaks TLS from the first
    byte (port 465). Certificates are checked, against the usual authorities or those in the file ``ca=``. A server on
    this machine is spoken to in the clear unless ``tls=starttls``; elsewhere that takes ``tls=none`` and is refused
    when there is a password, which must not cross a network in the clear. ``from=`` may be left out where the user
    name is an address.
    """
    address = read_address(text, options={"from", "tls", "ca"})
    if address.path:
        raise AddressError("it has a path after the host, and a mail server has none")
    tls = _choose_tls(address)
    return SmtpServer(
        host=address.host,
        port=address.port or {"implicit": 465, "starttls": 587, "none": 25}[tls],
        user=address.user,
        password=address.password,
        sender=_choose_sender(address),
        tls=tls,
        ca_file=_find_ca_file(address),
    )


def _choose_tls(address: Address) -> Tls:
    wanted = address.options.get("tls", "none" if address.is_loopback else "starttls")
    if address.scheme == "smtps":
        if "tls" in address.options:
            raise AddressError("smtps: is TLS already; leave tls= out")
        return "implicit"
    if wanted == "starttls":
        return "starttls"
    if wanted != "none":
        raise AddressError("tls= may be starttls or none")
    if address.user and not address.is_loopback:
        raise AddressError("a password must not cross a network in the clear: leave tls=none out, or the user name")
    return "none"


def _choose_sender(address: Address) -> str:
    sender = address.options.get("from") or address.user
    try:
        MailMessage(to=sender, subject="-", text="-", message_id="0")
    except InvalidInputError:
        raise AddressError("it needs ?from=, the mail address that mails come from") from None
    if not sender.isascii():
        raise AddressError("from= has to be an address of plain ASCII letters")
    return sender


def _find_ca_file(address: Address) -> str | None:
    name = address.options.get("ca")
    if name is not None and not Path(name).is_file():
        raise AddressError("the file that ca= names is not there")
    return name
