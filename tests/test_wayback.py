"""Whole backfills out of a small web archive whose truth is known, in the dialects of both makes."""

from collections.abc import Generator
from pathlib import Path

import pytest

from psgcrawl.archive.history.telling import history
from psgcrawl.archive.store import Archive
from psgcrawl.archive.warc.reading import read
from psgcrawl.archive.warc.record import Record
from psgcrawl.cli.stories import times_of
from psgcrawl.errors import UsageError
from psgcrawl.records import PageRow
from psgcrawl.spiders.wayback import WaybackSpider
from tests import miniarchive
from tests.backfills import Ran, backfill, brought, captures, entries
from tests.crawls import crawl_here, logged, sound, visible
from tests.miniarchive import MiniArchive
from tests.webarchives import PAST
from tests.webarchives.taken import Taken
from tests.webarchives.truth import COLLECTIONS, TRUTH, Truth

DIALECTS: tuple[miniarchive.Dialect, ...] = ("internet-archive", "pywb")
LISTED = [taken for taken in PAST.all if any(name in taken.url for name in ("/news.php", "/articles.php"))]
SMALL = Truth(PAST, until="2013")
"""The part of the past that most tests need."""


def small() -> MiniArchive:
    return MiniArchive(tuple(taken for taken in PAST.all if SMALL.within(taken)))


@pytest.fixture
def site() -> Generator[MiniArchive]:
    with small() as archive:
        yield archive


