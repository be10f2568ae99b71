"""Pages and documents beside a listing of the PHP site."""

from pathlib import Path

from tests.minisite import Answer, MiniSite, at
from tests.php.crawling import ERROR, changed, crawl, details, incremental, moved, responses


def test_the_page_of_an_entry_that_is_listed_no_more_is_asked_for_once(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][15].href)
    site.remove(removed)
    found = crawl(tmp_path, site)
    assert details(found) == [f"/{removed}"]
    assert f"listed no more, and its own page answers 404: {site.url('/' + removed)}" in found.told
    [said] = [record for record in responses(found) if record[0] == site.url(f"/{removed}")]
    assert said[1].startswith(b"HTTP/1.1 404")
    assert found.outcome.exit_code == 0
    assert None not in {row.position for row in found.rows}
    assert details(crawl(tmp_path, site)) == []


def test_also_an_incremental_crawl_asks_for_it_where_it_came_past(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = [str(site.lists["news"][place].href) for place in (2, 25)]
    for href in removed:
        site.remove(href)
    assert details(incremental(tmp_path, site)) == [f"/{removed[0]}"]
    assert details(crawl(tmp_path, site)) == [f"/{removed[1]}"]


def test_of_many_entries_that_are_gone_some_are_asked_for(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    for _ in range(4):
        site.remove(str(site.lists["news"][5].href))
    found = crawl(tmp_path, site, settings={"GONE_MAX": 2})
    assert len(details(found)) == 2
    assert "4 entries are listed no more; the pages of 2 were asked for (GONE_MAX)" in found.told


def test_a_crawl_that_was_left_asks_for_no_page_of_an_entry(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    site.remove(str(site.lists["news"][2].href))
    site.trick = at(20, Answer(ERROR))
    assert details(crawl(tmp_path, site, follow="entries")) == []


def test_pages_of_new_and_edited_entries_and_their_documents_are_fetched_too(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    pdf = b"%PDF-1.4 an invented document\n" + bytes(100)
    site.documents["/papers/report.pdf"] = Answer(pdf, media_type="application/pdf")
    new = site.add(
        "news", "New", "It links papers/report.pdf and http://example.org/other.pdf here.", "01 January 2019"
    )
    edited = str(site.lists["news"][5].href)
    site.edit(edited, title="Another title")
    found = crawl(tmp_path, site, follow="entries")
    assert details(found) == [f"/{new}", f"/{edited}", "/papers/report.pdf"]
    assert (found.outcome.exit_code, found.outcome.problems, found.coverage.complete) == (0, [], True)
    beside = [row for row in found.rows if row.position is None]
    assert [(row.url, row.status, row.media_type, row.layout, row.lists, row.problems) for row in beside] == [
        (site.url(f"/{new}"), 200, "text/html", None, [], []),
        (site.url(f"/{edited}"), 200, "text/html", None, [], []),
        (site.url("/papers/report.pdf"), 200, "application/pdf", None, [], []),
    ]
    assert [(row.encoding, row.encoding_basis) for row in beside[1:]] == [("utf-8", "declared"), ("binary", "fallback")]
    assert all(row.warc is not None for row in beside)
    assert responses(found)[-1][1].endswith(pdf)
    assert sorted(one.change for one in changed(found)) == ["added", "edited"]
    # They take nothing away from what the listing proves.
    gone = str(site.lists["news"][20].href)
    site.remove(gone)
    assert [(one.change, one.id) for one in changed(crawl(tmp_path, site))] == [("removed", gone.removesuffix(".html"))]


def test_no_more_linked_pages_than_allowed_are_fetched(tmp_path: Path, site: MiniSite) -> None:
    found = crawl(tmp_path, site, follow="entries", settings={"FOLLOW_MAX": 3})
    assert details(found) == [f"/{block.href}" for block in site.lists["news"][:3]]
    assert "linked pages that were not asked for, more than 3 (FOLLOW_MAX): 30" in found.told


def test_a_linked_page_that_cannot_be_had_is_a_note(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    first, second = (site.add("news", title, "Something.", "01 January 2019") for title in ("One", "Two"))
    site.instead |= {f"/{first}": Answer(b"", status=500), f"/{second}": moved("/news.php")}
    found = crawl(tmp_path, site, follow="entries")
    assert (found.outcome.exit_code, found.line.outcome, found.line.reasons) == (0, "committed", [])
    assert found.outcome.problems == [
        f"{site.url('/news.php')}: the server leads to a listing, where the page of an entry was asked for",
        f"{site.url('/' + first)}: the server answered 500",
    ]
    assert [row.position for row in found.rows] == [0, 10, 20, 30]
