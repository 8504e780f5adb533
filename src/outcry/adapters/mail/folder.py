"""The Mail port on a folder: a file per mail, for installations that have no mail server yet."""

import asyncio
import os
import secrets
from datetime import datetime
from pathlib import Path

from outcry.adapters.mail.letter import write_letter
from outcry.kit.clock import Clock
from outcry.kit.errors import UnavailableError
from outcry.ports.mail import MailMessage

SENDER = "outcry@localhost"


class FolderMail:
    """Writes each mail to ``<folder>/<time>-<message id>.eml``, mode 0600 in a folder of mode 0700.

    Mails hold codes and links that sign people in: only the owner may read them.
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    async def send(self, message: MailMessage) -> None:
        """Write the file; raises UnavailableError where that is not possible."""
        now = self._clock.now()
        letter = write_letter(message, sender=SENDER, at=now, encoding="8bit")
        # A message id is one safe word: the port sees to it.
        name = f"{_stamp(now)}-{message.message_id}.eml"
        await asyncio.to_thread(self._write, name, letter.as_bytes())

    async def forget(self, *, before: datetime) -> int:
        """Remove the files of mails handed over before a time; raises UnavailableError where that is not possible."""
        try:
            return await asyncio.to_thread(self._remove, _stamp(before))
        except OSError as error:
            raise UnavailableError(f"The mails in the folder of mails cannot be removed: {error.strerror}.") from error

    async def close(self) -> None:
        """Nothing is open."""

    def _remove(self, stamp: str) -> int:
        # Drafts that a crash left behind have the same name after a dot.
        old = [path for path in self._folder.glob("*.eml*") if path.name < stamp]
        old += [path for path in self._folder.glob(".*.eml.*") if path.name < f".{stamp}"]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def _write(self, name: str, content: bytes) -> None:
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._folder.chmod(0o700)
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(self._folder / name)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise UnavailableError(f"The mail cannot be written to the folder of mails: {error.strerror}.") from error


def _stamp(at: datetime) -> str:
    """Return how the name of a mail's file begins; names sort by time."""
    return f"{at:%Y%m%dT%H%M%S%fZ}"
