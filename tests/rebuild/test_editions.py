import json
from pathlib import Path

import pytest

from psgcrawl import SOFTWARE
from psgcrawl.archive import jsonl, recovery, runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.manifest import ENTRIES, MANIFEST, PAGES, verify_files
from psgcrawl.archive.store import Snapshot
from psgcrawl.errors import DamagedData
from psgcrawl.rebuild import derive
from psgcrawl.rebuild.editions import commit, examine
from psgcrawl.rebuild.outcomes import Examined
from psgcrawl.records import DERIVATION, Edition, Entry, Page, replace
from tests.archive.faults import dies
from tests.rebuild.making import Crawl, editions, files, html, one, response, retitled, rewritten
from tests.thorough import every

NOW, LATER = "2026-01-01T00:00:00Z", "2026-01-01T00:00:07Z"
NAME = "20180929T060000Z"


def rebuilt(snapshot: Snapshot) -> Examined:
    """Derive again and commit where that is due, as the command does."""
    archive = snapshot.folder.parents[1]
    with CollectionLock(archive, "news") as lock:
        recovery.log_unlogged(lock, NOW)
        examined, content = examine(snapshot)
        return commit(lock, examined, content, NOW, LATER) if examined.due else examined


def newest(archive: Path) -> Snapshot:
    return Snapshot(archive / "news" / editions(archive)[-1])


def test_where_nothing_differs_nothing_is_due(tmp_path: Path) -> None:
    found, _ = examine(one(tmp_path))
    assert (found.due, found.differs, found.entries, found.pages) == (False, False, [], [])


def test_an_edition_has_what_is_derived_now(tmp_path: Path) -> None:
    snapshot = one(tmp_path)
    before = files(snapshot.folder)
    rewritten(snapshot, entries=retitled)
    stored = files(snapshot.folder)
    found = rebuilt(snapshot)
    edition = newest(tmp_path)
    assert (found.edition, edition.name, found.snapshot, found.evidence) == (f"{NAME}.e2", f"{NAME}.e2", NAME, NAME)
    assert {name: (edition.folder / name).read_bytes() for name in (ENTRIES, PAGES)} == {
        name: before[name] for name in (ENTRIES, PAGES)
    }
    assert sorted(files(edition.folder)) == [MANIFEST, ENTRIES, PAGES]
    assert files(snapshot.folder) == stored
    assert verify_files(edition.folder) == []
    assert [one.fields for one in found.entries] == [["title"]] * 10


