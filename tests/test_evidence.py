"""The evidence of live crawls: everything that a server said, as it came; the archive as its own cache; faults."""

import gzip
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from psgcrawl.archive import jsonl
from psgcrawl.archive.assemble import assemble
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc import digests, message
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD
from psgcrawl.archive.warc.reading import Found, read
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.captures.capture import derived
from psgcrawl.captures.stored import capture_of
from psgcrawl.records import Page, replace
from tests import crawls
from tests.crawls import Ran
from tests.minisite import MiniSite
from tests.wire import Wire

WARC = "pages.warc.gz"
PAGES = [f"/news.php?position={position}" for position in (0, 10, 20, 30)]
_SETTINGS = {
    "SPIDER_MODULES": "tests.listings",
    "CONTACT": "ops@example.org",
    "DOWNLOAD_DELAY": 0,
    "RETRY_FIRST_PAUSE": 0,
}
_LINE = ("-m", "scrapy", "crawl", "listing", *(f"--set={name}={value}" for name, value in _SETTINGS.items()))


def words(archive: Path, base: str, *more: str) -> list[str]:
    return [*_LINE, "-s", f"ARCHIVE_DIR={archive}", "-a", f"base={base}", *more]


def records(path: Path) -> list[Found]:
    with path.open("rb") as file:
        return list(read(file, str(path)))


def of_type(found: list[Found], type_: str) -> dict[str, list[Found]]:
    """Return the records of a type by path and query."""
    sorted_: dict[str, list[Found]] = {}
    for one in found:
        if one.record.type == type_:
            target = re.sub(r"^https?://[^/]+", "", one.record.uri or "")
            sorted_.setdefault(target, []).append(one)
    return sorted_


# --- full, unchanged, one page changed ------------------------------------------------


@dataclass(frozen=True)
class Three:
    """Three crawls of a site whose server knows conditional requests; before the third a page changes."""

    archive: Path
    ran: list[Ran]
    files: list[dict[str, bytes]]
    """The archive's files after each."""
    statuses: list[list[tuple[str, int]]]
    """What the server answered in each."""
    base: str

    @property
    def snapshots(self) -> list[Snapshot]:
        return [Snapshot(self.archive / "news" / name) for name in crawls.visible(self.archive)["news"]]


