from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.hashed import HashedIds

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
