"""Things in the order of keys, sorted in a file."""

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.exports.ordered import Key, ordered

KEYS = st.lists(st.tuples(st.integers(-3, 3), st.text(st.sampled_from("aBé\0\u2028𐀀"), max_size=3)))


@given(KEYS)
def test_things_come_in_the_order_of_their_keys_and_equal_ones_as_they_came(keys: list[tuple[int, str]]) -> None:
    keyed: list[tuple[Key, tuple[int, ...]]] = [(key, (place, -place)) for place, key in enumerate(keys)]
    expected = sorted(range(len(keys)), key=lambda place: keys[place])
    assert list(ordered(keyed)) == [(place, -place) for place in expected]


def test_nothing_gives_nothing() -> None:
    assert list(ordered([])) == []
