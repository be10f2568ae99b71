"""With the index, without it, and however it came about: the same history, byte for byte."""

import fcntl
import json
import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psgcrawl import SOFTWARE
from psgcrawl.archive import durable, ids, jsonl, runlog
from psgcrawl.archive.compare.changes import Side
from psgcrawl.archive.history import large, reading, telling
from psgcrawl.archive.history.lives import Life, canonical, lives
from psgcrawl.archive.history.observed import observed
from psgcrawl.archive.index import chains, marks, recall, schema, sealed
from psgcrawl.archive.index import lives as index_lives
from psgcrawl.archive.manifest import MANIFEST
from psgcrawl.archive.store import Archive
from psgcrawl.errors import DamagedData
from psgcrawl.records import DERIVATION, Captured, Page
from tests.archive.compare.sides import dated, full
from tests.archive.history.past import WHOLE, Past, day, news, since
from tests.archive.making import line, page
from tests.crawls import Ran, run, together

PROJECT = Path(__file__).parents[3]
PACKAGE = PROJECT / "psgcrawl"


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path)


def index(past: Past) -> Path:
    return past.archive.folder / schema.NAME


def told(archive: Archive) -> bytes:
    """The history as the command tells it: with the index."""
    found = telling.history(archive, archive.collection("news"), str)
    return jsonl.dump_lines([*(one.name for one in found.observations), *found.lives])


def told_one_by_one(past: Past) -> bytes:
    """The history as the command tells it of each entry alone, from what the index has sealed for that."""
    observations = past.observations()
    collection = past.archive.collection("news")
    names = [one.name for one in observations]
    known = {one.id for life in lives(observations) for one in life.ids}
    found: dict[bytes, Life] = {}
    for identity in known:
        answer = telling.one(past.archive, collection, identity, str, every=True)
        assert answer is not None
        assert [one.observed() for one in answer.sights] == list(observed(observations))
        few = telling.one(past.archive, collection, identity, str)
        assert few is not None
        assert few.lives == answer.lives
        named = frozenset().union(*(life.observations for life in few.lives))
        assert few.sights == [one for one in answer.sights if one.name in named]
        found |= {jsonl.dumps(life): life for life in answer.lives}
        assert all(identity in {one.id for one in life.ids} for life in answer.lives)
    return jsonl.dump_lines([*names, *canonical(sorted(found.values(), key=jsonl.dumps))])


def in_any_order(lines: bytes) -> list[bytes]:
    return sorted(lines.splitlines())


