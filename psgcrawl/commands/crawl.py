"""``scrapy crawl``: the run's outcome becomes the exit code, and a summary for people."""

import argparse
import gc
import importlib
import logging
import os
import shlex
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.utils.log import TopLevelFormatter
from scrapy.utils.reactor import is_reactor_installed

from psgcrawl import profiles
from psgcrawl import settings as psgcrawl_settings
from psgcrawl.archive.location import find_archive
from psgcrawl.errors import PsgcrawlError
from psgcrawl.errors import UsageError as OurUsageError
from psgcrawl.guards import Limits
from psgcrawl.loglines import handler_for
from psgcrawl.notify import Hooks, notifications
from psgcrawl.run import NEVER_CLOSED, Outcome, deadlines, run_of
from psgcrawl.summary import summary

FAILED = 1

_YOUNG: Final = 10_000
"""How many more containers there must be before Python looks for those that only know each other; 700 by default.
Modules and entries are kept, and a crawl makes hardly any such circles: to look took a tenth of the start."""


class Command(ScrapyCrawl):
    """Scrapy's ``crawl``, which exits 0 whatever was lost, with the project's exit codes."""

    def short_desc(self) -> str:
        """Return the line that ``scrapy`` lists."""
        return "Crawl a listing or read captures into the archive"

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Take over the options of the command line, and let the log begin, from its first record on, as it is to be.

        :raises UsageError: for options that cannot be meant (exit code 2).
        """
        super().process_options(args, opts)
        assert self.settings is not None  # noqa: S101 - Scrapy sets it for every command
        handler = handler_for(self.settings)
        if self.settings.getbool("LOG_SHORT_NAMES"):
            handler.addFilter(TopLevelFormatter(["scrapy"]))
        # Scrapy's own handler gets a formatter of Scrapy's again and again, the last time when extensions are built.
        logging.root.setLevel(logging.NOTSET)
        logging.root.addHandler(handler)
        self.settings.set("LOG_INSTALL_ROOT_HANDLER", value=False, priority="cmdline")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Crawl, say what came out, and set the exit code.

        :raises UsageError: before anything is read or written (exit code 2).
        """
        if len(args) != 1:
            raise UsageError(f"one spider is crawled at a time, not {len(args)}: scrapy crawl NAME")
        gc.set_threshold(_YOUNG)
        assert self.crawler_process is not None  # noqa: S101 - Scrapy sets it for every command that crawls
        spiders = self.crawler_process.spider_loader
        try:
            spider = spiders.load(args[0])
        except KeyError:
            raise UsageError(f"no spider {args[0]!r}: there are {', '.join(sorted(spiders.list()))}") from None
        crawler = self.crawler_process.create_crawler(spider)
        # What scrapyd or a person's own spider module adds may be a stock spider.
        check = getattr(crawler.spidercls, "check_arguments", None)
        check_settings = getattr(crawler.spidercls, "check_settings", None)
        try:
            archive = _archive(crawler.settings)
            profiles.enter(archive)
            Limits.of(crawler.settings)
            Hooks.of(crawler.settings, os.environ)
            deadlines.Limits.of(crawler.settings, files=False)
            if check is not None:
                check(opts.spargs)
            if check_settings is not None:
                check_settings(crawler.settings)
        except OurUsageError as error:
            raise UsageError(str(error)) from error
        _say(f"archive: {archive}", sys.stderr)
        # For the sake of three deprecated names it looks through the source of all that is being called: a tenth of a
        # second here, more than half a second from within the engine, which would import it.
        importlib.import_module("scrapy.core.downloader.contextfactory")
        self.crawler_process.crawl(crawler, **opts.spargs)
        # What was imported stays: nobody needs to look at it again. Of 1,000 pages that took 3 % of the time.
        gc.freeze()
        try:
            self.crawler_process.start()
            cut_off = "the crawl was cut off: it was told twice to end, or never began"
        except (KeyboardInterrupt, SystemExit) as error:
            # Wherever it was raised in a crawl, it leaves the loop at once; threads that wait for work would wait on.
            cut_off = f"the crawl was cut off: {error!r} was raised"
            _stop_threads()
        # No report is a failure: the last signal never came, or nobody listened to it.
        self.exitcode = FAILED
        outcome = _outcome(crawler, cut_off)
        if outcome is None:
            _say("psgcrawl: the crawl ended without deciding what became of it: nothing was committed", sys.stderr)
            return
        self.exitcode = outcome.exit_code
        if not _log_shows_errors():
            for problem in outcome.problems:
                _say(f"psgcrawl: {problem}", sys.stderr)
        # A feed on standard output is for a program: the summary must not run into it.
        _say(summary(outcome, _psgcrawl(outcome.archive)), sys.stderr if _feeds_stdout(opts) else sys.stdout)


def _archive(settings: BaseSettings) -> Path:
    archive = find_archive(None, {}, Path.cwd(), settings["ARCHIVE_DIR"])
    if archive.exists() and not archive.is_dir():
        raise OurUsageError(f"ARCHIVE_DIR: {archive}: there is something else than a folder")
    return archive


def _psgcrawl(archive: Path) -> str:
    """Return how ``psgcrawl`` is typed for ``archive`` by the person who typed this crawl."""
    beside = Path(sys.executable).parent / "psgcrawl"
    typed = "psgcrawl" if shutil.which("psgcrawl") or not beside.exists() else os.path.relpath(beside)
    try:
        usual = find_archive(None, os.environ, Path.cwd(), psgcrawl_settings.ARCHIVE_DIR)
    except OurUsageError:
        usual = None
    where = [] if usual == archive else ["--archive", str(archive)]
    return shlex.join([typed, *where])


def _outcome(crawler: Crawler, cut_off: str) -> Outcome | None:
    """Return what became of the crawl; of one that was cut off it is decided, and told, here."""
    deadlines.Watch.over()
    try:
        run = run_of(crawler)
    except PsgcrawlError as error:
        _say(f"psgcrawl: {error}", sys.stderr)
        return None
    if run.outcome is not None:
        return run.outcome
    run.fail(cut_off)
    outcome = run.finish(NEVER_CLOSED, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    if _log_shows_errors():
        # What the extension would have logged.
        for problem in outcome.problems:
            _say(f"psgcrawl: {problem}", sys.stderr)
    # The signal at which the extension tells never comes.
    Hooks.of(crawler.settings, os.environ).tell(
        lambda: notifications(outcome), lambda problem: _say(f"psgcrawl: {problem}", sys.stderr)
    )
    return outcome


def _stop_threads() -> None:
    if is_reactor_installed():
        from twisted.internet import reactor  # noqa: PLC0415 - importing it installs it

        threads = getattr(reactor, "threadpool", None)
        if threads is not None:
            threads.stop()


def _say(message: str, stream: TextIO) -> None:
    """Print ``message``, in escapes what the stream's encoding has not: the exit code must not hang on a name."""
    encoding = stream.encoding or "utf-8"
    stream.write(message.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _log_shows_errors() -> bool:
    """Tell whether errors that were logged have reached standard error."""
    return any(
        type(handler) is logging.StreamHandler and handler.stream is sys.stderr and handler.level <= logging.ERROR
        for handler in logging.getLogger().handlers
    )


def _feeds_stdout(opts: argparse.Namespace) -> bool:
    feeds = [*(opts.output or []), *(opts.overwrite_output or [])]
    return any(feed.split(":")[0] in {"-", "stdout"} for feed in feeds)
