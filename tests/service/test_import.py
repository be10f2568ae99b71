"""What others wrote becomes the same snapshot as plain files do: warcio, fastwarc, and GNU Wget on the mini site."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest

from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.cli import main
from tests.captures.making import fill, sha1, wacz
from tests.crawls import crawl_here, outcome_of, snapshot, visible
from tests.minisite import MiniSite

pytestmark = pytest.mark.service

HOST: Final = "http://perusupportgroup.org.uk"
TARGETS: Final = ("/news.php", "/news.php?position=10", "/news.php?position=20", "/news.php?position=30")
MOMENT: Final = "2019-02-18T06:00:00Z"
NAME: Final = "20190218T060000Z"
LATER: Final = "2019-02-25T06:00:00Z"


@pytest.fixture(scope="module")
def site() -> Iterator[MiniSite]:
    with MiniSite() as mini:
        yield mini


@pytest.fixture(scope="module")
def entries(site: MiniSite, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the pages become that are given as plain files."""
    place = tmp_path_factory.mktemp("plain")
    lines = [
        {"file": f"{number}.html", "url": HOST + target, "captured_at": MOMENT} for number, target in enumerate(TARGETS)
    ]
    bodies = {f"{number}.html": site.answer(target).body for number, target in enumerate(TARGETS)}
    fill(place / "in", {**bodies, "captures.jsonl": lines})
    outcome = outcome_of(crawl_here(place / "archive", path=str(place / "in")))
    assert outcome.exit_code == 0
    return (place / "archive" / "news" / NAME / "entries.jsonl").read_bytes()


def by_warcio(path: Path, bodies: dict[str, bytes], *, packed: bool) -> None:
    headers = pytest.importorskip("warcio.statusandheaders", reason="warcio is not installed here").StatusAndHeaders
    with path.open("wb") as stream:
        writer = pytest.importorskip("warcio.warcwriter").WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "warcio"}))

        def write(url: str, body: bytes) -> None:
            answer = headers("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            dated = {"warc_headers_dict": {"WARC-Date": MOMENT}}
            response = writer.create_warc_record(url, "response", BytesIO(body), http_headers=answer, **dated)
            asked = headers("GET / HTTP/1.1", [], is_http_request=True)
            request = writer.create_warc_record(url, "request", http_headers=asked, **dated)
            writer.write_request_response_pair(request, response)

        for url, body in bodies.items():
            write(url, body)
        write("http://example.org/news.php", b"elsewhere")
        for url, body in bodies.items():
            again = headers("304 Not Modified", [], protocol="HTTP/1.1")
            dated = {"warc_headers_dict": {"WARC-Date": LATER}}
            writer.write_record(writer.create_revisit_record(url, sha1(body), url, MOMENT, again, **dated))


def by_fastwarc(path: Path, bodies: dict[str, bytes], *, packed: bool) -> None:
    warc = pytest.importorskip("fastwarc.warc", reason="fastwarc is not installed here")
    stream: Any = pytest.importorskip("fastwarc.stream_io").GzipWriter(str(path)) if packed else path.open("wb")
    for url, body in {**bodies, "http://example.org/": b"elsewhere"}.items():
        one = warc.WarcRecord()
        one.init_headers(warc.WarcRecordType.response)
        one.headers["WARC-Target-URI"] = url
        one.headers["WARC-Date"] = MOMENT
        one.headers["Content-Type"] = "application/http; msgtype=response"
        one.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + body)
        one.write(stream, checksum_data=True)
    stream.close()


@pytest.mark.parametrize("packed", [True, False], ids=["members", "plain"])
@pytest.mark.parametrize("write", [by_warcio, by_fastwarc])
def test_what_a_library_wrote_becomes_the_same_snapshot(
    site: MiniSite, entries: bytes, tmp_path: Path, write: Callable[..., None], packed: bool
) -> None:
    (tmp_path / "in").mkdir()
    path = tmp_path / "in" / ("a.warc.gz" if packed else "a.warc")
    write(path, {HOST + target: site.answer(target).body for target in TARGETS}, packed=packed)
    wacz(tmp_path / "a.wacz", {f"archive/{path.name}": path.read_bytes()})
    for number, given in enumerate((path, tmp_path / "a.wacz")):
        archive = tmp_path / str(number)
        outcome = outcome_of(crawl_here(archive, path=str(given)))
        assert (outcome.exit_code, outcome.notes) == (0, [])
        assert outcome.passed_over == [f"{given}: records passed over: 1 of other sites"] or number == 1
        found = visible(archive)["news"]
        assert found == ([NAME, "20190225T060000Z"] if write is by_warcio else [NAME])
        for name in found:
            assert (archive / "news" / name / "entries.jsonl").read_bytes() == entries
            assert snapshot(archive, "news", name).manifest().provenance.coverage.complete


def wget(site: MiniSite, folder: Path, name: str, *options: str) -> Path:
    """Let wget fetch the listing through the mini site as a proxy, which answers for every host."""
    program = shutil.which("wget") or pytest.skip("wget is not installed here: apt-get install wget")
    given = ["--quiet", "--no-config", "--output-document=/dev/null", "--warc-cdx", f"--warc-file={name}", *options]
    proxy = ["-e", "use_proxy=yes", "-e", f"http_proxy={site.url()}"]
    urls = [HOST + target for target in (*TARGETS, "/news-article-1001.html", "/gone.php")]
    ran = subprocess.run([program, *given, *proxy, *urls], cwd=folder, check=False, capture_output=True, timeout=60)
    assert ran.returncode == 8, ran.stderr  # a server issued an error: /gone.php
    return folder / f"{name}.warc.gz"


def test_what_wget_fetched_becomes_the_same_snapshot_and_its_revisits_another_look(
    site: MiniSite, entries: bytes, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    first = wget(site, tmp_path / "in", "first")
    time.sleep(1.1)  # dates have whole seconds: two looks in one could not be told apart
    # In an archive of its own, without what it repeats, a revisit shows nothing.
    second = wget(site, tmp_path / "in", "again", f"--warc-dedup={tmp_path / 'in' / 'first.cdx'}")
    outcome = outcome_of(crawl_here(tmp_path / "alone", path=str(second)))
    assert outcome.exit_code == 3
    assert len(outcome.problems) == len(TARGETS)
    assert all("a revisit without the record that it repeats" in problem for problem in outcome.problems)
    outcome = outcome_of(crawl_here(tmp_path / "archive", path=str(tmp_path / "in")))
    assert (outcome.exit_code, outcome.problems, outcome.notes) == (0, [], [])
    found = visible(tmp_path / "archive")
    assert list(found) == ["news"]
    assert len(found["news"]) == 2
    for name in found["news"]:
        assert (tmp_path / "archive" / "news" / name / "entries.jsonl").read_bytes() == entries
        one = snapshot(tmp_path / "archive", "news", name)
        assert one.manifest().provenance.coverage.complete
        records = StoredRecords(one.folder / "pages.warc.gz")
        for row in one.pages():
            assert row.warc is not None
            record = records.at(row.warc).record
            assert (records.original(record) is not None) == (record.type == "revisit")
            [asked] = record.all("WARC-Concurrent-To")
            assert records.named(asked).record.type == "request"
    assert main(["--archive", str(tmp_path / "archive"), "verify", "--deep"]) == 0
    assert main(["--archive", str(tmp_path / "archive"), "rebuild", "news", "--check"]) == 0
    # Its own records, of its arguments and of what it logged, are no pages.
    assert all(
        told.endswith(": records passed over: 2 of other sites, 2 no listing page") for told in outcome.passed_over
    )
    assert first.is_file()
