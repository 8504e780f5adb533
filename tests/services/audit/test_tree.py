"""The tree: known vectors, and that every proof holds and no other does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outcry.services.audit.tiles import reader, tiles_for
from outcry.services.audit.tree import (
    EMPTY_ROOT,
    ProofError,
    ReadNode,
    append_leaf,
    consistency_proof,
    hash_leaf,
    hash_node,
    inclusion_proof,
    root_of,
    root_of_range,
    verify_consistency,
    verify_inclusion,
)

# The vectors of certificate-transparency's own tests, for RFC 6962 and RFC 9162 alike.
_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_INCLUSION_5_OF_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
_CONSISTENCY_6_TO_8 = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
_MOST = 70


class Tree:
    """A tree in memory: its nodes, and its root at every size."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.hashes = [hash_leaf(leaf) for leaf in leaves]
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.roots = [EMPTY_ROOT]
        peaks: list[bytes] = []
        for size, leaf_hash in enumerate(self.hashes):
            for height, index, node in append_leaf(size, peaks, leaf_hash):
                self.nodes[height, index] = node
            self.roots.append(root_of(peaks))

    def read(self, height: int, index: int) -> bytes:
        """Return a node."""
        return self.nodes[height, index]


_TREE = Tree([b"entry %d" % number for number in range(_MOST)])


def _naive_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word by word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hash_node(_naive_root(hashes[:split]), _naive_root(hashes[split:]))


def test_known_vectors() -> None:
    """Roots and proofs are those that others compute."""
    tree = Tree([bytes.fromhex(leaf) for leaf in _LEAVES])
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root.hex() for root in tree.roots[1:]] == _ROOTS
    assert [one.hex() for one in inclusion_proof(5, 8, tree.read)] == _INCLUSION_5_OF_8
    assert [one.hex() for one in consistency_proof(6, 8, tree.read)] == _CONSISTENCY_6_TO_8


def test_roots_are_those_of_the_definition() -> None:
    """Appending by peaks and the recursive definition agree at every size, and over the nodes kept."""
    for size in range(_MOST + 1):
        assert _TREE.roots[size] == _naive_root(_TREE.hashes[:size]) == root_of_range(0, size, _TREE.read)


def test_every_inclusion_proof_holds() -> None:
    """Every entry is proved at every size, by a proof no longer than the tree is high."""
    for size in range(1, _MOST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, _TREE.read)
            assert len(proof) <= (size - 1).bit_length()
            verify_inclusion(index=index, size=size, leaf_hash=_TREE.hashes[index], proof=proof, root=_TREE.roots[size])


def test_every_consistency_proof_holds() -> None:
    """Every size is proved to begin every later one."""
    for new in range(_MOST + 1):
        for old in range(new + 1):
            proof = consistency_proof(old, new, _TREE.read)
            verify_consistency(old=old, new=new, old_root=_TREE.roots[old], new_root=_TREE.roots[new], proof=proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 4), (4, 4)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """An entry past the end has no proof, and none is believed."""
    with pytest.raises(ProofError):
        inclusion_proof(index, size, _TREE.read)
    with pytest.raises(ProofError):
        verify_inclusion(index=index, size=size, leaf_hash=_TREE.hashes[0], proof=(), root=_TREE.roots[0])


@pytest.mark.parametrize(("old", "new"), [(5, 4), (-1, 4)])
def test_a_log_does_not_shrink(old: int, new: int) -> None:
    """There is no proof from a longer log to a shorter one."""
    with pytest.raises(ProofError):
        consistency_proof(old, new, _TREE.read)
    with pytest.raises(ProofError):
        verify_consistency(old=old, new=new, old_root=_TREE.roots[0], new_root=_TREE.roots[new], proof=())