@pytest.fixture(scope="module", params=DIALECTS)
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran, Ran]:
    """All of the past, brought once and asked for again; only to be read."""
    archive = tmp_path_factory.mktemp("backfill") / "archive"
    with MiniArchive(dialect=request.param) as site:
        return archive, backfill(archive, site), backfill(archive, site)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What an undisturbed backfill of the news brings."""
    archive = tmp_path_factory.mktemp("whole") / "archive"
    with small() as site:
        assert backfill(archive, site, listing="news").code == 0
    return brought(archive)


def stamp(when: str) -> str:
    return "".join(character for character in when if character.isdigit())


def rows(archive: Path, collection: str) -> list[PageRow]:
    return [row for one in Archive(archive).collection(collection).snapshots() for row in one.pages()]


def records(archive: Path, collection: str) -> list[Record]:
    paths = [one.evidence() for one in Archive(archive).collection(collection).snapshots()]
    found: list[Record] = []
    for path in filter(None, paths):
        with path.open("rb") as file:
            found += [one.record for one in read(file, str(path))]
    return found


# --- what is found ----------------------------------------------------------------------


def test_all_captures_and_all_entries_are_found_and_none_is_invented(everything: tuple[Path, Ran, Ran]) -> None:
    archive, first, _ = everything
    assert (first.code, first.outcomes, list(first.outcome.problems)) == (0, {"committed"}, [])
    for collection in COLLECTIONS:
        assert entries(archive, collection) == TRUTH.entries(collection)
        shown = {(one.taken.url, stamp(one.taken.stamp)) for one in TRUTH.of(collection)}
        assert shown <= {(url, stamp(when)) for url, when in captures(archive, collection)}
    sound(archive)


def test_what_shows_a_listing_stands_in_the_snapshots_that_the_rule_of_grouping_makes(
    everything: tuple[Path, Ran, Ran],
) -> None:
    archive, _, _ = everything
    for collection in COLLECTIONS:
        snapshots = Archive(archive).collection(collection).snapshots()
        found = [[stamp(row.captured.since) for row in one.pages() if row.layout is not None] for one in snapshots]
        truth = [[shown.taken.stamp for shown in group] for group in TRUTH.snapshots(collection)]
        assert [group for group in found if group] == truth


def test_no_digest_is_fetched_twice_but_those_of_errors_and_redirects(everything: tuple[Path, Ran, Ran]) -> None:
    _, first, _ = everything
    empty = {taken.digest for taken in PAST.empty}
    assert len(first.mementos) == len(set(first.mementos))
    assert len(first.mementos) == TRUTH.fetches() + len(empty) + len(PAST.other_status)


def test_nothing_that_is_here_is_asked_for_again(everything: tuple[Path, Ran, Ran]) -> None:
    archive, _, second = everything
    assert (second.code, second.outcomes, second.mementos) == (0, {"unchanged"}, [])
    assert len(logged(archive)) == sum(len(names) for names in visible(archive).values()) + len(COLLECTIONS)


def test_what_shows_no_listing_is_kept_says_why_and_claims_nothing(everything: tuple[Path, Ran, Ran]) -> None:
    archive, _, _ = everything
    silent = {taken.stamp: taken for taken in (*PAST.no_pages, *PAST.empty, *PAST.other_status)}
    found = [row for name in ("news", "articles", "home") for row in rows(archive, name) if row.layout is None]
    passed_over = set(silent) - {stamp(row.captured.since) for row in found}
    # As pywb does with redirects that lead to another spelling of their own address.
    assert all(silent[one].location is not None for one in passed_over)
    assert len(found) >= len(silent) - 2
    for row in found:
        assert row.problems
        assert (row.lists, row.position, row.warc is None) == ([], None, False)
        assert row.status == silent[stamp(row.captured.since)].status


def test_each_page_says_which_memento_it_is_and_each_snapshot_of_which_web_archive(
    everything: tuple[Path, Ran, Ran],
) -> None:
    archive, _, _ = everything
    for one in Archive(archive).collection("news").snapshots():
        facts = one.manifest().provenance
        assert (facts.source, facts.spider) == ("memento", "wayback")
        assert facts.webarchive is not None
        for row in one.pages():
            assert row.captured_basis == "memento"
            assert row.memento is not None
            assert row.memento.startswith(facts.webarchive)
            assert row.memento.endswith(f"{stamp(row.captured.since)}id_/{row.url}")


def test_evidence_is_the_capture_under_its_own_address_and_time(everything: tuple[Path, Ran, Ran]) -> None:
    archive, _, _ = everything
    bodies = {(taken.url, taken.stamp): taken for taken in PAST.all}
    found = [one for one in records(archive, "news") if one.get("WARC-Source-URI")]
    responses = [one for one in found if one.type == "response"]
    for one in responses:
        taken = bodies[one.uri or "", stamp(one.date)]
        assert one.get("WARC-Payload-Digest") == f"sha1:{taken.digest}"
        assert one.get("PSGCRAWL-Index-Digest") == f"sha1:{taken.digest}"
        assert b"Memento-Datetime" not in one.block
        assert b"Server: Apache/2.2.3 (CentOS)" in one.block
    revisits = [one for one in found if one.type == "revisit"]
    assert revisits
    ids = {one.id for one in responses}
    assert {one.get("WARC-Refers-To") for one in revisits} <= ids
    assert {one.block for one in revisits} == {b""}


def test_only_the_index_and_mementos_are_asked_and_by_name(site: MiniArchive, tmp_path: Path) -> None:
    backfill(tmp_path / "archive", site, listing="home", until="2008-12-31")
    assert {one.kind for one in site.requests} == {"index", "memento"}
    assert all("(+ops@example.org)" in one.headers["user-agent"] for one in site.requests)


# --- what is asked for ------------------------------------------------------------------


def test_a_plan_is_told_and_nothing_is_fetched_or_written(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    ran = backfill(archive, site, plan="yes", listing="news")
    assert (ran.code, ran.mementos) == (0, [])
    assert ran.outcome.planned is not None
    told = "\n".join(ran.outcome.planned)
    assert "news: 12 captures in http://127.0.0.1:" in told
    assert PAST.visits[1][1].url in told
    assert list(archive.iterdir()) == []


def test_a_window_bounds_what_is_brought(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    assert backfill(archive, site, listing="news", since="2010-03-03", until="2010-03-31").code == 0
    truth = Truth(PAST, since="20100303", until="201003")
    assert entries(archive, "news") == truth.entries("news")
    # The rest joins it later, without what is here.
    later = backfill(archive, site, listing="news")
    assert entries(archive, "news") == SMALL.entries("news")
    assert later.mementos
    assert not any("/201003" in target for target in later.mementos)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_index_that_tells_little_at_a_time_is_asked_until_it_has_told_all(
    dialect: miniarchive.Dialect, tmp_path: Path
) -> None:
    with MiniArchive(dialect=dialect) as site:
        ran = backfill(tmp_path / "archive", site, {"WAYBACK_ROWS": 7}, listing="news", plan="yes")
    assert ran.code == 0
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
    assert entries(tmp_path / "archive", "news")


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


# --- what goes wrong --------------------------------------------------------------------


def test_a_busy_archive_is_left_alone_for_a_while_and_then_asked_again(
    site: MiniArchive, tmp_path: Path, whole: dict[str, dict[str, bytes]]
) -> None:
    site.fault = miniarchive.after(4, miniarchive.too_many(1), times=1)
    ran = backfill(tmp_path / "archive", site, listing="news")
    assert (ran.code, brought(tmp_path / "archive")) == (0, whole)
    [at] = [number for number, one in enumerate(site.requests) if one.status == 429]
    assert site.requests[at + 1].at - site.requests[at].at >= 1


@pytest.mark.parametrize("number", [0, 5])
def test_a_run_that_was_blocked_keeps_what_it_has_and_the_next_one_goes_on(
    number: int, site: MiniArchive, tmp_path: Path, whole: dict[str, dict[str, bytes]]
) -> None:
    archive = tmp_path / "archive"
    site.fault = miniarchive.after(number, miniarchive.too_many())
    blocked = backfill(archive, site, {"RETRY_TIMES": 1}, listing="news")
    assert blocked.code == 3
    assert "captures are still to come, the next run goes on" in blocked.reasons
    assert "429" in blocked.reasons
    sound(archive)
    site.fault = None
    second = backfill(archive, site, listing="news")
    assert (second.code, brought(archive)) == (0, whole)
    given = set(blocked.mementos[:number])
    assert len(given) == number
    assert not given & set(second.mementos)
    sound(archive)
    assert backfill(archive, site, listing="news").mementos == []


def test_refused_connections_are_a_block_and_end_the_run_at_once(
    site: MiniArchive, tmp_path: Path, whole: dict[str, dict[str, bytes]]
) -> None:
    archive = tmp_path / "archive"
    site.fault = miniarchive.after(5, miniarchive.refusing)
    blocked = backfill(archive, site, listing="news")
    assert blocked.code == 3
    assert "the web archive refuses connections" in blocked.reasons
    site.fault = None
    site.accept()
    assert (backfill(archive, site, listing="news").code, brought(archive)) == (0, whole)


def test_an_index_that_cannot_be_had_leaves_nothing_behind_but_a_line(site: MiniArchive, tmp_path: Path) -> None:
    site.fault = miniarchive.after(0, miniarchive.broken(500), kind="index")
    ran = backfill(tmp_path / "archive", site, {"RETRY_TIMES": 1})
    assert (ran.code, ran.mementos) == (3, [])
    assert "the index was not read" in ran.reasons
    assert {name: snapshots for name, snapshots in visible(tmp_path / "archive").items() if snapshots} == {}


def test_an_excluded_site_is_told(site: MiniArchive, tmp_path: Path) -> None:
    site.excluded.add("perusupportgroup.org.uk")
    ran = backfill(tmp_path / "archive", site, listing="news")
    assert (ran.code, ran.mementos) == (3, [])
    assert "the web archive excludes the site" in ran.reasons


def _gone(site: MiniArchive, taken: Taken, status: int = 404) -> None:
    answer = miniarchive.Answer(status, b"<html><body>Not in the archive</body></html>")
    site.fault = lambda archive, _kind, target: answer if archive.memento(taken).endswith(target) else None


def test_a_capture_that_is_listed_and_not_given_is_asked_for_once(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    lost = PAST.visits[1][1]
    _gone(site, lost)
    first = backfill(archive, site, listing="news")
    assert first.code == 3
    assert f"{lost.stamp}id_/{lost.url}: the web archive answered 404" in first.reasons
    second = backfill(archive, site, listing="news")
    assert (second.code, second.mementos) == (0, [])
    assert "1 refused when they were asked for: not asked again" in "\n".join(second.outcome.told["news"])
    third = backfill(archive, site, {"WAYBACK_AGAIN_AFTER": -1}, listing="news")
    assert len(third.mementos) == 1


def test_a_capture_that_the_archive_failed_to_give_is_asked_for_by_the_next_run(
    site: MiniArchive, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    lost = PAST.visits[1][1]
    _gone(site, lost, 502)
    assert backfill(archive, site, {"RETRY_TIMES": 1}, listing="news").code == 3
    site.fault = None
    second = backfill(archive, site, listing="news")
    assert (second.code, len(second.mementos)) == (0, 1)
    assert entries(archive, "news") == SMALL.entries("news")


def test_an_archive_that_leads_to_another_capture_gives_that_once(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    one, other = PAST.visits[1][1], PAST.visits[2][1]
    site.fault = miniarchive.moved(one, other)
    ran = backfill(archive, site, listing="news")
    assert ran.code == 3
    assert "the web archive leads to another address" in ran.reasons
    again = next(taken for taken in LISTED if taken.url.endswith("/news.php") and taken.stamp > one.stamp)
    site.fault = miniarchive.moved(one, again)
    assert "leads to" in backfill(archive, site, {"WAYBACK_AGAIN_AFTER": -1}, listing="news").reasons
    assert len([row for row in rows(archive, "news") if stamp(row.captured.since) == again.stamp]) == 1


def test_a_body_that_breaks_off_is_asked_for_again(
    site: MiniArchive, tmp_path: Path, whole: dict[str, dict[str, bytes]]
) -> None:
    site.fault = miniarchive.after(2, miniarchive.cut, times=1)
    ran = backfill(tmp_path / "archive", site, listing="news")
    assert (ran.code, brought(tmp_path / "archive")) == (0, whole)


# --- its history ------------------------------------------------------------------------


def test_the_history_claims_no_removal_that_did_not_happen(everything: tuple[Path, Ran, Ran]) -> None:
    archive, _, _ = everything
    states = set()
    for name in ("news", "articles"):
        notes: list[str] = []
        found = history(Archive(archive), Archive(archive).collection(name), notes.append)
        assert notes == []
        for life in found.lives:
            states.add(life.state)
            if life.state in {"removed", "aged-out"} and life.entry.kind == "entry":
                assert TRUTH.gone(life.id) is not None, life.id
    assert "removed" in states


def test_the_history_says_in_which_web_archive_something_was_seen(everything: tuple[Path, Ran, Ran]) -> None:
    archive, _, _ = everything
    told = history(Archive(archive), Archive(archive).collection("news"), lambda _: None)
    assert len(told.observations) > 10
    assert all(", seen in 127.0.0.1:" in one for one in times_of(told.observations).values())
