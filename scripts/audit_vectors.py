"""Write what the browser's verification of the audit log is tested by: proofs and notes as the server makes them.

The same every time: a test compares the file with what this makes.
"""

import base64
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from outcry.services.audit.notes import Checkpoint, Signer
from outcry.services.audit.tree import (
    EMPTY_ROOT,
    append_leaf,
    consistency_proof,
    hash_leaf,
    inclusion_proof,
    root_of,
)

FILE = Path(__file__).resolve().parent.parent / "web" / "src" / "lib" / "audit" / "vectors.json"
# The leaves that the tests of Certificate Transparency use.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_TREES = 24
_LARGEST = 3000
_SEED = 9162


class Tree:
    """A tree that keeps every node, and its root at every size."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.roots = [EMPTY_ROOT]
        self._nodes: dict[tuple[int, int], bytes] = {}
        peaks: list[bytes] = []
        for size, leaf in enumerate(leaves):
            for height, index, node in append_leaf(size, peaks, hash_leaf(leaf)):
                self._nodes[height, index] = node
            self.roots.append(root_of(peaks))

    def read(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        return self._nodes[height, index]


def make() -> dict[str, Any]:
    """Return the vectors."""
    known = [bytes.fromhex(leaf) for leaf in LEAVES]
    tree = Tree([str(number).encode() for number in range(_LARGEST)])
    return {
        "known": {"leaves": LEAVES, "roots": [root.hex() for root in Tree(known).roots]},
        "known_proofs": [
            *(_included(Tree(known), index, size, known[index]) for size in range(1, 9) for index in range(size)),
        ],
        "included": list(_random_inclusions(tree)),
        "grown": list(_random_growths(tree)),
        "note": _note(tree),
    }


def _random_inclusions(tree: Tree) -> Any:
    dice = random.Random(_SEED)  # noqa: S311  # numbers that are the same every time
    for _ in range(_TREES):
        size = dice.randint(1, _LARGEST)
        index = dice.randrange(size)
        yield _included(tree, index, size, str(index).encode())


def _random_growths(tree: Tree) -> Any:
    dice = random.Random(_SEED + 1)  # noqa: S311  # numbers that are the same every time
    sizes = [sorted((dice.randint(1, _LARGEST), dice.randint(1, _LARGEST))) for _ in range(_TREES)]
    for old, new in [(0, 0), (0, 7), (7, 7), (64, 65), (1, 3000), *sizes]:
        proof = consistency_proof(old, new, tree.read)
        roots = {"old_root": _text(tree.roots[old]), "new_root": _text(tree.roots[new])}
        yield {"old": old, "new": new, **roots, "hashes": list(map(_text, proof))}


def _included(tree: Tree, index: int, size: int, leaf: bytes) -> dict[str, Any]:
    return {
        "index": index,
        "size": size,
        "leaf": leaf.hex(),
        "hashes": list(map(_text, inclusion_proof(index, size, tree.read))),
        "root": _text(tree.roots[size]),
    }


def _note(tree: Tree) -> dict[str, Any]:
    signer, other = Signer("outcry/audit", bytes(32)), Signer("outcry/audit", b"\1" * 32)
    when = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    text = Checkpoint(origin="outcry/audit/desk", size=_LARGEST, root=tree.roots[-1], time=when).to_text()
    note, foreign = signer.sign(text), other.sign(text)
    return {
        "key": str(signer.key),
        "other_key": str(other.key),
        "note": note,
        "other_note": foreign,
        "both": note + foreign.rpartition("\n\n")[2],
        "root": _text(tree.roots[-1]),
        "size": _LARGEST,
    }


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def written() -> str:
    """Return the vectors as the file has them."""
    return json.dumps(make(), ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
