"""Live crawls without Scrapy and without a server: what answered is given, the rest is as in a crawl."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psgcrawl import derive
from psgcrawl.archive.warc.exchange import Exchange, Exchanges, request_message, response_message
from psgcrawl.archive.warc.holding import Holding
from psgcrawl.captures.live import Fetched, page_of
from psgcrawl.run import NECESSARY, Outcome, Run
from tests.minisite import MiniSite

BASE = "http://127.0.0.1"
FIRST, SECOND, THIRD, LAST = (f"{BASE}/news.php?position={position}" for position in (0, 10, 20, 30))
NEWS = (FIRST, SECOND, THIRD, LAST)


@dataclass(frozen=True)
class Answer:
    """What a server says: 304 means that it does where the archive makes that possible."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"1"'))
    status: int = 200


def listing(**changed: str) -> dict[str, Answer]:
    """Return the four pages of news; ``title`` and the like change the newest entry."""
    with MiniSite() as site:
        if changed:
            site.edit(site.lists["news"][0].href or "", **changed)
        bodies = {url: site.answer(url.removeprefix(BASE)).body for url in NEWS}
        return {url: Answer(body.replace(site.url("").encode(), BASE.encode())) for url, body in bodies.items()}


def crawl(
    archive: Path, answers: Mapping[str, Answer], started: str, *, collection: str = "news", missed: str = ""
) -> Outcome:
    """Fetch the addresses in their order, one a second, and return what became of it."""
    run = Run(archive, spider="listing", arguments={}, started=started)
    for component in NECESSARY:
        run.report(component)
    exchanges = Exchanges(lambda: run.evidence)
    holding = Holding(archive, collection, run.note)
    for number, (url, answer) in enumerate(answers.items()):
        date = f"{started[:-3]}{int(started[-3:-1]) + number:02d}Z"
        held = holding.of(url) if answer.status == 304 else None
        status = 304 if held else 200
        headers = [(name.encode(), [value.encode()]) for name, value in answer.headers]
        said = response_message("HTTP/1.1", status, headers, b"" if held else answer.body)
        exchange = Exchange(url=url, date=date, asked=request_message("GET", url, []))
        record = exchanges.answered(exchange, said, held=held)
        source = held.answer if held else said
        fetched = Fetched(
            record=record,
            url=url,
            date=date,
            status=status,
            media_type=source.media_type or "text/html",
            charset=source.charset,
            payload=source.body,
            content=source.content(1 << 20),
        )
        run.yielded()
        run.add(derive.normalise(derive.read_datelines(page_of(fetched, collection))))
    if missed:
        run.wanted(collection, missed)
    return run.finish("finished", f"{started[:-3]}59Z")
