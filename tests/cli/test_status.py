"""How an archive is: who watches it is told by one exit code, and what to look at in words."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from psgcrawl import settings
from psgcrawl.archive import atwork, runlog
from psgcrawl.archive.recovery import KILLED, log_dead
from psgcrawl.archive.store import Archive
from psgcrawl.cli import main
from psgcrawl.cli.expected import Expected, read_expected
from psgcrawl.cli.health import CollectionHealth, health
from psgcrawl.errors import UsageError
from psgcrawl.records import Coverage, OutcomeName
from tests import live
from tests.archive import making
from tests.fitting import fits

NOW = "2019-10-08T06:00:59Z"
FIRST = "2019-10-01T06:00:00Z"
PROJECT = Path(__file__).parents[2]
WEEKLY = Expected({}, 8 * 86_400)


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def log(archive: Path, outcome: OutcomeName, finished: str, **given: Any) -> None:
    values = {"spider": "news", "outcome": outcome, "started": finished, "finished": finished}
    runlog.append(archive, making.line(**(values | given)))


def only(archive: Path, expected: Expected = WEEKLY, now: str = NOW, full_every: int = 7) -> CollectionHealth:
    [collection] = health(Archive(archive), expected, full_every, now).collections
    return collection


def test_a_fresh_archive_is_well_and_says_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live.crawl(tmp_path, live.listing(), stamp(datetime.now(UTC).replace(second=0)))
    assert run("--archive", tmp_path, "status") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "news"
    assert "; one is expected every 8 d" in lines[1]
    assert lines[-1].endswith(" free: all is well")
    assert not any("!" in line for line in lines)


def test_what_it_knows_is_what_the_log_and_the_folders_say(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), FIRST)
    live.crawl(tmp_path, live.listing(title="Another"), "2019-10-02T06:00:00Z", missed="position 40: no answer")
    one = only(tmp_path)
    assert (one.last_good, one.age, one.expected) == ("2019-10-01T06:00:59Z", 7 * 86_400, 8 * 86_400)
    assert (one.snapshot, one.captured and one.captured.since) == ("20191001T060000Z", FIRST)
    assert [(ended.outcome, ended.finished[:10]) for ended in one.outcomes] == [
        ("incomplete", "2019-10-02"),
        ("committed", "2019-10-01"),
    ]
    [kept] = one.kept_apart
    size = sum(path.stat().st_size for path in (tmp_path / "news" / kept.name).iterdir())
    assert (kept.name, kept.bytes, kept.acceptable) == (".incomplete-20191002T060000Z", size, True)
    assert one.bytes == sum(
        path.stat().st_size for path in (tmp_path / "news").rglob("*") if path.is_file() and not path.is_symlink()
    )
    assert one.troubles == ["the last run (2019-10-02T06:00:59Z) was incomplete: position 40: no answer"]


@pytest.mark.parametrize(("age", "troubles"), [(timedelta(days=8), 0), (timedelta(days=8, seconds=1), 1)])
def test_a_collection_is_overdue_once_its_interval_is_over(tmp_path: Path, age: timedelta, troubles: int) -> None:
    log(tmp_path, "unchanged", stamp(datetime(2019, 10, 8, 6, 0, 59, tzinfo=UTC) - age))
    (tmp_path / "news").mkdir()
    one = only(tmp_path)
    assert len(one.troubles) == troubles
    assert all(
        trouble == "overdue: the last good run is 8 d old, one is expected every 8 d" for trouble in one.troubles
    )


@pytest.mark.parametrize("outcome", ["incomplete", "refused", "failed"])
def test_a_bad_last_run_is_told_until_a_good_one_follows(tmp_path: Path, outcome: OutcomeName) -> None:
    log(tmp_path, "committed", "2019-10-06T06:00:00Z")
    log(tmp_path, outcome, "2019-10-07T06:00:00Z", reasons=["position 20: the server answered 500", "and more"])
    assert only(tmp_path).troubles == [
        f"the last run (2019-10-07T06:00:00Z) was {outcome}: position 20: the server answered 500"
    ]
    log(tmp_path, "unchanged", "2019-10-07T18:00:00Z")
    assert only(tmp_path).troubles == []


def test_a_refused_crawl_that_was_accepted_is_no_trouble_any_more(tmp_path: Path) -> None:
    log(tmp_path, "refused", "2019-10-07T06:00:00Z")
    log(tmp_path, "committed", "2019-10-08T06:00:00Z", spider="accept")
    assert only(tmp_path).troubles == []


@pytest.mark.parametrize("command", ["rebuild", "redact"])
def test_a_new_edition_is_no_good_run(tmp_path: Path, command: str) -> None:
    log(tmp_path, "failed", "2019-10-07T06:00:00Z")
    log(tmp_path, "committed", "2019-10-08T06:00:00Z", spider=command)
    one = only(tmp_path)
    assert one.last_good is None
    assert [trouble.split(" ")[0] for trouble in one.troubles] == ["the", "overdue:"]


@pytest.mark.parametrize("spider", ["captures", "wayback"])
def test_a_good_backfill_hides_neither_a_bad_crawl_nor_that_none_runs(tmp_path: Path, spider: str) -> None:
    log(tmp_path, "committed", "2019-09-20T06:00:00Z")
    log(tmp_path, "failed", "2019-09-27T06:00:00Z", reasons=["no answer"])
    log(tmp_path, "committed", "2019-10-08T05:00:00Z", spider=spider)
    one = only(tmp_path)
    assert one.last_good == "2019-09-20T06:00:00Z"
    assert one.troubles == [
        "the last run (2019-09-27T06:00:00Z) was failed: no answer",
        "overdue: the last good run is 18 d old, one is expected every 8 d",
    ]
    log(tmp_path, "incomplete", "2019-10-08T05:30:00Z", spider=spider, reasons=["refused"])
    assert one.troubles[0] in only(tmp_path).troubles
    assert "the last run (2019-10-08T05:30:00Z) was incomplete: refused" in only(tmp_path).troubles


def test_of_a_collection_that_only_backfills_reach_the_last_of_them_counts(tmp_path: Path) -> None:
    log(tmp_path, "committed", "2019-10-08T05:00:00Z", spider="wayback")
    assert only(tmp_path).last_good == "2019-10-08T05:00:00Z"
    assert only(tmp_path).expected is None


def test_of_collections_of_files_no_run_is_expected(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", archive, "status", "--expect", "1m") == 0
    assert "none is expected" in capsys.readouterr().out


def test_a_collection_that_never_was_can_be_expected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", tmp_path, "status", "--expect", "posts=7d") == 1
    assert "! overdue: never a good run, one is expected every 7 d" in capsys.readouterr().out


def test_a_run_that_came_to_no_collection_is_told_until_its_spider_has_a_good_one(tmp_path: Path) -> None:
    log(tmp_path, "failed", "2019-10-07T06:00:00Z", collection=None, reasons=["no answer"])

    def troubles() -> list[str]:
        return health(Archive(tmp_path), WEEKLY, 7, NOW).troubles

    assert troubles() == ["news: the last run (2019-10-07T06:00:00Z) was failed: no answer"]
    log(tmp_path, "committed", "2019-10-08T06:00:00Z")
    assert troubles() == []


def test_a_clock_that_was_wrong_is_told(tmp_path: Path) -> None:
    log(tmp_path, "committed", "2031-01-01T00:00:00Z")
    assert only(tmp_path).troubles == ["the last good run lies in the future: a clock is or was wrong"]


@pytest.mark.parametrize(("carried", "every", "full_in"), [(0, 7, None), (1, 7, 5), (6, 7, 0), (9, 7, 0), (3, 0, None)])
def test_the_next_full_crawl_is_counted(tmp_path: Path, carried: int, every: int, full_in: int | None) -> None:
    whole = Coverage(listing="news", complete=True, end="short-page", positions=[(0, 30)], gaps=[])
    part = Coverage(listing="news", complete=False, end="carried", positions=[(0, 0)], gaps=[])
    for number, coverage in enumerate([whole, *[part] * carried]):
        log(tmp_path, "committed", f"2019-10-08T05:{number:02d}:00Z", coverage=coverage)
    # What others captured is no crawl.
    log(tmp_path, "committed", "2019-10-08T05:59:00Z", spider="wayback")
    assert only(tmp_path, full_every=every).full_in == full_in


def test_only_files_count_and_links_lead_nowhere(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), FIRST)
    before = health(Archive(tmp_path), WEEKLY, 7, NOW).bytes
    (tmp_path / "elsewhere").symlink_to("/usr")
    (tmp_path / "news" / "broken").symlink_to("nothing")
    os.mkfifo(tmp_path / "news" / "pipe")
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    (tmp_path / "folder" / "deeper" / "file").write_bytes(bytes(1234))
    assert health(Archive(tmp_path), WEEKLY, 7, NOW).bytes == before + 1234


def test_nothing_is_loaded_that_asks_web_archives_where_no_backfill_was_stopped() -> None:
    asking = "[name for name in sys.modules if 'webarchive' in name or name == 'ssl']"
    script = f"import sys, psgcrawl.cli.status; print({asking})"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert ended.stdout == "[]\n"


def test_what_runs_left_at_the_top_is_listed_with_how_to_clear_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spool, odd = tmp_path / ".incomplete-20191001T060000Z", tmp_path / ".incomplete-a b\x1b[31m"
    for folder in (spool, odd):
        folder.mkdir()
        (folder / "pages.warc.gz").write_bytes(bytes(1234))
    (tmp_path / ".staging-20191001T060000Z").mkdir()
    assert run("--archive", tmp_path, "status") == 0
    first, second, third, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("kept apart: .incomplete-20191001T060000Z (1 KB): it can be read as captures: ")
    assert first.endswith(f"or: rm -r {spool}")
    assert r"\x1b[31m" in second
    assert "\x1b" not in second
    assert "the next run sets it aside" in third


def test_the_document_for_programs_is_as_its_schema_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live.crawl(tmp_path, live.listing(), FIRST)
    live.crawl(tmp_path, live.listing(title="Another"), "2019-10-02T06:00:00Z", missed="position 40: no answer")
    assert run("--archive", tmp_path, "status", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    fits(document, "status")
    assert (document["archive"], document["good"], document["troubles"]) == (str(tmp_path), False, [])
    assert document["free"] > 0
    assert document["bytes"] > document["collections"][0]["bytes"]


def test_no_archive_and_a_damaged_log_are_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--archive", tmp_path / "none", "status") == 2
    assert "no archive is here" in capsys.readouterr().err
    (tmp_path / "runs.jsonl").write_bytes(b"{}\n")
    assert run("--archive", tmp_path, "status") == 2
    assert "runs.jsonl:1: " in capsys.readouterr().err


def test_a_damaged_snapshot_is_told_and_the_rest_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live.crawl(tmp_path, live.listing(), stamp(datetime.now(UTC).replace(second=0)))
    [manifest] = tmp_path.glob("news/2*/datapackage.json")
    manifest.write_bytes(b"{}")
    assert run("--archive", tmp_path, "status") == 1
    assert "datapackage.json: no 'psgcrawl' field: verify the archive" in capsys.readouterr().out


# --- intervals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named", "others"),
    [
        ("8d", {}, 691_200),
        ("posts=1d home=12h", {"posts": 86_400, "home": 43_200}, None),
        ("7d, news=never", {"news": None}, 604_800),
        ("30m never", {}, None),
        ("2w", {}, 1_209_600),
        ("", {}, None),
    ],
)
def test_intervals_are_read(text: str, named: dict[str, int | None], others: int | None) -> None:
    assert read_expected(("here", text)) == Expected(named, others)


@pytest.mark.parametrize("text", ["7", "d", "0d", "-1d", "7 d", "1.5d", "posts=", "=7d", "A b=7d", "1y"])
def test_what_is_no_interval_is_an_error_that_names_its_place(text: str) -> None:
    with pytest.raises(UsageError, match=r"^PSGCRAWL_EXPECTED: "):
        read_expected(("PSGCRAWL_EXPECTED", text))


def test_an_option_wins_over_the_environment_and_that_over_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log(tmp_path, "committed", stamp(datetime.now(UTC) - timedelta(days=3)))

    def code(*options: str) -> int:
        found = run("--archive", tmp_path, "status", *options)
        capsys.readouterr()
        return found

    assert read_expected(("EXPECTED_EVERY", settings.EXPECTED_EVERY)).others == 8 * 86_400
    assert code() == 0
    monkeypatch.setenv("PSGCRAWL_EXPECTED", "2d")
    assert code() == 1
    assert code("--expect", "news=4d") == 0
    assert code("--expect", "news=4d", "--expect", "news=1d") == 1
    monkeypatch.setenv("PSGCRAWL_EXPECTED", "often")
    assert code() == 2


def test_a_run_that_was_killed_is_told_until_the_next_run_has_logged_it(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), FIRST)
    begun = atwork.Begun(
        run=atwork.new_name(NOW), started=NOW, spider="news", software="psgcrawl 0", collections=["news"]
    )
    mark = atwork.Mark.set(tmp_path, begun)
    assert health(Archive(tmp_path), WEEKLY, 7, NOW).good
    mark.leave()
    for _ in range(2):
        found = health(Archive(tmp_path), WEEKLY, 7, NOW)
        assert found.troubles == [f"news: the run that began {NOW} was killed; the next run logs it"]
        assert not found.good
    log_dead(tmp_path, NOW)
    found = health(Archive(tmp_path), WEEKLY, 7, NOW)
    assert (found.troubles, found.good) == ([], False)
    assert found.collections[0].troubles == [f"the last run ({NOW}) was failed: {KILLED}"]
