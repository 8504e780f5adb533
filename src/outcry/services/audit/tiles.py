"""Tiles: 256 hashes of one height in one row, so that a proof in a log of millions reads a handful of rows.

A tile of level L holds the hashes of the complete subtrees of height 8 L with indices ``256 * index`` and on. What lies
between the levels is computed from them (C2SP tlog-tiles has the same division).
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

from outcry.services.audit.tree import HASH_SIZE, ReadNode, hash_node, split_hashes

LEVEL_HEIGHT = 8
WIDTH = 1 << LEVEL_HEIGHT

# A tile by its level and index.
TileKey = tuple[int, int]
T = TypeVar("T")


def place_of(height: int, index: int) -> tuple[TileKey, int, int]:
    """Return where a subtree stands: its tile, and the first and the number of the hashes in it that it covers."""
    level, above = divmod(height, LEVEL_HEIGHT)
    first = index << above
    return (level, first // WIDTH), first % WIDTH, 1 << above


def tiles_for(compute: Callable[[ReadNode], T]) -> set[TileKey]:
    """Return the tiles that a computation reads. Which nodes it asks for must not hang on their hashes."""
    wanted: set[TileKey] = set()

    def note(height: int, index: int) -> bytes:
        wanted.add(place_of(height, index)[0])
        return bytes(HASH_SIZE)

    compute(note)
    return wanted


def reader(tiles: Mapping[TileKey, bytes]) -> ReadNode:
    """Return what reads nodes from these tiles, each its hashes one after the other; LookupError for one not there."""

    def read(height: int, index: int) -> bytes:
        key, first, count = place_of(height, index)
        held = tiles[key][first * HASH_SIZE : (first + count) * HASH_SIZE]
        if len(held) != count * HASH_SIZE:
            raise LookupError(f"tile {key} is too short")
        hashes = split_hashes(held)
        while len(hashes) > 1:
            hashes = [hash_node(hashes[one], hashes[one + 1]) for one in range(0, len(hashes), 2)]
        return hashes[0]

    return read
