"""The Merkle tree of the log (RFC 6962, 2.1; RFC 9162, 2.1): tree heads, proofs of inclusion and of consistency.

Hashes are SHA-256, 32 octets. Making a proof takes all leaf hashes; verifying one takes the proof alone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

EMPTY_TREE_HEAD: Final = hashlib.sha256(b"").digest()
HASH_SIZE_BYTES: Final = 32


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a growing tree: the heads of its full subtrees, largest first; all it takes to append."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """Return the frontier after these leaves."""
        size, peaks = self.size, list(self.peaks)
        for leaf in leaf_hashes:
            node, rest = leaf, size
            while rest & 1:
                node, rest = node_hash(peaks.pop(), node), rest >> 1
            peaks.append(node)
            size += 1
        return Frontier(size, tuple(peaks))

    @property
    def head(self) -> bytes:
        """Return the tree head."""
        return _fold(self.peaks) if self.peaks else EMPTY_TREE_HEAD


def tree_head(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the head of the tree over these leaf hashes."""
    return Frontier().append(leaf_hashes).head


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes that lead from a leaf to the head, lowest first; ValueError when there is no such leaf."""
    if not 0 <= index < len(leaf_hashes):
        raise ValueError("no such leaf")
    proof: list[bytes] = []
    start, end = 0, len(leaf_hashes)
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(tree_head(leaf_hashes[middle:end]))
            end = middle
        else:
            proof.append(tree_head(leaf_hashes[start:middle]))
            start = middle
    return tuple(reversed(proof))


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the hashes that show the tree of old_size to be a beginning of this one; ValueError when it cannot be."""
    if not 0 < old_size <= len(leaf_hashes):
        raise ValueError("no such tree")
    proof: list[bytes] = []
    start, end, is_whole = 0, len(leaf_hashes), True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(tree_head(leaf_hashes[middle:end]))
            end = middle
        else:
            proof.append(tree_head(leaf_hashes[start:middle]))
            start, is_whole = middle, False
    # The old head itself need not be told to one who has it.
    if not is_whole:
        proof.append(tree_head(leaf_hashes[start:end]))
    return tuple(reversed(proof))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], head: bytes) -> bool:
    """Tell whether the leaf hash stands at this index of the tree with this size and head (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes(leaf, head, *proof):
        return False
    position, last, node = index, size - 1, leaf
    for one in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(one, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, one)
        position, last = position >> 1, last >> 1
    return last == 0 and node == head


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_head: bytes, new_head: bytes) -> bool:
    """Tell whether the new tree begins with the old one (RFC 9162, 2.1.4.2); an empty old tree: False."""
    if old_size == new_size:
        return old_size > 0 and not proof and old_head == new_head
    if not 0 < old_size < new_size or not proof or not _are_hashes(old_head, new_head, *proof):
        return False
    # A full old tree is a node of the new one; its head is not sent again.
    path = (old_head, *proof) if old_size & (old_size - 1) == 0 else tuple(proof)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for one in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(one, old), node_hash(one, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, one)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_head and new == new_head


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def _fold(peaks: Sequence[bytes]) -> bytes:
    node = peaks[-1]
    for peak in reversed(peaks[:-1]):
        node = node_hash(peak, node)
    return node


def _are_hashes(*octets: bytes) -> bool:
    return all(len(one) == HASH_SIZE_BYTES for one in octets)
