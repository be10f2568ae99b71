"""Lines that two files have in common are taken over, and never another line in their place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.compare.lines import Key
from psgcrawl.archive.history.alike import Sheet


def read(raw: bytes, _number: int) -> tuple[Key, bytes]:
    return (len(raw.strip()), raw.decode("latin-1")), raw


FILES = st.lists(st.sampled_from([b"", b"a", b"aa", b"ab", b"b" * 70, b"b" * 69 + b"c"]), max_size=12)


@given(st.lists(st.tuples(FILES, st.booleans()), min_size=1, max_size=4), st.booleans())
def test_each_sheet_holds_the_lines_of_its_file(files: list[tuple[list[bytes], bool]], cut: bool) -> None:
    sheet: Sheet[bytes] = Sheet()
    for number, (given_lines, ordered) in enumerate(files, 1):
        data = b"".join(line + b"\n" for line in (sorted(given_lines) if ordered else given_lines))
        if cut and number == len(files):
            data = data[:-1]
        before, sheet = sheet, sheet.follow(data, read)
        expected = data.splitlines(keepends=True)
        assert sheet.held == expected
        assert sheet.lengths == [len(line) for line in expected]
        assert sheet.keys == [read(line, 0)[0] for line in expected]
        for here, there, count in sheet.runs:
            assert before.held[there : there + count] == expected[here : here + count]


@pytest.mark.parametrize("changed", [[0], [250], [499], [0, 1, 2, 100, 499]], ids=str)
def test_only_lines_that_differ_are_read(changed: list[int]) -> None:
    lines = [f"{number:04d} {'x' * (number % 50)}\n".encode() for number in range(500)]
    others = [b"%04d changed\n" % number if number in changed else line for number, line in enumerate(lines)]
    asked: list[int] = []

    def counted(raw: bytes, number: int) -> tuple[Key, bytes]:
        asked.append(number - 1)
        return (int(raw[:4]), ""), raw

    first = Sheet[bytes]().follow(b"".join(lines), counted)
    asked.clear()
    assert first.follow(b"".join(others), counted).held == others
    assert asked == changed
    asked.clear()
    # Some are gone: what follows is read to know that. One is new.
    assert first.follow(b"".join(others[100:]) + b"0500 new\n", counted).held == [*others[100:], b"0500 new\n"]
    assert asked == sorted({0, *(number - 100 for number in changed if number >= 100), 400})
