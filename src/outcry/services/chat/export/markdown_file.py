"""An export as Markdown, to be read by people.

What people wrote stands in quotations, so that no text can pass for the heading of another message, and without what
a viewer would run, load or follow: HTML, pictures and links show as they were typed.
"""

import re
from collections.abc import Iterator
from datetime import datetime

from outcry.services.chat.contracts import ChartCard, Message, Topic
from outcry.services.chat.export.contracts import ExportHead, ExportPage
from outcry.services.chat.rights import ROLES

MEDIA_TYPE = "text/markdown"

# What begins a tag, a comment or an address in angle brackets; a picture; the target of a link; a link's definition.
_LIVE = re.compile(r"<(?=[A-Za-z/!?])|!(?=\[)|(?<=\])[(:]")
_HARMLESS = {"<": "&lt;", "!": "&#33;", "(": "&#40;", ":": "&#58;"}
_SIGNS = re.compile(r"([\\`*_{}\[\]<>()#+.!|~&-])")

_ENDED = {
    "removed": "*This message was removed{by}.{reason}*",
    "erased": "*This message was erased with its author.*",
    "withdrawn": "*This message was taken back.*",
}
_UNFINISHED = {
    "streaming": "This reply is still being written.",
    "stopped": "Somebody stopped this reply.",
    "failed": "This reply could not be finished.",
}


class MarkdownFile:
    """Writes an export as Markdown."""

    def __init__(self) -> None:
        self._topics: dict[str, Topic] = {}

    def begin(self, head: ExportHead) -> bytes:
        """Return the title, who is in the room, and its topics."""
        self._topics = {str(topic.id): topic for topic in head.topics}
        title = plain(head.room.title) or ", ".join(plain(each.name) for each in head.room.people) or "A room"
        lines = [f"# {title}", ""]
        if head.room.description:
            lines += [plain(head.room.description), ""]
        why = f" Reason: {plain(head.reason)}." if head.reason else ""
        lines += [f"Exported {_when(head.at)} by {plain(head.by.name)}: {_many(head.messages)}.{why}", ""]
        lines += ["## Members", ""]
        members = sorted(head.members, key=lambda each: (ROLES.index(each.role), each.author.name))
        lines += [f"- {plain(each.author.name)}, {each.role}, since {_when(each.joined_at)}" for each in members]
        if head.topics:
            lines += ["", "## Topics", ""]
            lines += [f"- {plain(topic.title)}: {_many(topic.messages)}" for topic in head.topics]
        return "\n".join([*lines, "", "## Messages", "", ""]).encode()

    def page(self, page: ExportPage, *, first: bool) -> bytes:
        """Return a page of messages."""
        return "".join(self._message(message, page) for message in page.messages).encode()

    def end(self, count: int) -> bytes:
        """Return the last line: a file without it was cut off."""
        return f"---\n\nThe end of this export: {_many(count)}.\n".encode()

    def _message(self, message: Message, page: ExportPage) -> str:
        topic = self._topics.get(str(message.topic_id))
        about = [plain(message.author.name), *([f"in {plain(topic.title)}"] if topic else [])]
        lines = [f"### {message.sequence} · {_when(message.created_at)} · {' · '.join(about)}", ""]
        lines += [_gone(message)] if message.status in _ENDED else list(_words(message))
        notes = list(_notes(message, page))
        if notes:
            lines += ["", *(f"- {note}" for note in notes)]
        return "\n".join([*lines, "", ""])


def plain(text: str) -> str:
    """Return a line, such as a name, as it reads in Markdown: no character of it means anything."""
    return _SIGNS.sub(r"\\\1", text)


def harmless(text: str) -> str:
    """Return what somebody wrote as Markdown in which nothing is run, loaded or followed."""
    return _LIVE.sub(lambda found: _HARMLESS[found[0]], text)


def _words(message: Message) -> Iterator[str]:
    if message.quote is not None:
        yield f"*answers message {message.quote.sequence}*"
        yield ""
    for line in harmless(message.text).split("\n"):
        yield f"> {line}".rstrip()


def _gone(message: Message) -> str:
    removal = message.removal
    by = f" by {plain(removal.by.name)}" if removal else ""
    reason = f" {plain(removal.reason)}" if removal and removal.reason else ""
    return _ENDED[message.status].format(by=by, reason=reason)


def _notes(message: Message, page: ExportPage) -> Iterator[str]:
    if message.status in _UNFINISHED:
        yield _UNFINISHED[message.status]
    cards = (*message.cards, *(message.answer.cards if message.answer else ()))
    yield from (_chart(card) for card in cards)
    yield from (plain(f"File: {file.name} ({file.media_type}, {file.size} bytes)") for file in message.files)
    if message.answer and message.answer.sources:
        yield "Sources: " + ", ".join(plain(source.title) for source in message.answer.sources)
    if message.edited_at:
        yield f"Edited {_when(message.edited_at)}"
    for version in page.versions.get(message.id, ()):
        yield f"Before, {_when(version.written_at)}: {plain(' '.join(version.text.split()))}"
    if message.pin:
        yield f"Pinned by {plain(message.pin.by.name)}"
    for reaction in page.reactions.get(message.id, ()):
        yield f"{reaction.emoji} {', '.join(plain(person.name) for person in reaction.people)}"


def _chart(card: ChartCard) -> str:
    return plain(f"Chart: {', '.join(card.symbols)}, {card.timeframe}")


def _many(count: int) -> str:
    return f"{count} {'message' if count == 1 else 'messages'}"


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
