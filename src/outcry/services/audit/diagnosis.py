"""Names the first entry of an export that is not what was signed. Slower than verifying, and only for what failed.

Three things speak: the entries, the file of their hashes, and the signed roots. Where the hashes lead to the signed
roots, they say of each place what belongs there, and what happened is named exactly. Where the hashes were computed
anew as well, the signed roots bracket the place, and only what the entries say of themselves narrows it down.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from outcry.services.audit import export_files as files
from outcry.services.audit.bracketing import Bracket, name_in_bracket
from outcry.services.audit.export_files import ExportFiles
from outcry.services.audit.points import Finding, Point, Points, What
from outcry.services.audit.telling import about, hash_at, own_index
from outcry.services.audit.tree import append_leaf, hash_leaf, root_of

# So far from its place an entry is still known that was given another index.
_WINDOW = 1_000


@dataclass(slots=True)
class _Match:
    """How far hashes lead to signed roots: to ``good`` entries, and not to ``bad``, though maybe to a ``later`` one."""

    count: int = 0
    good: int = 0
    last: int = 0
    bad: Point | None = None
    later: Point | None = None


def name_first(export: ExportFiles, points: Points, *, said: int, leaves_from: int, tenant: str) -> Finding:
    """Return what is wrong first of all; ``said`` is the size that the export says it has."""
    leaves = _Leaves(export, leaves_from)
    entries = _match(leaves.hashes(), points)
    hashes = _match(export.hashes(), points)
    if entries.last == 0 and entries.bad is None:
        return Finding(what="checkpoint", says="No checkpoint in this export holds, so nothing in it is proved.")
    if entries.bad is None:
        return _beside(export, leaves, entries, said, tenant)
    for place, (here, there) in enumerate(zip_longest(leaves.hashes(), islice(export.hashes(), hashes.good))):
        if there is None:
            break
        if here != there:
            return _exactly(export, leaves, place, there, hashes.good)
    bracket = Bracket(
        first=entries.good,
        point=entries.bad,
        count=entries.count,
        last=entries.last,
        later=entries.later,
        tenant=tenant,
    )
    return name_in_bracket(bracket, lambda: iter(leaves), export.hashes)


class _Leaves:
    """The entries of an export, again and again. Empty ones below ``leaves_from`` are those that retention took."""

    def __init__(self, export: ExportFiles, leaves_from: int) -> None:
        self._export = export
        self._leaves_from = leaves_from

    def __iter__(self) -> Iterator[bytes]:
        return self._export.lines(files.ENTRIES)

    def hashes(self) -> Iterator[bytes]:
        """Give the hash of each; of one that retention took, that which the export says."""
        said = self._export.hashes()
        for place, leaf in enumerate(self):
            hashed = next(said, b"")
            yield hash_leaf(leaf) if leaf or place >= self._leaves_from else hashed


def _match(hashes: Iterable[bytes], points: Points) -> _Match:
    match, peaks, before = _Match(), list[bytes](), 0
    ahead = iter(points)
    due = next(ahead, None)

    def reach() -> None:
        nonlocal due, before
        while due is not None and due.size == match.count:
            right = root_of(peaks) == due.root
            if match.bad is None and right:
                if due.size > match.good:
                    before = match.good
                match.good = due.size
            elif match.bad is None:
                # Two roots may be signed for one size: then only what was before them both is certain.
                match.bad, match.good = due, before if match.good == due.size else match.good
            elif right:
                match.later = due
            match.last, due = due.size, next(ahead, None)

    reach()
    for hashed in hashes:
        append_leaf(match.count, peaks, hashed)
        match.count += 1
        reach()
    while due is not None:
        match.bad = match.bad or due
        match.last, due = due.size, next(ahead, None)
    return match


def _beside(export: ExportFiles, leaves: _Leaves, entries: _Match, said: int, tenant: str) -> Finding:
    """All signed roots hold: what is wrong is beside the entries that they stand for."""
    for place, (leaf, hashed, stored) in enumerate(zip_longest(leaves, leaves.hashes(), export.hashes())):
        if place == entries.last and leaf is not None and said <= entries.last:
            says = f"No checkpoint stands for entry {place}: it was added, or its checkpoint taken away"
            return _finding("inserted", place, leaf, says)
        if place < entries.last and leaf and (own_index(leaf) != place or about(leaf).tenant != tenant):
            return _finding("changed", place, leaf, f"Entry {place} was signed, but says of itself to be another's")
        if hashed != stored and (place < entries.last or leaf is None):
            says = f"{files.HASHES} has another hash for entry {place}; the entries themselves are as they were signed"
            return Finding(what="leaf_hashes", says=says, index=place)
    if said > entries.count:
        says = f"The export says to have {said} entries; entry {entries.count} is the first that is missing"
        return Finding(what="cut off the end", says=says, index=entries.count)
    if entries.count > entries.last:
        return Finding(
            what="cut off the end", says=f"The checkpoint for entry {entries.last} is gone", index=entries.last
        )
    says = f"{files.MANIFEST} says that there are {said} entries; {entries.count} were signed."
    return Finding(what="manifest", says=says)


def _exactly(export: ExportFiles, leaves: _Leaves, place: int, wanted: bytes, trusted: int) -> Finding:
    """Say what happened at the first place where an entry has not the hash that was signed."""
    leaf = next(islice(leaves, place, None), None)
    before = next(islice(leaves, place - 1, None)) if place else None
    if leaf is None:
        last = f", after entry {place - 1} ({about(before)})" if before else ""
        says = f"Entry {place} is the first that is missing of {trusted} that were signed{last}"
        return Finding(what="cut off the end", says=says, index=place)
    if hash_at(leaf, place) == wanted:
        return _finding("changed", place, leaf, f"Entry {place} says of itself to be another, or is written otherwise")
    got = hash_leaf(leaf)
    belongs = _place_of(export, leaf, got, place, trusted)
    sibling = next(islice(export.hashes(), belongs, None)) if belongs is not None else b""
    moved_to, elsewhere = None, belongs is not None and belongs < place
    for at, other in enumerate(islice(leaves, place + 1, None), start=place + 1):
        near, hashed = at - place <= _WINDOW, hash_leaf(other)
        if moved_to is None and (hashed == wanted or (near and hash_at(other, place) == wanted)):
            moved_to = at
        if belongs is not None and not elsewhere:
            elsewhere = hashed in (got, sibling) or (near and hash_at(other, belongs) == sibling)
    if moved_to is None:
        return _gone(leaves, place, leaf, belongs, elsewhere, export)
    if belongs is None:
        return _finding("inserted", place, leaf, f"What stands at place {place} was never signed")
    if elsewhere:
        return _finding("inserted", place, leaf, f"At place {place} stands a copy of entry {belongs}")
    says = f"At place {place} stands entry {belongs}; entry {place} stands at place {moved_to}"
    return _finding("reordered", place, leaf, says)


def _gone(
    leaves: _Leaves, place: int, leaf: bytes, belongs: int | None, elsewhere: bool, export: ExportFiles
) -> Finding:
    """The entry of this place is nowhere: it was removed, or stands there changed."""
    if belongs is not None and elsewhere:
        return _finding("changed", place, leaf, f"In place of entry {place} stands a copy of entry {belongs}")
    if belongs is None and leaf and not _next_is_right(leaves, export, place):
        own = own_index(leaf)
        belongs = own if own is not None and own > place else None
    if not leaf:
        return Finding(what="removed", says=f"Of entry {place} only an empty line is there", index=place)
    if belongs is None:
        return _finding("changed", place, leaf, f"Entry {place} is not as it was signed")
    until = belongs - 1
    what = f"Entry {place} is not there" if until == place else f"Entries {place} to {until} are not there"
    return Finding(what="removed", says=f"{what}: entry {belongs} ({about(leaf)}) follows", index=place, until=until)


def _next_is_right(leaves: _Leaves, export: ExportFiles, place: int) -> bool:
    here = next(islice(leaves, place + 1, None), None)
    return here is None or hash_leaf(here) == next(islice(export.hashes(), place + 1, None), None)


def _place_of(export: ExportFiles, leaf: bytes, got: bytes, place: int, trusted: int) -> int | None:
    """Return where an entry belongs, also one that was given another index; None for one that was never signed."""
    for at, hashed in enumerate(islice(export.hashes(), trusted)):
        if hashed == got or (abs(at - place) <= _WINDOW and hash_at(leaf, at) == hashed):
            return at
    return None


def _finding(what: What, place: int, leaf: bytes, says: str) -> Finding:
    told = about(leaf)
    return Finding(what=what, says=f"{says} ({told})", index=place, id=told.id, time=told.time)
