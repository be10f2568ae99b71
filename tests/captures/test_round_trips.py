"""Whole crawls of WARCs: what an archive kept is taken in by another one, and means the same there."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.cli import main
from psgcrawl.errors import UsageError
from psgcrawl.records import PageRow
from psgcrawl.summary import summary
from tests.captures.making import MOMENT, NEWS, fill, new_id, packed, page, request, response, revisit, sha1, wacz
from tests.crawls import crawl_here, logged, names, outcome_of, visible


def crawled(archive: Path, path: Path) -> int:
    return outcome_of(crawl_here(archive, path=str(path))).exit_code


def snapshots(archive: Path) -> list[Snapshot]:
    return [Snapshot(archive / collection / name) for collection, found in visible(archive).items() for name in found]


def entries(archive: Path) -> dict[str, bytes]:
    return {
        str(one.folder.relative_to(archive)): (one.folder / "entries.jsonl").read_bytes() for one in snapshots(archive)
    }


def rows(archive: Path) -> dict[str, bytes]:
    """Return the pages by snapshot, without the place of their records (their names stay)."""
    place = re.compile(rb'"offset":[0-9]+,"length":[0-9]+')
    return {
        str(one.folder.relative_to(archive)): place.sub(b"", (one.folder / "pages.jsonl").read_bytes())
        for one in snapshots(archive)
    }


def named(archive: Path) -> dict[str, tuple[str, str]]:
    """Return title and description by snapshot."""
    told = {str(one.folder.relative_to(archive)): one.manifest() for one in snapshots(archive)}
    return {name: (manifest.title, manifest.description) for name, manifest in told.items()}


def records(archive: Path) -> list[tuple[PageRow, bytes | None]]:
    """Return each page with the gzip member of its record."""
    found = []
    for one in snapshots(archive):
        warc = StoredRecords(one.folder / "pages.warc.gz")
        for row in one.pages():
            assert row.warc is not None
            found.append((row, warc.at(row.warc).alone))
    return found


def assert_sound(archive: Path) -> None:
    """Check that the archive's own judges have nothing to say."""
    assert main(["--archive", str(archive), "verify", "--deep"]) == 0
    for collection in visible(archive):
        assert main(["--archive", str(archive), "rebuild", collection, "--check"]) == 0


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the packaged samples."""
    archive = tmp_path_factory.mktemp("original") / "archive"
    assert outcome_of(crawl_here(archive)).exit_code == 0
    return archive


def test_an_archive_given_to_another_is_the_same_there(original: Path, tmp_path: Path) -> None:
    assert crawled(tmp_path / "b", original) == 0
    assert entries(tmp_path / "b") == entries(original)
    assert rows(tmp_path / "b") == rows(original)
    assert named(tmp_path / "b") == named(original)
    assert [member for _, member in records(tmp_path / "b")] == [member for _, member in records(original)]
    assert_sound(tmp_path / "b")
    for _ in range(2):
        assert crawled(tmp_path / "b", original) == 0
    assert {outcome for _, outcome, _ in names(logged(tmp_path / "b"))[7:]} == {"unchanged"}
    # And back: what it was made of holds it.
    shutil.copytree(original, tmp_path / "a", symlinks=True)
    assert crawled(tmp_path / "a", tmp_path / "b") == 0
    assert entries(tmp_path / "a") == entries(original)


def loose(archive: Path, folder: Path) -> Path:
    """Copy the WARCs of an archive without anything beside them."""
    folder.mkdir()
    for number, one in enumerate(snapshots(archive)):
        shutil.copyfile(one.folder / "pages.warc.gz", folder / f"{number}.warc.gz")
    return folder


def in_wacz(archive: Path, folder: Path) -> Path:
    """Put the WARCs of an archive into a WACZ."""
    folder.mkdir()
    found = [(one.folder / "pages.warc.gz").read_bytes() for one in snapshots(archive)]
    wacz(folder / "all.wacz", {f"archive/{number}.warc.gz": data for number, data in enumerate(found)})
    return folder


@pytest.mark.parametrize("give", [loose, in_wacz])
def test_a_file_of_unknown_time_stays_that_after_any_number_of_trips(
    original: Path, tmp_path: Path, give: Callable[[Path, Path], Path]
) -> None:
    archive = original
    for trip in range(3):
        given = give(archive, tmp_path / f"given-{trip}")
        archive = tmp_path / f"archive-{trip}"
        assert crawled(archive, given) == 0
        assert entries(archive) == entries(original)
        assert rows(archive) == rows(original)
    assert [member for _, member in records(archive)] == [member for _, member in records(original)]


def test_a_folder_kept_apart_can_be_given_by_its_name(original: Path, tmp_path: Path) -> None:
    kept = tmp_path / "archive" / ".incomplete-20260101T000000Z"
    kept.mkdir(parents=True)
    shutil.copyfile(original / "home" / "latest" / "pages.warc.gz", kept / "pages.warc.gz")
    assert crawled(tmp_path / "b", kept) == 0
    assert visible(tmp_path / "b") == {"home": ["after-20170218T000000Z"]}


def test_what_others_fetched_becomes_snapshots_by_its_dates_with_all_evidence(tmp_path: Path) -> None:
    first, asked, info = new_id(), new_id(), new_id()
    given = {
        "in/1.warc.gz": packed(
            [
                request(WARC_Record_ID=asked),
                response(WARC_Record_ID=first, WARC_Concurrent_To=asked),
                response(f"{NEWS}?position=10", page(2), WARC_Date="2017-02-18T06:00:03Z", WARC_Record_ID=info),
                response("http://example.org/"),
            ]
        ),
        "in/2.warc.gz": packed(
            [revisit(profile="server-not-modified", WARC_Refers_To=first, WARC_Date="2017-03-01T00:00:00Z")]
        ),
    }
    inside = fill(tmp_path, given) / "in"
    for _ in range(2):
        outcome = outcome_of(crawl_here(tmp_path / "b", path=str(inside)))
        assert outcome.exit_code == 0
        told = f"  {inside}/1.warc.gz: records passed over: 1 of other sites\n"
        assert f"\npassed over\n{told}\n" in summary(outcome)
    assert visible(tmp_path / "b") == {"news": ["20170218T060000Z", "20170301T000000Z"]}
    one, two, again = (row for row, _ in records(tmp_path / "b"))
    assert [(row.status, row.captured_basis) for row in (one, two, again)] == [
        (200, "warc"),
        (200, "warc"),
        (304, "warc"),
    ]
    assert again.payload_digest == one.payload_digest
    # The second snapshot can be read alone, and given on.
    alone = tmp_path / "b" / "news" / "20170301T000000Z" / "pages.warc.gz"
    assert again.warc is not None
    found = StoredRecords(alone)
    repeated = found.original(found.at(again.warc).record)
    assert repeated is not None
    assert repeated.id == first
    assert found.named(asked).record.type == "request"
    shutil.rmtree(tmp_path / "b" / "news" / "20170218T060000Z")
    assert crawled(tmp_path / "c", tmp_path / "b") == 0
    assert visible(tmp_path / "c") == {"news": ["20170301T000000Z"]}


@pytest.mark.parametrize(
    "reference",
    [
        {"WARC_Refers_To_Target_URI": NEWS, "WARC_Refers_To_Date": MOMENT},
        {"WARC_Payload_Digest": sha1(page())},
        {"WARC_Refers_To": new_id(), "WARC_Payload_Digest": sha1(page())},
    ],
    ids=["address-and-date", "digest", "dangling-name"],
)
def test_whatever_a_revisit_says_an_archive_finds_what_it_repeats_by_its_name(
    tmp_path: Path, reference: dict[str, str]
) -> None:
    original, again = new_id(), "2017-03-01T00:00:00Z"
    given = [
        response(WARC_Record_ID=original, WARC_Payload_Digest=sha1(page())),
        revisit(WARC_Date=again, **reference),
    ]
    archive = fill(tmp_path / "in", {"a.warc.gz": packed(given)})
    kept = []
    for number in range(3):
        assert crawled(tmp_path / str(number), archive) == 0
        archive = tmp_path / str(number)
        assert visible(archive) == {"news": ["20170218T060000Z", "20170301T000000Z"]}
        warc = StoredRecords(archive / "news" / "20170301T000000Z" / "pages.warc.gz")
        [row] = Snapshot(warc.path.parent).pages()
        assert row.warc is not None
        found = warc.at(row.warc)
        repeated = warc.original(found.record)
        assert repeated is not None
        assert repeated.id == original
        # The record that others wrote stays beside ours.
        beside = warc.named(*found.record.all("WARC-Concurrent-To"))
        assert beside.alone == packed(given[1:])
        kept.append(found.alone)
        assert_sound(archive)
    assert kept[0] == kept[1] == kept[2]


def test_a_file_that_was_cut_is_named_and_exits_3(tmp_path: Path) -> None:
    whole = packed([response(), response(f"{NEWS}?position=10", page(2))])
    inside = fill(tmp_path / "in", {"a.warc.gz": whole[:-9], "b.html": page(3)})
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(inside)))
    assert outcome.exit_code == 3
    assert visible(tmp_path / "archive") == {"news": ["20170218T060000Z"], "unknown": ["after-20160301T000000Z"]}
    [problem] = outcome.problems
    assert re.fullmatch(rf"{inside}/a\.warc\.gz: byte \d+: the file ends inside a gzip member", problem)


NO_CAPTURE = r"^path: .*: no capture of the site in it: no record of a listing page$"


@pytest.mark.parametrize(
    "files",
    [
        {"a.warc": response("http://example.org/")},
        {"a.warc": b""},
        {"a.warc": response("http://example.org/"), "b.warc.gz": packed([response(status="404 Not Found")])},
    ],
    ids=["other-site", "empty", "several"],
)
def test_warcs_without_a_capture_of_the_site_are_the_callers_mistake(tmp_path: Path, files: dict[str, bytes]) -> None:
    inside = fill(tmp_path / "in", files)
    paths = [inside, *inside.iterdir()]
    for path in paths:
        with pytest.raises(UsageError, match=NO_CAPTURE):
            crawl_here(tmp_path / "archive", path=str(path))
    assert not (tmp_path / "archive").exists()


def test_beside_others_a_warc_without_a_capture_is_only_told(tmp_path: Path) -> None:
    inside = fill(tmp_path / "in", {"a.warc": response("http://example.org/"), "b.warc": response()})
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(inside)))
    assert (outcome.exit_code, outcome.problems) == (0, [])
    assert outcome.passed_over == [f"{inside}/a.warc: records passed over: 1 of other sites"]


def test_a_warc_of_which_nothing_can_be_read_is_named_and_not_a_wrong_word(tmp_path: Path) -> None:
    inside = fill(tmp_path / "in", {"a.warc.gz": b"\x1f\x8b\x08 and nothing more"})
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(inside)))
    assert outcome.exit_code == 3
    assert len(outcome.problems) == 1
    assert visible(tmp_path / "archive") == {}


def test_of_many_files_only_some_are_told_about(tmp_path: Path) -> None:
    other = response("http://example.org/")
    inside = fill(tmp_path / "in", {**{f"{number:02d}.warc": other for number in range(25)}, "a.html": page()})
    told = summary(outcome_of(crawl_here(tmp_path / "archive", path=str(inside))))
    assert told.count("records passed over: 1 of other sites") == 20
    assert "  and more in 5 other files\n" in told
