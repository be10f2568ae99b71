import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from psgcrawl.archive import jsonl
from psgcrawl.archive.jsonl import dump_lines, dumps, pieces, printable, read_lines, refuse_duplicates
from psgcrawl.errors import DamagedData
from psgcrawl.records import Entry
from tests.archive.making import entry


@dataclass(frozen=True)
class Small:
    id: str
    issue: Annotated[int, Meta(ge=0)] | None


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@given(VALUES)
def test_the_bytes_are_those_of_the_standard_library(value: Any) -> None:
    assert dumps(value) == json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("é", rb'"\u00e9"', id="a letter"),
        pytest.param("\u2028\u0085", rb'"\u2028\u0085"', id="what other readers take for line ends"),
        pytest.param("\U0001f600", rb'"\ud83d\ude00"', id="outside the basic plane: a pair of surrogates"),
        pytest.param("\uffff\U00010000", rb'"\uffff\ud800\udc00"', id="the last of one kind, the first of the other"),
        pytest.param("\x7f", rb'"\u007f"', id="DEL, though ASCII"),
        pytest.param("\u00e9\x7f", rb'"\u00e9\u007f"', id="DEL beside a letter"),
        pytest.param("\\xfa \u00fa", rb'"\\xfa \u00fa"', id="what looks like an escape of Python's"),
        pytest.param("\\", b'"\\\\"', id="a backslash"),
        pytest.param("\\U0001f600 \u00fa", rb'"\\U0001f600 \u00fa"', id="the same of a longer one"),
        pytest.param("\u00e9\U0001f600\u2019", rb'"\u00e9\ud83d\ude00\u2019"', id="all three beside one another"),
        pytest.param("\U00010000\U0003ffff\U0010ffff", rb'"\ud800\udc00\ud8bf\udfff\udbff\udfff"', id="all planes"),
        pytest.param("\x1b\n", rb'"\u001b\n"', id="control characters"),
        pytest.param("a/<b>", b'"a/<b>"', id="nothing more than needed"),
    ],
)
def test_text_is_escaped_to_ascii(text: str, written: bytes) -> None:
    assert dumps(text) == written


@given(st.lists(TEXT, max_size=80))
def test_lines_are_the_same_whether_written_one_by_one_or_many_at_once(texts: list[str]) -> None:
    assert dump_lines(texts) == b"".join(dumps(text) + b"\n" for text in texts)


@pytest.mark.parametrize("first", range(0, 0x110000, 0x8000), ids=hex)
def test_every_character_is_escaped_as_the_standard_library_does_it(first: int) -> None:
    text = "".join(chr(code) for code in range(first, first + 0x8000) if not 0xD800 <= code < 0xE000)
    assert dumps(text) == json.dumps(text).encode("ascii")


def test_fields_stand_in_the_order_of_their_declaration() -> None:
    assert dumps(Small(issue=3, id="a")) == b'{"id":"a","issue":3}'


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        dumps("\ud800")


def test_what_is_made_printable_can_be_written() -> None:
    assert dumps(printable("caf\udce9 é")) == rb'"caf\\udce9 \u00e9"'


def test_no_records_are_no_bytes() -> None:
    assert dump_lines([]) == b""
    assert list(pieces([])) == []


def test_data_are_split_at_line_feeds_alone() -> None:
    assert jsonl.split(b"") == []
    assert jsonl.split(b"one\r\x0b\x0c\x1c\x85\xe2\x80\xa8\n\ntwo\ncut off") == [
        b"one\r\x0b\x0c\x1c\x85\xe2\x80\xa8\n",
        b"\n",
        b"two\n",
        b"cut off",
    ]


def test_many_lines_come_in_pieces_of_a_mebibyte_and_only_as_they_are_asked_for() -> None:
    asked: list[int] = []

    def records() -> Iterator[str]:
        for number in range(300):
            asked.append(number)
            yield "x" * 10_000

    made = pieces(records())
    first = next(made)
    assert 1 << 20 <= len(first) < (1 << 20) + 32 * 10_003
    assert len(asked) * 10_003 == len(first)
    assert first + b"".join(made) == dump_lines(["x" * 10_000] * 300)


