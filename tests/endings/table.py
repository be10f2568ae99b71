"""The ways in which a crawl can end, each with what has to come of it."""

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Disk = Literal["committed", "incomplete", "nothing", "spool", "both", "dead", "unlogged"]
"""What is there afterwards: a visible snapshot; one kept apart; nothing at all; what was fetched and came into no
snapshot; both of these; what a run that was killed leaves; a snapshot of which the log could not take the line."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to end."""

    name: str
    code: int
    """The exit code; of a process that a signal ended, minus its number."""
    outcome: str | None
    """In ``runs.jsonl``; None where the run wrote no line."""
    reason: str = ""
    """A pattern that is found in its reasons, or, without a line, on standard error."""
    disk: Disk
    settings: Mapping[str, str] = field(default_factory=dict)
    spider: str = "trial"
    words: tuple[str, ...] = ()
    """More of the command line; ``{place}`` is a folder."""
    signals: tuple[int, ...] = ()
    """Sent one after the other while the second page is being fetched."""
    held: bool = False
    """Whether another run holds the collection."""
    broken: bool = False
    """Whether the site answers 500 to the second page."""
    slow: float = 0
    """Seconds that the site takes for the second page."""
    short: bool = False
    """Whether the plain suite has it, too."""


def at(  # noqa: PLR0917 - a row of a table
    place: str,
    does: str,
    code: int,
    outcome: str | None,
    reason: str,
    disk: Disk,
    *,
    nth: int = 1,
    settings: Mapping[str, str] | None = None,
    spider: str = "trial",
    broken: bool = False,
    short: bool = False,
) -> Way:
    """Return a way to end in which something happens at a place (:mod:`tests.endings.trial`)."""
    return Way(
        name=f"{does} at {place}" + (f", the {nth}th time" if nth > 1 else ""),
        code=code,
        outcome=outcome,
        reason=reason,
        disk=disk,
        settings={"TRIAL_AT": place, "TRIAL_DOES": does, "TRIAL_NTH": str(nth), **(settings or {})},
        spider=spider,
        broken=broken,
        short=short,
    )


def cut(name: str, *signals: int, code: int, outcome: str | None, reason: str, disk: Disk, short: bool = False) -> Way:
    """Return a way to end by signals."""
    return Way(name=name, code=code, outcome=outcome, reason=reason, disk=disk, signals=signals, short=short)


def limit(  # noqa: PLR0917 - a row of a table
    name: str, value: str, code: int, outcome: str, reason: str, disk: Disk = "incomplete", *, slow: float = 0
) -> Way:
    """Return a way to end by one setting."""
    return Way(
        name=f"{name}={value}" + (", the site takes longer" if slow else ""),
        code=code,
        outcome=outcome,
        reason=reason,
        disk=disk,
        settings={name: value},
        slow=slow,
    )


EARLY: Final = "^the crawl ended early: "
CUT_OFF: Final = "^the crawl was cut off: "
QUICK: Final = {"CALLBACK_DEADLINE": "3"}
TERM, INT, KILL = signal.SIGTERM, signal.SIGINT, signal.SIGKILL

SIGNALS: Final = (
    cut("SIGTERM", TERM, code=3, outcome="incomplete", reason=f"{EARLY}shutdown$", disk="incomplete"),
    cut("SIGINT", INT, code=3, outcome="incomplete", reason=f"{EARLY}shutdown$", disk="incomplete"),
    cut("SIGTERM twice", TERM, TERM, code=1, outcome="failed", reason=CUT_OFF, disk="incomplete"),
    cut("SIGINT twice", INT, INT, code=1, outcome="failed", reason=CUT_OFF, disk="incomplete"),
    cut("SIGTERM, then SIGINT", TERM, INT, code=1, outcome="failed", reason=CUT_OFF, disk="incomplete"),
    cut("SIGTERM three times", TERM, TERM, TERM, code=1, outcome="failed", reason=CUT_OFF, disk="incomplete"),
    cut("SIGKILL", KILL, code=-KILL, outcome=None, reason="", disk="dead", short=True),
    cut("SIGTERM, then SIGKILL", TERM, KILL, code=-KILL, outcome=None, reason="", disk="dead"),
    cut("SIGHUP", signal.SIGHUP, code=-signal.SIGHUP, outcome=None, reason="", disk="dead"),
    cut("SIGQUIT", signal.SIGQUIT, code=-signal.SIGQUIT, outcome=None, reason="", disk="dead"),
    cut("SIGABRT", signal.SIGABRT, code=-signal.SIGABRT, outcome=None, reason="", disk="dead"),
    cut("SIGPIPE", signal.SIGPIPE, code=0, outcome="committed", reason="", disk="committed"),
    cut(
        "SIGSTOP, then SIGCONT",
        signal.SIGSTOP,
        signal.SIGCONT,
        code=0,
        outcome="committed",
        reason="",
        disk="committed",
    ),
)

