"""The table of aliases on disk."""

import os
from pathlib import Path

import pytest

from psgcrawl.archive import aliases, jsonl
from psgcrawl.archive.aliases import ALIASES, Alias, Ref
from psgcrawl.errors import DamagedData

WHEN = "2026-03-09T00:00:00Z"
HOME, NEWS = Ref(collection="home", id="x-1"), Ref(collection="news", id="news-article-1")
FOUND = Alias(one=HOME, other=NEWS, verdict="linked", rule="title", evidence=["home/a", "news/b"], when=WHEN)
PERSON = (
    b'{"one": {"collection": "home", "id": "x-1"}, "other": {"collection": "news", "id": "y"},\t"verdict":"forbidden"}'
)


def test_a_table_that_is_not_there_is_empty_and_one_without_news_is_not_made(tmp_path: Path) -> None:
    table = aliases.read(tmp_path)
    assert (table.data, table.lines) == (b"", [])
    assert aliases.extend(tmp_path, table, [])
    assert list(tmp_path.iterdir()) == []


def test_lines_are_canonical_and_come_behind_those_that_are_there_which_stay_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / ALIASES).write_bytes(PERSON + b"\n")
    assert aliases.extend(tmp_path, aliases.read(tmp_path), [FOUND])
    data = (tmp_path / ALIASES).read_bytes()
    assert data == PERSON + b"\n" + jsonl.dumps(FOUND) + b"\n"
    first, second = (line.alias for line in aliases.read(tmp_path).lines)
    assert (first.verdict, first.by, first.rule, first.evidence, first.of_a_person) == (
        "forbidden",
        None,
        None,
        [],
        True,
    )
    assert (second, second.of_a_person) == (FOUND, False)
    assert [path.name for path in tmp_path.iterdir()] == [ALIASES]


def test_fields_stand_in_a_fixed_order() -> None:
    assert jsonl.dumps(FOUND) == (
        b'{"one":{"collection":"home","id":"x-1"},"other":{"collection":"news","id":"news-article-1"},'
        b'"verdict":"linked","rule":"title","evidence":["home/a","news/b"],"when":"2026-03-09T00:00:00Z",'
        b'"by":null,"reason":null}'
    )


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (b"{", "aliases.jsonl:2: not JSON"),
        (b"\n", "aliases.jsonl:2: empty line"),
        (b'{"one":{"collection":"home","id":"x-1"},"verdict":"linked"}\n', "aliases.jsonl:2: no 'other' field"),
        (PERSON.replace(b"forbidden", b"perhaps") + b"\n", "aliases.jsonl:2: Invalid enum value 'perhaps'"),
        (PERSON.replace(b'"news"', b'"home"') + b"\n", "aliases.jsonl:2: both entries are of 'home'"),
        (PERSON.replace(b'"x-1"', b'"x-1", "id": "x-2"') + b"\n", "aliases.jsonl:2: duplicate key 'id'"),
        (PERSON, "aliases.jsonl:2: the last line has no line end"),
        (PERSON.replace(b'"x-1"', b'"\xff"') + b"\n", "aliases.jsonl:2: not UTF-8"),
    ],
    ids=["no JSON", "empty", "no field", "verdict", "one collection", "key twice", "cut off", "no UTF-8"],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, damage: bytes, problem: str) -> None:
    (tmp_path / ALIASES).write_bytes(PERSON + b"\n" + damage + (b"\n" if damage == b"{" else b""))
    with pytest.raises(DamagedData) as error:
        aliases.read(tmp_path)
    assert problem in str(error.value)


def test_what_a_person_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    table = aliases.read(tmp_path)
    (tmp_path / ALIASES).write_bytes(PERSON + b"\n")
    assert not aliases.extend(tmp_path, table, [FOUND])
    assert (tmp_path / ALIASES).read_bytes() == PERSON + b"\n"


def test_a_disk_that_fails_leaves_the_table_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ALIASES).write_bytes(PERSON + b"\n")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        aliases.extend(tmp_path, aliases.read(tmp_path), [FOUND])
    monkeypatch.undo()
    assert (tmp_path / ALIASES).read_bytes() == PERSON + b"\n"
    # What was left of the attempt is in nobody's way.
    assert aliases.extend(tmp_path, aliases.read(tmp_path), [FOUND])
    assert [path.name for path in tmp_path.iterdir()] == [ALIASES]
