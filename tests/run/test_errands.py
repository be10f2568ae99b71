"""Every request ends in an answer that was read, or in a failure that was told."""

from pathlib import Path

from psgcrawl.run import NECESSARY, Run
from psgcrawl.run.errands import LOST, UNREAD, Errands

URL = "http://127.0.0.1/news.php"


def test_a_request_is_open_until_it_ends_and_may_end_twice() -> None:
    errands = Errands()
    first, second = errands.begin(URL), errands.begin(f"{URL}?position=10")
    errands.answered(second)
    assert errands.unended() == [f"{URL}: {LOST}", f"{URL}?position=10: {UNREAD}"]
    for number in (first, second, first, 0):
        errands.end(number)
    assert errands.unended() == []


def run(archive: Path) -> Run:
    one = Run(archive, spider="news", arguments={}, started="2024-01-01T00:00:00Z")
    for component in NECESSARY:
        one.report(component)
    return one


def test_a_request_that_never_ended_makes_a_crawl_that_finished_incomplete(tmp_path: Path) -> None:
    one = run(tmp_path)
    one.begin("news")
    one.errands.begin(URL)
    outcome = one.finish("finished", "2024-01-01T00:00:05Z")
    assert (outcome.exit_code, outcome.problems[0]) == (3, f"{URL}: {LOST}")


def test_a_crawl_that_was_ended_early_leaves_requests_behind(tmp_path: Path) -> None:
    one = run(tmp_path)
    one.begin("news")
    one.errands.begin(URL)
    assert one.finish("shutdown", "2024-01-01T00:00:05Z").problems == ["the crawl ended early: shutdown"]


def test_what_was_spoilt_beside_the_archive_fails_the_run_and_leaves_its_outcome(tmp_path: Path) -> None:
    one = run(tmp_path)
    one.bad("in/a.html: empty")
    one.spoilt("a feed failed: OSError(28)")
    one.spoilt("a feed failed: OSError(28)")
    outcome = one.finish("finished", "2024-01-01T00:00:05Z")
    assert (outcome.exit_code, [result.line.outcome for result in outcome.results]) == (1, ["incomplete"])
    assert outcome.problems == ["in/a.html: empty", "a feed failed: OSError(28)"]
