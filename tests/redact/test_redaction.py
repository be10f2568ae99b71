import json
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import MANIFEST, read_manifest, verify_files
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Archive, Snapshot, resolve
from psgcrawl.archive.warc.stored import StoredRecords
from psgcrawl.errors import CollectionBusy, DamagedData, NotFound, UsageError
from psgcrawl.rebuild import derive
from psgcrawl.records import DERIVATION
from psgcrawl.redact.carrying import carry_out
from tests.redact.making import (
    REASON,
    WHEN,
    WITHHELD,
    Run,
    collection_names,
    holders_of,
    item,
    listing,
    members_of,
    psgcrawl,
    sound,
    ten,
    three_pages,
)

MARK = Mark(WHEN, REASON)


def newest(archive: Path) -> Snapshot:
    return Archive(archive).collection("news").snapshots()[-1]


def test_the_bytes_go_and_only_the_manifest_of_the_old_edition_stays(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    before = read_manifest(old.folder)
    assert holders_of(WITHHELD, tmp_path) == [f"news/{old.name}/entries.jsonl", f"news/{old.name}/pages.warc.gz"]
    done = carry_out(tmp_path, "news", records[10].id, MARK)
    assert (done.editions, done.problems) == ([f"{old.name}.e2"], [])
    assert [path.name for path in done.erased] == ["pages.warc.gz", "pages.jsonl", "entries.jsonl"]
    assert [path.name for path in old.folder.iterdir()] == [MANIFEST]
    assert read_manifest(old.folder) == before
    assert holders_of(WITHHELD, tmp_path) == []
    assert holders_of("Esmeralda", tmp_path) == [f"news/{old.name}.e2/pages.warc.gz"], "headers of other responses"
    assert sound(tmp_path)


def test_the_record_keeps_its_name_date_and_address_and_says_what_became_of_it(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    before = list(old.pages())[1]
    carry_out(tmp_path, "news", records[10].id, MARK)
    row = list(newest(tmp_path).pages())[1]
    assert row.warc is not None
    left = StoredRecords(newest(tmp_path).folder / "pages.warc.gz").at(row.warc).record
    for name in ("WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI", "WARC-Concurrent-To"):
        assert left.get(name) == records[10].get(name) is not None
    assert left.block == b"HTTP/1.1 200 \r\n\r\n"
    assert (left.get("PSGCRAWL-Redacted"), left.get("PSGCRAWL-Redacted-Reason")) == (WHEN, REASON)
    assert left.get("PSGCRAWL-Redacted-Payload-Digest") == before.payload_digest
    assert left.get("PSGCRAWL-Redacted-Block-Digest") == records[10].get("WARC-Block-Digest")
    assert (row.url, row.captured, row.position, row.status) == (
        before.url,
        before.captured,
        before.position,
        before.status,
    )
    assert (row.sha256, row.payload_digest) == (before.sha256, before.payload_digest)
    assert (row.layout, row.fields, row.lists, row.problems) == (None, [], [], [f"redacted: {REASON}"])


def test_all_other_records_are_the_same_members(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    before = members_of(old.folder / "pages.warc.gz")
    carry_out(tmp_path, "news", records[10].id, MARK)
    after = members_of(newest(tmp_path).folder / "pages.warc.gz")
    assert list(after) == list(before)
    assert {id_ for id_ in before if after[id_] != before[id_]} == {records[10].id}


def test_the_manifest_and_the_log_declare_it(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    carry_out(tmp_path, "news", records[10].id, MARK)
    manifest = newest(tmp_path).manifest()
    facts = manifest.provenance
    [redaction] = facts.redactions
    assert (redaction.record, redaction.url) == (records[10].id, "http://perusupportgroup.org.uk/news.php?position=10")
    assert (redaction.reason, redaction.when) == (REASON, WHEN)
    assert facts.derived_from is not None
    assert (facts.derived_from.name, facts.derived_from.sha256) == (old.name, read_manifest(old.folder).sha256)
    assert facts.counts.entries["entry"] == 13
    [_, logged] = runlog.read(tmp_path)
    assert (logged.spider, logged.outcome, logged.snapshot) == ("redact", "committed", f"{old.name}.e2")
    assert (logged.manifest_sha256, logged.coverage) == (manifest.sha256, facts.coverage)
    assert logged.reasons == [f"redacted {records[10].id}, in place of {old.name}: {REASON}"]


def test_what_rests_on_the_page_is_not_proven_any_more(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    assert old.manifest().provenance.coverage.complete
    carry_out(tmp_path, "news", records[10].id, MARK)
    middle = newest(tmp_path).manifest().provenance.coverage
    assert (middle.complete, middle.end, middle.positions) == (False, "short-page", [(0, 20)])
    carry_out(tmp_path, "news", records[20].id, MARK)
    last = newest(tmp_path).manifest().provenance.coverage
    assert (last.complete, last.end, last.positions) == (False, None, [(0, 20)])
    assert sound(tmp_path)


def test_an_entry_that_another_page_shows_stays_and_the_other_reading_stands(tmp_path: Path) -> None:
    run = Run("2016-03-20T06:00:00Z")
    run.fetch(
        "/news.php", listing([item(2000, "18 March 2016"), item(1999, "18 March 2016", "A title that stood first")])
    )
    run.date = "2016-03-20T06:00:10Z"
    later = run.fetch(
        "/news.php?position=10",
        listing([item(2000, "18 March 2016"), item(1999, "18 March 2016", f"A title with {WITHHELD}")]),
    )
    old = run.commit(tmp_path)
    assert {entry.id: entry.title for entry in old.entries()}["news-article-1999"] == f"A title with {WITHHELD}"
    quoted = next(old.pages()).problems
    assert any(WITHHELD in problem for problem in quoted), "the row of the first page quotes it"
    carry_out(tmp_path, "news", later.id, MARK)
    assert {entry.id: entry.title for entry in newest(tmp_path).entries()} == {
        "news-article-2000": "Title 2000",
        "news-article-1999": "A title that stood first",
    }
    assert holders_of(WITHHELD, tmp_path) == []
    assert sound(tmp_path)


def test_a_revisit_goes_with_what_it_repeats_and_cannot_be_named_itself(tmp_path: Path) -> None:
    run = Run("2016-03-20T06:00:00Z")
    first = run.fetch("/news.php", listing([item(1, "1 March 2016", WITHHELD)]))
    again = run.again("/news.php?position=0", first)
    other = run.fetch("/news.php?position=10", listing([item(2, "2 March 2015")]))
    run.commit(tmp_path)
    with pytest.raises(UsageError, match=f"revisit.*redact {first.id}"):
        carry_out(tmp_path, "news", again.id, MARK)
    carry_out(tmp_path, "news", first.id, MARK)
    snapshot = newest(tmp_path)
    assert [(row.layout is None, row.warc.record if row.warc else "") for row in snapshot.pages()] == [
        (True, first.id),
        (True, again.id),
        (False, other.id),
    ]
    left = StoredRecords(snapshot.folder / "pages.warc.gz").named(again.id).record
    assert (left.type, left.get("WARC-Refers-To"), left.block) == ("revisit", first.id, b"HTTP/1.1 200 \r\n\r\n")
    assert left.get("WARC-Payload-Digest") == again.get("WARC-Payload-Digest")
    assert [one.record for one in snapshot.manifest().provenance.redactions] == [first.id, again.id]
    assert [entry.id for entry in snapshot.entries()] == ["news-article-2"]
    assert sound(tmp_path)


def test_every_snapshot_that_holds_the_record_is_treated(tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    later = Run("2016-03-27T06:00:00Z")
    later.fetch("/news.php", listing(ten(2000, 18)))
    unchanged = later.unchanged("/news.php?position=10", records[10])
    second = later.commit(tmp_path)
    without = Run("2016-04-03T06:00:00Z")
    without.fetch("/news.php", listing(ten(2000, 18)))
    third = without.commit(tmp_path)
    done = carry_out(tmp_path, "news", records[10].id, MARK)
    assert done.editions == ["20160320T060000Z.e2", f"{second.name}.e2"]
    assert collection_names(tmp_path)[-1] == third.name
    row = list(Snapshot(tmp_path / "news" / f"{second.name}.e2").pages())[1]
    assert (row.status, row.layout, row.warc.record if row.warc else None) == (304, None, unchanged.id)
    assert holders_of(WITHHELD, tmp_path) == []
    assert sound(tmp_path)


def test_a_second_redaction_keeps_the_first_and_a_third_finds_nothing_to_do(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    carry_out(tmp_path, "news", records[10].id, MARK)
    done = carry_out(tmp_path, "news", records[0].id, Mark("2027-04-01T00:00:00Z", "another"))
    assert done.editions == [f"{old.name}.e3"]
    assert {path.parent.name for path in done.erased} == {f"{old.name}.e2"}
    facts = newest(tmp_path).manifest().provenance
    assert [(one.record, one.when) for one in facts.redactions] == [
        (records[10].id, WHEN),
        (records[0].id, "2027-04-01T00:00:00Z"),
    ]
    assert [row.problems for row in newest(tmp_path).pages()] == [["redacted: another"], [f"redacted: {REASON}"], []]
    nothing = carry_out(tmp_path, "news", records[10].id, MARK)
    assert (nothing.editions, nothing.erased) == ([], [])
    assert sound(tmp_path)


def test_an_edition_that_was_derived_again_goes_with_the_evidence_before_it(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    manifest = old.folder / MANIFEST
    # As if earlier rules had derived it.
    manifest.write_bytes(manifest.read_bytes().replace(b'"derivation": %d,' % DERIVATION, b'"derivation": 0,'))
    assert psgcrawl(tmp_path, "rebuild", "news") == 0
    assert collection_names(tmp_path) == [old.name, f"{old.name}.e2"]
    done = carry_out(tmp_path, "news", records[10].id, MARK)
    assert done.editions == [f"{old.name}.e3"]
    assert [path.relative_to(tmp_path / "news").parts[0] for path in done.erased] == [old.name] * 3 + [
        f"{old.name}.e2"
    ] * 2
    assert holders_of(WITHHELD, tmp_path) == []


def test_a_record_without_page_leaves_entries_and_coverage_as_they_are(tmp_path: Path) -> None:
    run = Run("2016-03-20T06:00:00Z")
    run.fetch("/news.php", listing(ten(2000, 18)[:3]))
    request = run.records[1]
    old = run.commit(tmp_path)
    before = ((old.folder / "entries.jsonl").read_bytes(), old.manifest().provenance.coverage)
    carry_out(tmp_path, "news", request.id, MARK)
    after = newest(tmp_path)
    assert ((after.folder / "entries.jsonl").read_bytes(), after.manifest().provenance.coverage) == before
    assert before[1].complete
    assert sound(tmp_path)


def test_what_was_redacted_is_derived_again_as_it_is(tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    carry_out(tmp_path, "news", records[10].id, MARK)
    snapshot = newest(tmp_path)
    again = derive(snapshot)
    assert again.entries == list(snapshot.entries())
    assert again.rows == list(snapshot.pages())
    assert psgcrawl(tmp_path, "rebuild", "news", "--check") == 0


def test_an_old_edition_is_refused_with_the_name_of_the_one_that_stands_in_for_it(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    carry_out(tmp_path, "news", records[10].id, MARK)
    collection = Archive(tmp_path).collection("news")
    for reference in (f"{old.name}.e1", str(old.folder)):
        with pytest.raises(NotFound, match=rf"redacted: see {old.name}\.e2$"):
            resolve(collection, reference)
    assert resolve(collection, old.name).name == f"{old.name}.e2"
    assert resolve(collection, f"{old.name}.e2").name == f"{old.name}.e2"


def test_a_snapshot_that_is_damaged_is_named_and_the_others_are_treated(tmp_path: Path) -> None:
    first, records = three_pages(tmp_path)
    later = Run("2016-03-27T06:00:00Z")
    later.unchanged("/news.php?position=10", records[10])
    second = later.commit(tmp_path)
    damaged = first.folder / "entries.jsonl"
    warc = first.folder / "pages.warc.gz"
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 1
    warc.write_bytes(data)
    done = carry_out(tmp_path, "news", records[10].id, MARK)
    assert done.editions == [f"{second.name}.e2"]
    assert [str(warc) in problem for problem in done.problems] == [True]
    assert damaged.exists()


def test_nothing_is_deleted_on_the_strength_of_a_damaged_edition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, records = three_pages(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("psgcrawl.redact.carrying.erase", lambda *_: [])
        carry_out(tmp_path, "news", records[10].id, MARK)
    edition = newest(tmp_path).folder / "entries.jsonl"
    whole = edition.read_bytes()
    edition.write_bytes(whole[:-1] + b"\r")
    with pytest.raises(DamagedData, match=r"nothing was deleted: .*entries\.jsonl"):
        carry_out(tmp_path, "news", records[10].id, MARK)
    assert verify_files(old.folder) == []
    edition.write_bytes(whole)
    assert len(carry_out(tmp_path, "news", records[10].id, MARK).erased) == 3


def test_nothing_is_deleted_where_another_run_holds_the_collection(tmp_path: Path) -> None:
    old, records = three_pages(tmp_path)
    with CollectionLock(tmp_path, "news"), pytest.raises(CollectionBusy):
        carry_out(tmp_path, "news", records[10].id, MARK)
    assert verify_files(old.folder) == []


def test_the_index_goes_because_entries_stand_in_it(tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    index = tmp_path / ".index.sqlite"
    index.write_bytes(WITHHELD.encode())
    (tmp_path / ".index.sqlite.new").write_bytes(WITHHELD.encode())
    carry_out(tmp_path, "news", records[10].id, MARK)
    assert holders_of(WITHHELD, tmp_path) == []


# --- no claim about what is withheld ----------------------------------------------------


def changes(archive: Path, capsys: pytest.CaptureFixture[str], old: str, new: str) -> dict[str, set[str]]:
    psgcrawl(archive, "diff", "news", old, new, "--json")
    found: dict[str, set[str]] = {}
    for change in json.loads(capsys.readouterr().out)["changes"]:
        found.setdefault(change["change"], set()).add(change["id"])
    return found


def histories(
    archive: Path, capsys: pytest.CaptureFixture[str]
) -> dict[str, tuple[str, int, list[object], str | None]]:
    capsys.readouterr()
    assert psgcrawl(archive, "history", "news", "--json") == 0
    lives = json.loads(capsys.readouterr().out)["entries"]
    return {life["id"]: (life["state"], life["sightings"], life["gaps"], life["absent_before"]) for life in lives}


HARD = [
    item(1985, "16 March 2016", "An entry out of order, dated within the first page"),
    item(1984, "31 December 1969", "An entry without date, far from the end"),
    *ten(1983, 13)[:8],
]


def test_what_is_withheld_is_out_of_view_and_never_removed_or_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = []
    for date in ("2016-03-20T06:00:00Z", "2016-03-27T06:00:00Z", "2016-04-03T06:00:00Z"):
        run = Run(date)
        run.fetch("/news.php", listing(ten(2000, 18)))
        # A comment makes it another payload each time.
        records.append(run.fetch("/news.php?position=10", listing([*HARD, f"<!-- {date} -->"])))
        run.fetch("/news.php?position=20", listing(ten(1970, 8)[:3]))
        run.commit(tmp_path)
    withheld = {f"news-article-{number}" for number in range(1976, 1986)}
    assert changes(tmp_path, capsys, "20160320", "20160403") == {}
    carry_out(tmp_path, "news", records[1].id, MARK)
    assert changes(tmp_path, capsys, "20160320", "20160327") == {"out-of-view": withheld}
    assert changes(tmp_path, capsys, "20160327", "20160403") == {"out-of-view": withheld}
    assert changes(tmp_path, capsys, "20160320", "20160403") == {}
    told = histories(tmp_path, capsys)
    assert len(told) == 23
    for identity, (state, sightings, gaps, before) in told.items():
        assert (state, gaps, before) == ("listed", [], None)
        assert sightings == (2 if identity in withheld else 3)
    carry_out(tmp_path, "news", records[2].id, MARK)
    ends = {identity: state for identity, (state, *_) in histories(tmp_path, capsys).items()}
    assert ends == {identity: "out-of-view" if identity in withheld else "listed" for identity in told}


def test_a_whole_list_on_another_page_claims_nothing_against_what_is_withheld(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = "<div><h3>{0}</h3><p>Some standing words about {0} that stay on every page of the listing.</p></div>"
    records = []
    for date in ("2016-03-20T06:00:00Z", "2016-03-27T06:00:00Z"):
        run = Run(date)
        shown = (f"/news.php?position={position}" for position in (0, 10))
        run.fetch(next(shown), listing(ten(2000, 18)).replace(b"</ul>", b"</ul>" + aside.format("Join us").encode()))
        body = listing([*ten(1990, 13), f"<!-- {date} -->"]).replace(
            b"</ul>", b"</ul>" + aside.format(WITHHELD).encode()
        )
        records.append(run.fetch(next(shown), body))
        run.commit(tmp_path)
    [identity] = [entry.id for entry in newest(tmp_path).entries() if entry.title == WITHHELD]
    carry_out(tmp_path, "news", records[1].id, MARK)
    found = changes(tmp_path, capsys, "latest~1", "latest")
    assert set(found) == {"out-of-view"}
    assert identity in found["out-of-view"]
