"""Sequence numbers in blocks: each once, in their order, and none thrown away."""

import pytest

from docaxis.backends.memory import MemoryStore
from docaxis.hub.sequences import BLOCK, Sequences, SequencesShort

SOUTH, WEST = ("south", "normal"), ("west", "urgent")


async def test_what_is_left_of_a_block_is_used_before_the_next() -> None:
    sequences = Sequences(MemoryStore())
    taken = []
    for wanted in (BLOCK - 2, 7, 2 * BLOCK, 1, 1):
        await sequences.reserve([SOUTH] * wanted)
        taken += [sequences.next(*SOUTH) for _ in range(wanted)]
    assert taken == list(range(1, len(taken) + 1))


async def test_every_lane_counts_for_itself() -> None:
    sequences = Sequences(MemoryStore())
    await sequences.reserve([SOUTH, WEST, SOUTH])
    assert [sequences.next(*SOUTH), sequences.next(*WEST), sequences.next(*SOUTH)] == [1, 1, 2]


async def test_two_processes_never_give_the_same_number() -> None:
    store = MemoryStore()
    both = [Sequences(store), Sequences(store)]
    taken = []
    for _ in range(BLOCK):
        for one in both:
            await one.reserve([SOUTH] * 3)
            taken += [one.next(*SOUTH) for _ in range(3)]
    assert len(set(taken)) == len(taken)


async def test_a_number_that_nobody_reserved_is_refused() -> None:
    sequences = Sequences(MemoryStore())
    await sequences.reserve([SOUTH] * BLOCK)
    for _ in range(BLOCK):
        sequences.next(*SOUTH)
    with pytest.raises(SequencesShort):
        sequences.next(*SOUTH)
