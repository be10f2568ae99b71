import os
import tracemalloc
from collections.abc import Iterable
from pathlib import Path

import pytest

from psgcrawl.archive import jsonl
from psgcrawl.archive.compare import aside, lines, scan
from psgcrawl.archive.compare.lines import Lines, common
from psgcrawl.archive.compare.scan import Differences
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry, replace
from tests.archive.compare.sides import dated, file, open_files

DAYS = [f"2017-{month:02d}-{day:02d}" for month in range(12, 0, -1) for day in range(28, 0, -1)]


def many(number: int, **given: str) -> list[Entry]:
    return [dated(place, DAYS[place % len(DAYS)], **given) for place in range(number)]


def found(old: Path, new: Path) -> tuple[list[tuple[Entry, Entry]], list[str], list[str], list[str]]:
    notes: list[str] = []
    differences = Differences(old, new, notes.append)
    pairs = list(differences.pairs())
    pairs.sort(key=lambda pair: pair[0].id)
    return pairs, sorted(differences.old_only), sorted(differences.new_only), notes


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test count as large: what is equal is not looked at."""
    monkeypatch.setattr(scan, "CHECKED_WHOLE", 0)


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows that are shorter than a line, so that every boundary falls inside one."""
    monkeypatch.setattr(lines, "LARGEST_BLOCK", 64)
    monkeypatch.setattr(lines, "BEHIND", 7)


@pytest.mark.parametrize("place", [0, 1, 150, 298, 299])
@pytest.mark.usefixtures("large", "tiny_blocks")
def test_what_differs_is_found_wherever_it_stands(tmp_path: Path, place: int) -> None:
    entries = file(tmp_path / "a", many(300)).entries.read_bytes().splitlines(keepends=True)
    old, new = tmp_path / "old", tmp_path / "new"
    edited = [*entries]
    edited[place] = entries[place].replace(b"Title of", b"Another title of")
    old.write_bytes(b"".join(entries))
    new.write_bytes(b"".join(edited))
    pairs, old_only, new_only, notes = found(old, new)
    assert [(one.title, other.title) for one, other in pairs] == [
        (pairs[0][0].title, pairs[0][0].title.replace("Title", "Another title"))
    ]
    assert (old_only, new_only, notes) == ([], [], [])
    new.write_bytes(b"".join(entries[:place] + entries[place + 1 :]))
    assert found(old, new)[1:3] == ([pairs[0][0].id], [])
    assert found(new, old)[1:3] == ([], [pairs[0][0].id])


@pytest.mark.usefixtures("tiny_blocks")
def test_common_bytes_end_with_a_line(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_bytes(b"one\ntwo\n" + b"x" * 500 + b"\nthree\n")
    new.write_bytes(b"zero\none\ntwo\n" + b"x" * 500 + b"\nthrew\n")
    with Lines(old) as one, Lines(new) as other:
        assert common(one, 0, other, 5) == len(b"one\ntwo\n") + 501
        assert common(one, 0, other, 0) == 0
        assert common(one, 0, one, 0) == one.size


@pytest.mark.parametrize("size", [1 << 22, 0], ids=["checked-whole", "large"])
@pytest.mark.parametrize("which", ["old", "new", "both"])
def test_input_out_of_order_is_noticed_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, which: str
) -> None:
    monkeypatch.setattr(scan, "CHECKED_WHOLE", size)
    one, other = many(200), [*many(190, title="T"), dated(777, "2017-05-05"), *many(199)[195:]]
    expected = found(file(tmp_path / "a.jsonl", one).entries, file(tmp_path / "b.jsonl", other).entries)
    for number in range(5):
        old = file(tmp_path / "old.jsonl", one, shuffled=number if which in {"old", "both"} else None)
        new = file(tmp_path / "new.jsonl", other, shuffled=number if which in {"new", "both"} else None)
        before = old.entries.read_bytes()
        result = found(old.entries, new.entries)
        assert result[:3] == expected[:3]
        names = {"old": ["old.jsonl"], "new": ["new.jsonl"], "both": ["new.jsonl", "old.jsonl"]}[which]
        assert sorted(note.split(": ")[0] for note in result[3]) == [str(tmp_path / name) for name in names]
        assert all("not in canonical order" in note for note in result[3])
        assert old.entries.read_bytes() == before


@pytest.mark.usefixtures("large")
def test_a_pair_that_was_found_before_the_disorder_is_yielded_once(tmp_path: Path) -> None:
    first, *rest = many(40)
    old = file(tmp_path / "old.jsonl", [first, *rest])
    new = file(tmp_path / "new.jsonl", [dated(0, DAYS[0], title="edited at the very top"), *rest])
    data = new.entries.read_bytes().splitlines(keepends=True)
    new.entries.write_bytes(b"".join([data[0], *data[20:], *data[1:20]]))
    pairs, old_only, new_only, notes = found(old.entries, new.entries)
    assert [one.id for one, _ in pairs] == [first.id]
    assert (old_only, new_only, len(notes)) == ([], [], 1)


