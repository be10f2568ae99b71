import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psgcrawl.archive import assemble
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.filed import Filed
from psgcrawl.archive.redact.record import redacted
from psgcrawl.archive.redact.row import Mark, redacted_row
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.archive.warc.making import SAME_PAYLOAD
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.spool import Member
from psgcrawl.archive.write import write_edition, write_snapshot
from psgcrawl.errors import DamagedData, NotFound, UsageError
from psgcrawl.exports import wacz
from psgcrawl.exports.chosen import choose
from psgcrawl.exports.wacz import cdxj
from psgcrawl.records import Entry, PageRow, Redaction, WarcPlace, replace
from tests.archive.making import NOON, RUN, at, full_page
from tests.exports.making import FIRST, NEWS, SECOND, THIRD, Crawl, live_archive, message, packed

OTHER = NEWS + "?position=10"
NAMES = [f"archive/news-{name}.warc.gz" for name in ("20170218T060000Z", "20170225T060000Z", "20170304T060000Z")]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three live crawls."""
    folder = tmp_path_factory.mktemp("made")
    live_archive(folder)
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "archive", symlinks=True))


def export(archive: Path, *words: str, note: Callable[[str], None] = pytest.fail) -> "Package":
    stream = io.BytesIO()
    said = wacz.write(choose(Archive(archive), words or ["news"]), argparse.Namespace(), stream, note)
    return Package(stream.getvalue(), said)


class Package:
    """A WACZ, read as a stranger would."""

    def __init__(self, data: bytes, said: str) -> None:
        self.data = data
        self.said = said
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            assert found.testzip() is None
            self.files = {name: found.read(name) for name in found.namelist()}

    @property
    def index(self) -> list[tuple[str, str, dict[str, str]]]:
        lines = gzip.decompress(self.files["indexes/index.cdx.gz"]).decode("ascii").splitlines()
        assert lines == sorted(lines)
        return [(key, time, json.loads(document)) for key, time, document in (line.split(" ", 2) for line in lines)]

    @property
    def pages(self) -> list[dict[str, Any]]:
        header, *lines = map(json.loads, self.files["pages/pages.jsonl"].splitlines())
        assert header == {"format": "json-pages-1.0", "id": "pages", "title": "All pages"}
        return lines

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.files["datapackage.json"])
        return found


def test_the_warc_files_are_in_it_byte_for_byte(made: Path) -> None:
    files = export(made).files
    assert [name for name in files if name.startswith("archive/")] == [*NAMES, "archive/not-modified.warc.gz"]
    for name in NAMES:
        folder = made / "news" / name.removeprefix("archive/news-").removesuffix(".warc.gz")
        assert files[name] == (folder / "pages.warc.gz").read_bytes()


def test_every_file_stands_in_the_manifest_with_length_and_hash(made: Path) -> None:
    package = export(made)
    stated = {one["path"]: (one["bytes"], one["hash"]) for one in package.manifest["resources"]}
    own = {"datapackage.json", "datapackage-digest.json"}
    assert stated == {
        name: (len(data), "sha256:" + hashlib.sha256(data).hexdigest())
        for name, data in package.files.items()
        if name not in own
    }
    assert (package.manifest["profile"], package.manifest["wacz_version"]) == ("data-package", "1.1.1")
    assert package.manifest["created"] == RUN.finished
    digest = hashlib.sha256(package.files["datapackage.json"]).hexdigest()
    assert json.loads(package.files["datapackage-digest.json"]) == {
        "path": "datapackage.json",
        "hash": f"sha256:{digest}",
    }


def test_the_same_archive_gives_the_same_bytes(made: Path, archive: Path) -> None:
    for path in archive.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (0, 0))
    assert export(made).data == export(archive).data


def test_every_page_with_an_address_is_listed_once_oldest_first(made: Path) -> None:
    package = export(made)
    found = [(page["url"], page["ts"], page["title"]) for page in package.pages]
    assert sorted(found) == sorted(
        (url, time, title)
        for time in (FIRST, SECOND, THIRD)
        for url, title in ((NEWS, "news"), (OTHER, "news, position 10"))
    )
    times = [time for _, time, _ in found]
    assert times == sorted(times)
    assert len({page["id"] for page in package.pages}) == 6
    assert package.said == f"3 WARC files ({sum(len(package.files[name]) for name in NAMES)} bytes), 6 pages"


def test_the_index_leads_to_each_record_that_can_be_replayed(made: Path) -> None:
    package = export(made)
    assert [(fact["url"], fact.get("mime"), fact.get("status")) for _, _, fact in package.index] == [
        ("http://www.perusupportgroup.org.uk/gone", "text/html", "410"),
        ("http://perusupportgroup.org.uk/news.php", None, "301"),
        *[(NEWS, "text/html", "200")] * 3,
        (OTHER, "text/html", "200"),
        (OTHER, "warc/revisit", None),
        (OTHER, "warc/revisit", "200"),
        ("http://www.perusupportgroup.org.uk/robots.txt", "text/plain", "200"),
    ]
    for key, time, fact in package.index:
        start = int(fact["offset"])
        member = package.files["archive/" + fact["filename"]][start : start + int(fact["length"])]
        [found] = read(io.BytesIO(member), "a member")
        assert (found.record.uri, found.record.get("WARC-Payload-Digest")) == (fact["url"], fact["digest"])
        assert cdxj.compact(found.record.date) == time
        assert key.startswith("uk,org,perusupportgroup)/")


def test_what_a_later_snapshot_repeats_is_indexed_once_in_the_first(made: Path) -> None:
    [whole] = [fact for _, _, fact in export(made).index if (fact["url"], fact.get("mime")) == (OTHER, "text/html")]
    assert whole["filename"] == "news-20170218T060000Z.warc.gz"
    [repeated] = [fact for _, _, fact in export(made, "news", "latest").index if fact.get("url") == OTHER][:1]
    assert repeated["filename"] == "news-20170304T060000Z.warc.gz"


def test_a_304_is_replayed_by_a_record_without_its_header_that_says_what_it_stands_for(made: Path) -> None:
    package = export(made)
    about, made_up = read(io.BytesIO(package.files["archive/not-modified.warc.gz"]), "not-modified")
    assert about.record.type == "warcinfo"
    assert b"Made for replay" in about.record.block
    original = next(
        found.record for found in read(io.BytesIO(package.files[NAMES[1]]), NAMES[1]) if found.record.type == "revisit"
    )
    assert b"304 Not Modified" in original.block
    assert made_up.record.block == b""
    assert made_up.record.get("WARC-Concurrent-To") == original.id
    assert made_up.record.get("WARC-Warcinfo-ID") == about.record.id
    assert made_up.record.id != original.id
    for name in ("WARC-Type", "WARC-Date", "WARC-Target-URI", "WARC-Refers-To", "WARC-Payload-Digest", "WARC-Profile"):
        assert made_up.record.get(name) == original.get(name) is not None
    assert "archive/not-modified.warc.gz" not in export(made, "news", "latest").files


def test_the_small_index_says_where_each_block_of_the_large_one_begins(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdxj, "LINES", 4)
    package = export(made)
    header, *places = package.files["indexes/index.idx"].decode("ascii").splitlines()
    assert header == '!meta 0 {"format":"cdxj-gzip-1.0","filename":"index.cdx.gz"}'
    assert len(places) == 3
    blocks = b""
    for place in places:
        prefix, _, document = place.partition(" {")
        where = json.loads("{" + document)
        packed_lines = package.files["indexes/index.cdx.gz"][where["offset"] :][: where["length"]]
        assert where["digest"] == "sha256:" + hashlib.sha256(packed_lines).hexdigest()
        lines = gzip.decompress(packed_lines)
        assert lines.startswith(prefix.encode() + b" {")
        blocks += lines
    assert blocks == gzip.decompress(package.files["indexes/index.cdx.gz"])


def test_editions_share_their_evidence(archive: Path) -> None:
    before = Snapshot(archive / "news" / "20170218T060000Z")
    with CollectionLock(archive, "news") as lock:
        content = assemble.Assembled(entries=Filed(Entry, before.entries()), rows=Filed(PageRow, before.pages()))
        write_edition(lock, before.folder, content, before.manifest().provenance.coverage, NOON)
    assert Archive(archive).collection("news").snapshots()[0].name == "20170218T060000Z.e2"
    files = export(archive).files
    assert [name for name in files if name.startswith("archive/news")] == NAMES
    both = export(archive, "news", "20170218T060000Z.e1", "20170218T060000Z.e2")
    assert [name for name in both.files if name.startswith("archive/")] == NAMES[:1]
    assert len(both.pages) == 2


def test_several_collections_go_into_one_file(archive: Path) -> None:
    crawl = Crawl(archive, FIRST)
    crawl.file("http://example.org/", b"<p>home", url="http://example.org/")
    crawl.commit("home")
    package = export(archive, "news", "home")
    assert package.data == export(archive, "home", "news").data
    assert [name for name in package.files if name.startswith("archive/h")] == ["archive/home-20170218T060000Z.warc.gz"]
    assert {"key": "org,example)/", "mime": "text/html"}.items() <= {
        **package.index[0][2],
        "key": package.index[0][0],
    }.items()
    assert package.manifest["title"].startswith("home, news: ")


def test_a_file_without_address_is_kept_but_not_listed(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, FIRST)
    crawl.file("ni:///sha-256;47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", b"")
    crawl.commit()
    package = export(tmp_path)
    assert package.pages == []
    assert package.files["indexes/index.cdx.gz"] == b""
    assert len(package.files[NAMES[0]]) > 100


def test_a_time_that_is_only_bounded_is_said_in_the_title(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, FIRST)
    crawl.fetched(NEWS, packed("x"), 0)
    [page] = crawl.pages
    crawl.pages = [replace(page, captured=at(NOON, THIRD))]
    crawl.commit()
    [listed] = export(tmp_path).pages
    assert (listed["ts"], listed["title"]) == (FIRST, f"news, captured from {NOON} to {THIRD}")


def test_snapshots_without_evidence_are_left_out_and_named(archive: Path) -> None:
    with CollectionLock(archive, "news") as lock:
        write_snapshot(lock, [full_page(0, captured=at("2016-01-01T00:00:00Z"))], RUN)
    notes: list[str] = []
    package = export(archive, note=notes.append)
    assert notes == ["news/20160101T000000Z: no raw pages were kept of this snapshot: left out"]
    assert "Left out, since no raw pages were kept: news/20160101T000000Z." in package.manifest["description"]
    assert len(package.pages) == 6
    with pytest.raises(NotFound, match="news/20160101T000000Z: no raw pages were kept"):
        export(archive, "news", "2016", "latest")
    for name in Archive(archive).collection("news").snapshots()[1:]:
        shutil.rmtree(name.folder)
    with pytest.raises(NotFound, match="nothing to replay"):
        export(archive)


def test_redacted_records_are_in_it_as_they_are_and_cannot_be_replayed(archive: Path) -> None:
    before = Snapshot(archive / "news" / "20170225T060000Z")
    [page, _] = before.pages()
    assert page.warc is not None
    wanted, mark = page.warc.record, Mark(NOON, "a court")
    places: dict[str, WarcPlace] = {}

    def evidence(stream: Any) -> dict[str, WarcPlace]:
        end = 0
        with (before.folder / "pages.warc.gz").open("rb") as file:
            for found in read(file, "before"):
                record = redacted(found.record, mark) if found.record.id == wanted else found.record
                data = Member.of(record).data
                stream.write(data)
                places[record.id] = WarcPlace(record=record.id, offset=end, length=len(data))
                end += len(data)
        return places

    rows = [redacted_row(row, mark) if row.warc and row.warc.record == wanted else row for row in before.pages()]
    redaction = Redaction(record=wanted, url=page.url, reason="a court", when=NOON)
    with CollectionLock(archive, "news") as lock:
        content = assemble.Assembled(entries=Filed(Entry), rows=Filed(PageRow, rows))
        coverage = before.manifest().provenance.coverage
        write_edition(lock, before.folder, content, coverage, NOON, evidence=evidence, redactions=[redaction])
    package = export(archive)
    assert "archive/news-20170225T060000Z.e2.warc.gz" in package.files
    assert "archive/news-20170225T060000Z.warc.gz" not in package.files
    assert (NEWS, SECOND) not in {(one["url"], one["ts"]) for one in package.pages}
    assert len(package.pages) == 5
    assert (NEWS, "20170225060000") not in {(fact["url"], time) for _, time, fact in package.index}
    assert package.said.endswith("5 pages, 1 withheld")
    assert "Pages withheld at the demand of others: 1." in package.manifest["description"]
    assert b"The second week" not in b"".join(
        found.raw for name, data in package.files.items() if name in NAMES for found in read(io.BytesIO(data), name)
    )


def test_every_changed_byte_of_the_evidence_is_found(archive: Path) -> None:
    path = archive / "news" / "20170218T060000Z" / "pages.warc.gz"
    data = path.read_bytes()
    for place in range(0, len(data), 97):
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises(DamagedData, match=r"20170218T060000Z/pages\.warc\.gz: "):
            export(archive)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), r"pages\.warc\.gz: byte \d+: "),
        (lambda path: path.write_bytes(path.read_bytes() * 2), "not as the manifest says"),
        (lambda path: path.write_bytes(b""), "no record <urn:uuid:"),
        (lambda path: path.unlink(), r"pages\.warc\.gz: the file is missing"),
        (lambda path: path.with_name("pages.jsonl").unlink(), r"pages\.jsonl: the file is missing"),
        (lambda path: path.with_name("datapackage.json").write_bytes(b"{}"), r"datapackage\.json: no 'psgcrawl' field"),
    ],
    ids=["cut", "doubled", "empty", "missing", "without pages", "manifest"],
)
def test_damage_is_said_before_anything_is_written(archive: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(archive / "news" / "20170225T060000Z" / "pages.warc.gz")
    stream = io.BytesIO()
    with pytest.raises(DamagedData, match=said):
        wacz.write(choose(Archive(archive), ["news"]), argparse.Namespace(), stream, pytest.fail)
    assert stream.getvalue() == b""


def test_a_page_row_that_points_at_another_record_is_damage(archive: Path) -> None:
    folder = archive / "news" / "20170218T060000Z"
    rows = (folder / "pages.jsonl").read_bytes()
    [first, second] = Snapshot(folder).pages()
    assert first.warc is not None
    assert second.warc is not None
    swapped = rows.replace(first.warc.record.encode(), second.warc.record.encode(), 1)
    (folder / "pages.jsonl").write_bytes(swapped)
    with pytest.raises(DamagedData, match=f"the record is {first.warc.record}, not {second.warc.record}"):
        export(archive)


def test_two_snapshots_of_one_name_from_different_places_are_not_mixed_up(archive: Path, made: Path) -> None:
    with pytest.raises(UsageError, match=r"both would be 'news-20170218T060000Z\.warc\.gz'"):
        export(archive, "news", "20170218", f"{made}/news/20170218T060000Z")


def test_records_that_nothing_can_find_are_only_in_the_warc(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, FIRST)
    crawl.fetched(NEWS, packed("x"), 0)
    crawl.keep(crawl.spool.make.metadata(NEWS, FIRST, {"failure": "a time-out"}))
    crawl.keep(crawl.spool.make.response("dns:example.org", FIRST, message(b"")))
    crawl.keep(crawl.spool.make.response("http://example.org/", "yesterday", message(b"")))
    crawl.commit()
    assert [fact["url"] for _, _, fact in export(tmp_path).index] == [NEWS]


def test_a_page_that_two_snapshots_hold_as_one_record_is_listed_once(tmp_path: Path) -> None:
    first = Crawl(tmp_path, FIRST)
    record = first.fetched(NEWS, packed("x"), 0)
    first.commit()
    second = Crawl(tmp_path, SECOND)
    second.keep(record)
    second.pages = first.pages
    second.fetched(OTHER, packed("y"), 10)
    second.commit()
    package = export(tmp_path)
    assert [(page["url"], page["ts"]) for page in package.pages] == [(NEWS, FIRST), (OTHER, SECOND)]
    assert package.said.endswith(f"2 WARC files ({sum(map(len, warcs(package)))} bytes), 2 pages")
    assert [fact["url"] for _, _, fact in package.index] == [NEWS, OTHER]


def warcs(package: Package) -> list[bytes]:
    return [data for name, data in package.files.items() if name.startswith("archive/")]


def test_pages_without_record_are_counted_and_not_listed(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, FIRST)
    crawl.fetched(NEWS, packed("x"), 0)
    crawl.pages.append(full_page(10, captured=at(FIRST)))
    crawl.commit()
    notes: list[str] = []
    assert [page["url"] for page in export(tmp_path, note=notes.append).pages] == [NEWS]
    assert [note.rpartition("/")[2] for note in notes] == [
        "pages.warc.gz: 1 pages have no record: they are not in the list of pages"
    ]


def test_a_warc_of_which_the_manifest_knows_nothing_is_damage(tmp_path: Path, made: Path) -> None:
    with CollectionLock(tmp_path, "news") as lock:
        folder = write_snapshot(lock, [full_page(0)], RUN).folder
    shutil.copy(made / "news" / "20170218T060000Z" / "pages.warc.gz", folder)
    with pytest.raises(DamagedData, match=r"pages\.warc\.gz: not in the manifest"):
        export(tmp_path, note=lambda _: None)


def test_records_that_share_a_gzip_member_cannot_be_indexed(archive: Path) -> None:
    path = archive / "news" / "20170218T060000Z" / "pages.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    with pytest.raises(DamagedData, match="byte 0: several records in one gzip member"):
        export(archive)


def test_a_response_that_is_no_http_is_found_by_its_address_all_the_same(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path, FIRST)
    crawl.fetched(NEWS, packed("x"), 0)
    record = crawl.spool.make.response(OTHER, FIRST, message(b""))
    crawl.keep(replace(record, block=b"x" * len(record.block)))
    revisit = crawl.spool.make.revisit(OTHER, SECOND, message(b""), record, profile=SAME_PAYLOAD)
    crawl.keep(replace(revisit, block=b"x" * len(revisit.block)))
    crawl.commit()
    _, odd, again = (fact for _, _, fact in export(tmp_path).index)
    assert odd.keys() == {"url", "digest", "length", "filename", "offset"}
    assert again.keys() == odd.keys() | {"mime"}