@given(st.lists(st.builds(entry, TEXT, title=TEXT, summary=TEXT, caption=st.none() | TEXT), max_size=4))
def test_what_was_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, entries: list[Entry]) -> None:
    path = tmp_path_factory.mktemp("lines") / "entries.jsonl"
    path.write_bytes(dump_lines(entries))
    assert list(read_lines(path, Entry)) == entries
    assert path.read_bytes().count(b"\n") == len(entries)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(b'{"id":"\xff","issue":1}\n', "2: not UTF-8: byte 0xff at column 8", id="bytes that are no UTF-8"),
        pytest.param(b'{"id":"a"\n', "2: not JSON: ", id="cut inside the object"),
        pytest.param(b'{"id":"a","issue":NaN}\n', "2: not JSON: ", id="NaN"),
        pytest.param(b'{"id":"a","issue":1} {}\n', "2: not JSON: ", id="two objects"),
        pytest.param(b'\xef\xbb\xbf{"id":"a","issue":1}\n', "2: not JSON: ", id="a byte order mark"),
        pytest.param(b'{"issue":1}\n', "2: no 'id' field", id="a missing field"),
        pytest.param(b'{"id":"a","issue":"1"}\n', "2: Expected `int | null`, got `str`", id="another type"),
        pytest.param(b'{"id":"a","issue":-1}\n', "2: Expected `int` >= 0", id="a value out of its range"),
        pytest.param(b"[]\n", "2: Expected `object`, got `array`", id="no object"),
        pytest.param(b'{"id":"a","id":"a","issue":1}\n', "2: duplicate key 'id'", id="a key twice"),
        pytest.param(b'{"id":"a","issue":1,"o":{"x":1,"x":2}}\n', "2: duplicate key 'x'", id="a key twice, inside"),
        pytest.param(b"\n", "2: empty line", id="an empty line"),
        pytest.param(b" \n", "2: empty line", id="a blank line"),
        pytest.param(b'{"id":"a","issue":1}', "2: the last line has no line end", id="no line end"),
        pytest.param(b'{"id":"a","issue":1,"o":' + b"[" * 10**5 + b"\n", "2: nested too deeply", id="a JSON bomb"),
    ],
)
def test_a_damaged_line_is_named_with_its_place(tmp_path: Path, line: bytes, problem: str) -> None:
    path = tmp_path / "small.jsonl"
    path.write_bytes(b'{"id":"good","issue":null}\n' + line)
    lines = read_lines(path, Small)
    assert next(lines) == Small(id="good", issue=None)
    with pytest.raises(DamagedData) as raised:
        next(lines)
    assert str(raised.value).startswith(f"{path}:{problem}")


@pytest.mark.parametrize("number", [1, 31, 32, 33, 70])
def test_a_damaged_line_is_named_wherever_it_stands_and_those_before_it_are_read(tmp_path: Path, number: int) -> None:
    good = [dumps(Small(id=f"{place}", issue=place)) + b"\n" for place in range(70)]
    path = tmp_path / "small.jsonl"
    path.write_bytes(b"".join([*good[: number - 1], b"{}\n", *good[number:]]))
    lines = read_lines(path, Small)
    assert [next(lines).issue for _ in range(number - 1)] == list(range(number - 1))
    with pytest.raises(DamagedData, match=f"small.jsonl:{number}: no 'id' field"):
        next(lines)


@given(st.lists(st.sampled_from([b"\n", b'{"id":"a","issue":1}\n', b'{"id":"b","id":"c","issue":1}\n', b'{"id":"a"}\n',
        b'{ "id":"a","issue":1}\n', b'{"issue":2,"id":"\xc3\xa9"}\n', b'{"id":"\\u00e9","issue":null}\n', b"x"]),
    max_size=80))  # fmt: skip
def test_what_is_read_of_many_lines_at_once_is_what_is_read_of_each(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("lines") / "small.jsonl"
    path.write_bytes(b"".join(lines))

    def told() -> list[Small | str]:
        found: list[Small | str] = []
        try:
            for record in read_lines(path, Small):
                found.append(record)  # noqa: PERF402 - what was read before a damaged line counts
        except DamagedData as error:
            found.append(str(error))
        return found

    at_once = told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "canonical", lambda *_: None)
        assert told() == at_once


def test_fields_that_a_reader_does_not_know_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    huge = "9" * 10_000
    path.write_bytes(b'{"later":[' + huge.encode() + b',1.5],"issue":1,"id":"a"}\n')
    assert list(read_lines(path, Small)) == [Small(id="a", issue=1)]


def test_lines_are_split_at_line_feeds_only(tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    path.write_bytes('{"id":"a\u2028b\u0085c","issue":1}\n'.encode())
    assert [small.id for small in read_lines(path, Small)] == ["a\u2028b\u0085c"]


def test_a_missing_file_is_damage(tmp_path: Path) -> None:
    with pytest.raises(DamagedData, match=r"none\.jsonl: the file is missing"):
        list(read_lines(tmp_path / "none.jsonl", Small))


def test_an_empty_file_has_no_records(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_bytes(b"")
    assert list(read_lines(tmp_path / "none.jsonl", Small)) == []


def test_a_key_may_recur_in_another_object() -> None:
    refuse_duplicates(b'[{"a":1},{"a":{"a":1}}]')


def test_of_long_lines_no_more_are_in_memory_than_must_be(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    long = "x" * jsonl.BLOCK
    path.write_bytes(dump_lines(Small(f"{number}{long}", number) for number in range(64)))
    tracemalloc.start()
    try:
        assert [one.issue for one in read_lines(path, Small)] == list(range(64))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 16 * jsonl.BLOCK
