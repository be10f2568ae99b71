from pathlib import Path

import pytest

from psgcrawl.archive.redact.row import Mark
from psgcrawl.archive.store import Archive
from psgcrawl.redact.elsewhere import Sought, Trace, elsewhere
from psgcrawl.redact.finding import bare, find
from psgcrawl.redact.planning import Treatment, plan
from tests.archive.making import entry, page, whole_run
from tests.redact.making import REASON, WHEN, WITHHELD, Run, item, listing, psgcrawl, ten, three_pages


def treatment(archive: Path, record: str) -> Treatment:
    [holding] = find(Archive(archive).collection("news"), record).holdings
    return plan(holding, Mark(WHEN, REASON))


def traces(archive: Path, planned: Treatment) -> list[Trace]:
    sought = Sought()
    sought.add(planned)
    return list(elsewhere(archive, sought, [planned.snapshot.folder]))


@pytest.mark.parametrize("name", ["pages.warc.gz", "entries.jsonl", "pages.jsonl"])
def test_what_cannot_be_looked_into_is_told(tmp_path: Path, name: str) -> None:
    old, records = three_pages(tmp_path)
    planned = treatment(tmp_path, records[10].id)
    apart = tmp_path / "news" / ".incomplete-20160101T000000Z"
    apart.mkdir()
    whole = (old.folder / name).read_bytes()
    (apart / name).write_bytes(whole[: len(whole) - 9])
    [trace] = [one for one in traces(tmp_path, planned) if "cannot be looked into" in one.what]
    assert trace.place == f"news/{apart.name}/{name}"
    assert str(apart / name) in trace.what


def test_a_manifest_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    planned = treatment(tmp_path, records[10].id)
    apart = tmp_path / "news" / ".incomplete-20160101T000000Z"
    apart.mkdir()
    (apart / "datapackage.json").symlink_to("nowhere")
    assert [one.place for one in traces(tmp_path, planned)] == [f"news/{apart.name}/datapackage.json"]


def test_the_same_words_under_another_identity_are_found_where_no_record_was_kept(tmp_path: Path) -> None:
    run = Run("2016-03-20T06:00:00Z")
    words = "The words of this entry, long enough to be running text, stand in two places."
    record = run.fetch("/news.php", listing([item(1, "1 March 2016", WITHHELD, words)]))
    run.commit(tmp_path)
    planned = treatment(tmp_path, record.id)
    [withheld] = planned.withheld
    same = entry("x-0123456789abcdef", title=withheld.title, summary=withheld.summary)
    other = entry("x-0123456789abcdee", title=withheld.title, summary="Others words below that title.")
    payload = planned.pages[0].payload_digest
    without = whole_run(tmp_path, page(same, other, payload_digest=payload))
    place = f"news/{without.name}"
    assert traces(tmp_path, planned) == [
        Trace(place=place, record=None, what="shows x-0123456789abcdef"),
        Trace(place=place, record=None, what="a page of the same payload, of which no record was kept"),
    ]


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    _, records = three_pages(tmp_path)
    other = Run("2016-05-20T06:00:00Z")
    other.fetch("/news.php", listing(ten(2100, 28)))
    other.commit(tmp_path)
    assert traces(tmp_path, treatment(tmp_path, records[10].id)) == []


def test_what_stands_otherwise_and_what_stays_are_told_with_the_pages_that_show_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run("2016-03-20T06:00:00Z")
    first = run.fetch("/news.php", listing([item(2, "2 March 2016"), item(1, "1 March 2016", "The first reading")]))
    run.date = "2016-03-20T06:00:10Z"
    later = [item(2, "2 March 2016"), item(1, "1 March 2016", "The later reading")]
    record = run.fetch("/news.php?position=10", listing(later))
    run.commit(tmp_path)
    assert psgcrawl(tmp_path, "redact", "news", record.id, "--reason", REASON) == 0
    out = capsys.readouterr().out
    assert (
        "1 entry standing otherwise, as another page shows them:\n    1 March 2016 | The later reading "
        "[news-article-1] -> 1 March 2016 | The first reading [news-article-1]\n"
    ) in out
    assert (
        "1 entry staying, for other pages show them, too:\n    2 March 2016 | Title 2 [news-article-2], "
        f"on http://perusupportgroup.org.uk/news.php ({first.id})\n"
    ) in out
    assert "withheld" not in out
    assert psgcrawl(tmp_path, "redact", "news", run.records[0].id, "--reason", REASON) == 0
    assert "no page comes from it: entries stay as they are" in capsys.readouterr().out


def test_an_entry_that_only_gets_another_number_is_not_lost(tmp_path: Path) -> None:
    run = Run("2016-03-20T06:00:00Z")

    def unlinked(summary: str) -> str:
        words = f"{summary}: the words of an entry without a link, long enough to be running text."
        return f'<li><h3>One title for two</h3><p class="date">1 March 2016</p><p>{words}</p></li>'

    record = run.fetch("/news.php", listing([item(9, "2 March 2016"), unlinked("A")]))
    run.fetch("/news.php?position=10", listing([item(8, "1 March 2016"), unlinked("B")]))
    run.commit(tmp_path)
    planned = treatment(tmp_path, record.id)
    numbered = [one for one in planned.snapshot.entries() if one.id.startswith("x-")]
    assert sorted(one.id.count("-") for one in numbered) == [1, 2]
    assert [(one.id.count("-"), one.summary[:2]) for one in planned.withheld if one.id.startswith("x-")] == [(1, "A:")]
    assert planned.otherwise == []
    assert [one.summary[:2] for one in planned.content.entries if one.id.startswith("x-")] == ["B:"]


@pytest.mark.parametrize("name", ["<urn:uuid:AB-1>", "urn:uuid:ab-1", "ab-1", " <ab-1> "])
def test_names_of_records_are_compared_without_what_stands_around_them(name: str) -> None:
    assert bare(name) == "ab-1"