LIMITS: Final = (
    limit("CLOSESPIDER_PAGECOUNT", "1", 3, "incomplete", f"{EARLY}closespider_pagecount$"),
    limit("CLOSESPIDER_ITEMCOUNT", "1", 3, "incomplete", f"{EARLY}closespider_itemcount$"),
    limit("CLOSESPIDER_TIMEOUT", "0.5", 3, "incomplete", f"{EARLY}closespider_timeout$", slow=2),
    limit("MEMUSAGE_LIMIT_MB", "1", 3, "incomplete", f"{EARLY}memusage_exceeded$", "nothing"),
    limit("PAGES_MAX", "2", 3, "incomplete", "and no end in sight"),
    limit("DEPTH_LIMIT", "1", 3, "incomplete", "asked for, and neither an answer nor a failure came of it$"),
    limit("RUN_DEADLINE", "2", 3, "incomplete", f"{EARLY}run_deadline$", slow=4),
    at("callback", "pattern", 1, None, r"^  File .* in _pattern$", "dead", nth=2, settings=QUICK, short=True),
    at("callback", "sleep", 1, None, r"^Timeout ", "dead", nth=2, settings=QUICK),
    at("start.first", "sleep", 1, None, r"^Timeout ", "dead", settings=QUICK),
    at("pipeline.process_item", "pattern", 1, None, r"^Timeout ", "dead", settings=QUICK),
    at("extension.item_scraped", "sleep", 1, None, r"^Timeout ", "dead", settings=QUICK),
    at("downloadermw.process_response", "pattern", 1, None, r"^Timeout ", "dead", settings=QUICK),
    at(
        "callback",
        "pattern",
        1,
        None,
        r"^Timeout ",
        "dead",
        settings={"RUN_DEADLINE": "3", "RETRY_AFTER_MAX": "0", "DOWNLOAD_TIMEOUT": "1", "CALLBACK_DEADLINE": "0"},
    ),
)

START: Final = "^the spider's start failed: "
CALLBACK: Final = r"^a callback failed on .*: "
PIPELINE: Final = r"^a pipeline failed on .*: "
HANDLER: Final = "^a handler of a signal failed: "

SPIDER: Final = (
    at("start.first", "ValueError", 1, "failed", START, "nothing"),
    at("start.last", "ValueError", 1, "failed", START, "incomplete"),
    at("start.first", "OSError", 1, "failed", "No space left on device", "nothing"),
    at("start.first", "CloseSpider", 3, "incomplete", f"{EARLY}enough$", "nothing"),
    at("start.first", "SystemExit", 1, "failed", CUT_OFF, "nothing"),
    at("callback", "ValueError", 1, "failed", CALLBACK, "incomplete", nth=2),
    at("callback.between", "ValueError", 1, "failed", CALLBACK, "incomplete", nth=2),
    at("callback.end", "ValueError", 1, "failed", CALLBACK, "incomplete", nth=2),
    at("callback", "MemoryError", 1, "failed", CALLBACK, "incomplete", nth=2),
    at("callback", "recursion", 1, "failed", f"{CALLBACK}RecursionError", "incomplete", nth=2),
    at("callback", "CloseSpider", 3, "incomplete", f"{EARLY}enough$", "incomplete", nth=2),
    at("callback", "SystemExit", 1, "failed", CUT_OFF, "incomplete", nth=2, short=True),
    at("callback", "KeyboardInterrupt", 1, "failed", CUT_OFF, "incomplete", nth=2),
    at("plain", "ValueError", 1, "failed", CALLBACK, "incomplete", nth=2, spider="plain"),
    at("plain", "SystemExit", 1, "failed", CUT_OFF, "incomplete", nth=2, spider="plain"),
    at("errback", "ValueError", 1, "failed", CALLBACK, "incomplete", broken=True),
    at("errback", "SystemExit", 1, "failed", CUT_OFF, "incomplete", broken=True),
    at("closed", "ValueError", 1, "failed", HANDLER, "incomplete"),
)

