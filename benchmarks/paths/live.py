"""A crawl of a whole listing with all guards and with evidence, beside spiders that know its pages."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contest import Contest, Goal
from benchmarks.making.pages import entries
from benchmarks.sides import PROJECT, Side

NEEDS = ("warcio",)


def contests(folder: Path, *, small: bool) -> Iterator[Contest]:
    """Yield one crawl, and how much memory it takes with ever more pages."""
    sizes = (30,) if small else (250, 500, 1_000)
    with served(sizes[-1]) as base:
        yield _beside(folder, base, sizes[-1])
    for pages in () if small else sizes[:-1]:
        with served(pages) as base:
            yield Contest(
                path=f"live crawl, {pages:,} pages",
                size=f"{pages:,} pages of 15 KB",
                sides=[crawl("scrapy crawl news", folder, base, pages)],
                goals=[
                    Goal(by="memory", unit="MB", most=95),
                    Goal(unit="ms a page", factor=1000 / pages),
                ],
            )


def _beside(folder: Path, base: str, pages: int) -> Contest:
    feed, wanted = str(folder / "entries.jsonl"), str(entries(pages))

    def bare(name: str, links: str) -> Side:
        arguments = {"base": base, "warc": str(folder / "all.warc.gz"), "links": links}
        words = ["-m", "benchmarks.work.spiders", "bare", json.dumps(arguments), feed, wanted]
        return Side(name=name, words=[sys.executable, *words], needs=NEEDS)

    return Contest(
        path="live crawl",
        size=f"{pages:,} pages of 15 KB",
        sides=[
            crawl("scrapy crawl news", folder, base, pages),
            bare("bare spider, all pager links", "p.pager a"),
            bare("bare spider, only next", "p.pager a.next"),
        ],
        goals=[
            Goal(against="bare spider, all pager links", most=0.5),
            Goal(against="bare spider, only next", most=0.75),
            Goal(by="memory", unit="MB", most=95),
            Goal(unit="ms a page", factor=1000 / pages),
        ],
    )


def crawl(name: str, folder: Path, base: str, pages: int) -> Side:
    """Return a crawl of the news into an archive of its own, as one types it, but for the waiting between requests."""
    archive = folder / "crawled"
    settings = {"DOWNLOAD_DELAY": 0, "PAGES_MAX": pages + 1, "CONTACT": "ops@example.org", "ARCHIVE_DIR": archive}
    words = [word for key, value in settings.items() for word in ("-s", f"{key}={value}")]

    def anew() -> None:
        subprocess.run(["rm", "-rf", archive], check=True)  # noqa: S607 - a program of the system

    def came() -> None:
        found = list(archive.glob("news/2*/entries.jsonl"))
        if sum(path.read_bytes().count(b"\n") for path in found) < entries(pages):
            raise RuntimeError(f"{archive}: not all entries came: the figures would mean nothing")

    return Side(
        name=name,
        words=[sys.executable, "-m", "scrapy", "crawl", "news", "-a", f"base={base}", "--loglevel=WARNING", *words],
        environ={"SCRAPY_SETTINGS_MODULE": "psgcrawl.settings"},
        before=anew,
        after=came,
    )


@contextmanager
def served(pages: int) -> Iterator[str]:
    """Serve so many pages by a process of its own; give the site's address."""
    words: Sequence[str] = [sys.executable, "-m", "benchmarks.work.server", str(pages)]
    with subprocess.Popen(
        words, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii"
    ) as process:
        assert process.stdin is not None  # noqa: S101 - pipes were asked for
        assert process.stdout is not None  # noqa: S101
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
