"""Scrapy settings: each one that is not Scrapy's default, with its reason.

Read by Scrapy, and by ``psgcrawl`` for ``ARCHIVE_DIR`` alone. The table for users is
in ``docs/commands.md``.
"""

from typing import Any

BOT_NAME = "psgcrawl"
SPIDER_MODULES = ["psgcrawl.spiders"]
NEWSPIDER_MODULE = "psgcrawl.spiders"
# Its crawl.py replaces Scrapy's: stock Scrapy exits 0 whatever was lost.
COMMANDS_MODULE = "psgcrawl.commands"

# --- this project's own ---------------------------------------------------------------

# The archive. A relative path is relative to the folder of scrapy.cfg, so that the
# archive does not move with the folder in which someone happens to type the command.
ARCHIVE_DIR = "output"
# Who answers for a live crawl, in the user agent: "https://example.org/bot, ops@example.org".
CONTACT = ""

# --- what runs ------------------------------------------------------------------------

EXTENSIONS: dict[str, Any] = {
    "psgcrawl.extensions.outcome.OutcomeExtension": 0,
    # Runs code that it gets over localhost.
    "scrapy.extensions.remote_control.RemoteControl": None,
    # Opens a port, writes its password to the log.
    "scrapy.extensions.telnet.TelnetConsole": None,
}
# Nearest to the downloader: it sees raw bodies, redirects, robots.txt, errors and retries, each as it was.
DOWNLOADER_MIDDLEWARES = {"psgcrawl.middlewares.evidence.EvidenceMiddleware": 950}
SPIDER_MIDDLEWARES = {"psgcrawl.middlewares.ledger.LedgerMiddleware": 10}
ITEM_PIPELINES = {
    "psgcrawl.pipelines.datelines.DatelinesPipeline": 100,
    "psgcrawl.pipelines.normalise.NormalisePipeline": 200,
    "psgcrawl.pipelines.store.StorePipeline": 900,
}
# A feed shows entries, an item is a page: exporters of our own take them out.
FEED_EXPORTERS = {
    "json": "psgcrawl.feeds.JsonFeed",
    "jsonlines": "psgcrawl.feeds.JsonLinesFeed",
    "jsonl": "psgcrawl.feeds.JsonLinesFeed",
    "jl": "psgcrawl.feeds.JsonLinesFeed",
    "csv": "psgcrawl.feeds.CsvFeed",
    "xml": "psgcrawl.feeds.XmlFeed",
    # They would write Python objects of this version of the program.
    "marshal": None,
    "pickle": None,
}

# --- safety ---------------------------------------------------------------------------

# A page of a listing has 15 KB; a bomb unpacks to gigabytes.
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 1024 * 1024
# A body that was cut off comes to the evidence, which keeps it and fails the request; else it would be thrown away.
DOWNLOAD_FAIL_ON_DATALOSS = False
# Total, not idle: a server that drips a byte a second holds a crawl no longer than this.
DOWNLOAD_TIMEOUT = 30
# Evidence from an unverified peer is none.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Only the web: file:, data:, ftp: and s3: addresses in a page would read what is not the site's.
DOWNLOAD_HANDLERS = {"file": None, "data": None, "ftp": None, "s3": None}
# Listings need no session, and the default asks the network for the public suffix list.
COOKIES_ENABLED = False
# A page's own markup must not send the crawl elsewhere.
METAREFRESH_ENABLED = False
# http_proxy in the environment would change silently whose answers are archived.
HTTPPROXY_ENABLED = False
MEMUSAGE_LIMIT_MB = 512

# --- manners --------------------------------------------------------------------------

ROBOTSTXT_OBEY = True
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    # Bodies are kept as they come: in an encoding that everybody can undo in thirty years, too.
    "Accept-Encoding": "gzip",
}
CONCURRENT_REQUESTS = 1
DOWNLOAD_DELAY = 1
DOWNLOAD_DELAY_JITTER = 0

# --- output ---------------------------------------------------------------------------

# The run ends with a summary for people; Scrapy's own log is for finding faults: -L INFO.
LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
FEED_EXPORT_ENCODING = "utf-8"
# One page at a time: the default makes a hundred tasks a page.
CONCURRENT_ITEMS = 2
