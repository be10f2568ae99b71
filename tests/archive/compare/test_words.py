import random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.compare.words import changed

TEXT = st.lists(st.sampled_from(["a", "b", "c", "d\n\ne", "\n"]), max_size=30).map(" ".join)


@given(TEXT, TEXT)
def test_the_marked_words_are_those_of_both_texts(old: str, new: str) -> None:
    runs = list(changed(old, new))
    for text, left in ((old, "new"), (new, "old")):
        words = [word for mark, run in runs if mark != left for word in run]
        assert "".join(words).replace("\n", "") == text.replace(" ", "").replace("\n", "")
    assert all(run for _, run in runs)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", []),
        ("same", "same", [("same", ["same"])]),
        ("", "new", [("new", ["new"])]),
        ("a b", "a c b", [("same", ["a"]), ("new", ["c"]), ("same", ["b"])]),
        ("a\n\nb", "a\nb", [("same", ["a"]), ("old", ["\n\n"]), ("new", ["\n"]), ("same", ["b"])]),
        ("a a", "a", [("same", ["a"]), ("old", ["a"])]),
    ],
)
def test_changed_words_are_marked(old: str, new: str, expected: object) -> None:
    assert list(changed(old, new)) == expected


def test_long_texts_take_no_long_time() -> None:
    chance = random.Random(1)  # noqa: S311 - nothing secret
    texts = [" ".join(chance.choices("the of and a in to".split(), k=50_000)) for _ in range(2)]
    start = process_time()
    runs = list(changed(*texts))
    assert process_time() - start < 5
    assert [mark for mark, run in runs if len(run) > 1000] == ["old", "new"]
