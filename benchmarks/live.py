"""What crawls of a listing cost a site and this machine: ``python benchmarks/live.py``.

First requests and bytes of whole crawls of the small site of the tests: full, unchanged,
with one new entry; with and without validators, in full and incremental. Then a crawl of
a synthetic listing of 300 pages of about 13 KB, in turn with a bare Scrapy spider that
reads the same entries by CSS selectors, which know this page and no other, writes them as
JSON Lines and its exchanges with warcio, where that is installed: a process each, its
processor time and the most memory it had, medians of the rounds. The server runs in this
process and is not counted.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tests.crawls import PROJECT
from tests.minisite import Answer, MiniSite

_TEXT: Final = "An invented sentence about an invented river, of a length that summaries have. " * 6
_SETTINGS: Final = {"DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 1, "MEMUSAGE_ENABLED": 0, "LOG_LEVEL": "WARNING"}
_START: Final = "import sys; from scrapy.cmdline import execute; execute(sys.argv[1:])"
_COST: Final = re.compile(r"(\d+) requests? \(robots.txt and redirects too\), ([\d,]+) bytes received")

_BARE: Final = """
import scrapy
from io import BytesIO

try:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter
except ImportError:
    WARCWriter = None


class Bare(scrapy.Spider):
    name = "bare"
    custom_settings = {"ROBOTSTXT_OBEY": True, "TELNETCONSOLE_ENABLED": False}

    async def start(self):
        self.file = open(self.warc, "wb")
        self.writer = WARCWriter(self.file, gzip=True) if WARCWriter else None
        yield scrapy.Request(self.base + "/news.php")

    def parse(self, response):
        if self.writer:
            headers = [(k.decode(), v[0].decode()) for k, v in response.headers.items()]
            said = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            asked = [(k.decode(), v[0].decode()) for k, v in response.request.headers.items()]
            for kind, http, body in (
                ("request", StatusAndHeaders("GET /news.php HTTP/1.1", asked, is_http_request=True), b""),
                ("response", said, response.body),
            ):
                record = self.writer.create_warc_record(response.url, kind, payload=BytesIO(body), http_headers=http)
                self.writer.write_record(record)
        for item in response.css("li"):
            yield {
                "title": item.css("h3 a::text").get(),
                "url": response.urljoin(item.css("h3 a::attr(href)").get()),
                "dateline": item.css("p.date::text").get(),
                "summary": "\\n\\n".join(item.css("p:not(.date)::text").getall()),
            }
        if link := response.css("p.pager a::attr(href)").get():
            yield response.follow(link)

    def closed(self, reason):
        self.file.close()
