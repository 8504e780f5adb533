"""A mail as RFC 5322 writes it."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Literal

import idna

from outcry.ports.mail import MailMessage

SENDER_NAME = "Outcry"

Encoding = Literal["quoted-printable", "8bit"]


def write_letter(message: MailMessage, *, sender: str, at: datetime, encoding: Encoding) -> EmailMessage:
    """Return the mail with all its headers.

    ``encoding`` is how the words are written: ``quoted-printable`` gets through every server unchanged, ``8bit`` can be
    read by a person who opens the file.
    """
    user, _, domain = sender.rpartition("@")
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(SENDER_NAME, user, domain)
    letter["To"] = _to_address(message.to)
    letter["Subject"] = message.subject
    letter["Date"] = at
    letter["Message-ID"] = f"<{message.message_id}@{to_ascii_domain(domain)}>"
    if message.stop_url and message.stop_url.isascii():
        letter["List-Unsubscribe"] = f"<{message.stop_url}>"  # RFC 2369
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note answers this
    letter.set_content(_to_lines(message.text), cte=encoding)
    if message.html:
        letter.add_alternative(_to_lines(message.html), subtype="html", cte=encoding)
    return letter


def to_ascii_domain(domain: str) -> str:
    """Return a domain as servers know it (RFC 5890); one that cannot be written so stays as it is."""
    try:
        return domain if domain.isascii() else idna.encode(domain).decode("ascii")
    except idna.IDNAError:
        return domain


def to_ascii_address(address: str) -> str:
    """Return an address whose domain is ASCII; the part before the @ is the receiving server's own affair."""
    user, _, domain = address.rpartition("@")
    return f"{user}@{to_ascii_domain(domain)}"


def _to_address(address: str) -> Address:
    user, _, domain = to_ascii_address(address).rpartition("@")
    return Address("", user, domain)


def _to_lines(text: str) -> str:
    return "\n".join([*text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n"), ""])