def read_again(past: Past) -> bytes:
    """The history, all read from the snapshots."""
    observations = past.observations()
    return jsonl.dump_lines([*(one.name for one in observations), *lives(observations)])


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The snapshots of which files are read, in that order."""
    found: list[str] = []
    read = reading.Reader.read

    def counted(self: reading.Reader, side: Side) -> object:
        found.append(side.name)
        return read(self, side)

    monkeypatch.setattr(reading.Reader, "read", counted)
    return found


def rows(past: Past, question: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(index(past))) as connection:
        return connection.execute(question, values).fetchall()


# --- the same bytes ---------------------------------------------------------------------


@st.composite
def seen(draw: st.DrawFn) -> tuple[Captured, Page, bool, int]:
    """A snapshot, and after how many of it a run finds which one unchanged."""
    number = draw(st.integers(1, 9))
    captured = draw(st.sampled_from([day(number), day(number), day(number), since(number)]))
    shown = []
    for place, title in draw(st.dictionaries(st.integers(1, 4), st.sampled_from("AAB"), max_size=4)).items():
        printed = "2017-01-12" if place < 3 else f"2017-01-1{place}"
        shown.append(dated(place, printed, title=f"Title {title}"))
        if draw(st.integers(0, 3)) == 0:
            shown[-1] = dated(place + 10, printed, title=f"The same title {title}", summary="x")
    made = full(*shown, fill=draw(st.sampled_from(["2016-12-30", "2017-01-11"])))
    whole = draw(st.booleans())
    return captured, page(*shown) if draw(st.booleans()) else made, whole, draw(st.integers(-3, 8))


def as_they_are() -> ExitStack:
    return ExitStack()


def as_if_large() -> ExitStack:
    """As if every snapshot held too many entries for memory, and every collection had too long a past."""
    stack = ExitStack()
    for module, limit in ((large, "LARGE"), (chains, "MOST"), (recall, "MOST"), (ids, "MOST")):
        stack.enter_context(patch.object(module, limit, 0))
    return stack


def as_if_some_were_large() -> ExitStack:
    """As if every snapshot of more than two entries were large, and little of the past stayed in memory."""
    stack = ExitStack()
    for module, limit, most in ((large, "LARGE", 1000), (chains, "MOST", 2), (ids, "MOST", 1), (reading, "MOST", 1)):
        stack.enter_context(patch.object(module, limit, most))
    return stack


@pytest.mark.parametrize(
    "sizes",
    [as_if_some_were_large, *(pytest.param(one, marks=pytest.mark.thorough) for one in (as_they_are, as_if_large))],
)
@settings(max_examples=6 if settings().max_examples < 100 else 200)
@given(st.lists(seen(), min_size=1, max_size=7), st.randoms(use_true_random=False))
def test_whatever_is_added_in_whatever_order_the_index_tells_what_the_snapshots_tell(
    sizes: Callable[[], ExitStack], things: list[tuple[Captured, Page, bool, int]], chance: random.Random
) -> None:
    with sizes(), TemporaryDirectory() as name:
        past = Past(Path(name))
        names: list[str] = []
        for captured, shown, whole, again in things:
            names.append(past.see(captured, shown, **({"coverage": WHOLE} if whole and shown.entries else {})))
            if 0 <= again < len(names):
                past.again(names[again], day(chance.randint(1, 25)))
            if chance.random() < 0.2:
                later_edition(past, chance.choice(names))
            if chance.random() < 0.7:
                assert told(past.archive) == read_again(past)
        assert told(past.archive) == read_again(past)
        assert told(past.archive) == read_again(past)
        assert in_any_order(told_one_by_one(past)) == in_any_order(read_again(past))
        index(past).unlink()
        assert told(past.archive) == read_again(past)


def later_edition(past: Past, name: str) -> None:
    """Derive the entries of a snapshot again: a folder beside it, in which they have a caption."""
    folder = past.folder / f"{name}.e2"
    if folder.exists():
        return
    shutil.copytree(past.folder / name, folder)
    entries = folder / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"series":null', b'"series":"Update"'))
    with (folder / MANIFEST).open("ab") as file:
        file.write(b"\n")


# --- what is read -----------------------------------------------------------------------


def test_a_second_history_reads_no_snapshot_and_writes_nothing(past: Past, reads: list[str]) -> None:
    names = [past.see_all(day(number), news(1), news(number + 1)) for number in range(1, 5)]
    past.again(names[1], day(9))
    first = told(past.archive)
    assert reads == names
    before = sealed.state(index(past))
    assert told(past.archive) == first
    assert reads == names
    assert sealed.state(index(past)) == before


def test_pages_and_entries_of_a_snapshot_are_opened_once(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [past.see_all(day(number), news(1), news(number + 1)) for number in range(1, 4)]
    opened: list[str] = []
    real = Path.open

    def counted(self: Path, *given: object, **more: object) -> object:
        if self.suffix == ".jsonl" and self.parent.parent == past.folder:
            opened.append(f"{self.parent.name}/{self.name}")
        return real(self, *given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", counted)
    # A file that was just written is hashed besides, as its times could stand still.
    monkeypatch.setattr(marks, "YOUNG", 0)
    told(past.archive)
    assert sorted(opened) == sorted(f"{name}/{file}.jsonl" for name in names for file in ("entries", "pages"))
    told(past.archive)
    assert len(opened) == 2 * len(names)


@pytest.mark.parametrize("number", [1, 3, 5], ids=["oldest", "in the middle", "newest"])
def test_of_what_is_added_only_that_is_read(past: Past, reads: list[str], number: int) -> None:
    for other in (2, 4):
        past.see_all(day(other), news(1, title=f"Title {other}"))
    told(past.archive)
    reads.clear()
    name = past.see_all(day(number), news(1, title=f"Title {number}"))
    assert told(past.archive) == read_again(past)
    assert reads == [name, *(one.side.name for one in past.observations())]


def test_a_later_run_that_found_all_unchanged_reads_nothing(past: Past, reads: list[str]) -> None:
    name = past.see_all(day(1), news(1))
    past.see_all(day(2), news(2))
    told(past.archive)
    reads.clear()
    past.again(name, day(5))
    found = told(past.archive)
    assert reads == []
    assert found == read_again(past)
    assert rows(past, "SELECT rank, name, run FROM observations ORDER BY rank")[2] == (
        2,
        f"{name}@20180105T060000Z",
        "2018-02-01T00:00:00Z",
    )


def test_a_later_edition_takes_the_place_of_the_one_before(past: Past, reads: list[str]) -> None:
    name = past.see_all(day(1), news(1))
    other = past.see_all(day(2), news(1))
    told(past.archive)
    reads.clear()
    later_edition(past, other)
    assert b'"Update"' in told(past.archive)
    assert reads == [f"{other}.e2"]
    assert {one for (one,) in rows(past, "SELECT name FROM snapshots")} == {name, f"{other}.e2"}
    assert {one for (one,) in rows(past, "SELECT count(*) FROM pages")} == {2}


def test_a_snapshot_that_is_gone_is_forgotten(past: Past) -> None:
    past.see_all(day(1), news(1))
    gone = past.see_all(day(2), news(1, title="Another"))
    told(past.archive)
    shutil.rmtree(past.folder / gone)
    assert told(past.archive) == read_again(past)
    assert rows(past, "SELECT count(*) FROM revisions") == [(1,)]
    assert rows(past, "SELECT count(*) FROM snapshots") == [(1,)]


def touch_manifest(folder: Path) -> None:
    with (folder / MANIFEST).open("ab") as file:
        file.write(b"\n")


def rewrite_entries(folder: Path) -> None:
    path = folder / "entries.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Title of", b"Words of"))
    os.utime(path, ns=(1, 1))


@pytest.mark.parametrize("change", [touch_manifest, rewrite_entries])
def test_a_snapshot_that_is_not_as_it_was_is_read_again(
    past: Past, reads: list[str], change: Callable[[Path], None]
) -> None:
    names = [past.see_all(day(number), news(1)) for number in (1, 2, 3)]
    told(past.archive)
    reads.clear()
    change(past.folder / names[1])
    found = told(past.archive)
    assert reads == [names[1]]
    assert found == read_again(past)
    reads.clear()
    assert told(past.archive) == found
    assert reads == []


def test_damage_that_came_after_the_index_is_named_all_the_same(past: Past) -> None:
    name = past.see_all(day(1), news(1))
    told(past.archive)
    (past.folder / name / "entries.jsonl").write_bytes(b"{}\n")
    with pytest.raises(DamagedData, match=r"entries\.jsonl:1: no 'id' field"):
        told(past.archive)


def test_two_collections_have_one_index(past: Past) -> None:
    past.see_all(day(1), news(1))
    first = told(past.archive)
    other = past.archive.folder / "articles"
    shutil.copytree(past.folder, other)
    found = telling.history(past.archive, past.archive.collection("articles"), str)
    assert [life.id for life in found.lives] == ["news-article-1"]
    assert told(past.archive) == first
    assert rows(past, "SELECT collection, count(*) FROM entries GROUP BY 1 ORDER BY 1") == [
        ("articles", 1),
        ("news", 1),
    ]


def test_the_rows_of_a_table_are_those_of_the_lives_however_many_are_asked_for_at_once(past: Past) -> None:
    for number in range(1, 4):
        past.see_all(day(number), *(news(one, title=f"Title {one * number}") for one in range(number, number + 6)))
    told(past.archive)
    with patch.object(index_lives, "_ASKED", 3):
        found = telling.history(past.archive, past.archive.collection("news"), str)
        lines = [(one.id, one.state, one.first_seen, one.last_seen, one.revisions, one.title) for one in found.lines]
    known = past.lives()
    assert len(known) == 8
    assert lines == [
        (one.id, one.state, one.first_seen, one.last_seen, len(one.revisions), one.entry.title) for one in known
    ]


def test_what_is_known_of_snapshots_is_found_by_an_index_of_the_database(past: Past) -> None:
    past.see_all(day(1), news(1))
    told(past.archive)
    asked_for: list[str] = []
    with recall.recalled(past.archive.folder, "news") as known:
        assert known.connection is not None
        known.connection.set_trace_callback(asked_for.append)
        assert list(recall._snapshots(known.connection, "news"))
        known.connection.set_trace_callback(None)
        [question] = asked_for
        plan = [row[3] for row in known.connection.execute(f"EXPLAIN QUERY PLAN {question}")]
    # To look through all observations for each snapshot would take time that grows with the square of their number.
    assert len(plan) == 3
    assert all(step.startswith("SEARCH ") for step in plan)


# --- one entry --------------------------------------------------------------------------


def asked(past: Past, identity: str = "news-article-1") -> list[Life] | None:
    """What the index alone says of an id; None where it says nothing."""
    found = telling.one(past.archive, past.archive.collection("news"), identity, str)
    return None if found is None else found.lives


def test_one_entry_is_told_from_its_rows_alone(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 5):
        past.see_all(day(number), news(1, title=f"Title {number}"), news(number + 1))
    monkeypatch.setattr(marks, "YOUNG", 0)
    told(past.archive)
    [life] = [life for life in past.lives() if life.id == "news-article-1"]

    def refuse(*_: object) -> None:
        raise AssertionError("this is not needed")

    for module, name in ((sealed, "_is_whole"), (reading.Reader, "read"), (runlog, "read"), (durable, "digest")):
        monkeypatch.setattr(module, name, refuse)
    for name in ("open", "read_bytes", "read_text"):
        monkeypatch.setattr(Path, name, refuse)
    assert asked(past) == [life]
    assert asked(past, "news-article-99") is None


def another_snapshot(past: Past) -> None:
    past.see_all(day(9), news(1))


def another_edition(past: Past) -> None:
    later_edition(past, "20180102T060000Z")


def one_gone(past: Past) -> None:
    shutil.rmtree(past.folder / "20180102T060000Z")


def file_gone(past: Past) -> None:
    (past.folder / "20180102T060000Z" / "pages.jsonl").unlink()


def written_in_place(past: Past, number: int = 2) -> None:
    """As many bytes, at the same time as it seems."""
    path = past.folder / f"2018010{number}T060000Z" / "entries.jsonl"
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"Title of", b"Words of"))
    os.utime(path, ns=times)


def replaced_by_its_like(past: Past) -> None:
    path = past.folder / "20180102T060000Z" / "datapackage.json"
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


def confirmed(past: Past) -> None:
    past.again("20180102T060000Z", day(9))


def log_rewritten(past: Past) -> None:
    path = past.archive.folder / "runs.jsonl"
    path.write_bytes(path.read_bytes().replace(b"2018-02-01", b"2018-02-02"))


def log_gone(past: Past) -> None:
    (past.archive.folder / "runs.jsonl").unlink()


@pytest.mark.parametrize(
    "change",
    [
        *(another_snapshot, another_edition, one_gone, file_gone, written_in_place, replaced_by_its_like),
        *(confirmed, log_rewritten, log_gone),
    ],
)
def test_what_changed_since_the_index_was_made_leaves_one_entry_to_the_whole_history(
    past: Past, change: Callable[[Past], None]
) -> None:
    for number in (1, 2, 3):
        # The second is one of those on which the answer rests: it shows the edit.
        past.see_all(day(number), news(1, title="Title" if number == 1 else "Another"))
    past.again("20180103T060000Z", day(5))
    told(past.archive)
    assert asked(past) == past.lives()
    change(past)
    assert asked(past) is None
    if change is file_gone:
        with pytest.raises(DamagedData, match="missing"):
            told(past.archive)
        return
    told(past.archive)
    assert asked(past) == past.lives()


@pytest.mark.parametrize("change", [written_in_place, replaced_by_its_like, file_gone])
def test_the_files_of_a_snapshot_on_which_an_answer_does_not_rest_are_looked_at_by_the_whole_history(
    past: Past, change: Callable[[Past], None], reads: list[str]
) -> None:
    for number in (1, 2, 3):
        past.see_all(day(number), news(1))
    told(past.archive)
    known = past.lives()
    change(past)
    assert asked(past) == known
    reads.clear()
    if change is file_gone:
        with pytest.raises(DamagedData, match="missing"):
            told(past.archive)
        return
    found = told(past.archive)
    assert reads == ["20180102T060000Z"]
    assert found == read_again(past)
    assert asked(past) == past.lives()
    assert (past.lives() != known) == (change is written_in_place)


def in_the_place_of_another(past: Past) -> None:
    """Bring a snapshot back from a copy: the same files, under the same name."""
    folder = past.folder / "20180102T060000Z"
    shutil.copytree(folder, past.archive.folder / "copy")
    shutil.rmtree(folder)
    (past.folder / "so that its inode is taken").mkdir()
    (past.archive.folder / "copy").rename(folder)


def renamed(past: Past) -> None:
    (past.folder / "20180102T060000Z").rename(past.folder / "20180102T070000Z")


@pytest.mark.parametrize("change", [another_snapshot, another_edition, one_gone, in_the_place_of_another, renamed])
def test_which_snapshots_there_are_is_looked_at_for_each_answer(past: Past, change: Callable[[Past], None]) -> None:
    for number in (1, 2, 3):
        past.see_all(day(number), news(1))
    told(past.archive)
    assert asked(past) == past.lives()
    change(past)
    assert asked(past) is None


def test_what_else_is_in_a_collections_folder_leaves_the_answers_of_the_index_as_they_are(past: Past) -> None:
    for number in (1, 2):
        past.see_all(day(number), news(1))
    told(past.archive)
    for name in (".staging-1", ".incomplete-20180104T060000Z", "notes"):
        (past.folder / name).mkdir()
    (past.folder / "latest").symlink_to("20180102T060000Z")
    assert asked(past) == past.lives()
    one_gone(past)
    assert asked(past) is None


def test_runs_of_other_collections_leave_the_answers_of_the_index_as_they_are(past: Past) -> None:
    past.see_all(day(1), news(1))
    told(past.archive)
    runlog.append(past.archive.folder, line(collection="articles", outcome="unchanged", snapshot=None))
    runlog.append(past.archive.folder, line(collection="news", outcome="failed", snapshot=None))
    assert asked(past) == past.lives()


def test_a_line_of_the_log_that_cannot_be_read_is_named_also_where_one_entry_is_asked_for(past: Past) -> None:
    past.see_all(day(1), news(1))
    told(past.archive)
    (past.archive.folder / "runs.jsonl").write_bytes(b"{}\n")
    assert asked(past) is None
    with pytest.raises(DamagedData, match=r"runs\.jsonl:1: no 'started' field"):
        told(past.archive)


def test_what_there_was_to_say_about_the_log_is_said_each_time(past: Past) -> None:
    name = past.see_all(day(1), news(1))
    past.see_all(day(2), news(1))
    past.again(name, day(3))
    shutil.rmtree(past.folder / name)
    collection = past.archive.collection("news")
    first: list[str] = []
    telling.history(past.archive, collection, first.append)
    assert len(first) == 1
    said: list[str] = []
    telling.history(past.archive, collection, said.append)
    assert said == first
    said = []
    assert telling.one(past.archive, collection, "news-article-1", said.append)
    assert said == first


def test_a_file_that_was_written_within_one_tick_of_the_clock_is_known_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "entries.jsonl"
    path.write_bytes(b"one")
    known = marks.mark(path)
    assert known is not None
    assert known.sha256 is not None
    assert marks.are_still([path], [known])
    unchanged = path.stat()
    path.write_bytes(b"two")
    monkeypatch.setattr("os.stat", lambda _, dir_fd: unchanged)
    assert not marks.are_still([path], [known])
    path.write_bytes(b"one")
    assert marks.are_still([path], [known])


def test_a_file_that_has_come_to_rest_is_not_read_to_be_known_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "entries.jsonl"
    path.write_bytes(b"one")
    monkeypatch.setattr("time.time_ns", lambda: path.stat().st_ctime_ns + marks.YOUNG)
    known = marks.mark(path)
    assert known is not None
    assert known.sha256 is None
    monkeypatch.setattr(Path, "open", None)
    assert marks.are_still([path, tmp_path / "none"], [known, None])
    assert marks.mark(tmp_path / "none") is None
    assert not marks.are_still([tmp_path / "none"], [known])
    assert not marks.are_still([path], [None])


# --- damage -----------------------------------------------------------------------------


def flipped(at: float) -> Callable[[Path], None]:
    """Damage that changes one byte at that part of the file."""

    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[int(at * (len(data) - 1))] ^= 0x20
        path.write_bytes(data)

    return damage


def another_title(path: Path) -> None:
    """Damage that SQLite itself does not see."""
    data = path.read_bytes()
    assert b"Title of" in data
    path.write_bytes(data.replace(b"Title of", b"Tytle of"))


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE about (name, value)")
        connection.commit()


def unlike(path: Path) -> None:
    """An index that is whole, and was made by other rules."""
    state = sealed.state(path)
    assert sealed.replace(
        path, state, "", lambda connection: connection.execute("UPDATE about SET value = 'x' WHERE name='origin'")
    )


def without_table(path: Path) -> None:
    assert sealed.replace(path, sealed.state(path), "", lambda connection: connection.execute("DROP TABLE sightings"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0" * 4096),
    "text": lambda path: path.write_text("sealed by sha256:"),
    "first byte": flipped(0),
    "a third": flipped(0.33),
    "middle": flipped(0.5),
    "last byte": flipped(1),
    "another title": another_title,
    "foreign": foreign,
    "other rules": unlike,
    "no table": without_table,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_or_foreign_index_is_made_again_without_a_word(
    past: Past, damage: Callable[[Path], object], reads: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    names = [past.see_all(day(number), news(1, title=f"Title of {number}")) for number in (1, 2)]
    first = told(past.archive)
    damage(index(past))
    reads.clear()
    # What stands in rows that have nothing to do with it does not matter to one entry.
    assert asked(past) in (None, past.lives())
    reads.clear()
    assert told(past.archive) == first
    assert reads == names
    assert told(past.archive) == first
    assert reads == names
    assert asked(past) == past.lives()
    assert capfd.readouterr() == ("", "")


def test_an_index_of_other_software_or_derivation_is_made_again(
    past: Past, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = past.see_all(day(1), news(1))
    first = told(past.archive)
    assert f"derivation {DERIVATION}" in schema.origin()
    assert SOFTWARE in schema.origin()
    for module in ("recall", "keep"):
        monkeypatch.setattr(f"psgcrawl.archive.index.{module}.origin", lambda: "schema 1, format 1, derivation 99")
    assert told(past.archive) == first
    assert reads == [name, name]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE revisions SET title = 'Another'",
        "UPDATE lives SET life = replace(life, '20180102', '20180101')",
        "UPDATE answers SET entries = '[1]'",
        "DELETE FROM answers WHERE id = 'news-article-1'; UPDATE answers SET id = 'news-article-1'",
        "UPDATE standing SET state = replace(state, 'runs', 'ruins')",
        "UPDATE sights SET sight = replace(sight, 'false', 'true')",
        "UPDATE sights SET name = '20180104T060000Z' WHERE rank = 2",
        "UPDATE sights SET files = (SELECT files FROM sights WHERE rank = 0)",
        "DELETE FROM sights WHERE rank = 1",
        "UPDATE standing SET state = replace(state, '[]', '[0]')",
    ],
)
def test_one_entry_is_told_as_it_is_or_not_at_all_from_rows_that_somebody_changed(past: Past, change: str) -> None:
    for number in (1, 2, 3):
        past.see_all(day(number), news(2, title=f"Title {number}"), news(1))
    told(past.archive)
    known = {life.id: life for life in past.lives()}
    sights = list(observed(past.observations()))
    with closing(sqlite3.connect(index(past))) as connection:
        connection.executescript(change)
        connection.commit()
    for identity, life in known.items():
        assert asked(past, identity) in (None, [life])
        every = telling.one(past.archive, past.archive.collection("news"), identity, str, every=True)
        assert every is None or ([one.observed() for one in every.sights], every.lives) == (sights, [life])


def test_which_snapshots_were_read_is_told_as_it_is_or_not_at_all(past: Past) -> None:
    for number in (1, 2, 3):
        past.see_all(day(number), news(1))
    told(past.archive)
    one_gone(past)
    with closing(sqlite3.connect(index(past))) as connection:
        (text,) = connection.execute("SELECT snapshots FROM standing").fetchone()
        left = [one for one in json.loads(text) if one[0] != "20180102T060000Z"]
        connection.execute("UPDATE standing SET snapshots = ?", [json.dumps(left)])
        connection.commit()
    assert len(left) == 2
    assert asked(past) is None


# --- where nothing can be written, or others write ------------------------------------------


def contents(past: Past) -> set[str]:
    return {path.name for path in past.archive.folder.iterdir()}


def test_where_no_index_can_be_written_history_is_read_each_time(past: Past, reads: list[str]) -> None:
    name = past.see_all(day(1), news(1))
    # Nobody can replace a folder by a file, not even one who may write everywhere.
    index(past).mkdir()
    assert told(past.archive) == read_again(past)
    reads.clear()
    told(past.archive)
    assert reads == [name]
    assert contents(past) == {"news", schema.NAME}


def test_a_folder_that_cannot_be_written_to_is_left_alone(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past.see_all(day(1), news(1))

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sealed, "beside", refuse)
    assert told(past.archive) == read_again(past)
    assert contents(past) == {"news"}


def test_who_finds_another_writing_does_not_wait(past: Past) -> None:
    past.see_all(day(1), news(1))
    descriptor = os.open(past.archive.folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert told(past.archive) == read_again(past)
        assert not index(past).exists()
    finally:
        os.close(descriptor)
    told(past.archive)
    assert index(past).exists()


def test_an_index_that_another_process_replaced_meanwhile_stays(past: Past) -> None:
    past.see_all(day(1), news(1))
    told(past.archive)
    before = sealed.state(index(past))
    copy = index(past).with_name("copy")
    shutil.copyfile(index(past), copy)
    copy.replace(index(past))
    assert not sealed.replace(index(past), before, schema.origin(), lambda connection: connection.execute("VACUUM"))
    assert sealed.state(index(past)) != before


def test_what_a_writer_that_died_left_does_not_matter(past: Past) -> None:
    past.see_all(day(1), news(1))
    left = index(past).with_name(f"{schema.NAME}.new")
    left.write_bytes(b"SQLite format 3\0 and then it died")
    assert told(past.archive) == read_again(past)
    assert contents(past) == {"news", schema.NAME}


@pytest.mark.parametrize("first", [True, False], ids=["the first history", "one more snapshot"])
def test_another_that_was_faster_is_not_written_on(past: Past, monkeypatch: pytest.MonkeyPatch, *, first: bool) -> None:
    past.see_all(day(1), news(1), news(2))
    if not first:
        told(past.archive)
    past.see_all(day(2), news(1, title="Changed"), news(3))
    beside = sealed.beside

    def outrun(path: Path, expected: sealed.State | None, origin: str, tables: str | None) -> sealed.Building:
        monkeypatch.setattr(sealed, "beside", beside)
        told(past.archive)
        return beside(path, expected, origin, tables)

    monkeypatch.setattr(sealed, "beside", outrun)
    assert told(past.archive) == read_again(past)


@pytest.mark.thorough
def test_several_processes_at_once_tell_the_same_and_leave_a_whole_index(past: Past, reads: list[str]) -> None:
    for number in range(1, 9):
        past.see_all(day(number), *(news(one, title=f"Title {number // 3}") for one in range(1, 30)))
    words = ["-m", "psgcrawl", "--archive", str(past.archive.folder), "history", "news", "--jsonl"]
    last = ""
    for _ in range(2):
        said = together(*[lambda: run(*words)] * 4)
        assert [ran.err for ran in said if ran.code] == []
        assert {(ran.code, ran.out) for ran in said} == {(0, jsonl.dump_lines(lives(past.observations())).decode())}
        last = past.see_all(day(20), news(1))
    reads.clear()
    told(past.archive)
    assert reads == [last]


# --- questions --------------------------------------------------------------------------


def test_the_index_says_which_entries_were_listed_on_a_day(past: Past) -> None:
    past.see_all(day(1), news(1), news(2))
    name = past.see_all(day(2), news(1, title="Changed"))
    past.again(name, day(7))
    told(past.archive)
    question = "SELECT id, title FROM listed WHERE collection = 'news' AND captured_from LIKE ? ORDER BY id"
    assert rows(past, question, "2018-01-01%") == [
        ("news-article-1", "Title of news-article-1"),
        ("news-article-2", "Title of news-article-2"),
    ]
    assert rows(past, question, "2018-01-02%") == [("news-article-1", "Changed")]
    assert rows(past, question, "2018-01-07%") == [("news-article-1", "Changed")]
    assert rows(past, question, "2018-01-05%") == []


def test_the_index_knows_all_revisions_and_the_state_of_an_entry(past: Past) -> None:
    for number, title in enumerate(("One", "Two", "Two", "One"), 1):
        past.see_all(day(number), news(1, title=title), news(2))
    past.see_all(day(5), news(2))
    told(past.archive)
    question = (
        "SELECT r.title, s.first_rank, s.last_rank FROM sightings s JOIN revisions r USING (revision) "
        "JOIN identities i USING (entry) WHERE i.id = 'news-article-1' ORDER BY s.first_rank"
    )
    assert rows(past, question) == [("One", 0, 0), ("Two", 1, 2), ("One", 3, 3)]
    assert rows(past, "SELECT state, confirmed, sightings FROM entries WHERE id = 'news-article-1'") == [
        ("removed", 0, 4)
    ]
    assert rows(past, "PRAGMA integrity_check") == [("ok",)]
    assert rows(past, "PRAGMA foreign_key_check") == []


# --- independence -----------------------------------------------------------------------


def importers(*modules: str) -> set[str]:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if any(f"psgcrawl.archive.index.{module} import" in text for module in modules):
            found.add(str(path.relative_to(PACKAGE)))
    return {name for name in found if not name.startswith("archive/index/")}


def test_nothing_but_history_reads_or_writes_the_index() -> None:
    own = {"archive/history/telling.py", "cli/everywhere.py"}
    assert importers("recall", "keep", "sealed") == own
    naming = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if schema.NAME in path.read_text("utf-8")
    }
    assert naming == {"archive/index/__init__.py", "archive/index/schema.py"}


def test_other_commands_say_the_same_with_a_damaged_index_and_do_not_mend_it(past: Past) -> None:
    for number in (1, 2):
        past.see_all(day(number), news(1, title=f"Title {number}"))

    def said() -> list[Ran]:
        commands = (["snapshots"], ["diff", "news"], ["snapshots", "news", "--json"])
        return [run("-m", "psgcrawl", "--archive", str(past.archive.folder), *words) for words in commands]

    without = said()
    index(past).write_bytes(b"no index")
    assert said() == without
    assert index(past).read_bytes() == b"no index"