COMPONENTS: Final = (
    at("pipeline.from_crawler", "ValueError", 1, "failed", "^the crawl was cut off: ", "nothing"),
    at("pipeline.from_crawler", "NotConfigured", 0, "committed", "", "committed"),
    at("pipeline.open_spider", "ValueError", 1, "failed", "^the crawl could not begin: ", "nothing"),
    at("pipeline.open_spider", "CloseSpider", 1, "failed", "'store' never reported in$", "nothing"),
    at("pipeline.process_item", "ValueError", 1, "failed", PIPELINE, "incomplete", nth=2),
    at("pipeline.process_item", "MemoryError", 1, "failed", PIPELINE, "incomplete", nth=2),
    at("pipeline.process_item", "recursion", 1, "failed", PIPELINE, "incomplete", nth=2),
    at("pipeline.process_item", "DropItem", 1, "failed", "^a pipeline dropped ", "incomplete", nth=2),
    at("pipeline.process_item", "CloseSpider", 1, "failed", PIPELINE, "incomplete", nth=2),
    at("pipeline.process_item", "SystemExit", 1, "failed", CUT_OFF, "incomplete", nth=2),
    at("pipeline.close_spider", "ValueError", 1, "failed", "^Scraper close failure: ", "incomplete"),
    at("spidermw.from_crawler", "ValueError", 1, "failed", CUT_OFF, "nothing"),
    at("spidermw.process_start", "ValueError", 1, "failed", START, "nothing"),
    at("spidermw.process_spider_input", "ValueError", 3, "incomplete", "odd", "incomplete", nth=2),
    at("spidermw.process_spider_output", "ValueError", 1, "failed", CALLBACK, "incomplete", nth=3),
    at("spidermw.drops", "pages", 1, "failed", "^pages read: 4, stored: 0$", "spool"),
    at("spidermw.drops", "requests", 3, "incomplete", "neither an answer nor a failure came of it$", "incomplete"),
    at("downloadermw.from_crawler", "ValueError", 1, "failed", CUT_OFF, "nothing"),
    at("downloadermw.process_request", "ValueError", 3, "incomplete", "odd", "incomplete", nth=2),
    at("downloadermw.process_request", "IgnoreRequest", 3, "incomplete", "ignored", "incomplete", nth=2),
    at("downloadermw.process_request", "SystemExit", 1, "failed", CUT_OFF, "incomplete", nth=2),
    at("downloadermw.process_response", "ValueError", 3, "incomplete", "odd", "incomplete", nth=2),
    at("extension.from_crawler", "ValueError", 1, "failed", CUT_OFF, "nothing"),
    at("extension.engine_started", "ValueError", 1, "failed", HANDLER, "incomplete"),
    at("extension.spider_opened", "ValueError", 1, "failed", HANDLER, "incomplete"),
    at("extension.request_scheduled", "ValueError", 1, "failed", HANDLER, "incomplete"),
    at("extension.request_scheduled", "IgnoreRequest", 3, "incomplete", "neither an answer", "incomplete", nth=2),
    at("extension.response_received", "ValueError", 1, "failed", HANDLER, "incomplete"),
    at("extension.item_scraped", "ValueError", 1, "failed", HANDLER, "incomplete", nth=2),
    at("extension.spider_idle", "ValueError", 1, "failed", HANDLER, "incomplete"),
    at("extension.spider_closed", "ValueError", 1, "failed", HANDLER, "incomplete"),
)

