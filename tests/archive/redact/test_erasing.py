from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, WARC
from psgcrawl.archive.redact.erasing import erase, left_over, standing_in
from psgcrawl.archive.store import Collection, Snapshot
from psgcrawl.archive.write import Evidence, write_edition
from psgcrawl.errors import DamagedData
from psgcrawl.records import Redaction, replace
from tests.archive.making import RUN, entry, line, page, whole_run

REDACTION = Redaction(record="<urn:uuid:1>", url=None, reason="an order", when="2027-03-01T12:00:00Z")


def edition(archive: Path, before: Path, *, redacts: bool = True, logged: bool = True) -> Path:
    """Commit a later edition of a snapshot."""
    content = assemble([page(entry("news-article-1"))])
    coverage = Snapshot(before).manifest().provenance.coverage
    redactions = [REDACTION] if redacts else []
    evidence: Evidence | None = (lambda _: {}) if redacts else None
    with CollectionLock(archive, "news") as lock:
        written = write_edition(lock, before, content, coverage, RUN.finished, evidence=evidence, redactions=redactions)
        if logged:
            runlog.append(archive, line(snapshot=written.name, manifest_sha256=written.manifest_sha256))
    return written.folder


def sound(_: Snapshot) -> list[str]:
    return []


def erased(archive: Path) -> list[str]:
    with CollectionLock(archive, "news") as lock:
        return [str(path.relative_to(archive / "news")) for path in erase(lock, sound)]


def test_editions_before_a_redaction_are_stood_in_for_and_no_others(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    second = edition(tmp_path, first, redacts=False)
    third = edition(tmp_path, second)
    fourth = edition(tmp_path, third, redacts=False)
    assert Snapshot(fourth).manifest().provenance.redactions == [REDACTION]
    collection = Collection(tmp_path / "news")
    assert standing_in(collection) == {first: Snapshot(third), second: Snapshot(third)}
    assert {path.parent for path in left_over(collection)} == {first, second}
    fifth = edition(tmp_path, fourth)
    assert set(standing_in(collection).values()) == {Snapshot(fifth)}
    assert len(standing_in(collection)) == 4


def test_without_redactions_nothing_is_ever_left_over(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    edition(tmp_path, first, redacts=False)
    assert left_over(Collection(tmp_path / "news")) == []
    assert erased(tmp_path) == []


def test_only_the_manifest_stays(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    (first / "notes.txt").write_text("somebody's own")
    edition(tmp_path, first)
    assert erased(tmp_path) == [f"{first.name}/pages.jsonl", f"{first.name}/entries.jsonl"]
    assert sorted(path.name for path in first.iterdir()) == [MANIFEST, "notes.txt"]
    assert erased(tmp_path) == []


@pytest.mark.parametrize("name", [WARC, ENTRIES, MANIFEST])
def test_nothing_goes_on_the_strength_of_an_edition_that_is_damaged(tmp_path: Path, name: str) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    second = edition(tmp_path, first)
    (second / name).write_bytes((second / name).read_bytes() + b"x")
    with pytest.raises(DamagedData):
        erased(tmp_path)
    assert (first / ENTRIES).exists()


def test_nothing_goes_on_the_strength_of_an_edition_that_is_not_logged(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    second = edition(tmp_path, first, logged=False)
    with pytest.raises(DamagedData, match=f"nothing was deleted: {second}: not in the run log yet"):
        erased(tmp_path)
    assert (first / ENTRIES).exists()


def test_nothing_goes_where_the_caller_finds_fault(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    second = edition(tmp_path, first)
    with CollectionLock(tmp_path, "news") as lock, pytest.raises(DamagedData, match="nothing was deleted: a fault"):
        erase(lock, lambda snapshot: ["a fault"] if snapshot.folder == second else [])
    assert (first / ENTRIES).exists()


def test_one_edition_at_fault_keeps_the_files_of_all(tmp_path: Path) -> None:
    first = whole_run(tmp_path, page(entry("news-article-1"))).folder
    edition(tmp_path, first)
    other = whole_run(tmp_path, replace(page(entry("news-article-1")), url=None)).folder
    (edition(tmp_path, other) / ENTRIES).unlink()
    with pytest.raises(DamagedData, match="the file is missing"):
        erased(tmp_path)
    assert (first / ENTRIES).exists()


def test_erasing_needs_the_lock(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the lock is not held"):
        erase(CollectionLock(tmp_path, "news"), sound)
