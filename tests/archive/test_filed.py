from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from psgcrawl.archive import jsonl
from psgcrawl.archive.filed import Arranged, Filed, Part
from psgcrawl.archive.pages import Pages
from psgcrawl.records import Entry, Page, replace
from tests.archive.making import entry, page

OPEN = Path("/proc/self/fd")
SIZES = st.sampled_from([1, 700, 1 << 20])
ENTRIES = st.lists(
    st.tuples(st.integers(0, 99), st.text(st.characters(codec="utf-8"), max_size=80)).map(
        lambda made: entry(f"article-{made[0]}", summary=made[1])
    ),
    max_size=40,
)


@given(ENTRIES, SIZES, st.data())
def test_what_is_filed_reads_as_a_list_of_it_would(made: list[Entry], in_memory: int, data: st.DataObject) -> None:
    filed = Filed(Entry, made, in_memory=in_memory)
    assert list(filed) == made
    assert list(filed) == made, "as often as it is asked"
    assert filed == made
    assert len(filed) == len(made)
    first = data.draw(st.integers(0, len(made)))
    behind = data.draw(st.integers(first, len(made)))
    part: Sequence[Entry] = filed.part(first, behind)
    assert list(part) == made[first:behind]
    assert part == made[first:behind]
    assert part[1:] == made[first:behind][1:]
    assert [part[number] for number in range(len(part))] == made[first:behind]
    assert filed[first:behind] == made[first:behind]
    assert b"".join(filed.pieces()) == jsonl.dump_lines(made)
    assert list(filed.all_lines()) == [jsonl.dumps(one) + b"\n" for one in made]
    if made:
        assert filed[-1] == made[-1]
        assert filed != made[1:]


def test_more_comes_behind_what_was_read() -> None:
    filed = Filed(Entry, in_memory=2000)
    made = [entry(f"article-{number}") for number in range(50)]
    for number, one in enumerate(made, 1):
        filed.append(one)
        assert filed[number - 1] == one
        assert list(filed) == made[:number]
    with pytest.raises(IndexError):
        filed[50]


def test_memory_holds_no_more_than_it_may() -> None:
    filed = Filed(Entry, in_memory=5000)
    lines = (jsonl.dumps(entry(f"article-{number}")) + b"\n" for number in range(500))
    longest = 0

    def watched() -> "list[bytes]":
        nonlocal longest
        longest = max(longest, sum(map(len, filed._rest)))
        return [next(lines)]

    filed.take(line for _ in range(500) for line in watched())
    assert len(filed) == 500
    assert longest < 5000 + 32 * 400, "and what is taken at once"


def test_nothing_is_left_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = len(list(OPEN.iterdir())) if OPEN.is_dir() else None
    filed = Filed(Entry, [entry(f"article-{number}") for number in range(100)], in_memory=100)
    assert list(tmp_path.iterdir()) == [], "it has no name"
    assert len(filed) == 100
    del filed
    if before is not None:
        assert len(list(OPEN.iterdir())) == before


def test_a_file_that_was_cut_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    filed = Filed(Entry, [entry("article-1"), entry("article-2")], in_memory=1)
    monkeypatch.setattr("os.pread", lambda *_: b"")
    with pytest.raises(OSError, match="a temporary file ends at byte 0"):
        list(filed)


class _Id(Struct):
    id: str


def test_of_a_record_only_what_is_asked_for_is_made() -> None:
    filed = Filed(Entry, [entry(f"article-{number}") for number in range(70)], in_memory=3000)
    assert [one.id for one in filed.as_kind(_Id)] == [f"article-{number}" for number in range(70)]


def test_a_file_holds_the_same_lines_or_it_does_not(tmp_path: Path) -> None:
    made = [entry(f"article-{number}") for number in range(70)]
    filed = Filed(Entry, made, in_memory=3000)
    path = tmp_path / "entries.jsonl"
    data = jsonl.dump_lines(made)
    for written, same in ((data, True), (data[:-1], False), (data + b"\n", False), (data.replace(b"69", b"68"), False)):
        path.write_bytes(written)
        assert filed.is_in(path) is same
    path.write_bytes(b"")
    assert Filed(Entry).is_in(path)
    assert not filed.is_in(path)


def _pages() -> list[Page]:
    return [
        page(*(entry(f"article-{number}-{place}") for place in range(number % 4)), position=10 * number)
        for number in range(40)
    ]


def test_pages_come_back_with_their_entries() -> None:
    made = _pages()
    pages = Pages(made)
    assert len(pages) == 40
    assert list(pages) == [replace(one, raw=()) for one in made]
    assert [tuple(one.entries) for one in pages] == [one.entries for one in made]
    assert pages[7].entries == made[7].entries
    assert pages[-1] == made[-1]
    assert pages[3:5] == made[3:5]
    assert isinstance(pages[7].entries, Part)


def test_pages_stand_in_another_order() -> None:
    made = _pages()
    pages = Arranged(Pages(made), [3, 1, 2])
    assert list(pages) == [made[3], made[1], made[2]]
    assert pages[0] == made[3]
    assert pages[1:] == [made[1], made[2]]
    assert len(pages) == 3


def test_a_file_whose_name_is_no_text_is_a_page_as_well() -> None:
    one = replace(_pages()[1], place="caf\udce9.html")
    assert Pages([one])[0].place == "caf\\udce9.html"
