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
# Who answers for a live crawl: "https://example.org/bot, ops@example.org". It goes into USER_AGENT, behind the name.
CONTACT = ""

# Of so many crawls with mode=incremental one goes through all pages: edits and removals further down are found.
FULL_EVERY = 7
# Pages of one listing. A listing that goes on has no end; the longest known had 86 pages.
PAGES_MAX = 500
# Pages of entries that are listed no more, asked for in one crawl: what the server says of them is evidence.
GONE_MAX = 20
# Pages of entries and documents that one crawl with follow=entries fetches.
FOLLOW_MAX = 100

# Seconds to wait for a collection that another run is writing into, when this one comes to write; then exit code 5.
COLLECTION_PATIENCE = 0

# How old the last good run of a collection that is crawled live may be, for "psgcrawl status", which reads it here and
# nowhere else: a week, and a day for a run that failed and is tried again. Also "posts=2d home=8d", and "never".
EXPECTED_EVERY = "8d"

# Requests to the index of a web archive, of all processes of this machine together: four fifths of what the Internet
# Archive allows.
WAYBACK_INDEX_PER_MINUTE = 24
# The same for captures: four fifths of 600 a minute.
WAYBACK_MEMENTOS_PER_SECOND = 8
# Seconds in which nothing is asked after a 429 or 503 that does not say how long. Who goes on is blocked, for hours.
WAYBACK_PAUSE = 60
# The folder in which processes tell each other when they asked; without it one of this user's, for temporary files.
WAYBACK_BUDGETS = ""
# Rows that one answer of an index has at most.
WAYBACK_ROWS = 5000
# Days after which a capture is asked for again that a web archive lists and did not give.
WAYBACK_AGAIN_AFTER = 30

# --- guards: what must not be committed (docs/guards.md) ---------------------------------

# So few entries never stop a crawl, whatever their share: small lists change by large shares.
GUARD_SPARE = 3
# Largest share of pages that no layout fits.
GUARD_UNREAD = 0.5
# Smallest share of entries of the time that the last live snapshot covers which stand in it. A busy month has no more.
GUARD_KNOWN = 0.5
# Smallest share of the last live snapshot's entries that must be there still. The site hardly ever removes any.
GUARD_KEPT = 0.8
# Smallest share of its notices and standing blocks that must be there still, where no entry is.
GUARD_STANDING = 0.1
# Smallest and largest number of entries and pages, as multiples of the last live snapshot's.
GUARD_FEWER = 0.5
GUARD_MORE = 2
# By how much the share of entries with a date, a summary, a link may fall.
GUARD_FILLED = 0.3
# Smallest share of entries with a date, where nothing is there to compare with. The oldest page that is known has 0.58.
GUARD_DATED = 0.5
# Largest share of entries with one and the same title, summary or address.
GUARD_REPEATED = 0.5
# By how much the share of entries with garbled letters may grow.
GUARD_GARBLED = 0.3

# --- who is told (docs/notifications.md) --------------------------------------------------

# A command line, run without a shell; it gets a JSON document on standard input.
NOTIFY_COMMAND = ""
# A web address to which the same is posted. PSGCRAWL_NOTIFY_WEBHOOK in the environment keeps it out of sight.
NOTIFY_WEBHOOK = ""
# Of what: change, trouble, recovery.
NOTIFY_ON = "change trouble recovery"
# Seconds that all of it may hold a run up, after its end. A schedule of days does not notice.
NOTIFY_TIMEOUT = 30

# --- what runs ------------------------------------------------------------------------

