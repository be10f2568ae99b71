"""What a backfill asks for: the index first, then what the plan says, by name, in its window, within its budgets."""

from pathlib import Path

import pytest

from psgcrawl.errors import UsageError
from psgcrawl.spiders.wayback import WaybackSpider
from tests import miniarchive
from tests.crawls import crawl_here, together
from tests.miniarchive import Dialect, MiniArchive
from tests.webarchives import PAST, judging, running
from tests.webarchives.judging import Found
from tests.webarchives.running import backfill
from tests.webarchives.truth import SMALL, Truth


def test_only_the_index_and_mementos_are_asked_and_by_name(site: MiniArchive, tmp_path: Path) -> None:
    backfill(tmp_path / "archive", site, listing="home", until="2008-12-31")
    assert {one.kind for one in site.requests} == {"index", "memento"}
    assert all("(+ops@example.org)" in one.headers["user-agent"] for one in site.requests)


def test_a_plan_is_told_and_nothing_is_fetched_or_written(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    ran = running.run(archive, site.address, plan="yes", listing="news")
    assert ran.code == 0, ran.err
    assert site.asked("memento") == []
    assert "news: 12 captures in http://127.0.0.1:" in ran.out
    assert "to be fetched" in ran.out
    assert all(one.taken.url in ran.out for one in SMALL.of("news"))
    assert list(archive.iterdir()) == []


def test_a_window_bounds_what_is_brought(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    assert backfill(archive, site, listing="news", since="2010-03-03", until="2010-03-31").code == 0
    part = Truth(PAST, since="20100303", until="201003")
    assert judging.missing(archive, part, ["news"]) == []
    # The rest joins it later, without what is here.
    later = backfill(archive, site, listing="news")
    assert judging.missing(archive, SMALL, ["news"]) == []
    assert later.mementos
    assert not any("/201003" in target for target in later.mementos)


@pytest.mark.parametrize("dialect", ["internet-archive", "pywb"])
def test_an_index_that_tells_little_at_a_time_is_asked_until_it_has_told_all(dialect: Dialect, tmp_path: Path) -> None:
    with MiniArchive(dialect=dialect) as site:
        ran = backfill(tmp_path / "archive", site, {"WAYBACK_ROWS": 7}, listing="news", plan="yes")
    assert (ran.code, ran.mementos) == (0, [])
    assert len(ran.index) > 3
    assert len(ran.index) == len(set(ran.index))
    assert ran.outcome.planned is not None
    assert ran.outcome.planned[1].startswith("news: 31 captures in ")


def test_an_index_that_goes_in_a_circle_is_left_with_what_it_told(site: MiniArchive, tmp_path: Path) -> None:
    site.fault = miniarchive.forgetful
    ran = backfill(tmp_path / "archive", site, {"WAYBACK_ROWS": 5}, listing="news")
    assert ran.code == 3
    assert "the index goes in a circle" in ran.reasons
    assert len(ran.index) == 2
    assert Found(tmp_path / "archive", "news").entries
    site.fault = None
    # What belonged together was not known then: the snapshots are others, what they hold is all.
    assert backfill(tmp_path / "archive", site, listing="news").code == 0
    assert judging.missing(tmp_path / "archive", SMALL, ["news"], grouped=False) == []


@pytest.mark.thorough
def test_budgets_are_those_of_all_processes_of_a_machine_together(tmp_path: Path) -> None:
    settings = {"WAYBACK_MEMENTOS_PER_SECOND": 4, "WAYBACK_BUDGETS": str(tmp_path / "budgets")}
    arguments = {"listing": "articles", "until": "2012-12-31"}
    with MiniArchive() as web:
        both = together(
            lambda: running.run(tmp_path / "one", web.address, settings, **arguments),
            lambda: running.run(tmp_path / "other", web.address, settings, **arguments),
        )
        asked = web.asked("memento")
    assert [ran.code for ran in both] == [0, 0]
    truth = Truth(PAST, until="20121231")
    for name in ("one", "other"):
        assert judging.missing(tmp_path / name, truth, ["articles"]) == []
    # Four a second: of twelve the last is due two seconds after the first, which can have come late.
    assert len(asked) == 2 * truth.fetches(["articles"]) == 12
    assert asked[-1].at - asked[0].at > 1.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"listing": "blog"}, "listing: 'blog' is not known"),
        ({"plan": "maybe"}, "plan: 'maybe' is not known"),
        ({"since": "2008"}, "since: '2008' is no day"),
        ({"since": "2010-01-02", "until": "2010-01-01"}, "since: '2010-01-02' is after until"),
        ({"webarchive": "web.archive.org"}, "webarchive: 'web.archive.org' is no http or https address"),
        ({"webarchive": "http://10.0.0.1/"}, "webarchive: 'http://10.0.0.1/' is neither"),
        ({"base": "http://127.0.0.1/"}, "wayback takes no such argument"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        WaybackSpider.check_arguments(arguments)


def test_nothing_is_asked_where_nobody_answers_for_it(site: MiniArchive, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="CONTACT"):
        crawl_here(tmp_path / "archive", WaybackSpider, {}, webarchive=site.address)
    assert site.requests == []
