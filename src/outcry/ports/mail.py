"""The Mail port: letters to people, handed over one at a time."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from outcry.kit.errors import InvalidInputError, OutcryError

MOST_SUBJECT = 300

# One plain address: nothing that could begin a second one, a name, a comment, a header or a command of SMTP.
_ADDRESS = re.compile(r'[^\s@<>()\[\]\\,;:"]{1,64}@[^\s@<>()\[\]\\,;:"]{1,253}')
_URL = re.compile(r'https?://[^\s<>",]{1,600}')
_MESSAGE_ID = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")


class RefusedMailError(OutcryError):
    """The mail server refused this mail for good: sending it again would be refused again."""

    code, status, title = "mail_refused", 422, "This mail was refused"


@dataclass(frozen=True, kw_only=True)
class MailMessage:
    """A mail to one person. Making one raises InvalidInputError for what no header may contain.

    Args:
        to: one address, without a name.
        subject: one line of at most 300 characters.
        text: the plain words; every mail has them.
        html: the same for who sees HTML; none when empty. Whoever writes it escapes what came from outside.
        stop_url: where the reader ends mails of this kind; none when empty. Mail programs show it as a button.
        message_id: one word of letters, digits, ``.``, ``_`` and ``-``, such as a UUID. It stays the same when a mail
            is handed over again, so that a second delivery can be recognised.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    stop_url: str = ""
    message_id: str

    def __post_init__(self) -> None:
        if len(self.to) > 254 or not _ADDRESS.fullmatch(self.to) or not _is_line(self.to):
            raise _refused("to", "This is not one mail address.")
        if not self.subject.strip() or len(self.subject) > MOST_SUBJECT or not _is_line(self.subject):
            raise _refused("subject", f"The subject has to be one line of 1 to {MOST_SUBJECT} characters.")
        if not self.text.strip() or not _can_be_encoded(self.text) or not _can_be_encoded(self.html):
            raise _refused("text", "The text is empty, or has characters that cannot be sent.")
        if self.stop_url and not (_URL.fullmatch(self.stop_url) and _is_line(self.stop_url)):
            raise _refused("stop_url", "This is not an address of a page.")
        if not _MESSAGE_ID.fullmatch(self.message_id):
            raise _refused(
                "message_id", "The id of a mail is one word of letters, digits, dots, dashes and underscores."
            )


def _is_line(text: str) -> bool:
    # Control characters, line and paragraph separators, halves of surrogate pairs.
    return not any(unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"} for letter in text)


def _can_be_encoded(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _refused(field: str, sentence: str) -> InvalidInputError:
    return InvalidInputError(sentence, errors=({"field": field, "message": sentence},))


class Mail(Protocol):
    """Hands mails over. Nothing is kept or tried again here: whoever sends does that."""

    async def send(self, message: MailMessage) -> None:
        """Hand a mail over; it is out of our hands when this returns.

        Raises UnavailableError when that was not possible now (the mail may have gone out all the same, where the
        server's answer was lost), RefusedMailError when it never will be.
        """
        ...

    async def forget(self, *, before: datetime) -> int:
        """Remove mails handed over before a time, where this engine keeps them; return how many.

        Nothing happens where mails only pass through.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
