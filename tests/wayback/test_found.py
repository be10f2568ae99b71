"""What a whole backfill finds is all that there is, is kept as what it was, and claims nothing that is not true."""

from pathlib import Path

from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record
from tests.crawls import logged, sound, visible
from tests.webarchives import PAST, judging
from tests.webarchives.judging import Found, stamp
from tests.webarchives.running import Everything
from tests.webarchives.truth import COLLECTIONS, TRUTH


def records(archive: Path, collection: str) -> list[Record]:
    paths = [one.evidence() for one in Archive(archive).collection(collection).snapshots()]
    found: list[Record] = []
    for path in filter(None, paths):
        with path.open("rb") as file:
            found += [one.record for one in read(file, str(path))]
    return found


def test_all_captures_entries_and_snapshots_are_found_and_none_is_invented(everything: Everything) -> None:
    first = everything.first
    assert (first.code, first.outcomes, list(first.outcome.problems)) == (0, {"committed"}, [])
    assert judging.missing(everything.archive, TRUTH) == []
    for name in COLLECTIONS:
        assert Found(everything.archive, name).entries == TRUTH.entries(name)
    sound(everything.archive)


def test_nothing_false_is_claimed_between_any_two_snapshots(everything: Everything) -> None:
    claimed = judging.claims(everything.archive)
    assert judging.false(claimed, TRUTH) == []
    assert {change.change for _, _, _, change in claimed} == {"added", "edited", "removed"}


def test_no_digest_is_fetched_twice_but_those_of_errors_and_redirects(everything: Everything) -> None:
    asked = everything.first.mementos
    empty = {taken.digest for taken in PAST.empty}
    assert len(asked) == len(set(asked))
    assert len(asked) == TRUTH.fetches() + len(empty) + len(PAST.other_status)


def test_nothing_that_is_here_is_asked_for_again(everything: Everything) -> None:
    second = everything.second
    assert (second.code, second.outcomes, second.mementos) == (0, {"unchanged"}, [])
    snapshots = sum(len(names) for names in visible(everything.archive).values())
    assert len(logged(everything.archive)) == snapshots + len(COLLECTIONS)


def test_what_shows_no_listing_is_kept_says_why_and_claims_nothing(everything: Everything) -> None:
    silent = {taken.stamp: taken for taken in (*PAST.no_pages, *PAST.empty, *PAST.other_status)}
    shown = [Found(everything.archive, name) for name in COLLECTIONS]
    assert {(one.stamp, one.url) for one in PAST.no_pages} <= {place for found in shown for place in found.no_pages}
    rows = [row for found in shown for _, row in found.rows() if row.layout is None]
    passed_over = set(silent) - {stamp(row) for row in rows}
    # As pywb does with redirects that lead to another spelling of their own address.
    assert all(silent[one].location is not None for one in passed_over)
    assert len(rows) >= len(silent) - 2
    for row in rows:
        assert row.problems
        assert (row.lists, row.position, row.warc is None) == ([], None, False)
        assert row.status == silent[stamp(row)].status


def test_each_page_says_which_memento_it_is_and_each_snapshot_of_which_web_archive(everything: Everything) -> None:
    for one in Found(everything.archive, "news").snapshots:
        facts = one.manifest().provenance
        assert (facts.source, facts.spider) == ("memento", "wayback")
        assert facts.webarchive is not None
        for row in one.pages():
            assert row.captured_basis == "memento"
            assert row.memento is not None
            assert row.memento.startswith(facts.webarchive)
            assert row.memento.endswith(f"{stamp(row)}id_/{row.url}")


def test_evidence_is_the_capture_under_its_own_address_and_time(everything: Everything) -> None:
    taken = {(one.url, one.stamp): one for one in PAST.all}
    found = [one for one in records(everything.archive, "news") if one.get("WARC-Source-URI")]
    responses = [one for one in found if one.type == "response"]
    for one in responses:
        digest = taken[one.uri or "", "".join(filter(str.isdigit, one.date))].digest
        assert one.get("WARC-Payload-Digest") == f"sha1:{digest}"
        assert one.get("PSGCRAWL-Index-Digest") == f"sha1:{digest}"
        assert b"Memento-Datetime" not in one.block
        assert b"Server: Apache/2.2.3 (CentOS)" in one.block
    revisits = [one for one in found if one.type == "revisit"]
    assert revisits
    ids = {one.id for one in responses}
    assert {one.get("WARC-Refers-To") for one in revisits} <= ids
    assert {one.block for one in revisits} == {b""}
