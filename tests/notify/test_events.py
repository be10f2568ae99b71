"""What there is to tell of a run: change, trouble, recovery, each once, and with what the archive says."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from psgcrawl.archive import atwork, jsonl, recovery, runlog
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.cli import main
from psgcrawl.notify import notifications
from psgcrawl.notify.document import Notification
from psgcrawl.notify.events import UNDECIDED, undecided
from psgcrawl.run import NECESSARY, Outcome, Run
from tests import live
from tests.fitting import fits

WEEKS = [f"2019-10-{day:02d}T06:00:00Z" for day in (1, 8, 15, 22)]
NO_ANSWER = "position 40: no answer"


def events(outcome: Outcome) -> list[tuple[str, str | None, str | None]]:
    return [(one.event, one.collection, one.snapshot) for one in notifications(outcome)]


def only(outcome: Outcome) -> Notification:
    [one] = notifications(outcome)
    return one


def places(archive: Path) -> list[str]:
    return [line.sha256 for line in runlog.read(archive)]


def empty(archive: Path, started: str, spider: str = "listing") -> Outcome:
    """A run that brought nothing at all."""
    run = Run(archive, spider=spider, arguments={}, started=started)
    for component in NECESSARY:
        run.report(component)
    return run.finish("finished", started)


def test_the_first_snapshot_is_a_change_from_nothing(tmp_path: Path) -> None:
    one = only(live.crawl(tmp_path, live.listing(), WEEKS[0]))
    assert (one.event, one.collection, one.snapshot) == ("change", "news", "20191001T060000Z")
    assert (one.previous, one.changes, one.exit_code, one.problems) == (None, None, 0, [])
    assert (one.started, one.finished) == (WEEKS[0], "2019-10-01T06:00:59Z")
    assert one.counts is not None
    assert one.counts.pages == 4
    assert [one.line] == places(tmp_path)


def test_a_change_is_counted_as_the_diff_counts_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    one = only(live.crawl(tmp_path, live.listing(title="Another title"), WEEKS[1]))
    assert (one.event, one.previous, one.snapshot) == ("change", "20191001T060000Z", "20191008T060000Z")
    assert main(["--archive", str(tmp_path), "diff", "news", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert one.changes is not None
    assert one.changes == said["counts"]
    assert sum(one.changes.values()) == one.changes["edited"] == 1


def test_pages_that_differ_in_nothing_but_markup_are_no_change(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    again = {url: replace(answer, body=answer.body + b"<!-- 42 -->") for url, answer in live.listing().items()}
    outcome = live.crawl(tmp_path, again, WEEKS[1])
    assert [result.line.outcome for result in outcome.results] == ["committed"]
    assert notifications(outcome) == []


def test_an_unchanged_run_tells_nobody(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    outcome = live.crawl(tmp_path, live.listing(), WEEKS[1])
    assert [result.line.outcome for result in outcome.results] == ["unchanged"]
    assert notifications(outcome) == []


def test_snapshots_that_were_derived_by_unequal_rules_are_a_change_without_counts(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    outcome = live.crawl(tmp_path, live.listing(title="Another"), WEEKS[1])
    manifest = tmp_path / "news" / "20191001T060000Z" / "datapackage.json"
    said = json.loads(manifest.read_bytes())
    said["psgcrawl"]["derivation"] += 1
    manifest.write_text(json.dumps(said, indent=2) + "\n")
    one = only(outcome)
    assert (one.event, one.previous, one.changes) == ("change", "20191001T060000Z", None)


def test_trouble_is_told_each_time_and_recovery_once(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    for week in (WEEKS[1], WEEKS[2]):
        one = only(live.crawl(tmp_path, live.listing(title="X"), week, missed=NO_ANSWER))
        assert (one.event, one.outcome, one.exit_code) == ("trouble", "incomplete", 3)
        assert (one.reasons, one.problems) == ([NO_ANSWER], [NO_ANSWER])
        assert str(one.snapshot).startswith(".incomplete-")
    assert events(live.crawl(tmp_path, live.listing(), WEEKS[3])) == [("recovery", "news", "20191001T060000Z")]
    assert events(live.crawl(tmp_path, live.listing(), "2019-10-29T06:00:00Z")) == []


def test_a_run_can_recover_and_bring_a_change(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0], missed=NO_ANSWER)
    found = notifications(live.crawl(tmp_path, live.listing(), WEEKS[1]))
    assert [one.event for one in found] == ["recovery", "change"]
    assert {one.line for one in found} == {places(tmp_path)[-1]}


def test_another_collection_is_not_what_recovers(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0], missed=NO_ANSWER)
    elsewhere = live.crawl(tmp_path, live.listing(), WEEKS[1], collection="articles")
    assert events(elsewhere) == [("change", "articles", "20191008T060000Z")]


def test_a_run_that_came_to_no_collection_is_trouble_until_its_spider_is_well(tmp_path: Path) -> None:
    assert [(one.event, one.outcome) for one in notifications(empty(tmp_path, WEEKS[0]))] == [("trouble", "incomplete")]
    recovered = live.crawl(tmp_path, live.listing(), WEEKS[1])
    assert [event for event, *_ in events(recovered)] == ["recovery", "change"]
    assert events(live.crawl(tmp_path, live.listing(), WEEKS[2])) == []


def test_the_trouble_of_one_spider_is_not_ended_by_another(tmp_path: Path) -> None:
    empty(tmp_path, WEEKS[0], spider="posts")
    assert [event for event, *_ in events(live.crawl(tmp_path, live.listing(), WEEKS[1]))] == ["change"]


def test_what_a_person_accepted_is_no_trouble_any_more(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0], missed=NO_ANSWER)
    assert main(["--archive", str(tmp_path), "accept", "news", ".incomplete-20191001T060000Z", "--reason", "so"]) == 0
    assert [event for event, *_ in events(live.crawl(tmp_path, live.listing(title="X"), WEEKS[1]))] == ["change"]


def test_what_a_dead_run_left_is_told_by_the_run_that_logs_it(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    live.crawl(tmp_path / "elsewhere", live.listing(title="X"), WEEKS[1])
    # Visible, and without a line: so it is where a run died after its commit.
    shutil.copytree(tmp_path / "elsewhere" / "news" / "20191008T060000Z", tmp_path / "news" / "20191008T060000Z")
    found = notifications(live.crawl(tmp_path, live.listing(title="X"), WEEKS[2]))
    assert [(one.event, one.started, one.exit_code) for one in found] == [
        ("trouble", WEEKS[1], None),
        ("recovery", WEEKS[2], 0),
    ]
    assert found[0].reasons == [recovery.REASON]
    assert [one.line for one in found] == places(tmp_path)[1:]


def test_a_run_that_was_killed_is_told_by_the_next_one_and_only_once(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    name = atwork.new_name(WEEKS[1])
    mark = atwork.Mark.set(tmp_path, atwork.Begun(run=name, started=WEEKS[1], spider="news", software="psgcrawl 0"))
    mark.reach(["news"])
    mark.leave()
    run = Run(tmp_path, spider="news", arguments={}, started=WEEKS[2])
    run.open(["news"])
    killed, own = notifications(run.finish("finished", "2019-10-15T06:00:59Z"))
    assert (killed.event, killed.collection, killed.started, killed.exit_code) == ("trouble", "news", WEEKS[1], None)
    assert killed.reasons[0] == recovery.KILLED
    assert "was killed; it is logged now" in "".join(killed.problems)
    # The run that found it brought nothing.
    assert (own.event, own.started) == ("trouble", WEEKS[2])
    assert events(live.crawl(tmp_path, live.listing(), WEEKS[3])) == [("recovery", "news", "20191001T060000Z")]


def test_a_damaged_snapshot_is_trouble_though_the_run_is_well(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    with (tmp_path / "news" / "20191001T060000Z" / "entries.jsonl").open("ab") as file:
        file.write(b"\n")
    outcome = live.crawl(tmp_path, live.listing(), WEEKS[1])
    assert outcome.exit_code == 0
    trouble = notifications(outcome)[0]
    assert (trouble.event, trouble.collection, trouble.outcome) == ("trouble", "news", "committed")
    assert "entries.jsonl" in "".join(trouble.problems)


def test_a_run_that_finds_its_collection_held_is_trouble(tmp_path: Path) -> None:
    live.crawl(tmp_path, live.listing(), WEEKS[0])
    with CollectionLock(tmp_path, "news"):
        one = only(live.crawl(tmp_path, live.listing(), WEEKS[1]))
    assert (one.event, one.outcome, one.exit_code) == ("trouble", "failed", 5)


def test_a_log_that_cannot_be_read_is_trouble_and_hides_no_change(tmp_path: Path) -> None:
    outcome = live.crawl(tmp_path, live.listing(), WEEKS[0])
    (tmp_path / "runs.jsonl").write_bytes(b"{}\n")
    trouble, change = notifications(outcome)
    assert (trouble.event, change.event, change.line) == ("trouble", "change", None)
    assert "runs.jsonl:1: " in trouble.problems[0]


def test_a_run_without_an_outcome_is_trouble() -> None:
    one = undecided("/srv/caf\udce9", "news", WEEKS[0], WEEKS[1])
    assert (one.event, one.outcome, one.reasons, one.exit_code) == ("trouble", "failed", [UNDECIDED], 1)
    assert judged([one]) == 1


def judged(found: Sequence[Notification]) -> int:
    """Hold documents against the published schema; return how many there were."""
    for one in found:
        fits(json.loads(jsonl.dumps(one)), "notification")
    return len(found)


def test_every_notification_fits_the_schema_and_the_schema_refuses_others(tmp_path: Path) -> None:
    first = live.crawl(tmp_path, live.listing(), WEEKS[0], missed=NO_ANSWER)
    second = live.crawl(tmp_path, live.listing(), WEEKS[1])
    third = live.crawl(tmp_path, live.listing(title="X"), WEEKS[2])
    found = [*notifications(first), *notifications(second), *notifications(third)]
    assert judged(found) == 4
    for wrong in ({"event": "news"}, {"exit_code": "0"}, {"changes": 3}, {"started": "yesterday"}):
        with pytest.raises(jsonschema.ValidationError):
            fits(json.loads(jsonl.dumps(found[0])) | wrong, "notification")


def test_the_line_of_a_notification_is_a_place_for_the_export_of_changes(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    one = only(live.crawl(tmp_path, live.listing(), WEEKS[0]))
    live.crawl(tmp_path, live.listing(title="Another title"), WEEKS[1])
    since = ["--since", str(one.line)]
    assert main(["--archive", str(tmp_path), "export", "jsonl", "news", *since, "-o", "-"]) == 0
    told = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [change["change"] for change in told] == ["edited"]
