import gzip
import os
import re
import tracemalloc
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psgcrawl.archive.warc.pieces import HEADER
from psgcrawl.archive.warc.reading import KEPT, Found, member_at, read, read_at
from psgcrawl.errors import DamagedData

MIB = 1 << 20


def record(block: bytes = b"abc", fields: str = "", *, length: object = None, end: str = "\r\n") -> bytes:
    """A record's bytes, its lines ended by ``end``, without what closes it."""
    lines = ["WARC/1.1", "WARC-Type: resource", *fields.splitlines()]
    lines += [f"Content-Length: {len(block) if length is None else length}"]
    return "".join(f"{line}{end}" for line in [*lines, ""]).encode() + block


def pack(data: bytes) -> bytes:
    """A gzip member without the time at which it was made: the same for the same data."""
    return gzip.compress(data, 1, mtime=0)


CLOSED = b"\r\n\r\n"
ONE, TWO, THREE = record(b"one"), record(b"two\r\n\r\n", "X: y"), record(b"WARC/1.1\r\n")
RECORDS = [ONE, TWO, THREE]
PLAIN = b"".join(one + CLOSED for one in RECORDS)
MEMBERS = b"".join(pack(one + CLOSED) for one in RECORDS)
ONE_MEMBER = pack(PLAIN)


def all_of(data: bytes, kept: int = KEPT) -> list[Found]:
    return list(read(BytesIO(data), "file", kept))


def until_damage(data: bytes) -> tuple[list[Found], str | None]:
    """What is found before the damage, and what is said of it."""
    found: list[Found] = []
    try:
        for one in read(BytesIO(data), "file"):
            found.append(one)  # noqa: PERF402 - it may raise in between
    except DamagedData as error:
        return found, str(error)
    return found, None


def raws(found: list[Found]) -> list[bytes]:
    return [one.raw for one in found]


