import hashlib
import json
from pathlib import Path
from typing import BinaryIO

import pytest

from psgcrawl import SOFTWARE
from psgcrawl.archive import jsonl
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import MANIFEST, StoredFile, read_manifest, verify_files
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.write import Choices, RunFacts, write_snapshot
from psgcrawl.errors import NameTaken
from psgcrawl.records import DERIVATION, FORMAT, KINDS, Captured, Counts, Coverage, Edition, Page, WarcPlace
from psgcrawl.site import GROUP
from tests.archive.faults import struck
from tests.archive.making import NOON, RUN, after, at, entry, full_page, page

NAME = "20170218T120000Z"


@pytest.fixture
def lock(tmp_path: Path) -> CollectionLock:
    lock = CollectionLock(tmp_path / "archive", "news")
    lock.acquire()
    return lock


def listing(lock: CollectionLock) -> list[str]:
    return sorted(path.name for path in lock.folder.iterdir() if path.name != ".lock")


def test_pages_become_a_snapshot_and_the_result_says_what_was_written(lock: CollectionLock) -> None:
    pages = [full_page(0), page(entry("a"), entry("b", kind="notice"), position=10, lists=["news", "notices"])]
    written = write_snapshot(lock, pages, RUN)
    assert (written.name, written.folder) == (NAME, lock.folder / NAME)
    assert written.manifest_sha256 == hashlib.sha256((written.folder / MANIFEST).read_bytes()).hexdigest()
    assert (written.counts.pages, written.counts.entries) == (2, {"entry": 11, "notice": 1, "boilerplate": 0})
    assert written.coverage == Coverage(listing="news", complete=True, end="short-page", positions=[(0, 10)], gaps=[])
    assembled = assemble(pages)
    assert (written.folder / "entries.jsonl").read_bytes() == jsonl.dump_lines(assembled.entries)
    assert (written.folder / "pages.jsonl").read_bytes() == jsonl.dump_lines(assembled.rows)
    assert verify_files(written.folder) == []


def test_the_manifest_says_where_it_comes_from(lock: CollectionLock) -> None:
    pages = [full_page(0), full_page(10, 3, captured=at("2017-02-18T13:00:00Z"))]
    found = read_manifest(write_snapshot(lock, pages, RUN).folder).provenance
    assert (found.format, found.software, found.derivation, found.derived_from) == (FORMAT, SOFTWARE, DERIVATION, None)
    assert (found.spider, found.arguments, found.source) == ("captures", {"path": "captures"}, "file")
    assert found.captured == Captured(since=NOON, until="2017-02-18T13:00:00Z")
    assert (found.started, found.finished, found.finish_reason) == (RUN.started, RUN.finished, "finished")
    assert list(found.counts.entries) == ["entry", "notice", "boilerplate"]


@pytest.mark.parametrize(
    ("captured", "name"),
    [
        (at(NOON), NAME),
        (after(NOON), f"after-{NAME}"),
        (at(NOON, "2017-02-19T00:00:00Z"), f"after-{NAME}"),
    ],
)
def test_the_name_is_the_time_of_the_first_capture_as_far_as_it_is_known(
    lock: CollectionLock, captured: Captured, name: str
) -> None:
    assert write_snapshot(lock, [full_page(0, captured=captured)], RUN).name == name


def test_a_crawl_of_known_times_has_a_known_name_however_long_it_took(lock: CollectionLock) -> None:
    pages = [full_page(0, captured=at("2017-02-18T13:00:00Z")), full_page(10, 3, captured=at(NOON))]
    assert write_snapshot(lock, pages, RUN).name == NAME


def test_taken_names_get_numbers_in_commit_order(lock: CollectionLock) -> None:
    assert [write_snapshot(lock, [full_page(0, 3)], RUN).name for _ in range(3)] == [NAME, f"{NAME}-2", f"{NAME}-3"]


