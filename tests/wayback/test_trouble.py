"""A web archive that is busy, broken, blocking or forgetful costs nothing but time: the next run goes on."""

import shutil
from pathlib import Path

import pytest

from psgcrawl.cli import main
from tests import miniarchive
from tests.crawls import sound, visible
from tests.miniarchive import Fault, MiniArchive
from tests.webarchives import PAST, judging
from tests.webarchives.judging import Found, brought
from tests.webarchives.running import backfill
from tests.webarchives.taken import Taken
from tests.webarchives.truth import SMALL, TRUTH

_DENIED = {"X-Archive-Wayback-Runtime-Error": "AdministrativeAccessControlException: x"}
STOPS: dict[str, tuple[int, Fault, str]] = {
    "refused connections": (5, miniarchive.refusing, "the web archive refuses connections"),
    "429 from the first on": (0, miniarchive.too_many(), "429"),
    "429 without end": (5, miniarchive.too_many(), "429"),
    "a wait of a day": (3, miniarchive.too_many(86_400), "RETRY_AFTER_MAX"),
    "excluded meanwhile": (3, miniarchive.broken(403, _DENIED), "the web archive excludes the site"),
    "trouble without end": (3, miniarchive.broken(503), "503"),
}
"""After how many captures, what happens then, and what is said of it."""


@pytest.mark.parametrize(
    "stop",
    [pytest.param(stop, marks=[pytest.mark.thorough] if number % 2 else []) for number, stop in enumerate(STOPS)],
)
def test_a_run_that_was_stopped_keeps_what_it_has_and_the_next_one_goes_on(
    stop: str, site: MiniArchive, tmp_path: Path, whole: Path
) -> None:
    number, fault, words = STOPS[stop]
    archive = tmp_path / "archive"
    site.fault = miniarchive.after(number, fault)
    stopped = backfill(archive, site, listing="news")
    given = {one.target for one in site.asked("memento") if one.status == 200}
    assert (stopped.code, len(given)) == (3, number)
    assert "captures are still to come, the next run goes on" in stopped.reasons
    assert words in stopped.reasons
    sound(archive)
    if fault is miniarchive.refusing:
        site.accept()
    site.fault = None
    # That it is to be left alone for a day stands in the file of budgets: another file is another day.
    tomorrow = {"WAYBACK_BUDGETS": str(tmp_path / "tomorrow")}
    second = backfill(archive, site, tomorrow, listing="news")
    assert (second.code, brought(archive)) == (0, brought(whole))
    assert not given & {*second.mementos}
    sound(archive)
    third = backfill(archive, site, tomorrow, listing="news")
    assert (third.code, third.mementos) == (0, [])


def test_what_a_stopped_run_left_can_go_once_all_of_it_is_in_snapshots(
    site: MiniArchive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "archive"
    # In the middle of captures that belong together.
    site.fault = miniarchive.after(5, miniarchive.too_many())
    backfill(archive, site, listing="news")

    def told() -> str:
        main(["--archive", str(archive), "status"])
        [line] = [line for line in capsys.readouterr().out.splitlines() if "kept apart: .incomplete-" in line]
        return line

    assert "it can be read as captures" in told()
    site.fault = None
    assert backfill(archive, site, listing="news").code == 0
    assert "all of them are in snapshots: rm -r " in told()
    [folder] = archive.glob(".incomplete-*")
    shutil.rmtree(folder)
    assert backfill(archive, site, listing="news").mementos == []


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("memento", miniarchive.too_many(0)),
        ("memento", miniarchive.broken(503)),
        ("index", miniarchive.broken(504)),
        ("memento", miniarchive.cut),
    ],
    ids=["429", "503", "504 of the index", "cut off"],
)
def test_trouble_that_passes_costs_nothing(
    kind: miniarchive.Kind, fault: Fault, site: MiniArchive, tmp_path: Path, whole: Path
) -> None:
    site.fault = miniarchive.after(2 if kind == "memento" else 0, fault, kind=kind, times=1)
    assert backfill(tmp_path / "archive", site, listing="news").code == 0
    assert brought(tmp_path / "archive") == brought(whole)


def test_a_busy_archive_is_left_alone_for_as_long_as_it_says(site: MiniArchive, tmp_path: Path) -> None:
    site.fault = miniarchive.after(0, miniarchive.too_many(1), times=1)
    assert backfill(tmp_path / "archive", site, listing="home", until="2008-12-31").code == 0
    [at] = [number for number, one in enumerate(site.requests) if one.status == 429]
    assert site.requests[at + 1].at - site.requests[at].at >= 1


@pytest.mark.parametrize("fault", [miniarchive.broken(500), miniarchive.too_many()], ids=["500", "429"])
def test_an_index_that_cannot_be_had_leaves_nothing_behind_but_a_line(
    fault: Fault, site: MiniArchive, tmp_path: Path
) -> None:
    site.fault = miniarchive.after(0, fault, kind="index")
    ran = backfill(tmp_path / "archive", site)
    assert (ran.code, ran.mementos) == (3, [])
    assert "the index was not read" in ran.reasons
    assert {name: snapshots for name, snapshots in visible(tmp_path / "archive").items() if snapshots} == {}


def test_an_excluded_site_is_told(site: MiniArchive, tmp_path: Path) -> None:
    site.excluded.add("perusupportgroup.org.uk")
    ran = backfill(tmp_path / "archive", site, listing="news")
    assert (ran.code, ran.mementos) == (3, [])
    assert "the web archive excludes the site" in ran.reasons


# --- single captures --------------------------------------------------------------------


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
    _gone(site, PAST.visits[1][1], 502)
    assert backfill(archive, site, listing="news").code == 3
    site.fault = None
    second = backfill(archive, site, listing="news")
    assert (second.code, len(second.mementos)) == (0, 1)
    assert judging.missing(archive, SMALL, ["news"], grouped=False) == []


def test_an_archive_that_leads_to_another_capture_gives_that_once(site: MiniArchive, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    one, other = PAST.visits[1][1], PAST.visits[2][1]
    site.fault = miniarchive.moved(one, other)
    ran = backfill(archive, site, listing="news")
    assert ran.code == 3
    assert "the web archive leads to another address" in ran.reasons
    again = next(taken for taken in PAST.all if taken.url.endswith("/news.php") and taken.stamp > one.stamp)
    site.fault = miniarchive.moved(one, again)
    assert "leads to" in backfill(archive, site, {"WAYBACK_AGAIN_AFTER": -1}, listing="news").reasons
    assert [stamp for stamp, _ in Found(archive, "news").captures].count(again.stamp) == 1


def test_a_capture_of_another_time_is_never_taken_for_the_one_that_was_asked_for(
    site: MiniArchive, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    lost, other = SMALL.of("articles")[0].taken, TRUTH.of("articles")[-1].taken
    site.fault = miniarchive.moved(lost, other)
    ran = backfill(archive, site, listing="articles", until="2012-12-31")
    assert ran.code == 3
    assert "outside of the time that was asked for" in ran.reasons
    stamps = {stamp for stamp, _ in Found(archive, "articles").captures}
    assert stamps == {one.taken.stamp for one in SMALL.of("articles") if one.taken.stamp < "2013"} - {lost.stamp}
