"""Crawls of the small site of the tests: what they ask for, and what they leave on disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.sides import PROJECT
from psgcrawl.archive.runlog import RUNS
from tests.minisite import MiniSite

NEW = ("news", "New for a crawl", "Something new.", "01 January 2019")


def unchanged(folder: str, mode: str, *, validators: bool) -> Callable[[], Mapping[str, float]]:
    """Crawl once in full; what is counted is the second crawl, which finds nothing new."""
    return _second(folder, mode, validators=validators, new=False)


def one_new(folder: str, mode: str, *, validators: bool) -> Callable[[], Mapping[str, float]]:
    """Crawl once in full; what is counted is the second crawl, which finds one entry on top."""
    return _second(folder, mode, validators=validators, new=True)


def first(folder: str, mode: str, *, validators: bool) -> Callable[[], Mapping[str, float]]:
    """Crawl an archive that is not there yet."""
    return lambda: _counted(folder, mode, validators=validators, before=lambda _site, _archive: None)


def _second(folder: str, mode: str, *, validators: bool, new: bool) -> Callable[[], Mapping[str, float]]:
    def before(site: MiniSite, archive: Path) -> None:
        _crawl(archive, site, "full")
        if new:
            site.add(*NEW)  # type: ignore[arg-type]  # a listing and three texts

    return lambda: _counted(folder, mode, validators=validators, before=before)


def _counted(
    folder: str, mode: str, *, validators: bool, before: Callable[[MiniSite, Path], None]
) -> Mapping[str, float]:
    archive = Path(folder)
    shutil.rmtree(archive, ignore_errors=True)
    with MiniSite() as site:
        site.validators = validators
        before(site, archive)
        asked, (log, lines, elsewhere) = len(site.requests), _sizes(archive)
        received = _crawl(archive, site, mode)
        targets = [seen.target for seen in site.requests[asked:]]
    now = _sizes(archive)
    return {
        "requests": sum(target != "/robots.txt" for target in targets),
        "received": received,
        "log": now[0] - log,
        "lines": now[1] - lines,
        "elsewhere": now[2] - elsewhere,
    }


def _sizes(archive: Path) -> tuple[int, int, int]:
    """Return bytes and lines of the run log, and the bytes of all else that is kept.

    The second name of the newest snapshot holds nothing of its own; the head of the log has always one length, but for
    the digits of a number.
    """
    files = [path for path in archive.rglob("*") if path.is_file() and not path.is_symlink()]
    kept = [path for path in files if "latest" not in path.parts and not path.name.startswith(".runs")]
    log = archive / RUNS
    data = log.read_bytes() if log.exists() else b""
    return len(data), data.count(b"\n"), sum(path.stat().st_size for path in kept) - len(data)


def _crawl(archive: Path, site: MiniSite, mode: str) -> int:
    """Crawl, and return the bytes that came over the wire, as the crawl says."""
    settings = {"DOWNLOAD_DELAY": 0, "CONTACT": "ops@example.org", "ARCHIVE_DIR": archive, "LOG_LEVEL": "WARNING"}
    words = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"base={site.url('')}", "-a", f"mode={mode}", *words],
        env={**os.environ, "SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"},
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    [said] = [line for line in done.stdout.splitlines() if "bytes received" in line]
    return int(said.partition(" bytes received")[0].rpartition(" ")[2].replace(",", ""))
