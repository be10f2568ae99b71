"""The list of articles of the PHP site."""

from psgcrawl.spiders.listing import PagedSpider


class ArticlesSpider(PagedSpider):
    """The list of articles of the PHP site, to its end.

    Source
        ``/articles.php?position=N``, ten entries a page, the newest first.
    Arguments
        ``base``: the site, or a copy of it; it has to be named. ``mode``: ``full`` or ``incremental``.
        ``since``: a day. ``follow``: ``entries``.
    Caveats
        The site left the live web after 2019. Complete only with proof (``docs/listings.md``); an
        incremental crawl never is.
    """

    name = "articles"
    collection = "articles"
