"""What a stretch of a room's messages is about, by rules: who, which instruments, what was decided, what is open."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from outcry.kit.text import clean_line, shorten
from outcry.services.chat.contracts import Message

MOST_LISTED = 8
_MOST_QUOTED = 6
_LONGEST = 240
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
# What people say when something is settled. Rules find what is said so, and no more.
_DECIDED = re.compile(
    r"\b(?:decided|decision|agreed|agree to|we(?:'ll| will| are going to)|let's|action item|todo|to do:|final(?:ly)?:"
    r"|approved|go(?:ing)? with|settled on|done deal|deal:)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of a message."""

    message: Message
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Counts, the most frequent first, and sentences, in the order in which they were said; the newest are kept."""

    messages: int
    people: tuple[tuple[str, int], ...]
    symbols: tuple[tuple[str, int], ...]
    decisions: tuple[Quoted, ...]
    questions: tuple[Quoted, ...]


def digest(messages: Sequence[Message]) -> Digest:
    """Return the digest of people's messages, oldest first.

    A question is open until somebody replies to its message.
    """
    answered = {message.quote.message_id for message in messages if message.quote is not None}
    people: Counter[tuple[object, str]] = Counter((each.author.id, each.author.name) for each in messages)
    symbols: Counter[str] = Counter()
    decisions: list[Quoted] = []
    questions: list[Quoted] = []
    for message in messages:
        symbols.update({mention.symbol for mention in message.mentions if mention.kind == "symbol"})
        for words in _sentences(message.text):
            if words.endswith("?"):
                questions += [Quoted(message, words)] if message.id not in answered else []
            elif _DECIDED.search(words.replace("’", "'")):
                decisions.append(Quoted(message, words))
    return Digest(
        messages=len(messages),
        people=tuple((name, count) for (_, name), count in people.most_common(MOST_LISTED)),
        symbols=tuple(symbols.most_common(MOST_LISTED)),
        decisions=tuple(decisions[-_MOST_QUOTED:]),
        questions=tuple(questions[-_MOST_QUOTED:]),
    )


def _sentences(text: str) -> list[str]:
    found = (clean_line(each[0]) for each in _SENTENCE.finditer(text[:4_000]))
    return [shorten(words, _LONGEST) if not words.endswith("?") else _cut(words) for words in found if words]


def _cut(words: str) -> str:
    """Return a question that is not too long and still ends as one."""
    return words if len(words) <= _LONGEST else f"{shorten(words, _LONGEST)}?"
