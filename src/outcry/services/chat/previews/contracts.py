"""What messages show of their links, and what an organisation chose."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPicture:
    """The picture of a link's preview: its size in pixels. It is served under the message that shows it."""

    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPreview:
    """What a link in a message led to when we looked: a stranger's words, cleaned, and never to be trusted.

    ``site`` is what the page calls its site, often empty; who shows it names the host of ``url`` too.
    """

    id: UUID
    url: str
    title: str
    description: str = ""
    site: str = ""
    picture: PreviewPicture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSetting:
    """Whether links that are posted in an organisation are shown with what is there."""

    enabled: bool