def files(archive: Path) -> dict[str, bytes]:
    found = (path for path in archive.rglob("*") if path.is_file() and "latest" not in path.parts)
    return {str(path.relative_to(archive)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Three:
    archive = tmp_path_factory.mktemp("three") / "archive"
    done = Three(archive, [], [], [], "")
    with MiniSite() as site:
        site.validators = True
        for number in range(3):
            if number == 2:
                site.edit(site.lists["news"][12].href or "", summary="Another text, of the length that summaries have.")
            site.requests.clear()
            done.ran.append(crawls.run(*words(archive, site.url(""), "-s", "CONTACT=ops@example.org")))
            done.files.append(files(archive))
            done.statuses.append([(seen.target, seen.status) for seen in site.requests])
        return replace(done, base=site.url(""))


def test_a_full_crawl_keeps_every_exchange_in_its_order(three: Three) -> None:
    assert (three.ran[0].code, three.statuses[0][0]) == (0, ("/robots.txt", 200))
    found = [one.record for one in records(three.snapshots[0].folder / WARC)]
    exchanged = [(kind, three.base + target) for target, _ in three.statuses[0] for kind in ("request", "response")]
    assert [(record.type, record.uri) for record in found] == [("warcinfo", None), *exchanged]


def test_requests_and_responses_are_what_went_over_the_wire(three: Three) -> None:
    found = records(three.snapshots[0].folder / WARC)
    for request, response in zip(found[1::2], found[2::2], strict=True):
        asked, said = message.parse(request.record.block), message.parse(response.record.block)
        assert asked.start == f"GET {(request.record.uri or '').removeprefix(three.base)} HTTP/1.1".encode()
        assert (asked.get("Host"), asked.get("Accept-Encoding")) == (three.base.removeprefix("http://"), "gzip")
        assert (said.start, said.get("Content-Length")) == (b"HTTP/1.0 200 OK", str(len(said.body)))
        assert response.record.get("WARC-Concurrent-To") == request.record.id
        assert response.record.get("WARC-IP-Address") == "127.0.0.1"
        assert response.record.get("WARC-Date") == request.record.get("WARC-Date")


def test_the_first_record_says_who_crawled_and_how(three: Three) -> None:
    block = records(three.snapshots[0].folder / WARC)[0].record.block.decode()
    told = dict(line.split(": ", 1) for line in block.splitlines())
    assert {name: told[name] for name in ("operator", "isPartOf", "robots", "spider", "DOWNLOAD_DELAY")} == {
        "operator": "ops@example.org",
        "isPartOf": "news",
        "robots": "obeyed",
        "spider": "listing",
        "DOWNLOAD_DELAY": "0",
    }
    assert {"software", "conformsTo", "http-header-user-agent", "CONCURRENT_REQUESTS"} <= told.keys()
    assert {"DOWNLOAD_MAXSIZE", "DOWNLOAD_TIMEOUT"} <= told.keys()
    assert "reconstructed from parsed headers" in told["description"]


def test_of_files_the_first_record_says_only_what_applies(tmp_path: Path) -> None:
    crawls.crawl_here(tmp_path, path=str(crawls.CAPTURES / "000_b2655ddfa140df1c.txt"))
    [warc] = tmp_path.glob(f"*/after-*/{WARC}")
    told = [line.partition(b":")[0] for line in records(warc)[0].record.block.splitlines()]
    assert told == [b"software", b"format", b"conformsTo", b"spider", b"description"]


@pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])
def test_every_digest_is_right_and_every_name_is_given_once(three: Three, number: int) -> None:
    found = records(three.snapshots[number].folder / WARC)
    assert len({one.record.id for one in found}) == len(found)
    for one in found:
        assert digests.agrees(one.record.get("WARC-Block-Digest") or "", one.record.block) is True
        if one.record.type == "response":
            body = message.parse(one.record.block).body
            assert digests.agrees(one.record.get("WARC-Payload-Digest") or "", body) is True


def test_a_crawl_that_finds_nothing_new_is_one_line_and_no_byte_else(three: Three) -> None:
    assert three.ran[1].code == 0
    assert three.statuses[1] == [("/robots.txt", 200), *((target, 304) for target in PAGES)]
    changed = {name for name, data in three.files[1].items() if three.files[0].get(name) != data}
    assert changed == {"runs.jsonl", ".runs.head"}
    assert three.files[0].keys() == three.files[1].keys()
    first, second, _ = crawls.logged(three.archive)
    assert (second.outcome, second.snapshot, second.manifest_sha256) == (
        "unchanged",
        first.snapshot,
        first.manifest_sha256,
    )
    assert (second.counts, second.coverage) == (first.counts, first.coverage)
    rows = list(three.snapshots[0].pages())
    assert [(page.url, page.status, page.payload_digest) for page in second.pages] == [
        (row.url, 304, row.payload_digest) for row in rows
    ]
    assert all(second.started <= page.captured.since <= second.finished for page in second.pages)


def test_a_page_that_changed_makes_a_snapshot_and_the_others_need_not_be_sent(three: Three) -> None:
    assert three.ran[2].code == 0
    assert [status for _, status in three.statuses[2]] == [200, 304, 200, 304, 304]
    rows = list(three.snapshots[1].pages())
    assert [row.status for row in rows] == [304, 200, 304, 304]
    before = [row.payload_digest for row in three.snapshots[0].pages()]
    assert [row.payload_digest == old for row, old in zip(rows, before, strict=True)] == [True, False, True, True]
    assert {row.captured_basis for row in rows} == {"crawl"}


