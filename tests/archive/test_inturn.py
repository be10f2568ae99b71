from psgcrawl.archive.inturn import InTurn


def test_members_are_made_when_they_are_asked_for_and_no_others() -> None:
    asked: list[str] = []

    def made(key: str) -> str:
        asked.append(key)
        return key.upper()

    found = InTurn(["a", "b", "c"], made)
    assert len(found) == 3
    assert asked == []
    assert found[1] == "B"
    assert found[1:] == ["B", "C"]
    assert asked == ["b", "b", "c"]


def test_it_is_equal_to_any_sequence_of_the_same_members() -> None:
    found = InTurn([1, 2], str)
    assert found == ["1", "2"]
    assert found != ["1"]
    assert found != ["1", "3"]
    assert repr(found) == "['1', '2']"
