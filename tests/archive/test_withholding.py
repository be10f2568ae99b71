"""The decisions on what is not to be shown."""

from pathlib import Path

import pytest

from psgcrawl.archive import durable, jsonl, tables, withholding
from psgcrawl.archive.withholding import WITHHELD, Decision, Withheld
from psgcrawl.errors import DamagedData, NameTaken

RECORD = "<urn:uuid:00000000-0000-4000-8000-000000000001>"


def decision(entry: str | None = "x-1", record: str | None = None, *, lift: bool = False) -> Decision:
    return Decision(
        action="lift" if lift else "withhold",
        entry=entry,
        record=record,
        reason="a private person",
        request="letter 12/2027",
        when="2027-03-01T12:00:00Z",
    )


def test_where_nobody_asked_nothing_is_withheld(tmp_path: Path) -> None:
    assert withholding.read(tmp_path) == []
    assert not withholding.now([])


def test_decisions_come_behind_those_that_are_there_and_the_last_one_counts(tmp_path: Path) -> None:
    for one in (decision(), decision("x-2"), decision(None, RECORD), decision("x-2", lift=True)):
        before = (tmp_path / WITHHELD).read_bytes() if (tmp_path / WITHHELD).exists() else b""
        withholding.add(tmp_path, one)
        assert (tmp_path / WITHHELD).read_bytes() == before + jsonl.dumps(one) + b"\n"
    assert withholding.now(withholding.read(tmp_path)) == Withheld(frozenset({"x-1"}), frozenset({RECORD}))
    assert [path.name for path in tmp_path.iterdir()] == [WITHHELD]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (jsonl.dumps(decision()), r"withheld.jsonl:1: the last line has no line end"),
        (jsonl.dumps(decision()) + b"\n{}\n", r"withheld.jsonl:2: no 'action' field"),
        (jsonl.dumps(decision(None)) + b"\n", r"withheld.jsonl:1: one of 'entry' and 'record' must be null"),
        (jsonl.dumps(decision("x-1", RECORD)) + b"\n", r"withheld.jsonl:1: one of 'entry' and 'record' must be null"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_nothing_is_added_to_it(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    (tmp_path / WITHHELD).write_bytes(data)
    with pytest.raises(DamagedData, match=problem):
        withholding.read(tmp_path)
    with pytest.raises(DamagedData, match=problem):
        withholding.add(tmp_path, decision("x-3"))
    assert (tmp_path / WITHHELD).read_bytes() == data


def test_what_somebody_else_adds_in_the_same_moment_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = tables.read

    def meanwhile(path: Path, kind: type[Decision]) -> tables.Table[Decision]:
        table = read(path, kind)
        if not path.exists():
            path.write_bytes(jsonl.dumps(decision("x-2")) + b"\n")
        return table

    monkeypatch.setattr(tables, "read", meanwhile)
    with pytest.raises(NameTaken, match="nothing was added; try again"):
        withholding.add(tmp_path, decision())
    assert [one.subject for one in withholding.read(tmp_path)] == ["x-2"]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    withholding.add(tmp_path, decision())
    before = (tmp_path / WITHHELD).read_bytes()

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(durable, "write_new", full)
        with pytest.raises(OSError, match="No space"):
            withholding.add(tmp_path, decision("x-2"))
    assert (tmp_path / WITHHELD).read_bytes() == before
    withholding.add(tmp_path, decision("x-2"))
    assert len(withholding.read(tmp_path)) == 2