# Scrapy's own, by name: what is only switched off in its usual list is imported all the same. Not here: RemoteControl,
# which runs code that it gets over localhost (and is 10 MB, an HTTP server), TelnetConsole, which opens a port and
# writes its password to the log, and what finds leaks of memory.
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
    "scrapy.extensions.spiderstate.SpiderState": 0,
    "scrapy.extensions.throttle.AutoThrottle": 0,
}
EXTENSIONS: dict[str, Any] = {
    "psgcrawl.extensions.outcome.OutcomeExtension": 0,
    # In place of Scrapy's, which counts what the process held that started this one.
    "psgcrawl.extensions.memory.MemoryExtension": 0,
    # What a page says must not make a record of its own.
    "psgcrawl.extensions.logs.LogExtension": 5,
    # Behind the outcome: it tells what the other has decided.
    "psgcrawl.extensions.notify.NotifyExtension": 10,
}
# Not here is what ours replace: Scrapy's for other sites drops requests without a word and does not look at ports; that
# for robots.txt takes one that cannot be had for permission; that for redirects follows to any host, and one to itself
# is gone without a word; that for retries asks again after 20 milliseconds, whatever Retry-After says. Nor is the one
# for cookies: listings need no session, and what it imports is 3 MB.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": 300,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": 850,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": 900,
}
DOWNLOADER_MIDDLEWARES: dict[str, Any] = {
    # Nearest to the downloader: it sees raw bodies, redirects, robots.txt, errors and retries, each as it was.
    "psgcrawl.middlewares.evidence.EvidenceMiddleware": 950,
    # Behind it: an answer that is refused is evidence, too. In front of the retries: to refuse is final.
    "psgcrawl.middlewares.origins.AnswersMiddleware": 945,
    # Every request comes through it, also those of redirects, retries and for robots.txt.
    "psgcrawl.middlewares.pacing.PacingMiddleware": 940,
    "psgcrawl.middlewares.origins.RedirectsMiddleware": 600,
    "psgcrawl.middlewares.robots.RobotsMiddleware": 100,
    # First of all: what is no address of the site's must not even make a robots.txt be asked for.
    "psgcrawl.middlewares.origins.OriginsMiddleware": 60,
}
# Nearest to the spider: what another one drops is missed.
SPIDER_MIDDLEWARES = {"psgcrawl.middlewares.ledger.LedgerMiddleware": 1000}
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
DOWNLOAD_HANDLERS: dict[str, Any] = {
    # Headers without end fill the memory: the limits above are for bodies.
    "http": "psgcrawl.middlewares.handler.BoundedHandler",
    "https": "psgcrawl.middlewares.handler.BoundedHandler",
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
# Listings need no session, and the default asks the network for the public suffix list.
COOKIES_ENABLED = False
# A page's own markup must not send the crawl elsewhere.
METAREFRESH_ENABLED = False
# http_proxy in the environment would change silently whose answers are archived.
HTTPPROXY_ENABLED = False
# Only addresses of the public internet, checked where the connection is made: a name can lead anywhere.
TWISTED_DNS_RESOLVER = "psgcrawl.middlewares.resolver.PublicResolver"
MEMUSAGE_LIMIT_MB = 512
# Default 60: twice as long as a server may take to send an answer.
MEMUSAGE_CHECK_INTERVAL_SECONDS = 5
REDIRECT_MAX_TIMES = 5
# Seconds in which a crawl must come to where it can do something else: what is stuck in a callback, a pattern or the
# parser is ended, with the process, exit code 1. The slowest page known takes two; files can be large, and have none.
CALLBACK_DEADLINE = 120
# Seconds after which a crawl is asked to end. 500 pages 60 seconds apart take eight hours and a half; a day would let
# the next one of a daily schedule begin. It has what a site may ask to wait (RETRY_AFTER_MAX) and an answer may take
# (DOWNLOAD_TIMEOUT) to end; then the process is ended.
RUN_DEADLINE = 12 * 3600

# --- manners --------------------------------------------------------------------------

ROBOTSTXT_OBEY = True
# Seconds between requests that a robots.txt may ask for. A listing of 86 pages takes an hour and a half at 60.
CRAWL_DELAY_MAX = 60
# Seconds that a busy site (429, 503) may ask to wait; above it the crawl ends, to be started again by its schedule.
RETRY_AFTER_MAX = 600
# Seconds before the first retry where it does not say, and after each failure; doubled each time: 5, 10, 20.
RETRY_FIRST_PAUSE = 5
RETRY_TIMES = 3
# The run says what it did not get.
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    # Bodies are kept as they come: in an encoding that everybody can undo in thirty years, too.
    "Accept-Encoding": "gzip",
}
CONCURRENT_REQUESTS = 1
# That of robots.txt goes past CONCURRENT_REQUESTS.
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1
DOWNLOAD_DELAY_JITTER = 0

# --- output ---------------------------------------------------------------------------

# The run ends with a summary for people; Scrapy's own log is for finding faults: -L INFO.
LOG_LEVEL = "WARNING"
# True: one JSON object a line.
LOG_JSON = False
LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
FEED_EXPORT_ENCODING = "utf-8"
# One page at a time: the default makes a hundred tasks a page.
CONCURRENT_ITEMS = 2

# --- speed ----------------------------------------------------------------------------

# Scrapy's own imports all spiders, whichever is wanted.
SPIDER_LOADER_CLASS = "psgcrawl.loading.LazySpiderLoader"
# For each response Scrapy would read and parse the source of its callback again, 3 milliseconds a page, to warn of a
# value that it returns and nobody takes. A test looks at all callbacks once.
WARN_ON_GENERATOR_RETURN_VALUE = False
# Of every page and item a record would be made, and dropped where LOG_LEVEL is above DEBUG.
LOG_FORMATTER = "psgcrawl.extensions.unheard.HeardLogFormatter"
# Scrapy's own raises and catches an exception for each number that it counts.
STATS_CLASS = "psgcrawl.extensions.stats.PlainStats"
