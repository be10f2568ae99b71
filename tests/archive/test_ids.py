"""What is known of many ids, in memory and in a file."""

import weakref
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive import ids
from psgcrawl.archive.ids import Ids

SAID = st.lists(st.tuples(st.lists(st.sampled_from("abcdeé\u2028𐀀"), max_size=4), st.sampled_from("xyz")), max_size=8)


def joined(one: str, other: str) -> str:
    return "".join(sorted({*one, *other}))


@pytest.mark.parametrize("most", [0, 2, 100])
@given(SAID)
def test_what_is_said_of_an_id_is_joined_wherever_it_is_kept(most: int, said: list[tuple[list[str], str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "MOST", most)
        found: Ids[str] = Ids(joined)
        expected: dict[str, str] = {}
        for names, value in said:
            found.put(names, value)
            for name in names:
                expected[name] = joined(expected.get(name, ""), value)
        assert {name: found.get(name) for name in "abcdeé\u2028𐀀"} == {
            name: expected.get(name) for name in "abcdeé\u2028𐀀"
        }
        assert found.all(expected) == list(expected.values())
        with pytest.raises(KeyError, match="none"):
            found.all([*expected, "none"])


@pytest.mark.parametrize("most", [0, 100])
def test_what_is_taken_is_known_no_more(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "MOST", most)
    found: Ids[str] = Ids(joined)
    found.put(["a", "b"], "x")
    assert [found.take(name) for name in ("a", "a", "b", "c")] == ["x", None, "x", None]


def test_the_file_is_gone_with_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "MOST", 0)
    found: Ids[str] = Ids(joined)
    found.put(["a", "b"], "x")
    found.put(["a"], "y")
    assert found.get("a") == "xy"
    assert found._file is not None
    file = weakref.ref(found._file)
    del found
    assert file() is None


@pytest.mark.thorough
def test_of_a_hundred_thousand_ids_few_are_in_memory() -> None:
    found: Ids[str] = Ids(joined)
    for number in range(0, 100_000, 10):
        found.put([f"{number + place}" for place in range(10)], "even" if number % 20 else "odd")
    assert len(found._known) <= ids.MOST
    assert Counter(found.get(f"{number}") for number in range(0, 100_000, 1_000)) == {"odd": 100}
    assert found.get("99999") == "even"


def test_what_is_said_again_later_has_another_number_and_is_known_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "MOST", 1)
    found: Ids[str] = Ids(joined)
    for names in (["a", "b"], ["c", "d"], ["a", "c"]):
        found.put(names, "x")
    assert [found.get(name) for name in "abcd"] == ["x"] * 4
    assert found._file is not None
    assert found._file._numbers == {}