def _forge(data: st.DataObject, proof: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return another proof than this one: a bit turned, one left out, doubled, added or cut, or two exchanged."""
    path = list(proof)
    kind = data.draw(st.sampled_from(("bit", "drop", "double", "add", "cut", "swap")))
    at = data.draw(st.integers(0, max(0, len(path) - 1)))
    if kind == "add" or not path:
        path.insert(at, data.draw(st.binary(min_size=32, max_size=32)))
    elif kind == "bit":
        bit = data.draw(st.integers(0, 255))
        path[at] = (int.from_bytes(path[at]) ^ (1 << bit)).to_bytes(32)
    elif kind == "drop":
        path.pop(at)
    elif kind == "double":
        path.insert(at, path[at])
    elif kind == "cut":
        path[at] = path[at][:-1]
    else:
        path[at], path[0] = path[0], path[at]
    return tuple(path)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_forged_inclusion_proofs_are_refused(data: st.DataObject) -> None:
    """Nothing but the proof itself proves an entry; and it proves no other entry, place, size or root."""
    size = data.draw(st.integers(1, _MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, _TREE.read)
    forged = _forge(data, proof)
    leaf, root = _TREE.hashes[index], _TREE.roots[size]
    if forged != proof:
        with pytest.raises(ProofError):
            verify_inclusion(index=index, size=size, leaf_hash=leaf, proof=forged, root=root)
    other = data.draw(st.integers(0, _MOST - 1))
    if other != index:
        with pytest.raises(ProofError):
            verify_inclusion(index=index, size=size, leaf_hash=_TREE.hashes[other], proof=proof, root=root)
        with pytest.raises(ProofError):
            verify_inclusion(index=other, size=size, leaf_hash=leaf, proof=proof, root=root)
    if other + 1 != size:
        with pytest.raises(ProofError):
            verify_inclusion(index=index, size=size, leaf_hash=leaf, proof=proof, root=_TREE.roots[other + 1])


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_forged_consistency_proofs_are_refused(data: st.DataObject) -> None:
    """Nothing but the proof itself leads from one root to another; and it leads to and from no other root."""
    new = data.draw(st.integers(1, _MOST))
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, _TREE.read)
    forged = _forge(data, proof)
    old_root, new_root = _TREE.roots[old], _TREE.roots[new]
    if forged != proof:
        with pytest.raises(ProofError):
            verify_consistency(old=old, new=new, old_root=old_root, new_root=new_root, proof=forged)
    other = _TREE.roots[data.draw(st.integers(0, _MOST))]
    if other != old_root:
        with pytest.raises(ProofError):
            verify_consistency(old=old, new=new, old_root=other, new_root=new_root, proof=proof)
    if other != new_root:
        with pytest.raises(ProofError):
            verify_consistency(old=old, new=new, old_root=old_root, new_root=other, proof=proof)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_log_with_a_changed_entry_is_not_consistent(data: st.DataObject) -> None:
    """A server that changes, drops or exchanges an old entry finds no proof, not even by its own tree's."""
    old = data.draw(st.integers(1, _MOST - 1))
    at = data.draw(st.integers(0, old - 1))
    leaves = [b"entry %d" % number for number in range(_MOST)]
    kind = data.draw(st.sampled_from(("change", "drop", "insert", "swap")))
    if kind == "change":
        leaves[at] += b"!"
    elif kind == "drop":
        leaves.pop(at)
    elif kind == "insert":
        leaves.insert(at, b"never")
    else:
        leaves[at], leaves[_MOST - 1] = leaves[_MOST - 1], leaves[at]
    evil = Tree(leaves)
    new = data.draw(st.integers(old, len(leaves)))
    with pytest.raises(ProofError):
        verify_consistency(
            old=old,
            new=new,
            old_root=_TREE.roots[old],
            new_root=evil.roots[new],
            proof=consistency_proof(old, new, evil.read),
        )


def test_tiles_hold_every_node_and_a_proof_reads_few() -> None:
    """Proofs over tiles are those over nodes, and a log of 70,000 entries takes at most six tiles for one."""
    size = 70_000
    hashes = [hash_leaf(b"%d" % number) for number in range(size)]
    tiles: dict[tuple[int, int], bytearray] = {}
    peaks: list[bytes] = []
    for number, leaf_hash in enumerate(hashes):
        for height, index, node in append_leaf(number, peaks, leaf_hash):
            if height % 8 == 0:
                tiles.setdefault((height // 8, index // 256), bytearray()).extend(node)
    read = reader({key: bytes(held) for key, held in tiles.items()})
    for index in (0, 255, 256, 65_535, 65_536, size - 1):

        def compute(node: ReadNode, index: int = index) -> tuple[bytes, ...]:
            return inclusion_proof(index, size, node)

        assert len(tiles_for(compute)) <= 6
        verify_inclusion(index=index, size=size, leaf_hash=hashes[index], proof=compute(read), root=root_of(peaks))
    with pytest.raises(LookupError):
        read(0, size)
