"""How a log grows: the part of appending that needs no database. Takes a log's end, and gives the rows to write."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from outcry.services.audit.leaves import Entry, to_leaf
from outcry.services.audit.tiles import LEVEL_HEIGHT, WIDTH, TileKey
from outcry.services.audit.tree import HASH_SIZE, append_leaf, hash_leaf, root_of


@dataclass(slots=True)
class LogEnd:
    """A log's size and peaks, and its tiles that are not full."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)
    tiles: dict[TileKey, bytes] = field(default_factory=dict)


@dataclass(slots=True)
class Growth:
    """What a log grew by: leaves, tiles that are new or longer, and its roots at the sizes asked for."""

    leaves: list[tuple[Entry, int, bytes, bytes]] = field(default_factory=list)
    tiles: dict[TileKey, bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)


def open_tiles(size: int) -> list[TileKey]:
    """Return the tiles of a log of this size that are begun and not full."""
    keys: list[TileKey] = []
    level = 0
    while size:
        if size % WIDTH:
            keys.append((level, size // WIDTH))
        size //= WIDTH
        level += 1
    return keys


def grow(end: LogEnd, entries: Iterable[Entry], *, root_every: int) -> tuple[LogEnd, Growth]:
    """Return the end after these entries, and the growth; the end that was given stays as it is."""
    size, peaks, growth = end.size, list(end.peaks), Growth()
    more: dict[TileKey, list[bytes]] = {}
    for entry in entries:
        leaf = to_leaf(entry, size)
        leaf_hash = hash_leaf(leaf)
        growth.leaves.append((entry, size, leaf, leaf_hash))
        for height, index, node in append_leaf(size, peaks, leaf_hash):
            if height % LEVEL_HEIGHT == 0:
                more.setdefault((height // LEVEL_HEIGHT, index // WIDTH), []).append(node)
        size += 1
        if size % root_every == 0:
            growth.roots[size] = root_of(peaks)
    growth.tiles = {key: end.tiles.get(key, b"") + b"".join(nodes) for key, nodes in more.items()}
    tiles = {key: held for key, held in (end.tiles | growth.tiles).items() if len(held) < WIDTH * HASH_SIZE}
    return LogEnd(size, peaks, tiles), growth
