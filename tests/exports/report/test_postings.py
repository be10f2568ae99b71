"""Words and their places, by which the index of the search is made."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.exports.report.postings import Postings, shelf

TEXTS = st.lists(st.sets(st.text(st.sampled_from("abé汉0"), min_size=2, max_size=3), max_size=4), max_size=30)


@given(TEXTS, st.sampled_from([1, 2]), st.sampled_from([1, 400, 1_000_000]))
def test_each_word_has_its_places_in_order_however_many_are_in_memory(
    texts: list[set[str]], letters: int, block: int
) -> None:
    expected: defaultdict[str, list[int]] = defaultdict(list)
    with Postings(block) as postings:
        for place, words in enumerate(texts):
            postings.add(words, place)
            postings.rest(letters)
            for word in words:
                expected[word].append(place)
        found = [(name, word, list(places)) for name, held in postings.shelves(letters) for word, places in held]
    assert found == sorted((shelf(word, letters), word, places) for word, places in expected.items())
    assert [name for name, _, _ in found] == sorted(name for name, _, _ in found)
