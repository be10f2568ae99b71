"""The Peru Support Group's site.

The facts come from stored captures of the site; ``docs/site.md`` lists them with
their evidence.
"""

from typing import Final

from psgcrawl.site.profile import Listing, Site

_NEWS: Final = Listing(
    name="news",
    paths=("/news.php",),
    parameter="position",
    headings=frozenset({"news", "latest news", "recent news"}),
    identities=("news-",),
    series=frozenset({"Peru News"}),
)
_ARTICLES: Final = Listing(
    name="articles",
    paths=("/articles.php",),
    parameter="position",
    headings=frozenset({"articles", "latest articles", "recent articles"}),
    identities=("article-",),
    series=frozenset({"Update"}),
    # On the home page articles print a newsletter's issue (even an empty one: ". 18 February 2017"), news do not.
    numbered=True,
)
# ``/?position=310`` is the plain home page (a crawl trap).
_HOME: Final = Listing(name="home", paths=("/", "/index.php"), excerpts=True)

GROUP: Final = Site(
    name="Peru Support Group",
    called="the Peru Support Group",
    host="perusupportgroup.org.uk",
    php_scheme="http",
    # The group is in London. Its WordPress feed speaks GMT; that its clock is set to London's is a guess.
    time_zone="Europe/London",
    # It was founded then.
    first_year=1983,
    rights=(
        "The texts are the Peru Support Group's and their authors'. They are kept as evidence, "
        "under no licence of psgcrawl, which is independent of the group."
    ),
    listings=(_NEWS, _ARTICLES, _HOME),
    wordpress="https://perusupportgroup.org.uk/",
    wordpress_since="2019-12-01",
    gone="which left the live web after 2019",
    detail=r"/(?P<id>(?:news-)?article-[0-9]+)\.html?",
    detail_hint="article-",
    # The newsletter is called "Peru Update" as well as "Update".
    series={"Update": ("peru update",), "Peru News": ()},
    notice_headings=frozenset({"featured notices", "featured notice", "notices"}),
)
"""The profile by default."""
