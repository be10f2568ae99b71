"""WordPress, in the three ways in which it shows a listing of posts.

==============  =====================================================================
module          subject
==============  =====================================================================
``rest``        the REST API's JSON
``feed``        the RSS feed
``theme``       the HTML of a theme's listing pages
``words``       what WordPress prints around posts, by language
``posts``       a post to a raw entry: identity, day, what a protected one may show
``fragments``   HTML in titles and excerpts to text
==============  =====================================================================

All three give the same entries, as far as each can show them: ``docs/site.md`` says
where they cannot.
"""

from psgcrawl.layouts.wordpress import feed, rest, theme

__all__ = ["feed", "rest", "theme"]
