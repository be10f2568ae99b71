"""What the server process of :mod:`tests.hostile.running` imports before it forks: all but a reactor."""

import sys
from importlib import import_module
from typing import Final

NAMES: Final = (
    "scrapy.cmdline",
    "scrapy.crawler",
    "scrapy.commands",
    "scrapy.core.engine",
    "scrapy.core.scheduler",
    "scrapy.core.scraper",
    "scrapy.extensions.feedexport",
    "scrapy.utils.misc",
    "psgcrawl.cli",
    "psgcrawl.cli.verify",
    "psgcrawl.spiders.captures",
    "psgcrawl.spiders.news",
    "psgcrawl.spiders.posts",
    "psgcrawl.extensions.outcome",
    "psgcrawl.middlewares.evidence",
    "psgcrawl.middlewares.origins",
    "psgcrawl.middlewares.pacing",
    "psgcrawl.middlewares.robots",
    "psgcrawl.middlewares.ledger",
    "psgcrawl.pipelines.datelines",
    "psgcrawl.pipelines.normalise",
    "psgcrawl.pipelines.store",
)

for name in NAMES:
    import_module(name)

assert "twisted.internet.reactor" not in sys.modules, "a fork would share its file descriptors"
