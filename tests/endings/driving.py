"""Brings a way to end about, in a process of its own, and says in which points it did not end as it must."""

import json
import re
import shlex
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import Final

from psgcrawl.archive import atwork
from psgcrawl.archive.commit import CollectionLock
from psgcrawl.archive.recovery import KILLED
from psgcrawl.archive.store import Archive
from tests import crawls
from tests.crawls import Ran
from tests.endings.table import Way
from tests.minisite import Answer, MiniSite

_SECOND: Final = "/news.php?position=10"
_BETWEEN: Final = 0.5
"""Seconds between two signals: the first must have been taken in."""
_LONGEST: Final = 120
_USAGE: Final = 2
"""The exit code where nothing began: whoever typed it reads why."""


def troubles(way: Way, place: Path) -> list[str]:
    """Return what is not as it must be, in words; nothing when all is well."""
    archive = place / "archive"
    with MiniSite() as site:
        ran = _ended(way, site, archive)
        found = [*_wrong(way, ran, archive)]
        told = _told(archive)
        site.instead.clear()
        site.on_request = None
        before = crawls.visible(archive) if archive.exists() else {}
        again = _crawl(site, archive, "news", {})
    if again.code != 0:
        found.append(f"the next run: exit code {again.code}: {again.err[-500:]}")
    if ran.code not in {0, _USAGE} and "trouble" not in (_told(archive) if way.disk == "dead" else told):
        found.append(f"nobody was told of the trouble: {told}")
    return [*found, *_after(way, archive, before)]


def _told(archive: Path) -> list[str]:
    """Return the events of which somebody was told so far."""
    there = _mailbox(archive)
    return [json.loads(line)["event"] for line in there.read_text().splitlines()] if there.exists() else []


def _mailbox(archive: Path) -> Path:
    return archive.with_name("told")


def _ended(way: Way, site: MiniSite, archive: Path) -> Ran:
    if way.broken:
        site.instead[_SECOND] = Answer(b"<html><body>no</body></html>", status=500)
    if way.slow:
        site.on_request = lambda target: time.sleep(way.slow if target == _SECOND else 0)
    if way.signals:
        return _signalled(way, site, archive)
    if way.held:
        with CollectionLock(archive, "news"):
            return _crawl(site, archive, way.spider, way.settings, *way.words)
    return _crawl(site, archive, way.spider, way.settings, *way.words)


def _line(site: MiniSite, archive: Path, spider: str, settings: Mapping[str, str], *words: str) -> list[str]:
    usual = {
        "ARCHIVE_DIR": str(archive),
        "CONTACT": "crawler@example.org",
        "SPIDER_MODULES": "psgcrawl.spiders,tests.endings.trial",
        "DOWNLOAD_DELAY": "0",
        "RETRY_FIRST_PAUSE": "0",
        "NOTIFY_COMMAND": shlex.join(["sh", "-c", f"cat >> {shlex.quote(str(_mailbox(archive)))}"]),
    }
    given = [word for name, value in {**usual, **settings}.items() for word in ("-s", f"{name}={value}")]
    return ["-m", "scrapy", "crawl", spider, "-a", f"base={site.url('')}", *given, *words]


def _crawl(site: MiniSite, archive: Path, spider: str, settings: Mapping[str, str], *words: str) -> Ran:
    return crawls.run(*_line(site, archive, spider, settings, *words))


def _signalled(way: Way, site: MiniSite, archive: Path) -> Ran:
    """Crawl, send the signals while the second page is asked for, and only then answer."""
    there, answered = Event(), Event()

    def hold(target: str) -> None:
        if target == _SECOND:
            there.set()
            answered.wait(_LONGEST)

    site.on_request = hold
    with crawls.command(*_line(site, archive, way.spider, way.settings)) as process:
        try:
            assert there.wait(_LONGEST), "the second page was never asked for"
            for number in way.signals:
                process.send_signal(number)
                time.sleep(_BETWEEN)
            # Who is told twice must not wait for the answer; whoever is told once gets it.
            if len(way.signals) > 1 and signal.SIGCONT not in way.signals:
                process.wait(_LONGEST)
            answered.set()
            out, err = process.communicate(timeout=_LONGEST)
        finally:
            answered.set()
            process.kill()
    return Ran(process.wait(), out, err)


def _wrong(way: Way, ran: Ran, archive: Path) -> Iterator[str]:
    lines = crawls.logged(archive) if archive.exists() else []
    if ran.code != way.code:
        yield f"exit code {ran.code}, not {way.code}: {ran.err[-1500:]}"
    if {line.outcome for line in lines} != ({way.outcome} if way.outcome else set()):
        yield f"outcomes {[line.outcome for line in lines]}, not {way.outcome}: {[line.reasons for line in lines]}"
    told = [reason for line in lines for reason in line.reasons] if lines else [ran.err]
    if way.reason and not any(re.search(way.reason, one, re.MULTILINE) for one in told):
        yield f"no reason like {way.reason!r}: {told}"
    if ran.code > 0 and not [line for line in ran.err.splitlines() if not line.startswith("archive: ")]:
        yield "nothing was said on standard error"
    disk = _disk(archive)
    if disk != way.disk:
        yield f"on disk: {disk}, not {way.disk}"


def _disk(archive: Path) -> str:
    """Return what is there, in the words of the table, or what else it is."""
    if not archive.exists():
        return "nothing"
    seen = crawls.visible(archive)
    kept = {one.name: [folder.name for folder in one.kept_apart()] for one in Archive(archive).collections()}
    top = sorted(
        path.name.split("-")[0] for path in archive.iterdir() if path.name.startswith((".incom", ".stag", ".ref"))
    )
    dead = bool(atwork.dead(archive))
    found = (sum(map(len, seen.values())), [name.split("-")[0] for one in kept.values() for name in one], top, dead)
    return {
        "(1, [], [], False)": "committed",
        "(0, ['.incomplete'], [], False)": "incomplete",
        "(0, [], [], False)": "nothing",
        "(0, [], ['.incomplete'], False)": "spool",
        "(0, ['.incomplete'], ['.incomplete'], False)": "both",
        "(0, [], ['.staging'], True)": "dead",
        "(0, [], [], True)": "dead",
        # Its line could not be written: the snapshot stands.
        "(1, [], [], True)": "unlogged",
    }.get(str(found), str(found))


def _after(way: Way, archive: Path, before: Mapping[str, list[str]]) -> Iterator[str]:
    """Say what is wrong after a plain run: it must have made everything good that can be."""
    if not crawls.visible(archive).get("news"):
        yield "the next run: no snapshot is visible"
    if any(name not in crawls.visible(archive)[one] for one, names in before.items() for name in names):
        yield "the next run: a snapshot is gone"
    if any([*archive.glob(".running-*"), *archive.glob("**/.staging-*")]):
        yield "the next run: what a run left that died is there still"
    lines = crawls.logged(archive)
    killed = [line for line in lines if KILLED in line.reasons]
    if len(killed) != (way.disk == "dead"):
        yield f"the next run: lines of a run that was killed: {len(killed)}"
    if lines[-1].outcome not in {"committed", "unchanged"}:
        yield f"the next run: {lines[-1].outcome}: {lines[-1].reasons}"
    crawls.sound(archive, deep=False)
