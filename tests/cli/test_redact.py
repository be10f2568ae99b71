import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from psgcrawl.archive import runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.store import Archive
from psgcrawl.cli import main
from psgcrawl.records import replace
from tests.archive.making import contents, line
from tests.redact.making import REASON, WITHHELD, Run, holders_of, item, listing, psgcrawl, sound, three_pages


def redact(archive: Path, record: str, *words: str, reason: str = REASON) -> int:
    return psgcrawl(archive, "redact", "news", record, "--reason", reason, *words)


def test_without_yes_it_says_what_would_go_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, records = three_pages(tmp_path)
    before = contents(tmp_path)
    assert redact(tmp_path, records[10].id) == 0
    out = capsys.readouterr().out
    assert contents(tmp_path) == before
    assert f"{old.name} would become {old.name}.e2" in out
    assert "10 entries withheld" in out
    assert f"{WITHHELD} speaks in Cusco [news-article-1990]" in out
    assert f"still with the requests for that address: {records[10].get('WARC-Concurrent-To')}" in out
    assert f"then deleted: all files of {old.name} but datapackage.json" in out
    assert "Nothing else in this archive shows the same." in out


def test_what_it_says_to_type_next_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, records = three_pages(tmp_path)
    assert redact(tmp_path, records[10].id.strip("<>"), reason="it's an order") == 0
    command = capsys.readouterr().out.splitlines()[-1]
    assert main(shlex.split(command)[1:]) == 0
    out = capsys.readouterr().out
    assert "Deleted:" in out
    assert "docs/responsible-use.md" in out
    assert holders_of(WITHHELD, tmp_path) == []
    assert sound(tmp_path)


@pytest.mark.parametrize("form", ["{}", "urn:uuid:{}", "<urn:uuid:{}>"])
def test_a_record_can_be_named_with_and_without_brackets(tmp_path: Path, form: str) -> None:
    _, records = three_pages(tmp_path)
    bare = records[10].id.removeprefix("<urn:uuid:").removesuffix(">")
    assert redact(tmp_path, form.format(bare), "--yes") == 0
    assert holders_of(WITHHELD, tmp_path) == []


@pytest.mark.parametrize(
    "text", ["http://www.perusupportgroup.org.uk/news.php?position=10", "news-article-1990"], ids=["address", "entry"]
)
def test_an_address_or_an_entry_lists_the_records_that_carry_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    old, records = three_pages(tmp_path)
    later = Run("2016-03-27T06:00:00Z")
    later.unchanged("/news.php?position=10", records[10])
    revisit = later.pages[0].record
    second = later.commit(tmp_path)
    assert redact(tmp_path, text, "--yes") == 2
    out, err = capsys.readouterr()
    assert "it is no record, but is in these" in err
    assert [re.split("  +", row) for row in out.splitlines()] == [
        [records[10].id, "http://perusupportgroup.org.uk/news.php?position=10", f"in {old.name}"],
        [revisit, "http://perusupportgroup.org.uk/news.php?position=10", f"in {second.name}"],
    ]
    assert WITHHELD in (old.folder / "entries.jsonl").read_text()


def test_what_is_nowhere_is_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    three_pages(tmp_path)
    assert redact(tmp_path, "news-article-1") == 2
    assert "no snapshot holds a record 'news-article-1'" in capsys.readouterr().err
    assert psgcrawl(tmp_path, "redact", "elsewhere", "x", "--reason", "y") == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("reason", ["", " ", "two\nlines", "\x1b[31m", "\udce9"], ids=repr)
def test_a_reason_is_one_line_of_text(tmp_path: Path, capsys: pytest.CaptureFixture[str], reason: str) -> None:
    _, records = three_pages(tmp_path)
    assert redact(tmp_path, records[10].id, "--yes", reason=reason) == 2
    assert "--reason" in capsys.readouterr().err
    assert holders_of(WITHHELD, tmp_path) != []


def test_without_a_reason_it_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        psgcrawl(tmp_path, "redact", "news", "x")


def test_a_collection_that_is_held_is_trouble_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, records = three_pages(tmp_path)
    with CollectionLock(tmp_path, "news"):
        assert redact(tmp_path, records[10].id, "--yes") == 2
    assert "another run holds this collection" in capsys.readouterr().err
    assert sound(tmp_path)


