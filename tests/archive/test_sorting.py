import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.sorting import Sorter

LINES = st.lists(st.binary(max_size=12).map(lambda data: data.replace(b"\n", b" ")))


@given(LINES, st.sampled_from([1, 100, 1 << 20]))
def test_lines_come_out_in_the_order_of_their_bytes_each_once(lines: list[bytes], run: int) -> None:
    with Sorter(run) as sorter:
        for line in lines:
            sorter.add(line)
        assert list(sorter) == sorted(set(lines))
        assert list(sorter) == sorted(set(lines)), "as often as it is asked"


def test_what_is_in_memory_stays_below_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sorter(run=1000) as sorter:
        most = 0
        for number in range(500):
            sorter.add(b"%09d" % (number * 7919 % 500))
            most = max(most, sum(map(len, sorter._lines)))
        assert most < 1000
        assert len(sorter._files) > 10
        assert [int(line) for line in sorter] == list(range(500))
