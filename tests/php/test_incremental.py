"""Listings that are crawled again: what that costs, what is carried over, and what it can miss."""

from pathlib import Path

import pytest

from psgcrawl.archive import rules
from psgcrawl.archive.history.observations import observe
from psgcrawl.archive.store import Archive
from psgcrawl.records import DERIVATION, Coverage, replace
from psgcrawl.spiders.news import NewsSpider
from tests import crawls
from tests.minisite import Answer, MiniSite, at
from tests.php.crawling import (
    ERROR,
    SETTINGS,
    changed,
    crawl,
    ids,
    incremental,
    members,
    members_of,
    pages,
    ticking,
)


@pytest.mark.parametrize("validators", [False, True], ids=["plain", "with validators"])
def test_an_unchanged_site_costs_an_incremental_crawl_one_request_and_no_snapshot(
    tmp_path: Path, site: MiniSite, validators: bool
) -> None:
    site.validators = validators
    full = crawl(tmp_path, site)
    before = ticking(tmp_path)
    found = incremental(tmp_path, site)
    assert found.asked == pages(0)
    assert site.requests[-1].status == (304 if validators else 200)
    assert ("2 requests (robots.txt and redirects too), 35 bytes received" in found.told) == validators
    assert (found.outcome.exit_code, found.line.outcome, found.line.snapshot) == (0, "unchanged", full.line.snapshot)
    assert found.coverage == Coverage(listing="news", complete=False, end="carried", positions=[(0, 0)], gaps=[])
    assert [page.url for page in found.line.pages] == [site.url(pages(0)[0])]
    assert ticking(tmp_path) == before
    assert f"the 23 behind them were not looked at, they stand as in {full.line.snapshot}" in found.told


def test_the_rest_is_carried_over_with_its_times_and_records(tmp_path: Path, site: MiniSite) -> None:
    full = crawl(tmp_path, site)
    old = {row.position: row for row in full.rows}
    site.add("news", "Brand new", "Something new.", "01 January 2019")
    found = incremental(tmp_path, site)
    assert found.asked == pages(0, 10)
    assert (found.line.outcome, found.coverage.end, found.coverage.complete) == ("committed", "carried", False)
    assert found.ids == ids(site)
    carried = [row for row in found.rows if row.carried_from is not None]
    assert [(row.position, row.carried_from) for row in carried] == [
        (10, full.line.snapshot),
        (20, full.line.snapshot),
        (30, full.line.snapshot),
    ]
    assert [replace(row, carried_from=None, warc=None) for row in carried] == [
        replace(old[position], warc=None) for position in (10, 20, 30)
    ]
    assert [row.position for row in found.rows if row.carried_from is None] == [0, 10]
    assert found.coverage.positions == [(0, 10)]
    assert str(found.line.snapshot) > str(full.line.snapshot)
    assert members(found) >= {members_of(full)[row.warc.record] for row in old.values() if row.warc and row.position}
    assert [(one.change, one.new.title if one.new else None) for one in changed(found)] == [("added", "Brand new")]


@pytest.mark.parametrize(
    "validators", [pytest.param(False, marks=pytest.mark.thorough), True], ids=["plain", "with validators"]
)
def test_what_was_carried_over_before_keeps_the_name_of_the_snapshot_that_saw_it(
    tmp_path: Path, site: MiniSite, validators: bool
) -> None:
    site.validators = validators
    found = crawl(tmp_path, site)
    names = [str(found.line.snapshot)]
    for number in range(3):
        site.add("news", f"New {number}", "Something new.", f"0{number + 1} January 2019")
        found = incremental(tmp_path, site)
        assert (found.line.outcome, found.ids) == ("committed", ids(site))
        names.append(str(found.line.snapshot))
    origins = [(row.position, row.carried_from) for row in found.rows]
    assert origins[:2] == [(20, names[0]), (30, names[0])] or origins[:3] == [
        (10, names[0]),
        (20, names[0]),
        (30, names[0]),
    ]
    assert {name for _, name in origins} >= {names[0], None}
    assert crawl(tmp_path, site).coverage.complete


def test_what_is_new_between_two_incremental_crawls_is_added_and_what_left_the_top_is_gone(
    tmp_path: Path, site: MiniSite
) -> None:
    crawl(tmp_path, site)
    hrefs = [site.add("news", "One", "Something.", "01 January 2019")]
    incremental(tmp_path, site)
    hrefs.append(site.add("news", "Two", "Something.", "02 January 2019"))
    one, two = (href.removesuffix(".html") for href in hrefs)
    assert [(change.change, change.id) for change in changed(incremental(tmp_path, site))] == [("added", two)]
    site.remove(hrefs[1])
    site.remove(hrefs[0])
    found = incremental(tmp_path, site)
    assert found.coverage.end == "carried"
    assert sorted((change.change, change.id) for change in changed(found)) == [("removed", one), ("removed", two)]


def test_a_crawl_of_all_pages_finds_what_incremental_ones_could_not(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    edited, removed = (str(site.lists["news"][place].href) for place in (22, 25))
    site.edit(edited, title="Another title")
    site.remove(removed)
    assert incremental(tmp_path, site).line.outcome == "unchanged"
    found = crawl(tmp_path, site)
    assert sorted((one.change, one.id) for one in changed(found)) == [
        ("edited", edited.removesuffix(".html")),
        ("removed", removed.removesuffix(".html")),
    ]


def test_a_carried_page_supports_no_claim(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][2].href)
    below = str(site.lists["news"][25].href)
    site.remove(removed)
    site.remove(below)
    found = incremental(tmp_path, site)
    assert found.coverage.end == "carried"
    # What stood among the pages that were seen is gone; of what stood further down nothing is said.
    assert [(one.change, one.id) for one in changed(found)] == [("removed", removed.removesuffix(".html"))]
    assert below.removesuffix(".html") in found.ids