def test_the_same_pages_give_the_same_bytes(lock: CollectionLock) -> None:
    folders = [write_snapshot(lock, [full_page(0, 3)], RUN).folder for _ in range(2)]
    for name in ("entries.jsonl", "pages.jsonl"):
        one, other = ((folder / name).read_bytes() for folder in folders)
        assert one == other


def test_notes_of_the_captures_and_a_title_go_into_the_manifest(lock: CollectionLock) -> None:
    pages = [full_page(0, note="Synthetic."), full_page(10, note="Synthetic."), full_page(20, note=None)]
    manifest = read_manifest(write_snapshot(lock, pages, RUN, Choices(title="An example (synthetic)")).folder)
    assert manifest.description == f"{GROUP.rights}\n\nSynthetic."
    assert manifest.title == "An example (synthetic)"


def test_a_later_edition_names_the_one_before_and_takes_its_own_name(lock: CollectionLock) -> None:
    first = write_snapshot(lock, [full_page(0, 3)], RUN)
    before = Edition(name=first.name, sha256=first.manifest_sha256)
    second = write_snapshot(
        lock, [full_page(0, 3)], RUN, Choices(name=f"{NAME}.e2", derived_from=before, created="2030-01-01T00:00:00Z")
    )
    assert second.name == f"{NAME}.e2"
    assert read_manifest(second.folder).provenance.derived_from == before
    assert json.loads((second.folder / MANIFEST).read_bytes())["created"] == "2030-01-01T00:00:00Z"
    assert json.loads((first.folder / MANIFEST).read_bytes())["created"] == RUN.finished
    with pytest.raises(NameTaken):
        write_snapshot(lock, [full_page(0, 3)], RUN, Choices(name=f"{NAME}.e2"))
    assert listing(lock) == [f".incomplete-{NAME}.e2", NAME, f"{NAME}.e2", "latest"]


def test_coverage_can_speak_of_another_listing_or_be_proved_otherwise(lock: CollectionLock) -> None:
    home = write_snapshot(lock, [full_page(0, 3, position=None)], RUN, Choices(listing="home"))
    assert (home.coverage.listing, home.coverage.end) == ("home", "single-page")
    proved = Coverage(listing="news", complete=True, end="total", positions=[(0, 0)], gaps=[])
    written = write_snapshot(lock, [full_page(0)], RUN, Choices(coverage=proved))
    assert written.coverage == proved
    assert read_manifest(written.folder).provenance.coverage == proved


@pytest.mark.parametrize("kind", ["incomplete", "refused"])
def test_what_is_kept_apart_is_whole_but_out_of_sight(lock: CollectionLock, kind: str) -> None:
    written = write_snapshot(lock, [full_page(0)], RUN, judge=lambda _: kind)  # type: ignore[return-value,arg-type]
    assert written.name == f".{kind}-{NAME}"
    assert listing(lock) == [written.name]
    assert verify_files(written.folder) == []
    assert written.manifest_sha256 == read_manifest(written.folder).sha256


def evidence(stream: BinaryIO) -> dict[str, WarcPlace]:
    """Stands for what writes the records of a snapshot: two of them."""
    stream.write(b"evidence")
    return {id_: WarcPlace(record=id_, offset=offset, length=4) for id_, offset in (("<one>", 0), ("<two>", 4))}


def test_the_evidence_becomes_part_of_the_snapshot_and_the_manifest_counts_its_records(lock: CollectionLock) -> None:
    written = write_snapshot(lock, [full_page(0, 3)], RUN, evidence=evidence)
    assert written.name == NAME
    [*_, warc] = read_manifest(written.folder).files
    assert warc == StoredFile("pages.warc.gz", 8, hashlib.sha256(b"evidence").hexdigest(), records=2)
    assert (written.folder / "pages.warc.gz").read_bytes() == b"evidence"


def test_a_page_points_at_its_record(lock: CollectionLock) -> None:
    pages = [full_page(0, record="<two>"), full_page(10)]
    written = write_snapshot(lock, pages, RUN, evidence=evidence)
    first, second = Snapshot(written.folder).pages()
    assert first.warc == WarcPlace(record="<two>", offset=4, length=4)
    assert second.warc is None