_OFF: Final = "switched itself off$"


def off(path: str, reason: str = _OFF, disk: Disk = "incomplete") -> Way:
    """Return a way to end in which a component of the project's says that it is not configured."""
    return at(f"{path}.from_crawler", "NotConfigured", 1, "failed", reason, disk)


OURS: Final = (
    off("psgcrawl.pipelines.store:StorePipeline", disk="spool"),
    off("psgcrawl.middlewares.ledger:LedgerMiddleware"),
    off("psgcrawl.middlewares.robots:RobotsMiddleware"),
    off("psgcrawl.middlewares.pacing:PacingMiddleware"),
    off("psgcrawl.middlewares.origins:OriginsMiddleware"),
    off("psgcrawl.middlewares.origins:AnswersMiddleware"),
    off("psgcrawl.middlewares.evidence:EvidenceMiddleware", disk="nothing"),
    at(
        "psgcrawl.archive.warc.spool:Spool.add",
        "OSError",
        1,
        "failed",
        "the evidence cannot be written",
        "spool",
        nth=3,
    ),
    at("psgcrawl.run.closing:judge", "ValueError", 1, "failed", "^ValueError", "both"),
    at("psgcrawl.archive.assemble:assemble", "ValueError", 1, "failed", "^ValueError", "both"),
    at("psgcrawl.archive.commit:Staging.seal", "OSError", 1, "failed", "No space left", "both"),
    at("psgcrawl.archive.durable:rename_new", "OSError", 1, "failed", "No space left", "incomplete"),
    at("psgcrawl.archive.durable:rename_new", "OSError", 1, "failed", "No space left", "both", nth=2),
    at("psgcrawl.archive.commit:verify_files", "MemoryError", 1, "failed", "^MemoryError", "both"),
    at("psgcrawl.archive.runlog:append", "OSError", 1, None, "No space left", "unlogged"),
)

OTHER: Final = (
    Way(name="nothing happens", code=0, outcome="committed", disk="committed"),
    Way(
        name="the second page answers 500",
        code=3,
        outcome="incomplete",
        reason="the server answered 500",
        disk="incomplete",
        broken=True,
    ),
    Way(
        name="another run holds the collection",
        code=5,
        outcome="failed",
        reason="another run holds",
        disk="spool",
        held=True,
    ),
    Way(
        name="a feed on a full disk",
        code=1,
        outcome="committed",
        reason="",
        disk="committed",
        words=("-O", "/dev/full:jsonl"),
    ),
    Way(
        name="a feed where nothing can be written",
        code=1,
        outcome="committed",
        reason="",
        disk="committed",
        words=("-O", "/proc/feed.jsonl"),
    ),
    Way(
        name="an exporter of a feed fails",
        code=1,
        outcome="committed",
        disk="committed",
        settings={"TRIAL_AT": "psgcrawl.feeds:JsonLinesFeed.export_item", "TRIAL_DOES": "ValueError"},
        words=("-O", "/dev/null:jsonl"),
    ),
    Way(
        name="nobody answers for the crawl",
        code=2,
        outcome=None,
        reason="CONTACT",
        disk="nothing",
        settings={"CONTACT": ""},
    ),
    Way(
        name="a deadline that is no number",
        code=2,
        outcome=None,
        reason="RUN_DEADLINE: 'soon' is no number of seconds",
        disk="nothing",
        settings={"RUN_DEADLINE": "soon"},
    ),
    Way(
        name="an argument that is none", code=2, outcome=None, reason="no such argument", disk="nothing",
        words=("-a", "pfad=x"),
    ),
)  # fmt: skip

WAYS: Final = (*SIGNALS, *LIMITS, *SPIDER, *COMPONENTS, *OURS, *OTHER)