class Scripted:
    """A stream of pieces, which counts what was asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.given = 0

    def read(self, size: int, /) -> bytes:
        piece = next(self._pieces, b"")
        assert len(piece) <= size
        self.given += len(piece)
        return piece


# --- where records stand ----------------------------------------------------------------


def test_records_of_a_plain_file_stand_where_they_begin() -> None:
    found = all_of(PLAIN)
    assert raws(found) == RECORDS
    assert [PLAIN[one.offset :][: one.length] for one in found] == [one + CLOSED for one in RECORDS]
    assert [(one.alone, one.kept) for one in found] == [(None, True)] * 3


def test_records_of_a_compressed_file_stand_where_their_members_begin() -> None:
    found = all_of(MEMBERS)
    assert raws(found) == RECORDS
    assert [MEMBERS[one.offset :][: one.length] for one in found] == [one.alone for one in found]
    assert b"".join(one.alone or b"" for one in found) == MEMBERS


def test_records_that_share_a_member_have_no_length() -> None:
    found = all_of(ONE_MEMBER)
    assert raws(found) == RECORDS
    assert [(one.offset, one.length, one.alone) for one in found] == [(0, 0, None)] * 3


def test_members_with_one_and_with_several_records_may_be_mixed() -> None:
    shared = pack(TWO + CLOSED + THREE + CLOSED)
    data = pack(ONE + CLOSED) + shared + pack(b"") + pack(THREE)
    found = all_of(data)
    assert raws(found) == [ONE, TWO, THREE, THREE]
    assert [one.alone for one in found] == [pack(ONE + CLOSED), None, None, pack(THREE)]
    assert [data[one.offset :][: one.length] for one in found] == [one.alone or b"" for one in found]


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\n" * 200_000, pack(b""), pack(b"\r\n") * 3])
def test_a_file_without_records_has_none(data: bytes) -> None:
    assert all_of(data) == []


@given(st.integers(1, 70), st.sampled_from([PLAIN, MEMBERS, ONE_MEMBER]))
def test_records_are_the_same_however_the_stream_hands_its_bytes_out(size: int, data: bytes) -> None:
    stream = Scripted(data[start : start + size] for start in range(0, len(data), size))
    assert list(read(stream, "file")) == all_of(data)


def test_records_larger_than_what_is_read_in_one_go_are_whole() -> None:
    blocks = [os.urandom(300_000), bytes(3 * MIB), b"x" * 65_536]
    records = [record(block) for block in blocks]
    for data in (
        b"".join(one + CLOSED for one in records),
        b"".join(pack(one + CLOSED) for one in records),
        pack(b"".join(one + CLOSED for one in records)),
    ):
        assert raws(all_of(data)) == records


# --- odd forms --------------------------------------------------------------------------


def test_warc_1_0_has_angle_brackets_around_addresses() -> None:
    [found] = all_of(b"WARC/1.0\r\nWARC-Target-URI: <http://example.org/>\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    assert (found.record.version, found.record.uri) == ("WARC/1.0", "http://example.org/")
    assert found.record.get("WARC-Target-URI") == "<http://example.org/>"


def test_a_folded_field_is_one_value() -> None:
    for end in ("\r\n", "\n"):
        [found] = all_of(record(fields="A: b\n  c\n\td\nE:f", end=end))
        assert found.record.fields[1:-1] == (("A", "b c d"), ("E", "f"))
        assert found.raw == record(fields="A: b\n  c\n\td\nE:f", end=end)


def test_bytes_that_are_no_utf_8_are_kept_as_surrogates() -> None:
    [found] = all_of(b"WARC/1.1\r\nA: caf\xc3\xa9 \xe9\r\nContent-Length: 0\r\n\r\n")
    assert found.record.get("a") == "café \udce9"


@pytest.mark.parametrize("closed", [b"", b"\n", b"\r\n", b"\n\n", b"\r\n\n", CLOSED, CLOSED * 3, b"\n\r" * 70_000])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_records_are_read_whatever_line_ends_they_have_and_lack(closed: bytes, end: str) -> None:
    records = [record(block, "A: b", end=end) for block in (b"one\r\n", b"", b"\nthree")]
    data = b"".join(one + closed for one in records)
    assert raws(all_of(data)) == records
    assert raws(all_of(pack(data))) == records
    assert raws(all_of(b"".join(pack(one + closed) for one in records))) == records


def test_line_ends_may_come_before_the_first_record() -> None:
    found = all_of(b"\r\n\n" + PLAIN)
    assert (raws(found), found[0].offset) == (RECORDS, 3)


@pytest.mark.parametrize("length", ["3 ", "0003", "3\t"])
def test_a_length_may_be_padded(length: str) -> None:
    assert all_of(record(length=length) + CLOSED)[0].record.block == b"abc"


def test_a_length_may_be_stated_twice_if_it_is_the_same() -> None:
    assert all_of(record(fields="content-length: 3") + CLOSED)[0].record.block == b"abc"


# --- damage -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        pytest.param(b"garbage", "no WARC record: it begins with b'garbage'", id="garbage"),
        pytest.param(b"\0" * 100, "no WARC record: it begins with " + repr(bytes(20)), id="zeros"),
        pytest.param(b"filedesc://a.arc 0 1", "no WARC record: it begins with b'filedesc://", id="ARC"),
        pytest.param(b"WARC/1", "the record's header does not end", id="no header"),
        pytest.param(b"WARC/x.y\r\n\r\n", "no WARC record: it begins with b'WARC/x.y'", id="no version"),
        pytest.param(b"WARC/1.1 A: b\r\n\r\n", "no WARC record: it begins with b'WARC/1.1 A: b'", id="first line"),
        pytest.param(b"WARC/1.1\r\nA: b\r\n\r\nabc", "the record's Content-Length is ''", id="no length"),
        pytest.param(record(length="3", fields="Content-Length: 2"), "Content-Length is '2, 3'", id="two lengths"),
        pytest.param(record(length=-3), "the record's Content-Length is '-3'", id="negative"),
        pytest.param(record(length="+3"), "the record's Content-Length is '+3'", id="with a sign"),
        pytest.param(record(length="3_0"), "the record's Content-Length is '3_0'", id="as Python writes numbers"),
        pytest.param(record(length="٣"), "the record's Content-Length is ", id="other digits"),
        pytest.param(record(length=""), "the record's Content-Length is ''", id="empty"),
        pytest.param(record(length="9" * 19), f"the record's Content-Length is '{'9' * 19}'", id="too many digits"),
        pytest.param(record(length="9" * 18), "the data end inside a record", id="huge"),
        pytest.param(record(length=4), "the data end inside a record", id="too long at the end"),
        pytest.param(record(length=2) + CLOSED, "the record's Content-Length is wrong: its block goes on", id="short"),
        pytest.param(record(length=9) + CLOSED + ONE, "Content-Length is wrong: its block goes on", id="too long"),
    ],
)
def test_damage_is_told_with_its_place_after_what_comes_before(second: bytes, problem: str) -> None:
    plain = ONE + CLOSED + second
    for data, place in ((plain, len(ONE) + 4), (pack(plain), 0)):
        iterator = read(BytesIO(data), "some/file")
        assert next(iterator).raw == ONE
        with pytest.raises(DamagedData, match=f"^some/file: byte {place}: .*{re.escape(problem)}"):
            next(iterator)


@pytest.mark.parametrize("after", [b"x", b"\0" * 512, b"WARC/1.1\r\n", b"\x1f", b"\r\n"])
def test_garbage_after_a_member_is_damage(after: bytes) -> None:
    found, problem = until_damage(MEMBERS + after)
    assert raws(found) == RECORDS
    assert problem == f"file: byte {len(MEMBERS)}: neither a gzip member nor the end of the file"


@pytest.mark.parametrize("data", [PLAIN, MEMBERS, ONE_MEMBER], ids=["plain", "members", "one member"])
def test_a_cut_file_gives_what_is_whole_and_then_says_so(data: bytes) -> None:
    ends = {one.offset + one.length for one in all_of(data)} | {0}
    if data is PLAIN:
        # The line ends that close a record are no loss, and some writers leave them out.
        ends |= {end - lacking for end in ends if end for lacking in range(1, 5)}
    if data is ONE_MEMBER:
        ends = {0}
    for cut in range(len(data)):
        found, problem = until_damage(data[:cut])
        assert raws(found) == RECORDS[: len(found)]
        assert (problem is None) == (cut in ends), f"cut at {cut}: {problem}"


def test_a_cut_record_is_not_among_what_is_found() -> None:
    for cut in range(1, len(ONE)):
        assert until_damage(ONE[:cut])[0] == []
    for cut in range(1, len(ONE_MEMBER)):
        assert len(until_damage(ONE_MEMBER[:cut])[0]) < 3


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
@pytest.mark.parametrize("data", [MEMBERS, ONE_MEMBER], ids=["members", "one member"])
def test_a_changed_byte_of_a_compressed_file_is_found_or_changes_no_record(data: bytes, mask: int) -> None:
    for place in range(len(data)):
        found, problem = until_damage(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
        if data is MEMBERS:
            assert raws(found) == RECORDS[: len(found)]
        assert problem is not None or raws(found) == RECORDS


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80, 0xFF])
def test_a_changed_byte_of_a_plain_file_gives_records_or_damage(mask: int) -> None:
    for place in range(len(PLAIN)):
        found, problem = until_damage(PLAIN[:place] + bytes([PLAIN[place] ^ mask]) + PLAIN[place + 1 :])
        assert len(found) == 3 or problem is not None


@given(st.binary(max_size=200), st.sampled_from([b"", b"WARC/1.1\r\n", b"\x1f\x8b", b"\x1f\x8b\x08\0\0\0\0\0\0\xff"]))
def test_any_bytes_are_records_or_damage(data: bytes, begin: bytes) -> None:
    found, problem = until_damage(begin + data)
    assert problem is None or problem.startswith("file: byte 0: ")
    assert found == [] or b"ontent" in data


@given(st.lists(st.sampled_from([ONE, CLOSED, b"\r\n", b"\n", b"\r", MEMBERS, b"", b"WARC/1.1", TWO[:60], b"x"])))
def test_any_mixture_is_records_or_damage(parts: list[bytes]) -> None:
    for data in (b"".join(parts), pack(b"".join(parts))):
        found, problem = until_damage(data)
        assert problem is not None or len(found) == sum(part == ONE for part in parts) + 3 * parts.count(MEMBERS)


class Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, size: int, /) -> bytes:
        raise self._error


def test_a_file_that_cannot_be_read_is_damage() -> None:
    with pytest.raises(DamagedData, match=r"^file: byte 0: cannot be read: \[Errno 5\] Input/output error$"):
        next(read(Failing(OSError(5, "Input/output error")), "file"))


def test_a_damaged_zip_is_damage(tmp_path: Path) -> None:
    for place, compression in ((40, 0), (40, ZIP_DEFLATED)):
        path = tmp_path / "a.wacz"
        with ZipFile(path, "w", compression) as zipped:
            zipped.writestr("a", PLAIN)
        data = bytearray(path.read_bytes())
        data[place] ^= 0xFF
        path.write_bytes(data)
        with (
            ZipFile(path) as zipped,
            zipped.open("a") as file,
            pytest.raises(DamagedData, match=r"^file: byte 0: cannot be read: "),
        ):
            list(read(file, "file"))


def test_another_error_of_the_stream_is_its_own() -> None:
    with pytest.raises(KeyError):
        next(read(Failing(KeyError("a mistake")), "file"))


# --- limits -----------------------------------------------------------------------------


def test_a_block_over_the_limit_is_passed_over() -> None:
    large = record(b"x" * 11, "X: y")
    plain = ONE + CLOSED + large + CLOSED + TWO + CLOSED
    members = b"".join(pack(one + CLOSED) for one in (ONE, large, TWO))
    for data in (plain, members, pack(plain)):
        found = all_of(data, kept=10)
        assert [(one.kept, one.raw, one.record.block) for one in found] == [
            (True, ONE, b"one"),
            (False, b"", b""),
            (True, TWO, b"two\r\n\r\n"),
        ]
        assert found[1].record.get("x") == "y"
    assert all_of(members, kept=10)[1].alone == pack(large + CLOSED)
    assert [one.kept for one in all_of(plain, kept=11)] == [True] * 3


def test_a_block_over_the_limit_that_ends_early_is_damage() -> None:
    iterator = read(BytesIO(record(b"x" * 20, length=21)), "file", 10)
    with pytest.raises(DamagedData, match=r"^file: byte 0: the data end inside a record$"):
        next(iterator)


def test_a_member_that_is_too_large_is_not_kept() -> None:
    noise = os.urandom(400_000)
    [found] = all_of(pack(record(noise)), kept=1000)
    assert (found.kept, found.alone) == (False, None)
    [found] = all_of(pack(record(noise)))
    assert (found.kept, found.alone) == (True, pack(record(noise)))


def test_a_member_that_is_just_not_too_large_is_kept_whole() -> None:
    large = pack(record(os.urandom(400_000)))
    for more, kept in ((0, True), (-1, False)):
        found = all_of(large + MEMBERS, kept=len(large) - HEADER + more)
        assert (found[0].alone, found[0].length) == (large if kept else None, len(large))
        assert raws(found[1:]) == RECORDS


def peak_of(stream: Scripted) -> tuple[list[Found], str | None, int]:
    """What is found with a limit of 1 MiB, what is said of the damage, and the memory that it took, in bytes."""
    found: list[Found] = []
    problem = None
    tracemalloc.start()
    try:
        for one in read(stream, "file", MIB):
            found.append(one)  # noqa: PERF402 - it may raise in between
    except DamagedData as error:
        problem = str(error)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return found, problem, peak


def test_memory_does_not_grow_with_a_block_that_is_passed_over() -> None:
    size = 1 << 16

    def pieces() -> Iterator[bytes]:
        yield record(b"", length=size * 1000)
        for _ in range(1000):
            yield bytes(size)
        yield CLOSED + ONE

    found, problem, peak = peak_of(Scripted(pieces()))
    assert [one.kept for one in found] == [False, True]
    assert (found[1].raw, problem) == (ONE, None)
    assert peak < 2 * MIB


def packed(begin: bytes, filling: bytes, times: int) -> Iterator[bytes]:
    """A gzip member of ``begin`` and many times ``filling``, by pieces."""
    machine = zlib.compressobj(1, wbits=31)
    pieces = (machine.compress(data) for data in (begin, *([filling] * times)))
    yield from filter(None, pieces)
    yield machine.flush()


@pytest.mark.thorough
def test_memory_does_not_grow_with_a_gzip_bomb() -> None:
    length = 64 * MIB
    found, problem, peak = peak_of(Scripted(packed(record(b"", length=length), bytes(MIB), 64)))
    assert ([one.kept for one in found], problem) == ([False], None)
    assert peak < 8 * MIB
    found, problem, peak = peak_of(Scripted(packed(ONE + CLOSED, b"\n" * MIB, 64)))
    assert (raws(found), problem) == ([ONE], None)
    assert peak < 8 * MIB


@pytest.mark.parametrize("filling", [b"x", b"a: b\r\n", b" \n"])
def test_a_header_that_never_ends_is_damage_soon(filling: bytes) -> None:
    def endless() -> Iterator[bytes]:
        yield b"WARC/1.1\r\n"
        while True:
            yield filling * 10_000

    stream = Scripted(endless())
    found, problem, peak = peak_of(stream)
    assert (found, problem) == ([], "file: byte 0: the record's header does not end")
    assert stream.given < MIB
    assert peak < 2 * MIB
    found, problem, peak = peak_of(Scripted(packed(b"WARC/1.1\r\n", filling * 10_000, 2000 // len(filling))))
    assert (found, problem) == ([], "file: byte 0: the record's header does not end")
    assert peak < 8 * MIB


def test_a_record_may_have_ten_thousand_fields() -> None:
    [found] = all_of(record(fields="A: b\n" * 10_000 + "C: d\n" + " e\n" * 10_000))
    assert len(found.record.fields) == 10_003
    assert found.record.get("C") == "d" + " e" * 10_000


def test_very_many_members_take_no_long_time() -> None:
    empty = pack(b"")
    assert raws(all_of(empty * 20_000 + MEMBERS)) == RECORDS


# --- one record by its place ------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(MEMBERS + ONE_MEMBER + pack(b""))
    return path


def test_a_record_is_read_at_its_place(file: Path) -> None:
    for found in all_of(MEMBERS):
        assert read_at(file, found.offset, found.length) == found
        assert member_at(file, found.offset, found.length) == found.alone


def test_what_is_no_record_in_a_member_of_its_own_is_damage(file: Path) -> None:
    first, second, _ = all_of(MEMBERS)
    shared = len(MEMBERS)
    for offset, length in (
        (first.offset, first.length + second.length),
        (shared, len(ONE_MEMBER)),
        (shared + len(ONE_MEMBER), len(pack(b""))),
        (second.offset, 0),
    ):
        problem = f"^{file}: byte {offset}: not one record in a gzip member of {length} bytes$"
        with pytest.raises(DamagedData, match=problem):
            read_at(file, offset, length)


def test_a_record_with_an_empty_member_behind_it_is_not_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(pack(ONE) + pack(b""))
    assert read_at(path, 0, len(pack(ONE))).raw == ONE
    with pytest.raises(DamagedData, match="byte 0: not one record in a gzip member"):
        read_at(path, 0, path.stat().st_size)


def test_a_wrong_place_is_damage(file: Path) -> None:
    _, second, _ = all_of(MEMBERS)
    for shift in range(1, second.length):
        with pytest.raises(DamagedData, match=rf"^{file}: byte \d+: "):
            read_at(file, second.offset + shift, second.length - shift)
        with pytest.raises(DamagedData, match=f"^{file}: byte {second.offset}: "):
            read_at(file, second.offset, second.length - shift)
    with pytest.raises(DamagedData, match=f"^{file}: byte {second.offset + second.length}: neither a gzip member"):
        read_at(file, second.offset, second.length + 1)


def test_a_record_that_is_too_large_is_not_read_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "large.warc.gz"
    path.write_bytes(pack(record(bytes(KEPT + 1))))
    with pytest.raises(DamagedData, match="byte 0: not one record in a gzip member"):
        read_at(path, 0, path.stat().st_size)


@pytest.mark.parametrize(("offset", "length"), [(-1, 5), (0, -1), (5, -3), (0, 10**6), (10**6, 1), (10**30, 10**30)])
def test_a_place_outside_the_file_is_damage(file: Path, offset: int, length: int) -> None:
    with pytest.raises(DamagedData, match=f"^{file}: byte {offset}: the file ends before the record does$"):
        member_at(file, offset, length)


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedData, match=r"a.warc.gz: the file is missing$"):
        member_at(tmp_path / "a.warc.gz", 0, 1)


def test_what_is_no_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedData, match=f"^{tmp_path}: cannot be read: Is a directory$"):
        read_at(tmp_path, 0, 1)
