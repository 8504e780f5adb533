"""Splits text into words, the same way for what is indexed and for what is looked for.

Scripts that are written without spaces (Unicode Standard Annex 29 leaves them to dictionaries) are split into pairs of
neighbouring characters, so that any part of at least two is found as a phrase; the last character of a run stands alone
too, so that a single one is found as the beginning of a pair.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

LONGEST = 64

# Han, Kana, Hangul, Thai, Lao, Myanmar, Khmer: pairs of characters.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3041-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
# Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic: words are the same without them. Marks of other
# scripts are vowels, and stay.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]+")


class Word(NamedTuple):
    """A word: folded text, its place among the words, and the characters ``start`` up to ``end`` of the text.

    ``extra`` words stand at the place of another and are only indexed; a text that is looked for goes without them.
    """

    text: str
    place: int
    start: int
    end: int
    extra: bool = False


def fold(text: str) -> str:
    """Return a text without case and accents, in one form of each character."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())))


@cache
def _pattern() -> re.Pattern[str]:
    """Return what a word looks like: letters, digits and marks, or a run of a script without spaces."""
    marks = "".join(
        re.escape(character)
        for character in map(chr, range(0x300, min(0x1F000, sys.maxunicode)))
        if unicodedata.category(character)[0] == "M"
    )
    letter = f"(?:(?![{_UNSPACED}_])[\\w{marks}])"
    return re.compile(f"(?P<run>[{_UNSPACED}]+)|(?P<sign>\\$(?=[^\\W\\d_]))?{letter}+")


_ASCII = re.compile(r"(?P<run>(?!))|(?P<sign>\$(?=[A-Za-z]))?[A-Za-z0-9]+")


def split(text: str) -> Iterator[Word]:
    """Go through the words of a text, in order."""
    place = 0
    # ASCII has no runs and no marks, so the smaller pattern finds the same words in it, twice as fast.
    for match in (_ASCII if text.isascii() else _pattern()).finditer(text):
        if match["run"]:
            yield from _pairs(match[0], match.start(), place)
            place += len(match[0])
            continue
        start, end = match.span()
        folded = fold(match[0])[:LONGEST]
        if not folded:
            # Accents without a letter.
            continue
        yield Word(folded, place, start, end)
        if match["sign"]:
            yield Word(fold(match[0][1:])[:LONGEST], place, start + 1, end, extra=True)
        place += 1


def _pairs(run: str, start: int, place: int) -> Iterator[Word]:
    for at in range(len(run) - 1):
        yield Word(fold(run[at : at + 2]), place + at, start + at, start + at + 2)
    last = len(run) - 1
    yield Word(fold(run[last]), place + last, start + last, start + last + 1, extra=last > 0)


def is_unspaced(word: str) -> bool:
    """Say whether a word is of a script without spaces."""
    return re.match(f"[{_UNSPACED}]", word) is not None
