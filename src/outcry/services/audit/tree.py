"""The Merkle tree of RFC 9162, section 2.1: hashes, appends, proofs and their verification. No input, no output.

A complete subtree is named by (height, index): it covers the leaves from ``index << height`` up to
``(index + 1) << height``. Leaves are of height 0 and counted from 0. Hashes are SHA-256, 32 bytes.
"""

import hashlib
from collections.abc import Callable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

# Returns the hash of a complete subtree, by its height and index.
ReadNode = Callable[[int, int], bytes]


class ProofError(ValueError):
    """A proof does not show what it is said to show."""


def hash_leaf(leaf: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\0" + leaf).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of what has these two below it."""
    return hashlib.sha256(b"\1" + left + right).digest()


def split_hashes(joined: bytes) -> list[bytes]:
    """Return hashes that are stored one after the other."""
    return [joined[start : start + HASH_SIZE] for start in range(0, len(joined), HASH_SIZE)]


def append_leaf(size: int, peaks: list[bytes], leaf_hash: bytes) -> list[tuple[int, int, bytes]]:
    """Add a leaf to a tree of ``size`` leaves; return the complete subtrees it made: (height, index, hash).

    ``peaks`` are the roots of the largest complete subtrees from left to right, one a set bit of ``size``; the list
    is changed in place.
    """
    made = [(0, size, leaf_hash)]
    height, index, node = 0, size, leaf_hash
    while index & 1:
        node = hash_node(peaks.pop(), node)
        height, index = height + 1, index >> 1
        made.append((height, index, node))
    peaks.append(node)
    return made


def root_of(peaks: Sequence[bytes]) -> bytes:
    """Return the root of the tree that has these peaks."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hash_node(peak, root)
    return root


def root_of_range(start: int, end: int, read: ReadNode) -> bytes:
    """Return the hash of the subtree over leaves ``start`` up to ``end``, as such a subtree stands in some tree."""
    count = end - start
    if count < 1:
        return EMPTY_ROOT
    if count & (count - 1) == 0:
        height = count.bit_length() - 1
        return read(height, start >> height)
    split = start + _split(count)
    return hash_node(root_of_range(start, split, read), root_of_range(split, end, read))


def inclusion_proof(index: int, size: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return what shows that leaf ``index`` is in the tree of ``size`` leaves; raises ProofError where it is not."""
    if not 0 <= index < size:
        raise ProofError("There is no such entry in a log of this size.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(root_of_range(split, end, read))
            end = split
        else:
            path.append(root_of_range(start, split, read))
            start = split
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, read: ReadNode) -> tuple[bytes, ...]:
    """Return what shows that the first ``old`` of ``new`` leaves are those that there were; raises ProofError."""
    if not 0 <= old <= new:
        raise ProofError("A log does not shrink.")
    if old in (0, new):
        return ()
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            path.append(root_of_range(split, end, read))
            end = split
        else:
            path.append(root_of_range(start, split, read))
            start, whole = split, False
    if not whole:
        path.append(root_of_range(start, end, read))
    return tuple(reversed(path))


def verify_inclusion(*, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless the proof leads from the leaf to the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError("There is no such entry in a log of this size.")
    position, last, node = index, size - 1, leaf_hash
    for sibling in _hashes(proof):
        if last == 0:
            raise ProofError("The proof of the entry is too long.")
        if position & 1 or position == last:
            node = hash_node(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofError("The proof of the entry is too short.")
    if node != root:
        raise ProofError("The entry is not the one that this root stands for.")


def verify_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the new log begins with the whole of the old one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        raise ProofError("A log does not shrink.")
    if old in (0, new):
        _verify_trivial(old, new, old_root, new_root, proof)
        return
    path = _hashes(proof)
    if old & (old - 1) == 0:
        path = [old_root, *path]
    if not path:
        raise ProofError("The proof between the two logs is too short.")
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    _climb(path, position, last, old_root, new_root)


def _climb(path: Sequence[bytes], position: int, last: int, old_root: bytes, new_root: bytes) -> None:
    """Compute both roots from the bottom up and compare them."""
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("The proof between the two logs is too long.")
        if position & 1 or position == last:
            old_node, new_node = hash_node(sibling, old_node), hash_node(sibling, new_node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_node = hash_node(new_node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise ProofError("The proof between the two logs is too short.")
    if old_node != old_root:
        raise ProofError("The proof does not lead to the older root.")
    if new_node != new_root:
        raise ProofError("The newer log does not begin with the older one.")


def _verify_trivial(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofError("The proof between the two logs is too long.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("The root of the empty log is another.")
    if old == new and old_root != new_root:
        raise ProofError("Two logs of one size have different roots.")


def _hashes(proof: Sequence[bytes]) -> list[bytes]:
    if any(len(one) != HASH_SIZE for one in proof):
        raise ProofError("The proof has something in it that is no hash.")
    return list(proof)


def _split(count: int) -> int:
    """Return the largest power of two below ``count``, which is at least 2."""
    return 1 << ((count - 1).bit_length() - 1)
