"""The Merkle tree against RFC 6962's definition, its known heads, and transparency-dev's vectors if at hand."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docaxis.ledger.event import leaf_hash
from docaxis.ledger.merkle import (
    EMPTY_TREE_HEAD,
    Frontier,
    consistency_proof,
    inclusion_proof,
    node_hash,
    tree_head,
    verify_consistency,
    verify_inclusion,
)

SAMPLES = Path(__file__).parents[3] / ".." / "shared" / "samples" / "merkle"
# Leaves and heads of the reference tree that RFC 6962's first implementations test with.
LEAVES = [leaf_hash(bytes.fromhex(x)) for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
HEADS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
}


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def defined_head(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = max(2**i for i in range(20) if 2**i < len(leaves))
    return node_hash(defined_head(leaves[:k]), defined_head(leaves[k:]))


@pytest.mark.parametrize("size", HEADS)
def test_known_heads(size: int) -> None:
    assert tree_head(LEAVES[:size]).hex() == HEADS[size]


def test_heads_as_defined() -> None:
    leaves = hashes(40)
    frontier = Frontier()
    assert frontier.head == EMPTY_TREE_HEAD
    for size in range(1, 41):
        frontier = frontier.append(leaves[size - 1 : size])
        assert frontier.size == size
        assert frontier.head == tree_head(leaves[:size]) == defined_head(leaves[:size])


def test_every_proof_of_small_trees() -> None:
    leaves = hashes(20)
    heads = [tree_head(leaves[:size]) for size in range(21)]
    for size in range(1, 21):
        for index in range(size):
            proof = inclusion_proof(leaves[:size], index)
            assert verify_inclusion(leaves[index], index, size, proof, heads[size])
            assert not any(
                verify_inclusion(leaves[index], other, size, proof, heads[size])
                for other in range(size)
                if other != index
            )
        for old in range(1, size + 1):
            proof = consistency_proof(leaves[:size], old)
            assert verify_consistency(old, size, proof, heads[old], heads[size])
            assert not any(
                verify_consistency(other, size, proof, heads[old], heads[size])
                for other in range(size + 1)
                if other != old
            )


@given(st.integers(1, 300), st.data())
def test_a_changed_proof_proves_nothing(size: int, data: st.DataObject) -> None:
    leaves = hashes(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    head, old_head = tree_head(leaves), tree_head(leaves[:old])
    inclusion, consistency = inclusion_proof(leaves, index), consistency_proof(leaves, old)
    assert verify_inclusion(leaves[index], index, size, inclusion, head)
    assert verify_consistency(old, size, consistency, old_head, head)
    for proof, check in (
        (inclusion, lambda changed: verify_inclusion(leaves[index], index, size, changed, head)),
        (consistency, lambda changed: verify_consistency(old, size, changed, old_head, head)),
    ):
        assert not check([*proof, bytes(32)])
        if proof:
            at = data.draw(st.integers(0, len(proof) - 1))
            assert not check([*proof[:at], *proof[at + 1 :]])
            assert not check([*proof[:at], bytes(32), *proof[at + 1 :]])
            assert not check([*proof[:at], proof[at] + b"\x00", *proof[at + 1 :]])


def test_there_is_no_proof_of_what_is_not_there() -> None:
    for index in (-1, 3):
        with pytest.raises(ValueError, match="leaf"):
            inclusion_proof(hashes(3), index)
    for old in (0, 4):
        with pytest.raises(ValueError, match="tree"):
            consistency_proof(hashes(3), old)


def vectors(kind: str) -> list[dict[str, Any]]:
    path = SAMPLES / f"rfc6962-{kind}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def decoded(vector: dict[str, Any], name: str) -> bytes:
    return base64.b64decode(vector[name] or "")


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [base64.b64decode(one) for one in vector["proof"] or ()]


@pytest.mark.skipif(not SAMPLES.exists(), reason="transparency-dev's vectors are not at hand")
def test_transparency_dev_inclusion() -> None:
    found = {
        one["path"]: verify_inclusion(
            decoded(one, "leafHash"), one["leafIdx"], one["treeSize"], proof_of(one), decoded(one, "root")
        )
        for one in vectors("inclusion")
    }
    assert found == {one["path"]: not one["wantErr"] for one in vectors("inclusion")}
    assert len(found) > 90


@pytest.mark.skipif(not SAMPLES.exists(), reason="transparency-dev's vectors are not at hand")
def test_transparency_dev_consistency() -> None:
    found = {
        one["path"]: verify_consistency(
            one["size1"], one["size2"], proof_of(one), decoded(one, "root1"), decoded(one, "root2")
        )
        for one in vectors("consistency")
    }
    assert found == {one["path"]: not one["wantErr"] for one in vectors("consistency")}
    assert len(found) > 90
