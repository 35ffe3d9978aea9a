"""Which texts are computed together, and by how many threads."""

from __future__ import annotations

import threading
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders.batches import BATCH_TOKENS, Batch, computed, equal_batches


@given(st.lists(st.integers(2, 512), max_size=300))
def test_every_text_is_in_one_batch_beside_texts_of_its_length(lengths: list[int]) -> None:
    batches = equal_batches(lengths)
    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len({lengths[place] for place in batch}) == 1
        assert len(batch) == 1 or len(batch) * lengths[batch[0]] <= BATCH_TOKENS


def test_the_longest_come_first() -> None:
    assert [batch.tolist() for batch in equal_batches([3, 5, 3, 4])] == [[1], [3], [0, 2]]


@pytest.mark.parametrize("threads", [1, 2])
def test_results_come_in_order(threads: int) -> None:
    batches = equal_batches(list(range(2, 40)))
    with closing(computed(lambda batch: int(batch[0]), batches, threads)) as results:
        assert list(results) == [batch[0] for batch in batches]


def test_two_threads_work_at_once() -> None:
    both = threading.Barrier(2, timeout=30)
    with closing(computed(lambda _: both.wait(), [np.array([0]), np.array([1])], 2)) as results:
        assert sorted(results) == [0, 1]


def test_what_is_not_begun_is_given_up() -> None:
    begun = []

    def work(batch: Batch) -> int:
        begun.append(batch)
        if len(begun) == 3:
            raise KeyboardInterrupt
        return len(begun)

    batches = [np.array([place]) for place in range(1000)]
    with closing(computed(work, batches, 2)) as results, pytest.raises(KeyboardInterrupt):
        list(results)
    assert len(begun) < 1000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("encoder")]
