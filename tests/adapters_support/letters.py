"""Mails that tests send."""

from outcry.ports.mail import MailMessage

LINK = "https://desk.example.com/confirm#token=" + "a1-_" * 30


def mail_to(to: str = "ada@example.com", **fields: str) -> MailMessage:
    """Return a mail."""
    given = {"subject": "Confirm your address", "text": f"Open {LINK}\n", "message_id": "0197-1", **fields}
    return MailMessage(to=to, **given)
