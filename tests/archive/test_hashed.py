import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.hashed import HashedIds, Numbers

TEXTS = st.lists(st.text(max_size=3), max_size=60)


@given(TEXTS, TEXTS, TEXTS)
def test_ids_are_known_by_their_numbers(taken: list[str], more: list[str], others: list[str]) -> None:
    ids = HashedIds(taken)
    assert all(id_ in ids for id_ in taken)
    for id_ in more:
        ids.add(id_)
    both = [*taken, *more]
    assert [id_ in ids for id_ in others] == [id_ in both for id_ in others]
    assert ids.twice() == {hash(id_) for id_ in both if both.count(id_) > 1}


NUMBERS = st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-600, 600), max_size=60)


@given(st.lists(NUMBERS, max_size=4), NUMBERS)
def test_numbers_are_known_however_they_come(taken: list[list[int]], others: list[int]) -> None:
    numbers, so_far = Numbers(), set[int]()
    for some in taken:
        numbers.update(some)
        so_far.update(some)
        assert [number in numbers for number in [*so_far, *others]] == [True] * len(so_far) + [
            number in so_far for number in others
        ]
        assert len(numbers) == len(so_far)


def test_of_a_hundred_thousand_numbers_only_eight_bytes_of_each_are_in_memory() -> None:
    tracemalloc.start()
    numbers = Numbers(hash(f"news-article-{number}") for number in range(100_000))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(numbers) == 100_000
    assert used < 1_200_000
