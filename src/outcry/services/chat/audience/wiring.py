"""Wires what the assistant says: its replies, for whom it reads, and what goes with the words that it repeated."""

from dataclasses import dataclass

from outcry.kit.clock import Clock
from outcry.kit.module import Handler
from outcry.ports.database import Database
from outcry.ports.text_search import TextSearch
from outcry.services.auth.contracts import AuthFacade
from outcry.services.chat.audience.queries import AudienceQueries
from outcry.services.chat.changes import Changes
from outcry.services.chat.citations.commands import Citations
from outcry.services.chat.events import MessageRemoved
from outcry.services.chat.names import Names
from outcry.services.chat.posting import Poster
from outcry.services.chat.replies import ChatReplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """The service's facade, and what forgets."""

    facade: ChatReplies
    citations: Citations

    @property
    def handlers(self) -> dict[str, Handler]:
        """What is done when words go, by the name of the event."""
        return {MessageRemoved.name: self.citations.on_message_removed}


def build_speech(
    *,
    database: Database,
    changes: Changes,
    names: Names,
    poster: Poster,
    index: TextSearch,
    auth: AuthFacade,
    clock: Clock,
) -> Speech:
    """Return it over these engines."""
    citations = Citations(database=database, changes=changes, names=names)
    facade = ChatReplies(
        database=database,
        changes=changes,
        names=names,
        poster=poster,
        audience=AudienceQueries(database=database, index=index, names=names, auth=auth),
        citations=citations,
        clock=clock,
    )
    return Speech(facade=facade, citations=citations)