def test_the_manifest_keeps_what_it_says_of_the_crawl(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    crawl.respond(response(html()), title="A title of its own", note="From a library.\n\nIn two parts.")
    snapshot = crawl.end()
    stored = json.loads((snapshot.folder / MANIFEST).read_bytes())
    sha256 = snapshot.manifest().sha256
    rewritten(snapshot, derivation=DERIVATION - 1)
    rebuilt(snapshot)
    made = json.loads((newest(tmp_path).folder / MANIFEST).read_bytes())
    assert made["psgcrawl"].pop("derived_from")["name"] == NAME
    assert made["psgcrawl"] == {key: value for key, value in stored["psgcrawl"].items() if key != "derived_from"}
    for name in ("title", "description", "sources"):
        assert made[name] == stored[name]
    assert made["created"] == NOW
    assert newest(tmp_path).manifest().provenance.derived_from != Edition(name=NAME, sha256=sha256)
    assert newest(tmp_path).manifest().provenance.derived_from == Edition(name=NAME, sha256=snapshot.manifest().sha256)


def test_the_log_says_what_was_derived_from_what_and_why(tmp_path: Path) -> None:
    snapshot = rewritten(one(tmp_path), entries=retitled, derivation=DERIVATION - 1)
    rebuilt(snapshot)
    *_, line = runlog.read(tmp_path)
    assert runlog.check(tmp_path) == []
    assert (line.spider, line.outcome, line.snapshot, line.software) == ("rebuild", "committed", f"{NAME}.e2", SOFTWARE)
    assert (line.started, line.finished, line.manifest_sha256) == (NOW, LATER, newest(tmp_path).manifest().sha256)
    assert line.reasons == [
        f"derived again from the raw pages of {NAME}, in place of {NAME}",
        f"the rules are derivation {DERIVATION}, they were derivation {DERIVATION - 1}",
        "what differs is how pages are read, not the site: 10 entries differ",
    ]


def test_older_rules_get_an_edition_also_where_nothing_differs(tmp_path: Path) -> None:
    found = rebuilt(rewritten(one(tmp_path), derivation=DERIVATION - 1))
    assert (found.edition, found.differs) == (f"{NAME}.e2", False)
    assert newest(tmp_path).manifest().provenance.derivation == DERIVATION
    *_, line = runlog.read(tmp_path)
    assert line.reasons[-1] == "nothing else differs"


def test_an_edition_is_derived_from_the_evidence_of_the_first(tmp_path: Path) -> None:
    rebuilt(rewritten(one(tmp_path), entries=retitled))
    found = rebuilt(rewritten(newest(tmp_path), entries=retitled))
    assert (found.snapshot, found.edition, found.evidence) == (f"{NAME}.e2", f"{NAME}.e3", NAME)
    *_, line = runlog.read(tmp_path)
    assert line.reasons[0] == f"derived again from the raw pages of {NAME}, in place of {NAME}.e2"
    assert newest(tmp_path).evidence() == tmp_path / "news" / NAME / "pages.warc.gz"


def test_an_edition_that_was_committed_needs_no_other(tmp_path: Path) -> None:
    rebuilt(rewritten(one(tmp_path), entries=retitled, derivation=DERIVATION - 1))
    stored = files(tmp_path)
    assert rebuilt(newest(tmp_path)).edition is None
    assert files(tmp_path) == stored


def test_redactions_stay_declared(tmp_path: Path) -> None:
    said = [{"record": "<urn:uuid:gone>", "url": None, "reason": "a court said so", "when": NOW}]
    rebuilt(rewritten(one(tmp_path), entries=retitled, redactions=said))
    assert [one.reason for one in newest(tmp_path).manifest().provenance.redactions] == ["a court said so"]


def test_entries_in_another_order_are_other_bytes(tmp_path: Path) -> None:
    found, _ = examine(rewritten(one(tmp_path), entries=lambda entries: entries[::-1]))
    assert (found.files, found.entries, found.due) == ([ENTRIES], [], True)


def test_damaged_entries_are_no_difference(tmp_path: Path) -> None:
    snapshot = one(tmp_path)
    path = snapshot.folder / ENTRIES
    path.write_bytes(path.read_bytes().replace(b"Synthetic", b"synthetic"))
    with pytest.raises(DamagedData, match=r"entries\.jsonl: \d+ bytes, SHA-256"):
        examine(snapshot)


def test_a_parser_that_changes_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = one(tmp_path)
    stored = list(snapshot.entries())

    def capitals(page: Page, now: str, /) -> Page:
        return replace(page, entries=tuple(replace(entry, title=entry.title.upper()) for entry in page.entries))

    monkeypatch.setattr("psgcrawl.derive.bound", capitals)
    monkeypatch.setattr("psgcrawl.archive.rules.DERIVATION", DERIVATION + 1)
    found, content = examine(snapshot)
    assert [entry.title for entry in content.entries] == [entry.title.upper() for entry in stored]
    assert {field for one in found.entries for field in one.fields} == {"title"}


def test_dying_at_any_moment_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    """Whatever system call is the last: the first edition stands, and the next rebuild ends with exactly one more."""
    strike = 1
    while True:
        archive = tmp_path / str(strike)
        snapshot = rewritten(one(archive), entries=retitled)
        stored = files(snapshot.folder)
        died = dies(strike, lambda snapshot=snapshot: rebuilt(snapshot))  # type: ignore[misc]
        assert files(snapshot.folder) == stored
        rebuilt(newest(archive))
        assert editions(archive) == [NAME, f"{NAME}.e2"]
        assert verify_files(newest(archive).folder) == []
        assert runlog.check(archive) == []
        assert [line.snapshot for line in runlog.read(archive)] == [NAME, f"{NAME}.e2"]
        assert rebuilt(newest(archive)).edition is None
        if not died:
            break
        strike += every(6)
    assert strike > 20


def test_entries_that_a_redacted_page_showed_do_not_come_back(tmp_path: Path) -> None:
    crawl = Crawl(tmp_path)
    crawl.respond(response(html(20)), 0)
    crawl.respond(response(html(10)), 10, "2018-09-29T06:00:05Z")
    snapshot = crawl.end()
    kept, gone = list(snapshot.pages())
    hidden = {identity for view in gone.lists for identity in view.entries}
    row = replace(gone, layout=None, fields=[], lists=[], problems=["redacted: a court said so"])

    def left(entries: list[Entry]) -> list[Entry]:
        return [entry for entry in entries if entry.id not in hidden]

    rewritten(snapshot, entries=lambda entries: retitled(left(entries)), rows=lambda _: [kept, row])
    rebuilt(snapshot)
    assert not hidden & {entry.id for entry in newest(tmp_path).entries()}
    assert list(newest(tmp_path).pages()) == [kept, row]
    assert jsonl.dump_lines(derive(newest(tmp_path)).rows) == (newest(tmp_path).folder / PAGES).read_bytes()