def test_a_snapshot_holds_what_a_304_stood_for_as_the_very_bytes_of_the_snapshot_before(three: Three) -> None:
    first, second = ((snapshot.folder / WARC).read_bytes() for snapshot in three.snapshots)
    old = {
        found.record.id: first[found.offset :][: found.length] for found in records(three.snapshots[0].folder / WARC)
    }
    found = {one.record.id: one for one in records(three.snapshots[1].folder / WARC)}
    revisits = [one.record for one in found.values() if one.record.type == "revisit"]
    assert [record.get("WARC-Profile") for record in revisits] == [NOT_MODIFIED] * 3
    for record in revisits:
        original = found[record.get("WARC-Refers-To") or ""]
        assert second[original.offset :][: original.length] == old[original.record.id]
        assert message.parse(record.block).start == b"HTTP/1.0 304 Not Modified"
        assert original.record.get("WARC-Payload-Digest") == record.get("WARC-Payload-Digest")


def test_only_pages_are_asked_for_on_condition(three: Three) -> None:
    found = of_type(records(three.snapshots[1].folder / WARC), "request")
    asked = {target: message.parse(one.record.block).get("If-None-Match") for target, [one] in found.items()}
    assert asked.pop("/robots.txt") is None
    assert all(asked[target] for target in PAGES)


def rebuilt(snapshot: Snapshot) -> tuple[bytes, bytes]:
    """Return entries and pages derived again from the evidence alone, but for what only the rows know."""
    stored = StoredRecords(snapshot.folder / WARC)
    pages: list[Page] = []
    rows = list(snapshot.pages())
    for row in rows:
        assert row.warc is not None
        record = stored.at(row.warc).record
        capture = capture_of(record, stored.original(record), "a record")
        pages.append(replace(derived(capture, "2100-01-01T00:00:00Z"), captured_basis=row.captured_basis))
    again = assemble(pages, {row.warc.record: row.warc for row in rows if row.warc})
    return jsonl.dump_lines(again.entries), jsonl.dump_lines(again.rows)


@pytest.mark.parametrize("number", [0, 1], ids=["first", "second"])
def test_the_evidence_gives_the_same_bytes_again(three: Three, number: int) -> None:
    folder = three.snapshots[number].folder
    stored = tuple((folder / name).read_bytes() for name in ("entries.jsonl", "pages.jsonl"))
    assert rebuilt(three.snapshots[number]) == stored


def test_the_manifest_counts_the_records(three: Three) -> None:
    for snapshot in three.snapshots:
        [warc] = [file for file in snapshot.manifest().files if file.path == WARC]
        assert warc.records == len(records(snapshot.folder / WARC))


def test_evidence_that_was_damaged_is_fetched_whole_and_told(three: Three, tmp_path: Path) -> None:
    shutil.copytree(three.archive, tmp_path, dirs_exist_ok=True, symlinks=True)
    # The same addresses must answer: what was served at first, without a word by which to ask.
    rows = list(three.snapshots[1].pages())
    assert rows[0].warc is not None
    damaged = tmp_path / "news" / three.snapshots[1].name / WARC
    data = bytearray(damaged.read_bytes())
    data[rows[0].warc.offset + 30] ^= 1
    damaged.write_bytes(data)
    with MiniSite() as site:
        site.validators = True
        moved = {
            path: path.read_text().replace(three.base, site.url("")) for path in tmp_path.glob("news/2*/pages.jsonl")
        }
        for path, text in moved.items():
            path.write_text(text)
        ran = crawls.run(*words(tmp_path, site.url("")))
        asked = {seen.target: seen.headers.get("if-none-match") for seen in site.requests}
    assert ran.code == 0
    assert asked[PAGES[0]] is None
    assert f"{WARC}: byte {rows[0].warc.offset}" in ran.err
    assert "the page is fetched whole" in ran.err
    assert crawls.logged(tmp_path)[-1].outcome == "committed"


# --- whatever a server sends ----------------------------------------------------------

HTML = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
GZIP = b"Content-Encoding: gzip\r\n"


def sized(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    pieces = [body[start : start + 700] for start in range(0, len(body), 700)]
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in [*pieces, b""])


