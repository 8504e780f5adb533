"""Finds a query's words in a text again, and cuts out the piece around them."""

from collections.abc import Sequence

from outcry.adapters.text_search.words import Word, is_unspaced, split
from outcry.ports.text_search import Clause, Fragment

LENGTH = 180
BEFORE = 50
# Of a longer text only this much is looked through; a hit further on is shown by the text's beginning.
MOST_READ = 20_000


def wanted_words(clause: Clause) -> tuple[list[Word], bool]:
    """Return a clause's words, and whether the last of them may go on.

    One letter may not: it would stand for a large part of all words. One character of a script without spaces always
    does, as it is the beginning of a pair.
    """
    words = [word for word in split(clause.text) if not word.extra]
    if not words:
        return [], False
    last = words[-1].text
    alone = len(words) == 1 and len(last) == 1 and is_unspaced(last)
    return words, alone or (clause.prefix and len(last) > 1 and not is_unspaced(last))


def cut_fragment(text: str, clauses: Sequence[Clause]) -> Fragment:
    """Return the piece of a text around the first of the clauses' words, with all of them that are in it."""
    by_place: dict[int, list[Word]] = {}
    for word in split(text[:MOST_READ]):
        by_place.setdefault(word.place, []).append(word)
    found = sorted(span for clause in clauses for span in _spans(by_place, clause))
    merged: list[tuple[int, int]] = []
    for start, end in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    first, last = _window(text, merged[0][0] if merged else 0)
    ranges = tuple((start - first, min(end, last) - first) for start, end in merged if first <= start < last)
    return Fragment(text=text[first:last], ranges=ranges, before=first > 0, after=last < len(text))


def _spans(by_place: dict[int, list[Word]], clause: Clause) -> list[tuple[int, int]]:
    words, goes_on = wanted_words(clause)
    spans: list[tuple[int, int]] = []
    if not words:
        return spans
    for place in by_place:
        matched = [
            _match(by_place.get(place + word.place - words[0].place, ()), word.text, goes_on and word is words[-1])
            for word in words
        ]
        here = [word for word in matched if word is not None]
        if len(here) == len(words):
            spans.append((here[0].start, here[-1].end))
    return spans


def _match(words: Sequence[Word], text: str, goes_on: bool) -> Word | None:
    for word in words:
        if word.text == text or (goes_on and word.text.startswith(text)):
            # Of a pair that a single character begins, only that character.
            if goes_on and is_unspaced(text):
                return Word(word.text, word.place, word.start, word.start + 1)
            return word
    return None


def _window(text: str, hit: int) -> tuple[int, int]:
    """Return where the piece around a hit begins and ends, at white space where there is some near."""
    first = max(0, hit - BEFORE)
    if first:
        space = next((at for at in range(first, hit) if text[at].isspace()), None)
        first = first if space is None else space + 1
    last = min(len(text), first + LENGTH)
    if last < len(text):
        space = next((at for at in range(last, max(hit, last - 30), -1) if text[at].isspace()), None)
        last = last if space is None else space
    return first, last
