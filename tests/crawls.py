"""Whole crawls for tests: in a subprocess as a person starts them, or in this process, and what they left behind."""

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from unittest.mock import patch

import pytest
from scrapy import Spider
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from psgcrawl import cli, layouts, site
from psgcrawl import derive as derive_step
from psgcrawl.archive import runlog
from psgcrawl.archive.manifest import verify_files
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.rebuild import derive
from psgcrawl.records import Coverage, Entry, PageRow, RawEntry, RunLine
from psgcrawl.run import Outcome, run_of
from psgcrawl.spiders.captures import CapturesSpider
from tests import forked

PROJECT = Path(__file__).resolve().parent.parent
CAPTURES = PROJECT / "tests" / "fixtures" / "captures"

T = TypeVar("T")
PATIENCE: Final = 300
"""Seconds after which a process of the tests hangs: so slow is no machine."""
_BEAT: Final = 0.1
"""Seconds, in place of five."""
_OFFLINE = dict.fromkeys(("http", "https", "file", "data", "ftp", "s3"))
_PERSONAL = ("PSGCRAWL_ARCHIVE", "SCRAPY_PROJECT", "SCRAPY_SETTINGS_MODULE", "PYTHONWARNINGS")


def command(
    *words: str, cwd: Path = PROJECT, environ: Mapping[str, str] | None = None
) -> "subprocess.Popen[str] | forked.Forked":
    """Start ``python WORDS`` with pipes for its output: forked where that gives the same, because it is faster."""
    inherited = {name: value for name, value in os.environ.items() if name not in _PERSONAL}
    environ = {**inherited, "PYTHONPATH": str(PROJECT), **(environ or {})}
    if forked.can(words, environ):
        return forked.fork(words, cwd, environ)
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",
    )


@dataclass(frozen=True)
class Ran:
    """A process that ended."""

    code: int
    out: str
    err: str


def run(*words: str, cwd: Path = PROJECT, environ: Mapping[str, str] | None = None) -> Ran:
    """Run ``python WORDS`` to its end."""
    with command(*words, cwd=cwd, environ=environ) as process:
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return Ran(process.wait(), out, err)


def crawl(archive: Path | str, *words: str, cwd: Path = PROJECT, environ: Mapping[str, str] | None = None) -> Ran:
    """Run ``scrapy crawl captures -s ARCHIVE_DIR=ARCHIVE WORDS``."""
    line = ("-m", "scrapy", "crawl", "captures", "-s", f"ARCHIVE_DIR={archive}", *words)
    return run(*line, cwd=cwd, environ=environ)


def help_of(*words: str) -> str:
    """Return what ``psgcrawl WORDS --help`` prints.

    :raises ValueError: when there is no such command, with what it says then
    """
    printed, told = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    if ended.value.code != 0:
        raise ValueError(told.getvalue())
    return printed.getvalue()


def together(*calls: Callable[[], T]) -> list[T]:
    """Return what the calls return, in their order; made side by side, for they wait for processes."""
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(lambda call: call(), calls))


class _Own(Settings):
    """Settings of one crawler alone: it need not copy them, which takes as long as a small crawl."""

    def copy(self) -> Self:
        """Return these."""
        return self


def crawl_here(
    archive: Path, spider: type[Spider] = CapturesSpider, settings: Mapping[str, Any] | None = None, **arguments: Any
) -> Crawler:
    """Crawl in this process, with the project's settings but those given; return the crawler at its end."""
    project = _Own()
    project.setmodule("psgcrawl.settings", priority="project")
    # Without a reactor, which can run but once in a process, there can be many crawls.
    own = {"TWISTED_REACTOR_ENABLED": False, "ARCHIVE_DIR": str(archive), "DOWNLOAD_HANDLERS": _OFFLINE}
    # What this process has ever held is that of all its tests.
    own["MEMUSAGE_ENABLED"] = False
    project.setdict({**own, **(settings or {})}, priority="cmdline")
    crawler = Crawler(spider, project)

    # A spider whose last step is a page and no request is found idle at the next beat of the engine's heart.
    with patch.object(ExecutionEngine, "_SLOT_HEARTBEAT_INTERVAL", _BEAT), remembering():
        asyncio.run(crawler.crawl_async(**arguments))
    return crawler


@contextmanager
def remembering() -> Iterator[None]:
    """Let each page be read once: crawls of one site, and the checks after them, read the same pages many times.

    What is remembered are answers of pure functions, by all that they were asked.
    """
    read, made = layouts.read, derive_step._entry

    def once(body: bytes, **known: Any) -> layouts.Reading:
        return _reading(read, body, **known)

    def entry(raw: RawEntry, page_url: str | None, *, dateless: bool) -> Entry:
        return _entry(made, raw, page_url, dateless=dateless)

    with patch.object(layouts, "read", once), patch.object(derive_step, "_entry", entry):
        yield


@site.cached(300)
def _reading(read: Callable[..., layouts.Reading], body: bytes, **known: Any) -> layouts.Reading:
    return read(body, **known)


@site.cached(10_000)
def _entry(made: Callable[..., Entry], raw: RawEntry, page_url: str | None, *, dateless: bool) -> Entry:
    return made(raw, page_url, dateless=dateless)


def outcome_of(crawler: Crawler) -> Outcome:
    """Return what became of a crawl."""
    outcome = run_of(crawler).outcome
    assert outcome is not None
    return outcome


@dataclass(frozen=True)
class Crawled:
    """What became of a crawl of one listing."""

    archive: Path
    outcome: Outcome

    @property
    def line(self) -> RunLine:
        [result] = self.outcome.results
        return result.line

    @property
    def coverage(self) -> Coverage:
        assert self.line.coverage is not None
        return self.line.coverage

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot(self.archive / str(self.line.collection) / str(self.line.snapshot))

    @property
    def rows(self) -> list[PageRow]:
        return list(self.snapshot.pages())

    @property
    def told(self) -> str:
        """What people are told besides, a line each."""
        return "\n".join(self.outcome.told[str(self.line.collection)])


def sound(archive: Path, *, deep: bool = True) -> None:
    """Assert that everything in the archive is as it was written, and if ``deep``, comes out of its evidence again."""
    told: list[Finding] = []
    with remembering():
        verify(Archive(archive), [], Findings(archive, told.append), derive=derive if deep else None, patience=0)
    assert [one for one in told if one.damage] == []


def visible(archive: Path) -> dict[str, list[str]]:
    """Return the names of the snapshots by collection; the archive's log and all manifests must be sound."""
    found = Archive(archive).collections()
    assert runlog.check(archive) == []
    for collection in found:
        for snapshot in collection.editions():
            assert verify_files(snapshot.folder) == []
    return {collection.name: [one.name for one in collection.snapshots()] for collection in found}


def apart(archive: Path) -> dict[str, list[str]]:
    """Return the folders kept apart by collection, each with a manifest that describes it."""
    kept = {one.name: one.kept_apart() for one in Archive(archive).collections() if one.kept_apart()}
    for folders in kept.values():
        for folder in folders:
            assert verify_files(folder) == []
    return {name: [folder.name for folder in folders] for name, folders in kept.items()}


def logged(archive: Path) -> list[runlog.LoggedRun]:
    """Return the lines of the log."""
    return list(runlog.read(archive))


def snapshot(archive: Path, collection: str, name: str) -> Snapshot:
    """Return one snapshot."""
    return Snapshot(archive / collection / name)


def names(lines: Sequence[runlog.LoggedRun]) -> list[tuple[str | None, str, str | None]]:
    """Return collection, outcome and snapshot of each line."""
    return [(line.collection, line.outcome, line.snapshot) for line in lines]
