"""Listings that change while they are read."""

from pathlib import Path

import pytest

from tests import crawls
from tests.minisite import MiniSite
from tests.php.crawling import changed, crawl, ids, on_request, pages


@pytest.mark.parametrize(("number", "when"), [(1, 1), (1, 3), (9, 2), (10, 1), (10, 2), (25, 2)])
def test_what_appears_at_the_top_meanwhile_comes_home_too(
    tmp_path: Path, site: MiniSite, number: int, when: int
) -> None:
    def add() -> None:
        for count in range(number):
            site.add("news", f"Meanwhile {count}", "It came while the crawl ran.", "01 January 2019")

    on_request(site, when, add)
    found = crawl(tmp_path, site)
    if found.outcome.exit_code == 0:
        assert (found.coverage.complete, found.ids) == (True, ids(site))
    else:
        # As many as a page holds, or more, between two requests: not told from a server that goes in circles.
        assert number >= 10
        assert "again" in found.line.reasons[0] or "other pages have shown" in found.line.reasons[0]


def test_one_crawl_is_one_snapshot_also_where_it_comes_back_to_a_page(tmp_path: Path, site: MiniSite) -> None:
    on_request(site, 2, lambda: site.add("news", "Meanwhile", "It came while the crawl ran.", "01 January 2019"))
    found = crawl(tmp_path, site)
    assert found.asked == pages(0, 10, 20, 30, 0)
    assert [row.position for row in found.rows].count(0) == 2
    assert len(crawls.visible(tmp_path)["news"]) == 1


def test_an_entry_that_moves_up_past_the_crawl_is_found_where_it_was_known(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed, slipped = site.lists["news"][3], site.lists["news"][10]
    on_request(site, 1, lambda: site.remove(str(removed.href)))
    found = crawl(tmp_path, site)
    assert found.asked[:5] == pages(0, 10, 20, 30, 0)
    assert found.coverage.complete
    assert str(slipped.href).removesuffix(".html") in found.ids
    assert [change.change for change in changed(found)] == []


def test_an_entry_that_is_taken_away_during_the_crawl_is_gone_in_the_next_one(tmp_path: Path, site: MiniSite) -> None:
    crawl(tmp_path, site)
    removed = str(site.lists["news"][3].href)
    on_request(site, 1, lambda: site.remove(removed))
    crawl(tmp_path, site)
    site.on_request = None
    found = crawl(tmp_path, site)
    assert [(one.change, one.id) for one in changed(found)] == [("removed", removed.removesuffix(".html"))]
