"""What people say of themselves: name, time zone, locale, picture."""

import re
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.errors import InvalidInputError, TooLargeError, UnauthenticatedError
from outcry.kit.ids import new_id
from outcry.kit.principal import Principal
from outcry.ports.blobs import Blobs
from outcry.ports.database import Database
from outcry.services.auth.directory import Directory
from outcry.services.auth.identity import read_name
from outcry.services.auth.models.people import PersonRow
from outcry.services.auth.pictures import MOST_BYTES, Pictures, picture_key, seal_picture
from outcry.services.auth.profile_news import publish_changed
from outcry.services.auth.vault import Vault

# Language, script and region of BCP 47; what else a tag may have nobody needs here.
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?")


class ProfileCommands:
    """Changes profiles."""

    def __init__(
        self, *, database: Database, directory: Directory, vault: Vault, blobs: Blobs, pictures: Pictures
    ) -> None:
        self._database = database
        self._directory = directory
        self._vault = vault
        self._blobs = blobs
        self._pictures = pictures

    async def update(
        self, principal: Principal, *, name: str | None, time_zone: str | None, locale: str | None
    ) -> None:
        """Change what is given; raises InvalidInputError, and then changes nothing."""
        clean_name = None if name is None else read_name(name)
        given = {"time_zone": _read_zone(time_zone), "locale": _read_locale(locale)}
        values: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
        async with self._database.transaction() as transaction:
            rows, person_id = transaction.session, principal.user_id
            before = await self._read(rows, person_id)
            if values:
                await rows.execute(update(PersonRow).where(PersonRow.id == person_id).values(values))
            if clean_name is not None:
                await self._directory.set_name(rows, person_id, clean_name)
            after = ({"name": clean_name} if clean_name is not None else {}) | values
            if after:
                await publish_changed(transaction, self._directory, person_id, before=before, after=after)

    async def set_picture(self, principal: Principal, *, data: bytes) -> None:
        """Store a picture, drawn anew and sealed under the person's key.

        Raises TooLargeError over ten million bytes and InvalidInputError for what is no picture.
        """
        if len(data) > MOST_BYTES:
            raise TooLargeError(f"A picture can have {MOST_BYTES:,} bytes at most.")
        drawn = await self._pictures.draw(data)
        picture, person_id = new_id().hex, principal.user_id
        async with self._database.reading() as session:
            key = await self._vault.person(session, person_id)
        await self._blobs.put(picture_key(person_id, picture), seal_picture(key, drawn))
        await self._replace(person_id, picture)

    async def remove_picture(self, principal: Principal) -> None:
        """Remove the picture; nothing happens when there is none."""
        await self._replace(principal.user_id, None)

    async def _read(self, session: AsyncSession, person_id: UUID) -> dict[str, str]:
        row = await session.get(PersonRow, person_id)
        if row is None:
            raise UnauthenticatedError()
        name = (await self._directory.open_person(session, row)).name
        return {"name": name, "time_zone": row.time_zone, "locale": row.locale}

    async def _replace(self, person_id: UUID, picture: str | None) -> None:
        async with self._database.transaction() as transaction:
            query = select(PersonRow.picture).where(PersonRow.id == person_id).with_for_update()
            before = await transaction.session.scalar(query)
            if before == picture:
                return
            values = update(PersonRow).where(PersonRow.id == person_id).values(picture=picture)
            await transaction.session.execute(values)
            was, will = {"picture": before or ""}, {"picture": picture or ""}
            await publish_changed(transaction, self._directory, person_id, before=was, after=will)
        if before is not None:
            await self._blobs.delete(picture_key(person_id, before))


def _read_zone(text: str | None) -> str | None:
    if text is not None and text not in available_timezones():
        raise _refusal("time_zone", "There is no such time zone. Write one such as Europe/Berlin.")
    return text


def _read_locale(text: str | None) -> str | None:
    if text is None:
        return None
    if len(text) > 16 or not _LOCALE.fullmatch(text):
        raise _refusal("locale", "Write the locale as a language tag, such as en, de-CH or zh-Hant-TW.")
    language, *rest = text.split("-")
    shown = (part.title() if len(part) == 4 else part.upper() for part in rest)
    return "-".join((language.lower(), *shown))


def _refusal(field: str, reason: str) -> InvalidInputError:
    return InvalidInputError(reason, errors=({"field": field, "message": reason},))
