"""What is the Peru Support Group's alone: addresses, series, listings, encodings.

The facts come from stored captures of the site; ``docs/site.md`` lists them with
their evidence. Nothing elsewhere in the package knows a name or an address of the
site.
"""

from typing import Final

HOST: Final = "perusupportgroup.org.uk"
"""The site's host. ``www.`` in front, either scheme and port 80 or 443 are the same site."""

NAME: Final = "peru support group"
"""The group's name, casefolded, as it stands above its pages."""

LISTING_PATHS: Final = {
    "/news.php": "news",
    "/articles.php": "articles",
    "/": "home",
    "/index.php": "home",
    "": "home",
}
"""The PHP site's listings by the path of their address."""

PAGE_STEP: Final = 10
"""Entries on a full page of ``news`` and ``articles``; ``position`` counts entries in these steps."""

PAGED_LISTINGS: Final = frozenset({"news", "articles"})
"""Listings that are read along ``position``. ``/?position=310`` is the plain home page (a crawl trap)."""

DETAIL_PATH: Final = r"/(?P<id>(?:news-)?article-[0-9]+)\.html?"
"""Detail pages of the PHP site: their name is the identity of the entry."""

RECENT_ONLY: Final = frozenset({"posts"})
"""Lists that keep only recent entries: the front page of the WordPress site holds about the last year."""

WORDPRESS_SINCE: Final = "2019-12-01"
"""The day from which captures of ``/`` are taken for the WordPress site's: about then it came."""

SESSION_PARAMETERS: Final = frozenset({"PHPSESSID", "sid", "phpsessid"})
"""Query parameters that tell visitors apart, never pages."""

SERIES: Final = ("Update", "Peru News")
"""The two numbered newsletters whose issues datelines name."""

ARTICLE_SERIES: Final = frozenset({"Update"})
"""Series whose entries stand in the list of articles; ``Peru News`` stands among the news."""

FIRST_YEAR: Final = 1983
"""The group was founded in 1983: a two-digit year before ``83`` is in the 2000s."""

NOTICE_HEADINGS: Final = frozenset({"featured notices", "featured notice", "notices"})
"""Headings (casefolded) above the home page's notices."""

LIST_HEADINGS: Final = {
    "news": "news",
    "latest news": "news",
    "recent news": "news",
    "articles": "articles",
    "latest articles": "articles",
    "recent articles": "articles",
}
"""Headings (casefolded) above the home page's other lists."""

TIME_ZONE: Final = "Europe/London"
"""In which the site's days are: the group is in London. Its WordPress feed speaks GMT; that its clock is set
to London's is a guess."""

POST_IDENTITY: Final = "post-"
"""How the identity of a WordPress post begins; its number follows."""

EARLIEST: Final = "1991-08-06T00:00:00Z"
"""No page of the web is older: the lower bound of a capture about which nothing else is known."""

RIGHTS: Final = (
    "The texts are the Peru Support Group's and their authors'. They are kept as evidence, "
    "under no licence of psgcrawl, which is independent of the group."
)
"""The notice that goes into every manifest."""
