"""A whole backfill as a person starts it, out of a real pywb that holds a past whose truth is known."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backfills import brought, captures, entries
from tests.crawls import PROJECT, Ran, run, sound
from tests.service.replaying import Pywb
from tests.webarchives import PAST, warcs
from tests.webarchives.truth import COLLECTIONS, TRUTH

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("past")
    with Pywb(folder / "pywb", exact=True) as server:
        server.add("psg", *warcs.write(PAST.all, folder))
        server.start()
        yield f"{server.address}psg"


def words(archive: Path, webarchive: str, *more: str) -> list[str]:
    settings = {
        "ARCHIVE_DIR": archive,
        "CONTACT": "ops@example.org",
        "WAYBACK_BUDGETS": archive.parent / "budgets",
        "WAYBACK_INDEX_PER_MINUTE": 1000,
        "WAYBACK_MEMENTOS_PER_SECOND": 100,
    }
    given = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    return ["-m", "scrapy", "crawl", "wayback", "-a", f"webarchive={webarchive}", *given, *more]


def backfill(archive: Path, webarchive: str, *more: str) -> Ran:
    return run(*words(archive, webarchive, *more))


@pytest.fixture(scope="module")
def whole(pywb: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("backfill") / "archive"
    ran = backfill(archive, pywb)
    assert ran.code == 0, ran.err
    return archive


def test_a_real_pywb_gives_all_captures_and_entries_and_the_archive_is_sound(whole: Path) -> None:
    for name in COLLECTIONS:
        assert entries(whole, name) == TRUTH.entries(name)
        stamps = {"".join(filter(str.isdigit, when)) for _, when in captures(whole, name)}
        assert {one.taken.stamp for one in TRUTH.of(name)} <= stamps
    sound(whole)


def test_a_second_run_finds_nothing_new(whole: Path, pywb: str) -> None:
    before = brought(whole)
    ran = backfill(whole, pywb)
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    assert "unchanged: the archive held it already" in ran.out
    assert brought(whole) == before


def test_a_plan_stands_on_standard_output_and_leaves_nothing(pywb: str, tmp_path: Path) -> None:
    ran = backfill(tmp_path / "archive", pywb, "-a", "plan=yes", "-a", "listing=home")
    assert ran.code == 0
    assert "home: " in ran.out
    assert "to be fetched" in ran.out
    assert [path.name for path in (tmp_path / "archive").iterdir()] == []


def test_a_run_that_is_killed_loses_nothing(whole: Path, pywb: str, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    # So slow that it is in the middle of it.
    slow = ("-s", "WAYBACK_MEMENTOS_PER_SECOND=8", "-a", "listing=news")
    line = [sys.executable, *words(archive, pywb, *slow)]
    with subprocess.Popen(line, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while not any(archive.glob(".staging-*/pages.warc.gz")) or _size(archive) < 20_000:
            assert process.poll() is None
            time.sleep(0.01)
        process.kill()
    kept = _size(archive)
    assert kept >= 20_000
    assert backfill(archive, pywb, "-a", "listing=news").code == 0
    assert brought(archive)["news"] == brought(whole)["news"]
    sound(archive)


def _size(archive: Path) -> int:
    return sum(path.stat().st_size for path in archive.glob(".staging-*/pages.warc.gz"))
