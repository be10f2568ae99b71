"""Snapshots with the raw pages that they were derived from, made by a run as a crawl makes them."""

from pathlib import Path
from typing import Final
from unittest.mock import patch

from benchmarks.making.pages import address, page
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.spool import Member
from psgcrawl.captures.capture import derived
from psgcrawl.captures.stored import capture_of
from psgcrawl.records import DERIVATION
from psgcrawl.run import Run

HEADERS: Final = ((b"Content-Type", b"text/html; charset=utf-8"),)
SITE: Final = "http://perusupportgroup.org.uk"


def archive(folder: str, snapshots: int, pages: int, derivation: int = DERIVATION) -> None:
    """Write an archive with a collection of so many snapshots, of so many pages each.

    :param derivation: the rules by which they say that they were derived: by earlier ones, deriving them again is due
    """
    with patch("psgcrawl.archive.write.DERIVATION", derivation):
        for number in range(snapshots):
            _snapshot(Path(folder), pages, number)


def _snapshot(folder: Path, pages: int, number: int) -> None:
    started = f"2018-12-{number + 1:02d}T00:00:00Z"
    run = Run(folder, spider="benchmark", arguments={}, started=started)
    for component in ("store", "ledger", "start"):
        run.report(component)
    for place in range(pages):
        url = SITE + address(place)
        date = f"2018-12-{number + 1:02d}T{place // 3600:02d}:{place // 60 % 60:02d}:{place % 60:02d}Z"
        # Each snapshot its own bytes: what repeats itself would be kept once.
        body = page(place, pages).replace(b"<title>News", b"<title>News %d" % number)
        record = run.evidence.make.response(url, date, Message(b"HTTP/1.1 200 OK", HEADERS, body))
        run.evidence.add([Member.of(record)])
        run.yielded()
        run.add(derived(capture_of(record, None, url), f"{started[:10]}T23:59:59Z"))
    outcome = run.finish("finished", f"{started[:10]}T23:59:59Z")
    if outcome.exit_code != 0:
        raise RuntimeError(f"the archive could not be made: {outcome.problems}")