"""


def page(number: int, pages: int) -> bytes:
    """Return a listing page of about 13 KB, with ten entries of its own."""
    first = (pages - number) * 10
    items = "".join(
        f'<li><h3><a href="news-article-{first - place}.html">Synthetic title {first - place}</a></h3>'
        f'<p class="date">{28 - place:02d} September {2018 - number // 12}</p><p>{_TEXT}</p><p>{_TEXT}</p>'
        f"<p>{_TEXT[:200]}</p></li>"
        for place in range(10 if number < pages - 1 else 4)
    )
    link = f'<p class="pager"><a href="?position={number * 10 + 10}">Next</a></p>' if number < pages - 1 else ""
    return (
        f'<html><head><meta charset="utf-8"><title>t</title></head><body><ul>{items}</ul>{link}</body></html>'.encode()
    )


def command(archive: Path, base: str, *more: str) -> list[str]:
    """Return the words of a crawl of the news."""
    own = {**_SETTINGS, "ARCHIVE_DIR": archive, "CONTACT": "ops@example.org"}
    settings = [word for name, value in own.items() for word in ("-s", f"{name}={value}")]
    return ["-c", _START, "scrapy", "crawl", "news", "-a", f"base={base}", *settings, *more]


def environment() -> dict[str, str]:
    """Return the environment of a crawl."""
    path = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"}


def cost(archive: Path, site: MiniSite, *more: str) -> dict[str, object]:
    """Crawl; return requests and bytes of bodies, robots.txt too, and what became of it."""
    ran = subprocess.run(
        [sys.executable, *command(archive, site.url(""), *more)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    found = _COST.search(ran.stdout)
    if ran.returncode != 0 or found is None:
        raise SystemExit(f"the crawl exited with {ran.returncode}: the figures would mean nothing\n{ran.stderr}")
    made = "snapshot" if "1 new snapshot" in ran.stdout else "nothing new"
    return {"requests": int(found[1]), "bytes": int(found[2].replace(",", "")), "came of it": made}


def costs(*, validators: bool) -> dict[str, object]:
    """Return what crawls of the small site cost it: 33 entries on 4 pages."""
    incremental = ("-a", "mode=incremental")
    with MiniSite() as site, tempfile.TemporaryDirectory() as folder:
        archive = Path(folder)
        site.validators = validators
        found: dict[str, object] = {
            "full": cost(archive, site),
            "unchanged, full": cost(archive, site),
            "unchanged, incremental": cost(archive, site, *incremental),
        }
        for mode, words in (("incremental", incremental), ("full", ())):
            site.add("news", f"New for a crawl in {mode}", "Something new.", "01 January 2019")
            found[f"one new entry, {mode}"] = cost(archive, site, *words)
    return found


def timed(words: list[str], environ: dict[str, str], folder: Path) -> tuple[float, float]:
    """Run a process; return its processor time in seconds and its greatest memory in MB."""
    process = os.posix_spawn(
        sys.executable,
        [sys.executable, *words],
        environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, folder / "out", os.O_WRONLY | os.O_CREAT, 0o600)],
    )
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"a crawl exited with {os.waitstatus_to_exitcode(status)}: the figures would mean nothing")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(site: MiniSite, wanted: int) -> tuple[float, float]:
    """Crawl with this project; as many entries as wanted must come out."""
    with tempfile.TemporaryDirectory() as folder:
        found = timed(command(Path(folder) / "archive", site.url("")), environment(), Path(folder))
        [entries] = Path(folder).glob("archive/news/2*/entries.jsonl")
        _check(entries, wanted)
    return found


def theirs(site: MiniSite, wanted: int) -> tuple[float, float]:
    """Crawl with the bare spider."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bare.py").write_text(_BARE)
        settings = [word for key, value in _SETTINGS.items() for word in ("-s", f"{key}={value}")]
        words = ["-c", _START, "scrapy", "runspider", str(folder / "bare.py"), "-O", str(folder / "items.jsonl")]
        words += ["-a", f"base={site.url('')}", "-a", f"warc={folder / 'all.warc.gz'}", *settings]
        environ = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
        found = timed(words, {**environ, "SCRAPY_PROJECT": "none"}, folder)
        _check(folder / "items.jsonl", wanted)
    return found


def _check(items: Path, wanted: int) -> None:
    number = items.read_bytes().count(b"\n")
    if number != wanted:
        raise SystemExit(f"{items.name}: {number} entries, not {wanted}: the figures would mean nothing")


def side_by_side(pages: int, rounds: int) -> dict[str, Any]:
    """Crawl in turn with this project and the bare spider; return medians, and ratios as median, least and most."""
    with MiniSite() as site:
        for number in range(pages):
            site.instead["/news.php" + (f"?position={number * 10}" if number else "")] = Answer(page(number, pages))
        wanted = pages * 10 - 6
        pairs = [(ours(site, wanted), theirs(site, wanted)) for _ in range(rounds)]
    ratios = [mine[0] / other[0] for mine, other in pairs]
    return {
        "pages": pages,
        "bytes a page": len(page(0, pages)),
        "warcio": find_spec("warcio") is not None,
        "seconds": round(statistics.median(mine[0] for mine, _ in pairs), 2),
        "seconds of the bare spider": round(statistics.median(other[0] for _, other in pairs), 2),
        "ratio": [round(value, 2) for value in (statistics.median(ratios), min(ratios), max(ratios))],
        "MB": round(statistics.median(mine[1] for mine, _ in pairs), 1),
        "MB of the bare spider": round(statistics.median(other[1] for _, other in pairs), 1),
    }


def main() -> None:
    """Measure and print, as text or with ``--json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = {
        "machine": platform.platform(),
        "python": platform.python_version(),
        "without validators": costs(validators=False),
        "with validators": costs(validators=True),
        "beside a bare spider": side_by_side(args.pages, args.rounds),
    }
    print(json.dumps(found, indent=None if args.json else 2))


if __name__ == "__main__":
    main()
