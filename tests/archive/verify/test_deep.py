"""What a deep check finds although every hash is right: what was changed is patched up before it looks."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from psgcrawl import rebuild
from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Snapshot
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record, member
from psgcrawl.archive.write import write_edition
from psgcrawl.records import DERIVATION
from psgcrawl.redact.carrying import carry_out
from tests.archive.making import line
from tests.archive.verify.damaging import parts
from tests.archive.verify.making import NAME, NEWS, check, edit_lines, patch_log, patch_up


@pytest.fixture
def folder(archive: Path) -> Path:
    return archive / "news" / NAME


def told(archive: Path) -> list[str]:
    """What a deep check says once all hashes are right again, and a plain one does not."""
    patch_up(archive)
    assert check(archive).problems == []
    return check(archive, deep=True).problems


def change_manifest(folder: Path, **members: Any) -> None:
    path = folder / "datapackage.json"
    package = json.loads(path.read_bytes())
    package["psgcrawl"] |= members
    path.write_bytes(json.dumps(package, indent=2).encode() + b"\n")


@pytest.mark.parametrize(
    ("name", "number", "members", "problem"),
    [
        ("entries", 0, {"title": "Another"}, "entries.jsonl:1: not what the evidence gives"),
        ("entries", 1, {"id": "news-article-9"}, "entries.jsonl:2: the id 'news-article-9' is there twice"),
        ("entries", 1, {"id": "x-1"}, "entries.jsonl: the entry 'x-1' is on no page"),
        ("entries", 0, {"date_latest": "2016-02-31"}, "entries.jsonl:1: date_latest is '2016-02-31', no day"),
        ("entries", 0, {"flags": ["no-year", "epoch-date"]}, "entries.jsonl:1: 'flags' is not sorted"),
        ("entries", 0, {"issue": "7"}, "entries.jsonl:1: Expected `int | null`, got `str` - at `$.issue`"),
        ("entries", 0, {"kind": "notice"}, "datapackage.json: counts are "),
        ("entries", 0, {"date_earliest": "1999-01-01"}, "entries.jsonl:2: 'news-article-8' does not stand after"),
        ("pages", 0, {"url": NEWS.format(30)}, "pages.jsonl:1: url is "),
        ("pages", 0, {"status": 304}, "pages.jsonl:1: status is 304, that of its record 200"),
        ("pages", 2, {"sha256": "0" * 64}, "pages.jsonl:3: sha256 is 000"),
        ("pages", 2, {"payload_digest": "sha1:" + "A" * 32}, "pages.jsonl:3: payload_digest is sha1:AAA"),
        ("pages", 0, {"warc": None}, "pages.jsonl:1: no record, though there is pages.warc.gz"),
        ("pages", 0, {"position": 40}, "datapackage.json: coverage has the positions [(0, 20)]"),
        ("pages", 0, {"fields": ["url", "title"]}, "pages.jsonl:1: 'fields' is not sorted"),
        ("pages", 0, {"layout": "other"}, "pages.jsonl:1: not what the evidence gives"),
        (
            "pages",
            1,
            {"captured": {"from": "2024-02-01T06:00:00Z", "to": "2024-02-01T06:00:00Z"}},
            "pages.jsonl:2: captured before the page in front of it",
        ),
        ("pages", 0, {"problems": ["redacted: why"]}, "pages.jsonl:1: of page and record one is redacted"),
    ],
)
def test_a_changed_line_is_told(
    archive: Path, folder: Path, name: str, number: int, *, members: dict[str, Any], problem: str
) -> None:
    edit_lines(folder / f"{name}.jsonl", number, **members)
    problems = told(archive)
    assert any(one.startswith(f"news/{NAME}/{problem}") for one in problems), problems


def test_lines_that_say_the_same_in_other_bytes_are_told(archive: Path, folder: Path) -> None:
    for name in ("entries.jsonl", "pages.jsonl"):
        (folder / name).write_bytes((folder / name).read_bytes().replace(b":null", b": null", 1))
    assert [one.partition(": ")[2][:28] for one in told(archive)][:2] == ["not written as it must be: ot"[:28]] * 2


def test_fields_of_a_later_version_are_no_damage_of_the_line(archive: Path, folder: Path) -> None:
    edit_lines(folder / "entries.jsonl", 0, later="é")
    assert told(archive) == [f"news/{NAME}/entries.jsonl:1: not what the evidence gives"]


def test_pages_show_entries_that_are_there(archive: Path, folder: Path) -> None:
    path = folder / "pages.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"entries":["news-article-9"', b'"entries":["news-article-1"'))
    problem = f"news/{NAME}/pages.jsonl:1: shows the entry 'news-article-1', which is not in entries.jsonl"
    assert problem in told(archive)


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"captured": {"from": "2024-03-01T06:00:00Z", "to": None}}, "captured is "),
        (
            {"coverage": {"listing": "news", "complete": True, "end": None, "positions": [[0, 20]], "gaps": []}},
            "coverage is",
        ),
        (
            {"redactions": [{"record": "<urn:x>", "url": None, "reason": "", "when": "2024-03-01T06:00:00Z"}]},
            "declared",
        ),
    ],
)
def test_a_manifest_is_held_against_lines_and_records(
    archive: Path, folder: Path, members: dict[str, Any], problem: str
) -> None:
    change_manifest(folder, **members)
    assert any(problem in one for one in told(archive))


def test_what_other_rules_derived_cannot_be_compared(archive: Path, folder: Path) -> None:
    change_manifest(folder, derivation=DERIVATION + 1)
    assert told(archive) == []
    [remark] = check(archive, deep=True).remarks
    assert "not derived again: made by rules" in remark


# --- records --------------------------------------------------------------------------------


def rewrite(folder: Path, number: int, fields: dict[str, str | None]) -> None:
    """Write the WARC again with other fields in one record; the pages point at the places that come of it."""
    path = folder / "pages.warc.gz"
    members = parts(path)
    with path.open("rb") as file:
        record = list(read(file, str(path)))[number].record
    changed = [(name, fields.get(name, value)) for name, value in record.fields]
    kept = tuple((name, value) for name, value in changed if value is not None)
    members[number] = member(Record(kept, record.block))
    path.write_bytes(b"".join(members))
    with path.open("rb") as file:
        places = {found.record.id: found for found in read(file, str(path))}
    for row, text in enumerate((folder / "pages.jsonl").read_bytes().splitlines()):
        warc = json.loads(text)["warc"]
        if found := places.get(warc["record"]):
            edit_lines(folder / "pages.jsonl", row, warc=warc | {"offset": found.offset, "length": found.length})


ABSENT = "<urn:uuid:00000000-0000-4000-8000-000000000000>"


@pytest.mark.parametrize(
    ("number", "fields", "problem"),
    [
        (0, {"WARC-Type": "metadata"}, "the first record is no warcinfo"),
        (1, {"WARC-Block-Digest": "sha1:" + "A" * 32}, "record 2: WARC-Block-Digest is"),
        (1, {"WARC-Block-Digest": None}, "record 2: no WARC-Block-Digest"),
        (1, {"WARC-Date": None}, "record 2: no WARC-Date"),
        (2, {"WARC-Payload-Digest": "sha1:" + "A" * 32}, "record 3: WARC-Payload-Digest is"),
        (2, {"WARC-Payload-Digest": None}, "record 3: no WARC-Payload-Digest"),
        (2, {"WARC-Concurrent-To": ABSENT}, f"WARC-Concurrent-To names {ABSENT}, which is not there"),
        (2, {"WARC-Target-URI": "http://other/"}, "pages.jsonl:1: url is"),
        (2, {"WARC-Type": "metadata"}, "that holds no page"),
        (2, {"WARC-Record-ID": ABSENT}, "pages.jsonl:1: no record <urn:uuid:"),
        (6, {"WARC-Refers-To": ABSENT}, f"a revisit of {ABSENT}, which is not there"),
        (6, {"WARC-Payload-Digest": "sha1:" + "A" * 32}, "a revisit of the payload sha1:AAA"),
    ],
)
def test_a_changed_record_is_told(
    archive: Path, folder: Path, number: int, fields: dict[str, str | None], problem: str
) -> None:
    rewrite(folder, number, fields)
    problems = told(archive)
    assert any(problem in one for one in problems), problems


def test_records_that_share_a_gzip_member_are_told(archive: Path, folder: Path) -> None:
    path = folder / "pages.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())))
    assert f"news/{NAME}/pages.warc.gz: record 2: not in a gzip member of its own" in told(archive)


# --- editions -------------------------------------------------------------------------------


def edition(archive: Path) -> Path:
    """Commit what the snapshot is as a second edition."""
    snapshot = Snapshot(archive / "news" / NAME)
    with CollectionLock(archive, "news") as lock:
        again = rebuild.derive(snapshot)
        stated = snapshot.manifest().provenance.coverage
        written = write_edition(lock, snapshot.folder, again, stated, "2024-04-01T00:00:00Z")
        runlog.append(archive, line(snapshot=written.name, manifest_sha256=written.manifest_sha256))
    return written.folder


def test_a_later_edition_is_derived_from_the_evidence_of_the_first(archive: Path) -> None:
    edition(archive)
    said = check(archive, deep=True)
    assert said.problems == []
    assert said.findings
    assert said.findings.tally.compared == 2


def test_an_edition_names_the_manifest_of_one_before_it(archive: Path) -> None:
    later = edition(archive)
    for origin, problem in (
        ({"name": NAME, "sha256": "0" * 64}, f"derived from {NAME} with the manifest 000"),
        ({"name": "20240302T060000Z", "sha256": "0" * 64}, "derived from '20240302T060000Z', which is no edition"),
        (None, "a later edition that does not say from which it was derived"),
    ):
        change_manifest(later, derived_from=origin)
        patch_log(archive)
        [found] = check(archive).problems
        assert found.startswith(f"news/{later.name}/datapackage.json: {problem}")


def test_an_edition_that_is_missing_between_others_is_told(archive: Path) -> None:
    later = edition(archive)
    later.rename(later.with_name(f"{NAME}.e4"))
    problems = check(archive).problems
    assert f"news/{NAME}.e4: there is no edition 2 before it" in problems
    assert f"news/{NAME}.e4: there is no edition 3 before it" in problems


# --- redactions -----------------------------------------------------------------------------


def test_what_a_redaction_took_is_declared_and_sound(archive: Path, folder: Path) -> None:
    row = next(Snapshot(folder).pages())
    assert row.warc
    carry_out(archive, "news", row.warc.record, Mark("2024-05-01T00:00:00Z", "by order"))
    assert [path.name for path in folder.iterdir()] == ["datapackage.json"]
    plain = check(archive)
    assert plain.problems == []
    assert plain.remarks == [f"news/{NAME}: redacted, declared: of this edition only datapackage.json is kept"]
    deep = check(archive, deep=True)
    assert deep.problems == []
    assert f"news/{NAME}.e2/pages.warc.gz: {row.warc.record}: redacted, declared" in deep.remarks


def test_what_a_redaction_should_have_taken_and_is_still_there_is_told(archive: Path, folder: Path) -> None:
    row = next(Snapshot(folder).pages())
    assert row.warc
    entries = (folder / "entries.jsonl").read_bytes()
    carry_out(archive, "news", row.warc.record, Mark("2024-05-01T00:00:00Z", "by order"))
    (folder / "entries.jsonl").write_bytes(entries)
    said = check(archive)
    assert said.problems == []
    assert said.remarks == [f"news/{NAME}: redacted, declared, but not yet done: still there: entries.jsonl"]


def test_a_redaction_that_is_not_declared_is_damage(archive: Path, folder: Path) -> None:
    row = next(Snapshot(folder).pages())
    assert row.warc
    carry_out(archive, "news", row.warc.record, Mark("2024-05-01T00:00:00Z", "by order"))
    change_manifest(folder.with_name(f"{NAME}.e2"), redactions=[])
    patch_log(archive)
    problems = check(archive, deep=True).problems
    assert f"news/{NAME}/entries.jsonl: the file is missing" in problems
    assert any("redacted, and the manifest does not declare it" in problem for problem in problems)
