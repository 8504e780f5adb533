"""The chat service's facade over parts that a test has made."""

from typing import cast

from outcry.kit.clock import Clock
from outcry.ports.database import Database
from outcry.ports.text_search import TextSearch
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.audience.queries import AudienceQueries
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.replies import ChatReplies


def make_replies(
    *,
    database: Database,
    changes: Changes,
    names: Names,
    poster: Poster,
    auth: AuthFacade,
    clock: Clock,
    index: TextSearch | None = None,
) -> ChatReplies:
    """Wire it; without an index nothing may be searched."""
    audience = AudienceQueries(database=database, index=cast(TextSearch, index), names=names, auth=auth)
    return ChatReplies(
        database=database,
        changes=changes,
        names=names,
        poster=poster,
        audience=audience,
        citations=Citations(database=database, changes=changes, names=names),
        clock=clock,
    )