@pytest.mark.usefixtures("large")
def test_one_id_under_two_kinds_is_no_pair(tmp_path: Path) -> None:
    old = file(tmp_path / "old.jsonl", [dated(1, "2017-01-01")])
    new = file(tmp_path / "new.jsonl", [dated(1, "2017-01-01", kind="notice")])
    assert found(old.entries, new.entries)[:3] == ([], ["news-article-1"], ["news-article-1"])


def damaged(tmp_path: Path, *data: bytes) -> str:
    """What is said of a file that ends with these lines and is compared with one that lacks them."""
    good = jsonl.dump_lines(many(3))
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_bytes(good)
    new.write_bytes(good + b"".join(data))
    messages = set()
    before = open_files()
    for pair in ((old, new), (new, old)):
        with pytest.raises(DamagedData) as raised:
            found(*pair)
        messages.add(str(raised.value))
    assert open_files() == before
    assert len(messages) == 1
    return messages.pop().removeprefix(str(tmp_path) + "/")


LAST = jsonl.dumps(dated(9, "2016-01-01"))


@pytest.mark.parametrize("whole", [True, False], ids=["checked-whole", "large"])
@pytest.mark.parametrize(
    ("lines_", "problem"),
    [
        ([LAST], "new.jsonl:4: the last line has no line end: it was cut off"),
        ([LAST + b"\n", LAST[:90]], "new.jsonl:5: the last line has no line end: it was cut off"),
        ([LAST[:90] + b"\n"], "new.jsonl:4: not JSON: Input data was truncated"),
        ([LAST + b"\n", LAST + b"\n"], "new.jsonl:5: duplicate id 'news-article-9'"),
        ([jsonl.dumps(many(1)[0]) + b"\n"], "new.jsonl:4: duplicate id 'news-article-0', as in line 1"),
        ([LAST.replace(b'"title"', b'"tilte"') + b"\n"], "new.jsonl:4: no 'title' field"),
        ([LAST.replace(b'"2016-01-01"', b'"2016"', 1) + b"\n"], "new.jsonl:4: Expected `str` matching regex"),
        ([b"\n"], "new.jsonl:4: empty line"),
        ([b"\xff" + LAST + b"\n"], "new.jsonl:4: not UTF-8: byte 0xff at column 1"),
        ([b"[1]\n"], "new.jsonl:4: Expected `object`, got `array`"),
        ([LAST.replace(b'{"id"', b'{"id":"a","id"') + b"\n"], "new.jsonl:4: duplicate key 'id'"),
    ],
)
def test_damaged_input_is_named_by_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool, lines_: Iterable[bytes], problem: str
) -> None:
    if not whole:
        monkeypatch.setattr(scan, "CHECKED_WHOLE", 0)
    assert damaged(tmp_path, *lines_).startswith(problem)


def test_a_damaged_line_that_both_sides_hold_is_named_in_small_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = jsonl.dump_lines(many(9)).splitlines(keepends=True)
    path = tmp_path / "both.jsonl"
    path.write_bytes(b"".join([*good[:4], b"{}\n", *good[4:]]))
    with pytest.raises(DamagedData, match=r"both\.jsonl:5: no 'id' field"):
        found(path, path)
    monkeypatch.setattr(scan, "CHECKED_WHOLE", 0)
    assert found(path, path) == ([], [], [], [])


@pytest.mark.usefixtures("large")
def test_a_duplicate_beside_lines_that_are_passed_over_is_noticed(tmp_path: Path) -> None:
    good = jsonl.dump_lines(many(9)).splitlines(keepends=True)
    again = good[4].replace(b"Title", b"Other")
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_bytes(b"".join(good))
    for place, number in ((4, 6), (5, 6)):
        new.write_bytes(b"".join([*good[:place], again, *good[place:]]))
        with pytest.raises(DamagedData, match=f"new.jsonl:{number}: duplicate id 'news-article-4'"):
            found(old, new)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedData, match=r"none\.jsonl: the file is missing"):
        found(tmp_path / "none.jsonl", tmp_path / "none.jsonl")


def test_a_line_without_end_is_not_read_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 1 << 16)
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"x" * (1 << 20) + b"\n")
    with pytest.raises(DamagedData, match=r"long\.jsonl:1: the line has no end"):
        found(path, path)


def test_empty_files_are_equal(tmp_path: Path) -> None:
    old, new = file(tmp_path / "old", []), file(tmp_path / "new", [dated(1, "2017-01-01")])
    assert found(old.entries, old.entries) == ([], [], [], [])
    assert found(old.entries, new.entries) == ([], [], ["news-article-1"], [])


