"""What the tests of the archive are made of: records with everything that a test does not care about filled in."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.recovery import log_unlogged
from psgcrawl.archive.write import RunFacts, Written, write_snapshot
from psgcrawl.records import Captured, Entry, ListName, Page, RunLine

NOON = "2017-02-18T12:00:00Z"
RUN = RunFacts(
    spider="captures",
    arguments={"path": "captures"},
    source="file",
    started="2024-01-01T00:00:00Z",
    finished="2024-01-01T00:00:05Z",
    finish_reason="finished",
)


def at(since: str, until: str | None = None) -> Captured:
    """A capture time that is known, unless ``until`` says otherwise."""
    return Captured(since=since, until=until or since)


def after(since: str) -> Captured:
    """A capture time of which only the lower bound is known."""
    return Captured(since=since, until=None)


def entry(identity: str = "x-0123456789abcdef", /, **given: Any) -> Entry:
    values: dict[str, Any] = {
        "date_earliest": "2017-02-17",
        "date_latest": "2017-02-17",
        "date_edtf": "2017-02-17",
        "kind": "entry",
        "series": None,
        "issue": None,
        "title": f"Title of {identity}",
        "summary": "",
        "url": None,
        "caption": None,
        "categories": [],
        "modified": None,
        "dateline": "17 February 2017",
        "flags": [],
    }
    return Entry(id=identity, **(values | given))


def page(*entries: Entry, lists: Sequence[ListName] | None = None, **given: Any) -> Page:
    position = given.get("position", 0)
    values: dict[str, Any] = {
        "collection": "news",
        "url": f"http://perusupportgroup.org.uk/news.php?position={position}",
        "place": "a page",
        "captured": at(NOON),
        "captured_basis": "given",
        "source": "file",
        "status": None,
        "media_type": "text/html",
        "encoding": "utf-8",
        "encoding_basis": "valid-utf-8",
        "layout": "html",
        "fields": ("dateline", "summary", "title", "url"),
        "position": position,
        "problems": (),
    }
    values |= given
    name = repr((values["url"], values["captured"], entries)).encode()
    values.setdefault("sha256", hashlib.sha256(name).hexdigest())
    values.setdefault("payload_digest", "sha1:" + hashlib.sha256(name).hexdigest()[:32].translate(_BASE32))
    return Page(entries=entries, lists=tuple(lists or ["news"] * len(entries)), **values)


_BASE32 = str.maketrans("0189abcdef", "ABCDEFGHIJ")


def full_page(first: int, shown: int = 10, /, **given: Any) -> Page:
    """The page at position ``first`` of a listing, with so many entries."""
    entries = [entry(f"news-article-{2000 - first - number}") for number in range(shown)]
    return page(*entries, **({"position": first} | given))


def line(**given: Any) -> RunLine:
    values: dict[str, Any] = {
        "started": RUN.started,
        "finished": RUN.finished,
        "collection": "news",
        "spider": "captures",
        "outcome": "committed",
        "reasons": [],
        "snapshot": None,
        "manifest_sha256": None,
        "counts": None,
        "coverage": None,
        "software": "psgcrawl 0",
        "pages": [],
    }
    return RunLine(**(values | given))


def whole_run(archive: Path, *pages: Page) -> Written:
    """What a run does to the archive: lock, see to what a dead run left, write, log."""
    with CollectionLock(archive, "news") as lock:
        assert log_unlogged(lock, RUN.finished).damaged == []
        written = write_snapshot(lock, pages, RUN)
        runlog.append(
            archive,
            line(
                snapshot=written.name,
                manifest_sha256=written.manifest_sha256,
                counts=written.counts,
                coverage=written.coverage,
            ),
        )
        return written


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below ``folder``, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
