import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from psgcrawl.archive import jsonl
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, WARC
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc import record as records
from psgcrawl.archive.warc.digests import labelled
from psgcrawl.archive.warc.making import NOT_MODIFIED, SAME_PAYLOAD
from psgcrawl.archive.warc.message import Message
from psgcrawl.archive.warc.record import Record
from psgcrawl.archive.warc.spool import Member
from psgcrawl.errors import DamagedData, UnreadablePage
from psgcrawl.rebuild import derive
from psgcrawl.rebuild.deriving import derive_all
from psgcrawl.records import DERIVATION, Captured, Coverage, PageRow, replace
from tests.rebuild.making import DAY, NEWS, Crawl, html, one, response, rewritten, zipped

LATER = "2018-09-29T06:00:05Z"


def assert_same(snapshot: Snapshot) -> list[PageRow]:
    """The stored bytes come out again; return the rows."""
    found = derive(snapshot)
    assert jsonl.dump_lines(found.entries) == (snapshot.folder / ENTRIES).read_bytes()
    assert jsonl.dump_lines(found.rows) == (snapshot.folder / PAGES).read_bytes()
    assert found.entries
    return list(found.rows)


def _plain(crawl: Crawl) -> None:
    crawl.respond(response(html(20)), 0)
    crawl.respond(response(html(10)), 10, LATER)


def _zipped(crawl: Crawl) -> None:
    crawl.respond(zipped(html()))


def _chunked(crawl: Crawl) -> None:
    body = html()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    crawl.respond(response(chunks, (b"Transfer-Encoding", b"chunked")))


def _file(crawl: Crawl) -> None:
    bound = Captured(since="1991-08-06T00:00:00Z", until=None)
    body = html()
    crawl.add(
        crawl.spool.make.resource(
            "ni:///sha-256;x", DAY, "text/html", body, captured=bound, basis="bound", collection="news"
        )
    )


def _repeated(crawl: Crawl) -> None:
    first = crawl.respond(response(html()), 0)
    again = crawl.spool.make.revisit(NEWS.format(10), LATER, response(b""), first, profile=SAME_PAYLOAD)
    crawl.add(again, first)


def _not_modified(crawl: Crawl) -> None:
    original = crawl.spool.make.response(NEWS.format(0), "2018-09-01T06:00:00Z", response(html()))
    answer = Message(b"HTTP/1.1 304 Not Modified", (), b"")
    revisit = crawl.spool.make.revisit(NEWS.format(0), DAY, answer, original, profile=NOT_MODIFIED)
    crawl.add(revisit, original, needs=[original.id])
    crawl.spool.add([Member.of(original)])


def _revisit_of_revisit(crawl: Crawl) -> None:
    first = crawl.respond(response(html()), 0)
    second = crawl.spool.make.revisit(NEWS.format(10), LATER, response(b""), first, profile=SAME_PAYLOAD)
    crawl.add(second, first)
    third = crawl.spool.make.revisit(NEWS.format(20), LATER, response(b""), second, profile=SAME_PAYLOAD)
    crawl.add(third, first)


def _nameless_revisit(crawl: Crawl) -> None:
    # As WARC 1.0 has it: what is repeated is told by address, date and digest.
    first = crawl.respond(response(html()), 0)
    made = crawl.spool.make.revisit(NEWS.format(10), LATER, response(b""), first, profile=SAME_PAYLOAD)
    bare = tuple(field for field in made.fields if field[0] != "WARC-Refers-To")
    crawl.add(replace(made, fields=bare), first, needs=[first.id])


def _misnamed_revisit(crawl: Crawl) -> None:
    other = crawl.respond(response(html(word="other")), 20)
    first = crawl.respond(response(html()), 0)
    made = crawl.spool.make.revisit(NEWS.format(10), LATER, response(b""), first, profile=SAME_PAYLOAD)
    wrong = tuple((name, other.id if name == "WARC-Refers-To" else value) for name, value in made.fields)
    crawl.add(replace(made, fields=wrong), first, needs=[first.id])


def _told_otherwise(crawl: Crawl) -> None:
    # What its giver said of it, or the crawl knew, stands in the row alone.
    crawl.respond(
        response(html()),
        url="http://perusupportgroup.org.uk/news.php?position=30",
        position=30,
        captured=Captured(since="2018-09-28T00:00:00Z", until="2018-09-28T23:59:59Z"),
        captured_basis="given",
    )


