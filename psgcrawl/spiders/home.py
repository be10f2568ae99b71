"""The home page of the PHP site."""

from psgcrawl.spiders.page import SinglePageSpider


class HomeSpider(SinglePageSpider):
    """The home page of the PHP site: the newest news and articles, the notices, the standing blocks.

    Source
        ``/``, without a query: ``/?position=310`` is the same page.
    Arguments
        ``base``: the site, or a copy of it; it has to be named.
    Caveats
        The site left the live web after 2019. One page of excerpts is never complete.
    """

    name = "home"
    collection = "home"