def test_where_else_it_can_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, records = three_pages(tmp_path)
    # Another capture of the same page: the same payload; and one that shows only the one entry, elsewhere.
    same = Run("2016-03-21T06:00:00Z", "articles")
    other = same.fetch("/news.php?position=10", records[10].block.partition(b"\r\n\r\n")[2])
    same.commit(tmp_path)
    shows = Run("2016-04-20T06:00:00Z")
    shown = shows.fetch("/news.php?position=0", listing([item(1990, "13 March 2016", f"{WITHHELD} speaks in Cusco")]))
    third = shows.commit(tmp_path)
    apart = tmp_path / "news" / ".incomplete-20160320T060000Z"
    shutil.copytree(old.folder, apart)
    (tmp_path / "aliases.jsonl").write_text('{"id":"news-article-1990"}\n{"id":"news-article-1"}\n')
    address = "http://perusupportgroup.org.uk/news.php?position=10"
    runlog.append(tmp_path, line(outcome="unchanged", reasons=[f"{address}: later than {WITHHELD} speaks in Cusco"]))
    os.link(old.folder / "pages.warc.gz", tmp_path.parent / f"{tmp_path.name}-backup")
    assert redact(tmp_path, records[10].id) == 0
    told = capsys.readouterr().out.partition("Elsewhere in this archive, and not touched by this:\n")[2]
    assert f"articles/20160321T060000Z/pages.warc.gz: {other.id}: a record of the same payload" in told
    assert f"news/{third.name}: {shown.id}: shows news-article-1990" in told
    assert f"news/{apart.name}/pages.warc.gz: {records[10].id}: the record itself" in told
    assert f"news/{apart.name}: {records[10].id}: shows news-article-1981, " in told
    assert "aliases.jsonl: name the id of a withheld entry: 1 line" in told
    assert "runs.jsonl: name an address: 1 line\n" in told
    assert "runs.jsonl: quote a withheld title: 1 line\n" in told
    assert f"news/{old.name}/pages.warc.gz: stays under other names on this disk (hard links): 1" in told
    assert redact(tmp_path, records[10].id, "--yes") == 0
    again = capsys.readouterr().out.partition("Elsewhere in this archive, and not touched by this:\n")[2]
    assert set(told.splitlines()) - set(again.splitlines()) <= {
        "Nothing was changed. To do it:",
        *told.splitlines()[-1:],
    }


def test_a_manifest_that_quotes_what_is_withheld_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = Run("2016-03-20T06:00:00Z")
    record = run.fetch("/news.php", listing([item(1, "1 March 2016", WITHHELD)]))
    run.pages[0] = replace(run.pages[0], note=f"The page about {WITHHELD}.")
    old = run.commit(tmp_path)
    assert redact(tmp_path, record.id) == 0
    assert f"news/{old.name}/datapackage.json: quotes 1 withheld title" in capsys.readouterr().out
    assert redact(tmp_path, record.id, "--yes") == 0
    out = capsys.readouterr().out
    for name in (old.name, f"{old.name}.e2"):
        assert out.count(f"news/{name}/datapackage.json: quotes 1 withheld title") == 1


def test_what_was_left_undone_is_told_and_then_finished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, records = three_pages(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr("psgcrawl.redact.carrying.erase", lambda *_: [])
        assert redact(tmp_path, records[10].id, "--yes") == 0
    capsys.readouterr()
    assert redact(tmp_path, records[10].id) == 0
    out = capsys.readouterr().out
    assert f"Still to be deleted:\n  news/{old.name}/pages.warc.gz\n" in out
    assert redact(tmp_path, records[10].id, "--yes") == 0
    assert f"Deleted:\n  news/{old.name}/pages.warc.gz\n" in capsys.readouterr().out
    assert redact(tmp_path, records[10].id, "--yes") == 0
    assert "nothing was left to do" in capsys.readouterr().out


def test_a_damaged_snapshot_is_trouble_though_others_are_treated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, records = three_pages(tmp_path)
    later = Run("2016-03-27T06:00:00Z")
    later.unchanged("/news.php?position=10", records[10])
    second = later.commit(tmp_path)
    (second.folder / "pages.jsonl").write_bytes(b"")
    assert redact(tmp_path, records[10].id, "--yes") == 2
    assert f"not treated: {second.folder}/pages.jsonl" in capsys.readouterr().err
    assert [one.name for one in Archive(tmp_path).collection("news").snapshots()] == [
        "20160320T060000Z.e2",
        second.name,
    ]


def test_nothing_of_a_page_reaches_the_terminal_as_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run("2016-03-20T06:00:00Z")
    record = run.fetch("/news.php", listing([item(1, "1 March 2016", "A \u202etitle\u200b")]))
    run.commit(tmp_path)
    assert redact(tmp_path, record.id) == 0
    out = capsys.readouterr().out
    assert "A \\u202etitle" in out
    assert "\u202e" not in out
