"""The secret of a link: 256 random bits in its address, of which the table keeps a hash."""

import hashlib

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from outcry.kit.clock import Clock
from outcry.services.chat.links.models import LinkRow
from outcry.services.chat.models import MemberRow
from outcry.services.chat.rights import Right, holds

_LONGEST_TOKEN = 100


def hash_of(token: str) -> bytes:
    """Return what a token is found by. A plain hash is enough: it has 256 random bits, there is nothing to guess."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


async def find_open(session: AsyncSession, token: str, clock: Clock) -> LinkRow | None:
    """Return the link of a token if it works: also whoever made it is still there, and may still make one."""
    if len(token) > _LONGEST_TOKEN:
        return None
    query = (
        select(LinkRow, MemberRow)
        .join(MemberRow, (MemberRow.room_id == LinkRow.room_id) & (MemberRow.user_id == LinkRow.made_by))
        .where(LinkRow.token_hash == hash_of(token))
    )
    found = (await session.execute(query)).first()
    if found is None or not found[0].is_open(clock.now()) or not holds(found[1], Right.LINK):
        return None
    row: LinkRow = found[0]
    return row
