"""What is one site's alone: addresses, listings, series, dates, time zone, rights. One archive is of one site.

=============  =====================================================================
module         subject
=============  =====================================================================
``profile``    what a profile can say, and what is the same for all sites
``group``      the profile of the Peru Support Group, which is the one by default
``now``        the profile by which this process reads and writes
=============  =====================================================================

Another site's profile is the file ``site.toml`` of its archive (:mod:`psgcrawl.profiles`).
Nothing elsewhere in the package knows a name or an address of a site.
"""

from psgcrawl.site.group import GROUP
from psgcrawl.site.now import cached, current, use, using
from psgcrawl.site.profile import EARLIEST, POST_IDENTITY, POSTS, RECENT_ONLY, Language, Listing, NumericOrder, Site

__all__ = [
    "EARLIEST",
    "GROUP",
    "POSTS",
    "POST_IDENTITY",
    "RECENT_ONLY",
    "Language",
    "Listing",
    "NumericOrder",
    "Site",
    "cached",
    "current",
    "use",
    "using",
]