def test_an_entry_was_last_seen_where_it_was_seen_and_not_where_it_was_carried_over(
    tmp_path: Path, site: MiniSite
) -> None:
    full = crawl(tmp_path, site)
    seen, carried = (str(site.lists["news"][place].href).removesuffix(".html") for place in (2, 25))
    site.add("news", "New", "Something new.", "01 January 2019")
    found = incremental(tmp_path, site)
    first, second = observe(Archive(tmp_path), Archive(tmp_path).collection("news"), str)
    assert (first.name, first.only) == (full.line.snapshot, None)
    assert (second.name, seen in (second.only or ()), carried in (second.only or ())) == (
        found.line.snapshot,
        True,
        False,
    )


def test_every_seventh_crawl_is_full_and_says_so(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    asked = [len(incremental(tmp_path, site).asked) for _ in range(6)]
    assert asked == [1] * 6
    found = incremental(tmp_path, site)
    assert (len(found.asked), found.coverage.complete) == (4, True)
    assert "all pages were asked for, not only new ones: every crawl of 7 is full (FULL_EVERY)" in found.told
    assert len(incremental(tmp_path, site).asked) == 1


def test_how_often_a_crawl_is_full_can_be_set(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    assert len(incremental(tmp_path, site, settings={"FULL_EVERY": 1}).asked) == 4
    assert [len(incremental(tmp_path, site, settings={"FULL_EVERY": 2}).asked) for _ in range(3)] == [1, 4, 1]
    assert {len(incremental(tmp_path, site, settings={"FULL_EVERY": 0}).asked) for _ in range(8)} == {1}


def test_without_a_snapshot_to_rely_on_a_crawl_is_full_and_says_why(tmp_path: Path, site: MiniSite) -> None:
    found = incremental(tmp_path, site)
    assert (len(found.asked), "there is no snapshot of a live crawl yet" in found.told) == (4, True)
    site.add("news", "New", "Something new.", "01 January 2019")
    crawl(tmp_path, site, since="2019-01-01")
    found = incremental(tmp_path, site)
    assert (len(found.asked), "does not hold the listing to its end" in found.told) == (4, True)


def test_pages_of_another_size_carry_nothing(tmp_path: Path, site: MiniSite) -> None:
    site.size = 20
    crawl(tmp_path, site)
    found = incremental(tmp_path, site)
    assert (found.asked, "show more than 10 entries" in found.told) == (pages(0, 20), True)


def test_a_snapshot_of_files_carries_nothing(tmp_path: Path, site: MiniSite) -> None:
    warc = crawl(tmp_path / "live", site).snapshot.folder / "pages.warc.gz"
    crawls.crawl_here(tmp_path / "files", path=str(warc))
    found = incremental(tmp_path / "files", site)
    assert (len(found.asked), "there is no snapshot of a live crawl yet" in found.told) == (4, True)


def test_a_redacted_page_is_not_carried_over(tmp_path: Path, site: MiniSite) -> None:
    record = crawl(tmp_path, site).rows[2].warc
    assert record is not None
    command = ("-m", "psgcrawl", "--archive", str(tmp_path), "redact", "news", record.record)
    assert crawls.run(*command, "--reason", "a court said so", "--yes").code == 0
    found = incremental(tmp_path, site)
    assert (found.asked, "is redacted" in found.told) == (pages(0, 10, 20, 30), True)


@pytest.mark.parametrize("name", ["pages.warc.gz", "entries.jsonl", "pages.jsonl"])
def test_nothing_is_carried_over_from_a_damaged_snapshot(tmp_path: Path, site: MiniSite, name: str) -> None:
    path = crawl(tmp_path, site).snapshot.folder / name
    path.write_bytes(path.read_bytes()[:-1])
    crawler = crawls.crawl_here(tmp_path, NewsSpider, SETTINGS, base=site.url(""), mode="incremental")
    outcome = crawls.outcome_of(crawler)
    assert [(result.line.outcome, result.exit_code) for result in outcome.results] == [("committed", 0)]
    assert len(crawls.logged(tmp_path)[-1].pages) == 0
    assert site.counted()[pages(30)[0]] == 2
    assert any(name in problem for problem in [*outcome.problems, *outcome.told["news"]])


def test_a_snapshot_of_other_rules_carries_nothing(
    tmp_path: Path, site: MiniSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(tmp_path, site)
    monkeypatch.setattr(rules, "DERIVATION", DERIVATION + 1)
    found = incremental(tmp_path, site)
    assert (len(found.asked), "was derived by other rules" in found.told) == (4, True)


def test_trouble_in_an_incremental_crawl_keeps_it_apart_without_what_it_would_have_carried(
    tmp_path: Path, site: MiniSite
) -> None:
    crawl(tmp_path, site)
    site.add("news", "New", "Something new.", "01 January 2019")
    site.trick = at(10, Answer(ERROR, status=500))
    found = incremental(tmp_path, site)
    assert (found.outcome.exit_code, found.line.outcome) == (3, "incomplete")
    assert [row.carried_from for row in found.rows] == [None]
