"""Words that are not wanted, found in a text however they are written: whole words, never parts of others.

Letters are compared after Unicode's compatibility normalisation and full case folding, without marks that are set on
Latin, Greek and Cyrillic letters. A word that mixes Latin letters with look-alikes of other scripts counts as the
Latin word that it looks like; one that is of another script alone is what it is, a word of its own.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Action = Literal["refuse", "review"]

# What looks like a Latin letter, after folding. Facts from the Unicode Consortium's list of confusable characters.
_LOOK_ALIKES = str.maketrans(
    # Cyrillic, then Greek.
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u0501\u051b\u051d\u04bb\u04cf"
    "\u03bd\u03bf\u03b1\u03c1\u03c4\u03c5\u03ba\u03b9",
    "aeopcyxisjdqwhlvoaptuki",
)
_MARKS_ON_LETTERS = range(0x300, 0x370)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Words in this order, folded, as somebody typed them, and what happens to a message that has them."""

    text: str
    words: tuple[str, ...]
    action: Action


def fold(text: str) -> tuple[str, ...]:
    """Return the words of a text in the form in which they are compared."""
    # Decomposed, so that a mark is one whether or not Unicode has a letter with it.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(_kept(plain))
    return tuple(_plain_word(unicodedata.normalize("NFC", word)) for word in kept.split())


def to_entry(stored: dict[str, Any]) -> Entry:
    """Return an entry as it is stored."""
    return Entry(text=stored["text"], words=tuple(stored["words"]), action=stored["action"])


def find(entries: Iterable[Entry], text: str) -> Entry | None:
    """Return the first entry that is in a text; one that refuses it before one that has it reviewed."""
    words = fold(text)
    present = set(words)
    found: Entry | None = None
    for entry in entries:
        if entry.words[0] in present and _has(words, entry.words):
            if entry.action == "refuse":
                return entry
            found = found or entry
    return found


def _kept(text: str) -> Iterator[str]:
    """Give letters, digits and the marks that belong to them, and a space for everything between words."""
    for character in text:
        if ord(character) in _MARKS_ON_LETTERS:
            continue
        category = unicodedata.category(character)
        yield character if category[0] in "LNM" else "" if category == "Cf" else " "


def _plain_word(word: str) -> str:
    if word.isascii() or not any("a" <= character <= "z" for character in word):
        return word
    looks = word.translate(_LOOK_ALIKES)
    return looks if looks.isascii() else word


def _has(words: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(tuple(words[at : at + size]) == tuple(wanted) for at in range(len(words) - size + 1))
