"""WARC files before readers that this project did not write, and files that others wrote before its own reader.

The judges are warcio (``check``), fastwarc (``check``), warctools (``warcvalid``) and
cdxj-indexer; files are written by warcio, fastwarc and GNU Wget.
"""

import gzip
import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any, Final

import pytest

from psgcrawl.archive.warc.digests import agrees, labelled, name_of
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD, Maker
from psgcrawl.archive.warc.message import Message, parse
from psgcrawl.archive.warc.reading import Found, read, read_at
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.records import Captured
from tests.minisite import MiniSite

pytestmark = pytest.mark.service

LIMIT: Final = 1 << 23
RESPONSE: Final = "application/http; msgtype=response"
PAGE: Final = b"<html><body>" + b"<p>A paragraph of a page.</p>\n" * 200 + b"</body></html>\n"

# It knows no version of the format after 1.0, and fails on a message about that; nothing else is different.
_WARCVALID: Final = """
import sys
from hanzo import warcvalid
from hanzo.warctools.warc import WarcParser
WarcParser.KNOWN_VERSIONS.add(b"1.1")
sys.exit(1 if warcvalid.main(["warcvalid", *sys.argv[1:]]) else 0)
"""


# --- the judges -------------------------------------------------------------------------


def script(name: str) -> str:
    """The path of a command that was installed beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    return found or pytest.skip(f"{name} is not installed here: `make service` installs it")


def warcvalid() -> list[str]:
    pytest.importorskip("hanzo.warctools", reason="warctools is not installed here: `make service` installs it")
    return [sys.executable, "-c", _WARCVALID]


# fastwarc's --verify-payloads is not asked for: it holds the payload digest of a revisit against the body that a
# revisit does not have. warcio judges payloads.
JUDGES: Final[dict[str, Callable[[], list[str]]]] = {
    "warcio": lambda: [script("warcio"), "check"],
    "fastwarc": lambda: [script("fastwarc"), "check", "--quiet"],
    "warctools": warcvalid,
    "cdxj-indexer": lambda: [script("cdxj-indexer")],
}
each_judge = pytest.mark.parametrize("judge", JUDGES)


def judged(judge: str, path: Path) -> "subprocess.CompletedProcess[str]":
    """What a judge says of a file; it accepts it with the exit code 0."""
    return subprocess.run([*JUDGES[judge](), str(path)], capture_output=True, text=True, check=False, timeout=60)


def by_this_program() -> list[Record]:
    """One record of each type that this program writes, and two of those that are written in two ways."""
    maker = Maker("judged")
    date, url = "2017-02-18T06:00:00Z", "http://perusupportgroup.org.uk/news.php?position=10"
    headers = ((b"Content-Type", b"text/html; charset=utf-8"), (b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=\xe9"))
    answer = Message(b"HTTP/1.1 200 OK", (*headers, (b"Content-Encoding", b"gzip")), gzip.compress(PAGE, mtime=0))
    unchanged = Message(b"HTTP/1.1 304 Not Modified", ((b"ETag", b'"a"'),), b"")
    bound = Captured(since=date, until=None)
    warcinfo = maker.warcinfo(date, {"software": "psgcrawl", "format": "WARC File Format 1.1"})
    request = maker.request(url, date, Message(b"GET /news.php?position=10 HTTP/1.1", ((b"Host", b"a"),), b""))
    response = maker.response(url, date, answer, request=request, address="127.0.0.1")
    return [
        warcinfo,
        request,
        response,
        maker.revisit(url, date, answer, response, profile=SAME_PAYLOAD, request=request),
        maker.revisit(url, date, unchanged, response, profile=NOT_MODIFIED, address="::1"),
        maker.resource("file:///a.html", date, "text/html", PAGE, captured=bound, basis="bound"),
        maker.resource(name_of(PAGE), date, "text/plain", PAGE, captured=bound, basis="bound"),
        maker.metadata(url, date, {"reason": "a timeout\n"}, request=request),
    ]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("written") / "records.warc.gz"
    path.write_bytes(b"".join(map(member, by_this_program())))
    return path


@pytest.fixture(scope="module")
def snapshots(samples: Path) -> list[Path]:
    """The evidence of the archive that the packaged samples become."""
    return sorted(path for path in samples.glob("*/*/pages.warc.gz") if not path.parent.name.startswith("."))


@each_judge
def test_every_judge_accepts_every_type_of_record(judge: str, written: Path) -> None:
    verdict = judged(judge, written)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@each_judge
def test_every_judge_accepts_the_evidence_of_a_crawl(judge: str, snapshots: list[Path]) -> None:
    assert len(snapshots) >= 5, "the five provided captures become five snapshots at least"
    for path in snapshots:
        verdict = judged(judge, path)
        assert verdict.returncode == 0, f"{path}: {verdict.stdout}{verdict.stderr}"


def test_warcio_reads_every_record_of_the_evidence(snapshots: list[Path]) -> None:
    for path in snapshots:
        index = [script("warcio"), "index", "--fields", "warc-record-id,offset", str(path)]
        listed = subprocess.run(index, capture_output=True, text=True, check=True, timeout=60).stdout
        rows = [json.loads(line) for line in listed.splitlines()]
        ours = [{"warc-record-id": found.record.id, "offset": str(found.offset)} for found in found_in(path)]
        assert len(rows) >= 2, "the warcinfo and a page"
        assert rows == ours


@pytest.mark.parametrize(
    ("judge", "digest"),
    [("warcio", "WARC-Block-Digest"), ("warcio", "WARC-Payload-Digest"), ("fastwarc", "WARC-Block-Digest")],
)
def test_who_judges_digests_finds_a_wrong_one(judge: str, digest: str, tmp_path: Path) -> None:
    records = by_this_program()
    fields = tuple((name, labelled(b"other") if name == digest else value) for name, value in records[2].fields)
    path = tmp_path / "wrong.warc.gz"
    path.write_bytes(b"".join(map(member, [*records[:2], Record(fields, records[2].block)])))
    assert judged(judge, path).returncode != 0


@pytest.mark.parametrize("judge", ["warctools", "cdxj-indexer"])
def test_who_judges_the_form_finds_a_wrong_one(judge: str, written: Path, tmp_path: Path) -> None:
    path = tmp_path / "wrong.warc.gz"
    data = written.read_bytes()
    path.write_bytes(data[:-12] if judge == "warctools" else gzip.compress(gzip.decompress(data)))
    assert judged(judge, path).returncode != 0


def test_the_index_of_cdxj_indexer_points_where_this_reader_finds_the_records(written: Path) -> None:
    lines = judged("cdxj-indexer", written).stdout.splitlines()
    rows = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert len(rows) == 5, "of response, revisit and resource"
    for row in rows:
        found = read_at(written, int(row["offset"]), int(row["length"]))
        assert (found.record.uri, found.record.type in {"response", "revisit", "resource"}) == (row["url"], True)


# --- what others wrote ------------------------------------------------------------------


def found_in(path: Path) -> list[Found]:
    with path.open("rb") as file:
        return list(read(file, str(path)))


def pages_of(found: list[Found]) -> dict[str, bytes]:
    """The content of each response, by its address."""
    responses = [one.record for one in found if one.record.type == "response"]
    return {record.uri or "": parse(record.block).content(LIMIT) for record in responses}


def chunks(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%X\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


ANSWERS: Final[dict[str, tuple[list[tuple[str, str]], bytes]]] = {
    "http://example.org/plain": ([("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], PAGE),
    "http://example.org/gzip?position=10": ([("Content-Encoding", "gzip")], gzip.compress(PAGE)),
    "http://example.org/deflate": ([("Content-Encoding", "deflate")], zlib.compress(PAGE)),
    "http://example.org/chunked": ([("Transfer-Encoding", "chunked")], chunks(PAGE, 1000)),
    "http://example.org/both": (
        [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")],
        chunks(gzip.compress(PAGE), 50),
    ),
    "http://example.org/undone": ([("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")], PAGE),
}


def by_warcio(stream: Any, *, packed: bool, version: str) -> None:
    headers = pytest.importorskip("warcio.statusandheaders").StatusAndHeaders
    writer = pytest.importorskip("warcio.warcwriter").WARCWriter(stream, gzip=packed, warc_version=version)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "warcio"}))
    for url, (fields, body) in ANSWERS.items():
        answer = headers("200 OK", [("Content-Type", "text/html"), *fields], protocol="HTTP/1.1")
        response = writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=answer)
        request = writer.create_warc_record(
            url, "request", http_headers=headers("GET / HTTP/1.0", [], is_http_request=True)
        )
        writer.write_request_response_pair(request, response)
    answer = headers("304 Not Modified", [("ETag", '"a"')], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_revisit_record(
            "http://example.org/plain", labelled(PAGE), "http://example.org/plain", "2017-02-18T06:00:00Z", answer
        )
    )
    writer.write_record(
        writer.create_warc_record("file:///a", "resource", BytesIO(PAGE), warc_content_type="text/html")
    )


WARCIO_TYPES: Final = ["warcinfo", *(["response", "request"] * len(ANSWERS)), "revisit", "resource"]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("form", ["plain", "members", "one member"])
def test_what_warcio_wrote_is_read(form: str, version: str, tmp_path: Path) -> None:
    stream = BytesIO()
    by_warcio(stream, packed=form == "members", version=version)
    path = tmp_path / "a.warc"
    path.write_bytes(gzip.compress(stream.getvalue()) if form == "one member" else stream.getvalue())
    found = found_in(path)
    assert [one.record.type for one in found] == WARCIO_TYPES
    assert {one.record.version for one in found} == {f"WARC/{version}"}
    assert pages_of(found) == dict.fromkeys(ANSWERS, PAGE)
    assert list(parse(found[1].record.block).all("Set-Cookie")) == ["a=1", "b=2"]
    assert found[-1].record.block == PAGE
    assert parse(found[-2].record.block).status == 304
    for one in (one.record for one in found if one.record.type == "response"):
        assert agrees(one.get("WARC-Block-Digest") or "", one.block)
        assert agrees(one.get("WARC-Payload-Digest") or "", parse(one.block).body), "chunks and all"
    assert {one.alone is not None for one in found} == {form == "members"}


@pytest.mark.parametrize("packed", [False, True])
def test_this_reader_and_warcio_read_the_same(packed: bool, tmp_path: Path) -> None:
    archives = pytest.importorskip("warcio.archiveiterator")
    path = tmp_path / "a.warc"
    with path.open("wb") as stream:
        by_warcio(stream, packed=packed, version="1.1")
    with path.open("rb") as file:
        iterator = archives.ArchiveIterator(file, no_record_parse=True)
        theirs = [
            (one.rec_headers.headers, one.raw_stream.read(), iterator.get_record_offset(), iterator.get_record_length())
            for one in iterator
        ]
    # Of what is not compressed, warcio's length leaves out the line ends that close a record.
    closing = 0 if packed else 4
    ours = [(list(one.record.fields), one.record.block, one.offset, one.length - closing) for one in found_in(path)]
    assert ours == theirs


@pytest.mark.parametrize("packed", [False, True])
def test_what_fastwarc_wrote_is_read(packed: bool, tmp_path: Path) -> None:
    streams = pytest.importorskip("fastwarc.stream_io")
    warc = pytest.importorskip("fastwarc.warc")
    path = tmp_path / "a.warc"
    stream = streams.GzipWriter(str(path)) if packed else path.open("wb")
    for url, (fields, body) in ANSWERS.items():
        one = warc.WarcRecord()
        one.init_headers(warc.WarcRecordType.response)
        one.headers["WARC-Target-URI"] = url
        one.headers["Content-Type"] = RESPONSE
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        one.set_bytes_content(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body)
        one.write(stream, checksum_data=True)
    stream.close()
    found = found_in(path)
    assert pages_of(found) == dict.fromkeys(ANSWERS, PAGE)
    for one in found:
        assert agrees(one.record.get("WARC-Block-Digest") or "", one.record.block)


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, dict[str, bytes]]]:
    """Pages of the mini site behind every way to send them: the server's address, and content by path."""
    with MiniSite() as mini:
        pages = {path: mini.answer(path).body for path in ("/", "/news.php", "/articles.php?position=10")}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            way, _, rest = self.path[1:].partition("/")
            body = pages["/" + rest]
            self.send_response(200)
            self.send_header("Content-Type", 'text/html; Charset="UTF-8"')
            self.send_header("Set-Cookie", "a=1")
            self.send_header("Set-Cookie", "b=2")
            if "gzip" in way:
                body = gzip.compress(body)
                self.send_header("Content-Encoding", "gzip")
            if "chunked" in way:
                body = chunks(body, 700)
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parameter's name in http.server
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        content = {
            f"/{way}{path}": page
            for way in ("plain", "gzip", "chunked", "gzip-chunked")
            for path, page in pages.items()
        }
        yield f"http://127.0.0.1:{server.server_port}", content
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("packed", [False, True])
def test_what_wget_wrote_is_read(packed: bool, site: tuple[str, dict[str, bytes]], tmp_path: Path) -> None:
    wget = shutil.which("wget") or pytest.skip("wget is not installed here: apt-get install wget")
    address, content = site
    options = ["--quiet", "--no-config", "--no-proxy", "--warc-cdx", "--warc-file=site", "--output-document=-"]
    options += ["--compression=none", "--header=Accept-Encoding: gzip", *([] if packed else ["--no-warc-compression"])]
    urls = [address + path for path in content]
    subprocess.run([wget, *options, *urls], cwd=tmp_path, check=True, capture_output=True, timeout=60)
    found = found_in(tmp_path / ("site.warc.gz" if packed else "site.warc"))
    assert {one.record.version for one in found} == {"WARC/1.0"}
    assert {one.alone is not None for one in found} == {packed}
    assert [one.record.type for one in found].count("request") == len(urls)
    assert pages_of(found) == {address + path: page for path, page in content.items()}
    for one in (one.record for one in found if one.record.type == "response"):
        message = parse(one.block)
        assert list(message.all("Set-Cookie")) == ["a=1", "b=2"]
        assert (message.status, message.media_type, message.charset) == (200, "text/html", "UTF-8")
        assert agrees(one.get("WARC-Block-Digest") or "", one.block)
        assert agrees(one.get("WARC-Payload-Digest") or "", message.body), "chunks and all"
