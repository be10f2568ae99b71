"""What was kept apart is committed on a person's word: whole, known for what it was, and only once."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from psgcrawl import rebuild
from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import MANIFEST
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.cli import main
from tests import crawls, live
from tests.archive.making import contents

FIRST = "2019-10-01T06:00:00Z"
NAME = "20191001T060000Z"
KEPT = f".incomplete-{NAME}"
REASON = "the site was cut short on purpose"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with one crawl that wanted more than it got."""
    archive = tmp_path_factory.mktemp("crawled")
    live.crawl(archive, live.listing(), FIRST, missed="position 40: no answer")
    return archive


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(crawled, tmp_path / "archive", symlinks=True))


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def accept(archive: Path, name: str = KEPT, collection: str = "news", reason: str = REASON) -> int:
    return run("--archive", archive, "accept", collection, name, "--reason", reason)


def found(archive: Path) -> list[str]:
    told: list[Finding] = []
    verify(Archive(archive), [], Findings(archive, told.append), derive=rebuild.derive)
    return [f"{one.place}: {one.text}" for one in told]


def test_a_crawl_kept_apart_becomes_a_snapshot_that_says_so(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(archive / "news" / KEPT)
    assert accept(archive) == 0
    assert capsys.readouterr().out == f"news: {KEPT} is accepted: {NAME} now (not complete)\n"
    after = contents(archive / "news" / NAME)
    assert after["kept-apart.json"] == before.pop(MANIFEST)
    assert {name: after[name] for name in before} == before
    assert not (archive / "news" / KEPT).exists()
    manifest = crawls.snapshot(archive, "news", NAME).manifest()
    accepted = manifest.provenance.accepted
    assert accepted is not None
    assert (accepted.reason, accepted.origin) == (REASON, KEPT)
    first, last = crawls.logged(archive)
    assert accepted.sha256 == first.manifest_sha256
    assert (last.spider, last.outcome, last.snapshot, last.manifest_sha256) == (
        "accept",
        "committed",
        NAME,
        manifest.sha256,
    )
    assert last.reasons == [f"accepted: {REASON}", f"it was kept apart as {KEPT}"]


def test_what_was_incomplete_stays_so(archive: Path) -> None:
    accept(archive)
    coverage = crawls.snapshot(archive, "news", NAME).manifest().provenance.coverage
    # Its pages alone would prove more.
    assert (coverage.complete, coverage.end) == (False, "short-page")
    assert crawls.logged(archive)[-1].coverage == coverage


def test_what_was_refused_keeps_what_it_proved(archive: Path) -> None:
    (archive / "news" / KEPT).rename(archive / "news" / f".refused-{NAME}")
    assert accept(archive, "refused") == 0
    assert crawls.snapshot(archive, "news", NAME).manifest().provenance.coverage.complete


def test_deep_verifying_and_rebuilding_find_nothing_to_say(archive: Path) -> None:
    accept(archive)
    assert found(archive) == []
    assert run("--archive", archive, "rebuild", "news", "--check") == 0


def test_what_was_accepted_can_be_redacted(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(archive)
    place = next(crawls.snapshot(archive, "news", NAME).pages()).warc
    assert place is not None
    assert run("--archive", archive, "redact", "news", place.record, "--reason", "by law", "--yes") == 0
    assert [told for told in found(archive) if "redacted, declared" not in told] == []
    assert not any("not yet done" in told for told in found(archive))
    assert sorted(contents(archive / "news" / NAME)) == [MANIFEST, "kept-apart.json"]
    assert run("--archive", archive, "rebuild", "news", "--check") == 0
    assert accept(archive) == 2
    assert f"it is {NAME}" in capsys.readouterr().err


@pytest.mark.parametrize("name", [KEPT, KEPT[1:], ".incomplete", "inc", f"incomplete-{NAME[:8]}"])
def test_a_beginning_of_its_name_is_enough(archive: Path, name: str) -> None:
    assert accept(archive, name) == 0


def test_a_name_that_fits_two_is_refused(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live.crawl(archive, live.listing(title="Another"), "2019-10-02T06:00:00Z", missed="position 40: no answer")
    assert accept(archive, "incomplete-201910") == 2
    assert f"fits several: {KEPT}, .incomplete-20191002T060000Z" in capsys.readouterr().err
    assert crawls.visible(archive) == {"news": []}


def test_twice_is_an_error_that_names_the_snapshot(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accept(archive)
    capsys.readouterr()
    before = contents(archive)
    assert accept(archive) == 2
    assert f"it was accepted before: it is {NAME}" in capsys.readouterr().err
    assert contents(archive) == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": ".refused-2"}, f"nothing kept apart fits '.refused-2'; there is {KEPT}"),
        ({"collection": "posts"}, "no collection 'posts'"),
        ({"reason": " "}, "one line of text is needed"),
        ({"reason": "a\nb"}, "one line of text is needed"),
    ],
)
def test_what_cannot_be_meant_is_an_error(
    archive: Path, given: dict[str, str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(archive)
    assert accept(archive, **given) == 2
    assert why in capsys.readouterr().err
    assert contents(archive) == before


def test_a_taken_name_gets_the_next_number(archive: Path) -> None:
    live.crawl(archive, live.listing(), FIRST)
    assert accept(archive) == 0
    assert crawls.visible(archive) == {"news": [NAME, f"{NAME}-2"]}
    assert found(archive) == []


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


SPOILT: Mapping[str, Callable[[Path], object]] = {
    "a byte of the evidence": lambda folder: _flip(folder / "pages.warc.gz"),
    "a byte of the entries": lambda folder: _flip(folder / "entries.jsonl"),
    "a file that is missing": lambda folder: (folder / "pages.jsonl").unlink(),
    "a file too many": lambda folder: (folder / "more").write_bytes(b""),
    "a manifest that the log does not know": lambda folder: (folder / MANIFEST).write_bytes(
        (folder / MANIFEST).read_bytes().replace(b'"finished"', b'"finishes"', 1)
    ),
    "no manifest": lambda folder: (folder / MANIFEST).unlink(),
}


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_damaged_or_was_never_finished_is_not_committed(archive: Path, how: str) -> None:
    SPOILT[how](archive / "news" / KEPT)
    before = contents(archive)
    assert accept(archive) == 2
    assert contents(archive) == before


def test_another_run_that_holds_the_collection_is_trouble(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with CollectionLock(archive, "news"):
        assert accept(archive) == 2
    assert "another run holds this collection" in capsys.readouterr().err


DYING = [
    "psgcrawl.archive.accepting._give",
    "psgcrawl.archive.accepting.build_manifest",
    "psgcrawl.archive.commit.Staging.seal",
    "psgcrawl.archive.commit.Staging._rename",
    "psgcrawl.archive.latest.point_latest",
    "psgcrawl.archive.runlog.append",
    "psgcrawl.archive.accepting._remove",
]


@pytest.mark.parametrize("where", DYING)
def test_a_command_that_dies_anywhere_loses_nothing_and_is_finished_by_the_next(
    archive: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = contents(archive / "news" / KEPT)

    class Died(BaseException):
        """As a signal would."""

    def die(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(where, die)
        # A process that dies clears nothing up.
        patch.setattr(shutil, "rmtree", lambda _: None)
        with pytest.raises(Died):
            accept(archive)
    assert contents(archive / "news" / KEPT) == kept
    assert accept(archive) == 0
    assert crawls.visible(archive) == {"news": [NAME]}
    assert found(archive) == []
    assert not (archive / "news" / KEPT).exists()
    assert [line.spider for line in crawls.logged(archive)] == ["listing", "accept"]


@pytest.mark.parametrize("left", [["datapackage.json", "pages.jsonl"], ["datapackage.json"], []])
def test_an_old_folder_that_was_half_removed_is_removed(
    archive: Path, left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept = contents(archive / "news" / KEPT)
    accept(archive)
    (archive / "news" / KEPT).mkdir()
    for name in left:
        (archive / "news" / KEPT / name).write_bytes(kept[name])
    before = contents(archive / "news" / NAME)
    capsys.readouterr()
    assert accept(archive) == 0
    assert "was accepted before" in capsys.readouterr().out
    assert not (archive / "news" / KEPT).exists()
    assert contents(archive / "news" / NAME) == before
    assert len(crawls.logged(archive)) == 2


def test_where_the_file_system_knows_no_second_names_files_are_copied(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    assert accept(archive) == 0
    assert found(archive) == []


def test_a_full_disk_leaves_everything_as_it_was(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = contents(archive / "news")
    with monkeypatch.context() as patch:
        patch.setattr("psgcrawl.archive.durable.write_pieces", full)
        assert accept(archive) == 2
    assert contents(archive / "news") == before


def test_a_folder_that_a_dead_run_left_without_a_line_can_be_accepted(archive: Path) -> None:
    for name in (runlog.RUNS, runlog.HEAD):
        (archive / name).unlink()
    assert accept(archive) == 0
    assert found(archive) == []