@dataclass(frozen=True)
class Odd:
    """A crawl of a server that sends all kinds of things."""

    ran: Ran
    archive: Path
    folder: Path
    found: list[Found]
    page: bytes
    packed: bytes
    base: str

    def answers(self, target: str) -> list[Found]:
        kinds = (of_type(self.found, kind).get(target, []) for kind in ("response", "revisit", "metadata"))
        return [one for found in kinds for one in found]


FAILURES = {
    "/broken": "Content-Encoding: the data end early",
    "/cut": "the connection ended before the end of the body",
    "/304": "the server says 304, not modified, and nobody asked whether it was",
    "/slow": "took longer than 0.5 seconds",
    "/large": "Expected to receive 30000 bytes which is larger than download max size (20000)",
    "/bomb": "over the limit of 20000 bytes (DOWNLOAD_MAXSIZE)",
    "/missing": "the server answered 404",
    "/tls": "",
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Odd:
    archive = tmp_path_factory.mktemp("odd") / "archive"
    with MiniSite() as site:
        page = site.answer(PAGES[0]).body
    packed = gzip.compress(page, mtime=0)
    answers = {
        PAGES[0]: HTML + GZIP + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n" + chunked(packed),
        PAGES[1]: HTML + GZIP + sized(packed),
        "/open": HTML + b"\r\n" + page[: len(page) // 2],
        "/old": b"HTTP/1.1 302 Found\r\nLocation: /news.php?position=20\r\nContent-Length: 0\r\n\r\n",
        PAGES[2]: HTML + b"\r\n" + page,
        "/broken": HTML + GZIP + sized(packed[:-9]),
        "/cut": HTML + b"Content-Length: 9999\r\n\r\n" + page,
        "/304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n",
        "/slow": None,
        "/large": HTML + sized(b"x" * 30_000),
        "/bomb": HTML + GZIP + sized(gzip.compress(b"x" * 30_000, mtime=0)),
    }
    with Wire(answers) as wire:
        targets = [PAGES[0], PAGES[1], "/old", "/open", *FAILURES]
        targets[-1] = wire.url("/tls").replace("http:", "https:")
        limits = {"RETRY_TIMES": 1, "DOWNLOAD_TIMEOUT": 0.5, "DOWNLOAD_MAXSIZE": 20_000, "ROBOTSTXT_OBEY": 0}
        settings = [word for name, value in limits.items() for word in ("-s", f"{name}={value}")]
        ran = crawls.run(*words(archive, wire.url(), "-a", "targets=" + " ".join(targets), *settings))
    [folder] = archive.glob("news/.incomplete-*")
    return Odd(ran, archive, folder, records(folder / WARC), page, packed, wire.url())


def test_a_crawl_that_did_not_get_all_it_wanted_is_kept_apart_with_its_reasons(odd: Odd) -> None:
    assert odd.ran.code == 3
    assert crawls.visible(odd.archive) == {"news": []}
    assert crawls.apart(odd.archive) == {"news": [odd.folder.name]}
    [line] = crawls.logged(odd.archive)
    assert (line.outcome, line.counts and line.counts.pages) == ("incomplete", 4)
    for target, reason in FAILURES.items():
        [said] = [one for one in line.reasons if one.partition(": ")[0].endswith(target)]
        assert reason in said
        assert said in odd.ran.err
    assert len(line.reasons) == len(FAILURES)


def test_a_body_is_kept_as_it_came_and_read_as_it_says(odd: Odd) -> None:
    [response] = odd.answers(PAGES[0])
    said = message.parse(response.record.block)
    assert said.body == odd.packed
    assert list(said.all("Set-Cookie")) == ["a=1", "b=2"]
    assert said.get("Transfer-Encoding") is None
    assert said.get("Content-Encoding") == "gzip"
    rows = list(Snapshot(odd.folder).pages())[:3]
    assert all(len(view.entries) == 10 for row in rows for view in row.lists if view.name == "news")
    assert [row.payload_digest for row in rows] == [
        digests.labelled(odd.packed),
        digests.labelled(odd.packed),
        digests.labelled(odd.page),
    ]


def test_a_body_that_came_before_is_a_revisit(odd: Odd) -> None:
    [first], [again] = odd.answers(PAGES[0]), odd.answers(PAGES[1])
    assert (again.record.type, again.record.get("WARC-Profile")) == ("revisit", SAME_PAYLOAD)
    assert again.record.get("WARC-Refers-To") == first.record.id
    assert rebuilt(Snapshot(odd.folder)) == tuple(
        (odd.folder / name).read_bytes() for name in ("entries.jsonl", "pages.jsonl")
    )


def test_a_redirect_is_kept_and_the_page_has_the_address_that_was_asked_for_at_last(odd: Odd) -> None:
    [redirect] = odd.answers("/old")
    assert message.parse(redirect.record.block).status == 302
    assert [row.url for row in Snapshot(odd.folder).pages()][:3] == [odd.base + target for target in PAGES[:3]]


@pytest.mark.parametrize(
    ("target", "reason"), [("/open", "unspecified"), ("/cut", "disconnect"), (PAGES[0], None), (PAGES[2], None)]
)
def test_a_body_that_may_not_be_whole_is_marked(odd: Odd, target: str, reason: str | None) -> None:
    assert {one.record.get("WARC-Truncated") for one in odd.answers(target)} == {reason}


@pytest.mark.parametrize("target", ["/broken", "/cut", "/304", "/bomb"])
def test_what_cannot_be_a_page_is_kept_and_asked_for_once_more(odd: Odd, target: str) -> None:
    bodies = {"/broken": odd.packed[:-9], "/cut": odd.page, "/304": b""}
    found = odd.answers(target)
    assert len(found) == 2
    if target in bodies:
        assert message.parse(found[0].record.block).body == bodies[target]


@pytest.mark.parametrize(
    ("target", "failure", "times"),
    [
        ("/slow", "DownloadTimeoutError", 2),
        ("/large", "DownloadCancelledError", 1),
        ("/tls", "Error", 2),
    ],
)
def test_why_nothing_came_is_kept_beside_the_request(odd: Odd, target: str, failure: str, times: int) -> None:
    found = odd.answers(target)
    requests = {one.record.id for one in of_type(odd.found, "request")[target]}
    assert len(found) == len(requests) == times
    for one in found:
        assert one.record.type == "metadata"
        assert re.match(rb"failure: \w*%s: \S" % failure.encode(), one.record.block)
        assert one.record.get("WARC-Concurrent-To") in requests


def test_all_exchanges_are_in_the_snapshot_that_is_kept_apart(odd: Odd) -> None:
    assert Counter(one.record.type for one in odd.found)["request"] == sum(
        len(odd.answers(target)) for target in of_type(odd.found, "request")
    )
    assert [path.name for path in odd.archive.iterdir() if path.is_dir()] == ["news"]


def test_conditions_stay_with_their_address_through_retries_and_redirects(tmp_path: Path) -> None:
    with MiniSite() as site:
        first, second, third = (site.answer(target).body for target in PAGES[:3])
    unchanged = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    busy = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
    moved = b"HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 0\r\n\r\n"
    answers: dict[str, bytes | list[bytes]] = {
        PAGES[0]: [HTML + b'ETag: "one"\r\nLast-Modified: now\r\n' + sized(first), moved],
        PAGES[1]: [HTML + b"Last-Modified: then\r\n" + sized(second), busy, unchanged],
        "/moved": HTML + sized(third),
    }
    with Wire(answers) as wire:
        line = words(tmp_path, wire.url(), "-a", f"targets={PAGES[0]} {PAGES[1]}", "-s", "ROBOTSTXT_OBEY=0")
        assert crawls.run(*line).code == 0
        wire.heads.clear()
        assert crawls.run(*line).code == 0
        asked = [message.parse(head) for head in wire.heads]
        found = [
            (one.start.split()[1].decode(), one.get("If-None-Match"), one.get("If-Modified-Since")) for one in asked
        ]
    assert sorted(found, key=str) == [
        ("/moved", None, None),
        (PAGES[0], '"one"', "now"),
        (PAGES[1], None, "then"),
        (PAGES[1], None, "then"),
    ]
    latest = crawls.snapshot(tmp_path, "news", crawls.visible(tmp_path)["news"][-1])
    assert {(row.url, row.status) for row in latest.pages()} == {(wire.url("/moved"), 200), (wire.url(PAGES[1]), 304)}
    assert rebuilt(latest) == tuple((latest.folder / name).read_bytes() for name in ("entries.jsonl", "pages.jsonl"))


# --- faults ---------------------------------------------------------------------------


@pytest.fixture
def site() -> Iterator[MiniSite]:
    with MiniSite() as site:
        yield site


def test_a_crawl_of_which_nothing_came_leaves_its_evidence_in_the_archive(tmp_path: Path) -> None:
    with Wire({}) as wire:
        gone = wire.url()
    ran = crawls.run(*words(tmp_path, gone, "-s", "RETRY_TIMES=0", "-s", "ROBOTSTXT_OBEY=0", "-a", "targets=/news.php"))
    assert ran.code == 3
    [folder] = tmp_path.glob(".incomplete-*")
    assert [one.record.type for one in records(folder / WARC)] == ["warcinfo", "request", "metadata"]
    [line] = crawls.logged(tmp_path)
    assert (line.collection, line.outcome, line.snapshot) == ("news", "incomplete", None)
    assert "refused" in line.reasons[0]
    assert folder.name in ran.err


def test_a_killed_crawl_leaves_its_evidence_to_the_next_which_names_it(tmp_path: Path, site: MiniSite) -> None:
    process = crawls.command(*words(tmp_path, site.url("")))

    def strike(target: str) -> None:
        if target == PAGES[2]:
            process.kill()

    site.on_request = strike
    process.communicate(timeout=crawls.PATIENCE)
    assert process.returncode == -signal.SIGKILL
    [left] = tmp_path.glob(".staging-*")
    site.on_request = None
    ran = crawls.run(*words(tmp_path, site.url("")))
    aside = left.with_name(left.name.replace("staging", "incomplete"))
    assert (ran.code, left.exists(), aside.is_dir()) == (0, False, True)
    assert f"{aside.name}: left by a run that died; it can be read as captures" in ran.err
    assert [one.record.type for one in records(aside / WARC)][:3] == ["warcinfo", "request", "response"]
    assert list(of_type(records(aside / WARC), "response")) == ["/robots.txt", *PAGES[:2]]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir() and path != aside] == ["news"]


def test_a_disk_that_takes_no_more_ends_the_crawl_and_nothing_becomes_visible(tmp_path: Path, site: MiniSite) -> None:
    limited = f"""
        import resource, runpy, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
        sys.argv = {words(tmp_path, site.url(""))[1:]!r}
        runpy.run_module("scrapy", run_name="__main__")
    """
    ran = crawls.run("-m", "tests.script", dedent(limited), environ={"PYTHONPATH": str(crawls.PROJECT)})
    assert ran.code == 1
    assert "the evidence cannot be written: [Errno 27] File too large" in ran.err
    assert crawls.visible(tmp_path) == {"news": []}
    [line] = crawls.logged(tmp_path)
    assert line.outcome == "failed"
    assert PAGES[3] not in site.counted()
    [spool] = tmp_path.glob(".incomplete-*")
    assert [one.record.type for one in records(spool / WARC)][:3] == ["warcinfo", "request", "response"]


def test_without_the_middleware_there_are_no_pages_without_evidence(tmp_path: Path, site: MiniSite) -> None:
    without = '{"psgcrawl.middlewares.evidence.EvidenceMiddleware": null}'
    ran = crawls.run(*words(tmp_path, site.url(""), "-s", f"DOWNLOADER_MIDDLEWARES={without}"))
    assert ran.code == 1
    assert "it was not kept as evidence" in ran.err
    assert crawls.visible(tmp_path) == {}