def _unrecognised(crawl: Crawl) -> None:
    crawl.respond(response(html()), 0)
    crawl.respond(response(b"not a listing, nor HTML"), 10, LATER)


KINDS: dict[str, Callable[[Crawl], None]] = {
    "responses": _plain,
    "a compressed response": _zipped,
    "a chunked response": _chunked,
    "a file of unknown time and without address": _file,
    "an identical payload": _repeated,
    "a 304 whose original stands behind it": _not_modified,
    "a revisit of a revisit": _revisit_of_revisit,
    "a revisit that names no record": _nameless_revisit,
    "a revisit that names the wrong record": _misnamed_revisit,
    "facts that the record does not know": _told_otherwise,
}


@pytest.mark.parametrize("fetched", KINDS.values(), ids=KINDS)
def test_the_stored_bytes_come_out_again(tmp_path: Path, fetched: Callable[[Crawl], None]) -> None:
    crawl = Crawl(tmp_path)
    fetched(crawl)
    assert_same(crawl.end())


def test_a_page_that_nobody_recognises_keeps_its_row(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    _unrecognised(crawl)
    crawl.run.finish("finished", "2019-01-01T00:00:09Z")
    [name] = [path.name for path in (tmp_path / "news").iterdir() if path.name.startswith("2018")]
    rows = assert_same(Snapshot(tmp_path / "news" / name))
    assert [row.layout is None for row in rows] == [False, True]


def test_from_where_a_page_was_carried_is_kept(tmp_path: Path) -> None:
    snapshot = rewritten(
        one(tmp_path), rows=lambda rows: [replace(row, carried_from="20180901T060000Z") for row in rows]
    )
    assert [row.carried_from for row in assert_same(snapshot)] == ["20180901T060000Z"]


@pytest.mark.parametrize("end", ["total", "limit", "repeat", "carried"])
def test_coverage_that_only_the_crawl_could_prove_is_kept(tmp_path: Path, end: str) -> None:
    proven = {"listing": "news", "complete": True, "end": end, "positions": [[0, 990]], "gaps": []}
    found = derive_all(rewritten(one(tmp_path), coverage=proven))
    assert found.coverage == Coverage(listing="news", complete=True, end=end, positions=[(0, 990)], gaps=[])  # type: ignore[arg-type]


def test_coverage_that_pages_prove_is_proven_again(tmp_path: Path) -> None:
    claimed = {"listing": "news", "complete": True, "end": "short-page", "positions": [[0, 990]], "gaps": []}
    found = derive_all(rewritten(one(tmp_path), coverage=claimed))
    assert found.coverage == Coverage(listing="news", complete=False, end=None, positions=[(0, 0)], gaps=[])


def test_a_redacted_row_stays_as_it_is(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    _plain(crawl)
    snapshot = crawl.end()
    kept, gone = list(snapshot.pages())
    row = replace(gone, layout=None, fields=[], lists=[], problems=["redacted: a court said so"])
    shown = {identity for view in kept.lists for identity in view.entries}
    rewritten(
        snapshot, entries=lambda found: [entry for entry in found if entry.id in shown], rows=lambda _: [kept, row]
    )
    assert assert_same(snapshot)[1] == row


def test_coverage_of_a_redacted_snapshot_is_kept(tmp_path: Path) -> None:
    snapshot = one(tmp_path)
    said = {"listing": "news", "complete": False, "end": None, "positions": [[0, 10]], "gaps": []}
    rewritten(snapshot, rows=lambda rows: [replace(row, problems=["redacted: x"]) for row in rows], coverage=said)
    assert derive_all(snapshot).coverage.positions == [(0, 10)]


def test_a_page_that_is_refused_now_keeps_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = one(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise UnreadablePage("over a new limit")

    monkeypatch.setattr("psgcrawl.layouts.read", refuse)
    found = derive(snapshot)
    [row], [stored] = found.rows, snapshot.pages()
    assert found.entries == []
    assert (row.layout, row.lists, row.problems) == (None, [], ["unreadable: over a new limit"])
    assert (row.sha256, row.warc, row.url) == (stored.sha256, stored.warc, stored.url)


# --- evidence that is missing or damaged ------------------------------------------------


def test_without_raw_pages_nothing_is_derived(tmp_path: Path) -> None:
    snapshot = one(tmp_path)
    (snapshot.folder / WARC).unlink()
    with pytest.raises(DamagedData, match="no raw pages were kept, so entries cannot be derived again"):
        derive(snapshot)


def test_a_row_without_record_is_named(tmp_path: Path) -> None:
    snapshot = rewritten(one(tmp_path), rows=lambda rows: [replace(row, warc=None) for row in rows])
    with pytest.raises(DamagedData, match=r"pages\.jsonl:1: no raw page was kept"):
        derive(snapshot)


def test_a_changed_byte_anywhere_in_the_evidence_is_damage(tmp_path: Path) -> None:
    snapshot = one(tmp_path, html(shown=1))
    path = snapshot.folder / WARC
    whole = path.read_bytes()
    for position in range(0, len(whole), 3):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(DamagedData, match=r"pages\.warc\.gz"):
            derive(snapshot)


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1], lambda data: data + b"\0", lambda _: b""], ids=["cut", "longer", "empty"]
)
def test_evidence_of_another_length_is_damage(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    snapshot = one(tmp_path)
    path = snapshot.folder / WARC
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DamagedData, match=r"pages\.warc\.gz"):
        derive(snapshot)


