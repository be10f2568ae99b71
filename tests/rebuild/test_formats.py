"""Every format and derivation that was ever released can be read, and derived again: tests/fixtures/formats."""

import shutil
from pathlib import Path

import pytest

from psgcrawl.archive import jsonl, runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, PAGES, verify_files
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.rebuild import derive
from psgcrawl.rebuild.editions import commit, examine
from psgcrawl.records import DERIVATION, FORMAT

FORMATS = Path(__file__).parents[1] / "fixtures" / "formats"
NOW = "2026-01-01T00:00:00Z"

RELEASED = sorted(path.name for path in FORMATS.iterdir() if path.is_dir())
TODAY = f"{FORMAT}-{DERIVATION}"


def snapshots(archive: Path) -> list[Snapshot]:
    return [snapshot for collection in Archive(archive).collections() for snapshot in collection.snapshots()]


ALL = [pytest.param(one, id=f"{name} {one.name}") for name in RELEASED for one in snapshots(FORMATS / name)]


def test_the_format_and_derivation_of_today_have_their_archive() -> None:
    assert TODAY in RELEASED, (
        f"FORMAT or DERIVATION was raised: tests/fixtures/formats/README.md says how to add {TODAY}"
    )


def test_an_archive_is_what_the_name_of_its_folder_says() -> None:
    for name in RELEASED:
        facts = [snapshot.manifest().provenance for snapshot in snapshots(FORMATS / name)]
        assert len(facts) >= 2, name
        assert {f"{one.format}-{one.derivation}" for one in facts} == {name}
        assert runlog.check(FORMATS / name) == []


@pytest.mark.parametrize("snapshot", ALL)
def test_it_is_as_it_was_written(snapshot: Snapshot) -> None:
    assert verify_files(snapshot.folder) == []
    assert snapshot.evidence() is not None


@pytest.mark.parametrize("snapshot", [param for param in ALL if str(param.id).startswith(f"{TODAY} ")])
def test_the_rules_of_today_give_the_same_bytes(snapshot: Snapshot) -> None:
    found = derive(snapshot)
    assert jsonl.dump_lines(found.entries) == (snapshot.folder / ENTRIES).read_bytes()
    assert jsonl.dump_lines(found.rows) == (snapshot.folder / PAGES).read_bytes()


@pytest.mark.parametrize("name", RELEASED)
def test_it_can_be_brought_to_the_rules_of_today(tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    shutil.copytree(FORMATS / name, archive)
    for collection in Archive(archive).collections():
        with CollectionLock(archive, collection.name) as lock:
            for snapshot in collection.snapshots():
                examined, content = examine(snapshot)
                assert content.entries
                if examined.due:
                    commit(lock, examined, content, NOW, NOW)
                assert examined.due == (name != TODAY)
    for snapshot in snapshots(archive):
        assert snapshot.manifest().provenance.derivation == DERIVATION
        assert not examine(snapshot)[0].due
    assert runlog.check(archive) == []
