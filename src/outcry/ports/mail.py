"""x"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class MailMessage:
    to: str
    subject: str
    text: str
    message_id: str
    html: str = ""


class RefusedMailError(Exception):
    """x"""


class Mail(Protocol):
    async def send(self, message: MailMessage) -> None: ...
    async def close(self) -> None: ...