def test_a_page_whose_record_was_not_written_makes_no_snapshot(lock: CollectionLock) -> None:
    with pytest.raises(KeyError, match="three"):
        write_snapshot(lock, [full_page(0, record="<three>")], RUN, evidence=evidence)
    assert listing(lock) == [f".incomplete-{NAME}"]


def test_pages_without_entries_make_a_snapshot(lock: CollectionLock) -> None:
    written = write_snapshot(lock, [page(layout=None, problems=("no layout recognised it",))], RUN)
    assert (written.folder / "entries.jsonl").read_bytes() == b""
    assert written.counts.entries == {"entry": 0, "notice": 0, "boilerplate": 0}
    assert verify_files(written.folder) == []


def test_entries_are_counted_by_their_kinds_whatever_their_texts_say(lock: CollectionLock) -> None:
    told = '","kind":"notice","title":"kind\\'
    entries = [
        entry('news-"kind":"notice"', summary=told, title=told),
        entry("article-1", kind="boilerplate", date_edtf=told, summary=told),
        entry("article-2", kind="notice"),
        entry("article-3", kind="boilerplate"),
    ]
    counts = write_snapshot(lock, [page(*entries, entries[0])], RUN).counts
    assert counts == Counts(pages=1, entries={"entry": 1, "notice": 1, "boilerplate": 2})
    assert len({kind[0] for kind in KINDS}) == len(KINDS), "they are told apart by their initials"


def test_no_pages_make_none(lock: CollectionLock) -> None:
    with pytest.raises(ValueError, match="at least one page"):
        write_snapshot(lock, [], RUN)
    assert listing(lock) == []


def test_an_argument_that_cannot_be_written_is_spelled_out(lock: CollectionLock) -> None:
    run = RunFacts(
        spider="captures",
        arguments={"path": "caf\udce9"},
        source="file",
        started=NOON,
        finished=NOON,
        finish_reason="x",
    )
    assert read_manifest(write_snapshot(lock, [full_page(0)], run).folder).provenance.arguments == {
        "path": "caf\\udce9"
    }


def test_what_goes_wrong_is_kept_apart(lock: CollectionLock) -> None:
    with struck(6), pytest.raises(OSError, match="No space"):
        write_snapshot(lock, [full_page(0)], RUN)
    assert listing(lock) == [f".incomplete-{NAME}"]
    assert write_snapshot(lock, [full_page(0)], RUN).name == NAME


def test_a_disk_that_cannot_even_rename_leaves_it_to_the_next_run(
    lock: CollectionLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("os.rename", broken)
        with pytest.raises(OSError, match="the disk is gone"):
            write_snapshot(lock, [full_page(0)], RUN)
    assert listing(lock) == [f".staging-{NAME}"]
    lock.release()
    lock.acquire()
    assert lock.set_aside == [f".incomplete-{NAME}"]


def test_a_snapshot_that_is_visible_stays_so_though_its_folder_could_not_be_forced_to_disk(
    lock: CollectionLock,
) -> None:
    with struck() as calls:
        write_snapshot(lock, [full_page(0, captured=at("2016-01-01T00:00:00Z"))], RUN)
    made = [name for name, _ in calls.log]
    first, last = made.index("rename"), len(made) - 1
    assert made[first:] == ["rename", "symlink", "replace", "open", "fsync"]
    with struck(last + 1), pytest.raises(OSError, match="No space"):
        write_snapshot(lock, [full_page(0)], RUN)
    assert NAME in listing(lock)
    assert verify_files(lock.folder / NAME) == []


def test_a_visible_snapshot_is_never_taken_back(lock: CollectionLock, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("psgcrawl.archive.latest.point_latest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_snapshot(lock, [full_page(0)], RUN)
    assert listing(lock) == [NAME]


def test_the_pages_of_a_run_are_not_changed(lock: CollectionLock) -> None:
    pages: list[Page] = [full_page(0), full_page(0)]
    before = repr(pages)
    write_snapshot(lock, pages, RUN)
    assert repr(pages) == before
