"""What a run holds of its pages while it crawls, and at its end, where they are looked at and committed."""

import tracemalloc
from pathlib import Path

from psgcrawl.archive.warc.exchange import Exchange, Exchanges, request_message, response_message
from psgcrawl.records import Entry, Page
from psgcrawl.run import NECESSARY, Run
from tests.archive import making

STARTED = "2024-01-01T00:00:00Z"
FINISHED = "2024-01-01T00:00:05Z"
TEXT = "so many words of a summary " * 120


def entry(number: int) -> Entry:
    return making.entry(f"news-article-{number}", title=f"Title {number}", summary=f"{number} {TEXT}")


def fetched(run: Run, exchanges: Exchanges, position: int) -> Page:
    """A page of ten entries, as a crawl brings it: its record is in the evidence."""
    url = f"http://example.org/news.php?position={position}"
    asked = Exchange(url=url, date=STARTED, asked=request_message("GET", url, []))
    record = exchanges.answered(asked, response_message("HTTP/1.1", 200, [], f"page {position}".encode()))
    shown = [entry(number) for number in range(position, position + 10)]
    return making.page(*shown, position=position, url=url, source="live", record=record, lists=["news"] * 10)


def peak(archive: Path, number: int) -> int:
    """Return the most bytes of memory that a crawl of so many pages held, from its first page to its end."""
    run = Run(archive, spider="news", arguments={}, started=STARTED)
    for component in NECESSARY:
        run.report(component)
    exchanges = Exchanges(lambda: run.evidence)
    tracemalloc.start()
    for position in range(0, 10 * number, 10):
        run.yielded()
        run.add(fetched(run, exchanges, position))
    outcome = run.finish("finished", FINISHED)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    [result] = outcome.results
    assert (result.line.outcome, outcome.problems) == ("committed", [])
    assert result.line.counts is not None
    assert result.line.counts.pages == number
    return most


def test_a_crawl_of_more_pages_holds_hardly_more(tmp_path: Path) -> None:
    peak(tmp_path / "loaded", 1)
    few, many = peak(tmp_path / "few", 90), peak(tmp_path / "many", 210)
    # Pages and entries wait on disk: they are 35 KB a page here.
    assert (many - few) / 120 < 4_500
