"""A small archive with everything in it that a check looks at, and the ways in which it is damaged and patched up."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from psgcrawl import derive, rebuild
from psgcrawl.archive import runlog
from psgcrawl.archive.store import Archive
from psgcrawl.archive.verify.findings import Finding, Findings
from psgcrawl.archive.verify.whole import verify
from psgcrawl.archive.warc.exchange import Exchange, Exchanges, request_message, response_message
from psgcrawl.captures.live import Fetched, page_of
from psgcrawl.run import NECESSARY, Outcome, Run
from tests.archive.verify.damaging import parts

NAME = "20240301T060000Z"
NEWS = "http://perusupportgroup.org.uk/news.php?position={}"
STARTED = "2024-03-01T06:00:00Z"
FILES = ("datapackage.json", "entries.jsonl", "pages.jsonl", "pages.warc.gz")
ITEM = (
    '<li><h3><a href="news-article-{n}.html">Title {n}</a></h3><p class="date">{n:02d} March 2016</p>'
    "<p>The summary of entry {n}, long enough to be running text.</p></li>"
)


def html(*numbers: int) -> bytes:
    """A listing page with these entries."""
    return f"<html><body><ul>{''.join(ITEM.format(n=n) for n in numbers)}</ul></body></html>".encode()


PAGES = {0: html(9, 8), 10: html(7), 20: html(7)}
"""By position. The last is the page before once more: its record is a revisit of that."""


def small(folder: Path, runs: int = 2, pages: dict[int, bytes] = PAGES, date: str = STARTED) -> Path:
    """An archive with one snapshot of three pages, and further runs that found it unchanged."""
    for _ in range(runs):
        outcome = run_once(folder, pages, date)
        assert outcome.exit_code == 0, outcome.problems
    return folder


def run_once(folder: Path, pages: Mapping[int, bytes], date: str) -> Outcome:
    """Crawl these pages, all at ``date``, and return what became of it."""
    run = Run(folder, spider="news", arguments={}, started=date)
    for component in NECESSARY:
        run.report(component)
    exchanges = Exchanges(partial(getattr, run, "evidence"))
    for position, body in pages.items():
        url = NEWS.format(position)
        answer = response_message("HTTP/1.1", 200, [(b"Content-Type", [b"text/html; charset=utf-8"])], body)
        asked = request_message("GET", url, [(b"Accept", [b"text/html"])])
        record = exchanges.answered(Exchange(url=url, date=date, asked=asked), answer)
        fetched = Fetched(
            record=record,
            url=url,
            date=date,
            status=200,
            media_type="text/html",
            charset="utf-8",
            payload=body,
            content=body,
        )
        run.yielded()
        page = derive.normalise(derive.read_datelines(page_of(fetched, "news")))
        run.add(derive.bound(page, date))
    return run.finish("finished", date)


@dataclass
class Said:
    """What a check said."""

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    findings: Findings | None = None


def check(archive: Path, *wanted: str, deep: bool = False, patience: float = 0) -> Said:
    """Check an archive."""
    said = Said()

    def tell(finding: Finding) -> None:
        (said.problems if finding.damage else said.remarks).append(f"{finding.place}: {finding.text}")

    said.findings = Findings(archive, tell)
    again = rebuild.derive if deep else None
    verify(Archive(archive), wanted, said.findings, derive=again, patience=patience)
    assert said.findings.problems == len(said.problems)
    return said


# --- patched up: whoever damaged a file made all hashes above it right again --------------------


def patch_up(archive: Path) -> None:
    """Make lengths, hashes and counts of records in manifests, the run log and its head those of what is there."""
    for manifest in archive.glob("*/*/datapackage.json"):
        package = json.loads(manifest.read_bytes())
        for resource in package["resources"]:
            data = (manifest.parent / resource["path"]).read_bytes()
            resource |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
            if "records" in resource:
                with suppress(zlib.error):
                    resource["records"] = len(parts(manifest.parent / resource["path"]))
        manifest.write_bytes(json.dumps(package, indent=2).encode() + b"\n")
    patch_log(archive)


def patch_log(archive: Path) -> None:
    """Make the hashes in the run log and its head those of what is there."""
    lines = [json.loads(line) for line in (archive / runlog.RUNS).read_bytes().splitlines()]
    for line in lines:
        manifest = archive / str(line["collection"]) / str(line["snapshot"]) / "datapackage.json"
        if manifest.is_file():
            line["manifest_sha256"] = hashlib.sha256(manifest.read_bytes()).hexdigest()
    write_log(archive, lines)


def write_log(archive: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Write a log whose chain and head are right."""
    previous: str | None = None
    written = b""
    number = 0
    for line in lines:
        members = {name: value for name, value in line.items() if name not in {"previous", "sha256"}}
        body = _compact(members | {"previous": previous})
        previous = hashlib.sha256(body).hexdigest()
        number += 1
        written += body[:-1] + b',"sha256":"%s"}\n' % previous.encode()
    (archive / runlog.RUNS).write_bytes(written)
    (archive / runlog.HEAD).write_bytes(_compact({"lines": number, "sha256": previous}) + b"\n")


def log_lines(archive: Path) -> list[dict[str, Any]]:
    """The lines of the log."""
    return [json.loads(line) for line in (archive / runlog.RUNS).read_bytes().splitlines()]


def edit_lines(path: Path, number: int, **members: Any) -> None:
    """Change members of one line, in canonical bytes."""
    lines = path.read_bytes().splitlines()
    lines[number] = _compact(json.loads(lines[number]) | members)
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def _compact(members: dict[str, Any]) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode()