def test_rows_that_changed_are_damage(tmp_path: Path) -> None:
    snapshot = one(tmp_path)
    path = snapshot.folder / PAGES
    path.write_bytes(path.read_bytes().replace(b"position=0", b"position=9"))
    with pytest.raises(DamagedData, match=r"pages\.jsonl: \d+ bytes, SHA-256"):
        derive(snapshot)


def test_other_bytes_than_the_row_speaks_of_are_damage(tmp_path: Path) -> None:
    snapshot = rewritten(one(tmp_path), rows=lambda rows: [replace(row, sha256="0" * 64) for row in rows])
    with pytest.raises(DamagedData, match="not the bytes of which"):
        derive(snapshot)


def _described(snapshot: Snapshot, members: list[Record]) -> Snapshot:
    """Write other evidence, with a manifest that describes it and rows that point into it."""
    data = [records.member(member) for member in members]
    (snapshot.folder / WARC).write_bytes(b"".join(data))
    manifest = json.loads((snapshot.folder / MANIFEST).read_bytes())
    resource = next(one for one in manifest["resources"] if one["path"] == WARC)
    resource |= {"bytes": sum(map(len, data)), "hash": f"sha256:{hashlib.sha256(b''.join(data)).hexdigest()}"}
    (snapshot.folder / MANIFEST).write_text(json.dumps(manifest), encoding="ascii")
    return snapshot


def _revisit(snapshot: Snapshot, refers_to: str) -> Record:
    [row] = snapshot.pages()
    assert row.warc is not None
    fields = (
        ("WARC-Type", "revisit"),
        ("WARC-Record-ID", row.warc.record),
        ("WARC-Date", DAY),
        ("WARC-Target-URI", NEWS.format(0)),
        ("WARC-Refers-To", refers_to),
        ("WARC-Payload-Digest", labelled(b"gone")),
        ("Content-Length", "0"),
    )
    return Record(fields, b"")


@pytest.mark.parametrize("refers_to", ["itself", "<urn:uuid:gone>"])
def test_a_revisit_without_what_it_repeats_is_damage(tmp_path: Path, refers_to: str) -> None:
    snapshot = one(tmp_path)
    [row] = snapshot.pages()
    assert row.warc is not None
    revisit = _revisit(snapshot, row.warc.record if refers_to == "itself" else refers_to)
    _described(snapshot, [revisit])
    place = replace(row.warc, offset=0, length=len(records.member(revisit)))
    rewritten(snapshot, rows=lambda rows: [replace(row, warc=place) for row in rows])
    with pytest.raises(DamagedData, match="a revisit without the record that it repeats"):
        derive(snapshot)


def test_a_place_inside_another_record_is_damage(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    _plain(crawl)
    snapshot = crawl.end()

    def moved(rows: list[PageRow]) -> list[PageRow]:
        first = rows[0].warc
        assert first is not None
        return [rows[0], replace(rows[1], warc=replace(first, offset=first.offset + 1))]

    with pytest.raises(DamagedData, match="begins inside another"):
        derive(rewritten(snapshot, rows=moved))


def test_a_snapshot_of_later_rules_is_left_to_the_later_version(tmp_path: Path) -> None:
    snapshot = rewritten(one(tmp_path), derivation=DERIVATION + 1)
    with pytest.raises(DamagedData, match="use the later version"):
        derive(snapshot)
