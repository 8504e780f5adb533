"""Names what was done between two signed roots where the hashes between them were computed anew as well."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from outcry.services.audit.points import Finding, Point, What
from outcry.services.audit.telling import about, is_canonical, own_index
from outcry.services.audit.tree import hash_leaf

_WORDS: dict[What, str] = {
    "changed": "changed or put in another order",
    "inserted": "added",
    "removed": "taken out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The first ``first`` of ``count`` entries are what was signed; those up to ``point`` are not.

    ``last`` is the largest size that was signed. ``later`` is a checkpoint after ``point`` that does fit the entries.
    """

    first: int
    point: Point
    count: int
    last: int
    later: Point | None
    tenant: str

    @property
    def end(self) -> int:
        """Where what is in doubt ends."""
        return min(self.point.size, self.count)


def name_in_bracket(
    bracket: Bracket, leaves: Callable[[], Iterator[bytes]], hashes: Callable[[], Iterator[bytes]]
) -> Finding:
    """Return what the entries give away by themselves, else between which two it was done."""
    return _by_themselves(bracket, leaves, hashes) or _by_number(bracket)


def _by_themselves(
    bracket: Bracket, leaves: Callable[[], Iterator[bytes]], hashes: Callable[[], Iterator[bytes]]
) -> Finding | None:
    seen: dict[str, int] = {}
    stored = islice(hashes(), bracket.first, None)
    for place, leaf in enumerate(islice(leaves(), bracket.first, bracket.end), start=bracket.first):
        hashed = next(stored, b"")
        if not leaf:  # retention took it
            continue
        told, own = about(leaf), own_index(leaf)
        if own is None or not is_canonical(leaf):
            return _finding("changed", place, leaf, f"Entry {place} is not written as entries are")
        if told.tenant != bracket.tenant:
            return _finding("inserted", place, leaf, f"At place {place} stands an entry of another log")
        if own != place:
            return _misplaced(leaves, place, own, leaf)
        if told.id in seen:
            return _finding("inserted", place, leaf, f"Entry {place} is entry {seen[told.id]} once more")
        if hashed != hash_leaf(leaf):
            return _finding("changed", place, leaf, f"Entry {place} does not even have the hash that the export says")
        seen[told.id] = place
    return None


def _misplaced(leaves: Callable[[], Iterator[bytes]], place: int, own: int, leaf: bytes) -> Finding:
    if own < place:
        says = f"Two entries say to be entry {own}, at places {own} and {place}: one of the two was added"
        return _finding("inserted", own, leaf, says, until=place)
    wanted, same = b'"index":%d,' % place, b'"index":%d,' % own
    there, again = None, False
    for at, other in enumerate(islice(leaves(), place + 1, None), start=place + 1):
        there = at if there is None and wanted in other else there
        again = again or same in other
    if there is not None and again:
        return _finding("inserted", place, leaf, f"At place {place} stands another that says to be entry {own}")
    if there is not None:
        says = f"At place {place} stands entry {own}; entry {place} stands at place {there}"
        return _finding("reordered", place, leaf, says)
    until = own - 1
    what = f"Entry {place} is not there" if until == place else f"Entries {place} to {until} are not there"
    return Finding(what="removed", says=f"{what}: entry {own} ({about(leaf)}) follows", index=place, until=until)


def _by_number(bracket: Bracket) -> Finding:
    first, until, point = bracket.first, bracket.point.size - 1, bracket.point
    if point.size > bracket.count:
        unsure = f"; of entries {first} to {bracket.count - 1} nothing is proved" if first < bracket.count else ""
        says = f"Entry {bracket.count} is the first that is missing: {point} says that there are more{unsure}"
        return Finding(what="cut off the end", says=says, index=bracket.count)
    if bracket.later is not None:
        says = (
            f"The log was written anew between entries {first} and {until}: {point} does not fit it, "
            f"though {bracket.later} does. Two histories were signed"
        )
        return Finding(what="split view", says=says, index=first, until=until)
    kind: What = "changed"
    if bracket.count != bracket.last:
        kind = "inserted" if bracket.count > bracket.last else "removed"
    says = (
        f"Something was {_WORDS[kind]} between entries {first} and {until}: {point} does not fit. Which of them it was "
        "cannot be told, as the hashes were computed anew too"
    )
    return Finding(what=kind, says=says, index=first, until=until)


def _finding(what: What, place: int, leaf: bytes, says: str, until: int | None = None) -> Finding:
    told = about(leaf)
    return Finding(what=what, says=f"{says} ({told})", index=place, until=until, id=told.id, time=told.time)