@pytest.mark.thorough
def test_memory_does_not_grow_with_what_is_unchanged(tmp_path: Path) -> None:
    def peak(number: int) -> int:
        entries = many(number, summary="x" * 2000)
        old = file(tmp_path / "old", entries)
        new = file(tmp_path / "new", [*entries[:-1], dated(9_999_999, "1999-01-01")])
        del entries
        tracemalloc.start()
        result = found(old.entries, new.entries)
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [len(part) for part in result] == [0, 1, 1, 0]
        return memory

    small, large = peak(3_000), peak(12_000)
    assert old_size(tmp_path) > 24_000_000
    assert large < small + 500_000
    assert large < 3_000_000


def old_size(folder: Path) -> int:
    return (folder / "old").stat().st_size


@pytest.mark.usefixtures("large")
def test_an_id_that_stands_twice_among_what_differs_is_noticed(tmp_path: Path) -> None:
    old = file(tmp_path / "old.jsonl", many(9))
    new = file(tmp_path / "new.jsonl", [*many(9), dated(77, "2018-01-01"), dated(77, "2012-01-01")])
    with pytest.raises(DamagedData, match=r"new\.jsonl:11: duplicate id 'news-article-77'"):
        found(old.entries, new.entries)


@pytest.mark.usefixtures("large")
def test_lines_that_are_longer_than_a_block_are_read_whole(tmp_path: Path) -> None:
    entries = [dated(place, DAYS[place], summary="x" * 600_000) for place in range(4)]
    old = file(tmp_path / "old.jsonl", entries)
    new = file(tmp_path / "new.jsonl", [*entries[:3], dated(3, DAYS[3], summary="x" * 600_000 + "y")])
    pairs, *rest = found(old.entries, new.entries)
    assert ([one.id for one, _ in pairs], rest) == (["news-article-3"], [[], [], []])


@pytest.mark.usefixtures("large")
def test_a_system_that_gives_less_than_was_asked_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = file(tmp_path / "old.jsonl", many(200)), file(tmp_path / "new.jsonl", many(199, title="T"))
    expected = found(old.entries, new.entries)
    pread, preadv = os.pread, os.preadv
    monkeypatch.setattr(os, "pread", lambda descriptor, length, at: pread(descriptor, min(length, 100), at))
    monkeypatch.setattr(os, "preadv", lambda descriptor, views, at: preadv(descriptor, [views[0][:9]], at))
    assert found(old.entries, new.entries) == expected


def test_a_file_that_is_cut_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = file(tmp_path / "old.jsonl", many(20)).entries
    with Lines(path) as lines_:
        os.truncate(path, 100)
        with pytest.raises(DamagedData, match=r"old\.jsonl: the file was cut while it was read"):
            lines_.block(0, lines_.size)
        with pytest.raises(DamagedData, match=r"old\.jsonl: the file was cut while it was read"):
            lines_.line(0)


@pytest.mark.parametrize(
    "entry_",
    [
        dated(7, "2017-02-18"),
        dated(7, None),
        replace(dated(7, "2017-02-18"), id='say "Áncash" \\ or not'),
        replace(dated(7, "2017-02-18"), id="\x7f"),
        replace(dated(7, None), id=""),
    ],
    ids=["a date", "no date", "an id with escapes", "DEL", "an empty id"],
)
def test_the_key_of_a_line_is_that_of_its_entry(tmp_path: Path, entry_: Entry) -> None:
    path = file(tmp_path / "one.jsonl", [entry_]).entries
    with Lines(path) as lines_:
        assert lines_.key(0, lines_.line(0)) == lines.key(entry_)


@pytest.mark.parametrize("window", [64, 5_000, 1 << 18])
def test_lines_are_the_same_in_windows_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(lines, "LARGEST_BLOCK", window)
    monkeypatch.setattr(lines, "BEHIND", window // 8)
    data = jsonl.dump_lines(many(90)).splitlines(keepends=True)
    path = tmp_path / "many.jsonl"
    path.write_bytes(b"".join(data))
    starts = [sum(map(len, data[:place])) for place in range(91)]
    with Lines(path) as lines_:
        for place in [*range(90), *range(89, -1, -1), 44, 0, 89]:
            assert lines_.line(starts[place]) == data[place]
            assert lines_.line_before(starts[place + 1]) == (starts[place], data[place])
            assert lines_.beginning(starts[place]) == starts[place]
        assert lines_.line(starts[90]) == b""


def test_much_that_is_out_of_order_is_written_in_portions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psgcrawl.archive.compare.aside.LARGEST_BLOCK", 1000)
    path = file(tmp_path / "shuffled.jsonl", many(50), shuffled=3).entries
    ordered = file(tmp_path / "ordered.jsonl", many(50)).entries.read_bytes()
    with Lines(path) as lines_, aside.in_order(lines_) as sorted_:
        assert sorted_.block(0, sorted_.size) == ordered
