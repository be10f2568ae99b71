"""Page bytes to entries in page order, and the next page. Pure: no network, no clock, no files.

:func:`read` chooses the layout by what the page is; each layout stands in a file of its
own, with ``read``.
"""

from dataclasses import replace

from psgcrawl import urls
from psgcrawl.layouts import html, textform, wordpress
from psgcrawl.layouts.decoding import declared_in, decode
from psgcrawl.layouts.reading import Reading, refuse_unreadable

__all__ = ["Reading", "read"]


def read(body: bytes, *, media_type: str, charset: str | None = None, url: str | None = None) -> Reading:
    """Read a page.

    :param body: its bytes, without transfer or content encoding.
    :param media_type: ``text/plain`` for the text form, JSON for WordPress's REST API; all
        else is read as a feed or HTML, by what is in it.
    :param charset: the charset that the ``Content-Type`` header declared.
    :param url: its address, by which detail pages are told from listings.
    :returns: entries in page order. ``layout`` is None where no layout recognised the
        page: then there are no entries and ``problems`` says so.
    :raises UnreadablePage: for bytes that are no page (empty, binary, over a limit).
    """
    refuse_unreadable(body)
    plain = media_type == "text/plain"
    decoded = decode(body, charset or (None if plain else declared_in(body)))
    if urls.is_detail_page(url):
        reading = Reading(layout=None, problems=("no listing: the address is a detail page's",))
    else:
        # What was strictly decoded is what it would be encoded to again.
        strict = decoded.encoding == "utf-8" and decoded.basis != "bom"
        reading = _read(decoded.text, media_type, body if strict else None)
    return replace(
        reading,
        problems=(*decoded.problems, *reading.problems),
        encoding=decoded.encoding,
        encoding_basis=decoded.basis,
    )


def _read(page: str, media_type: str, encoded: bytes | None) -> Reading:
    if media_type == "text/plain":
        return textform.read(page)
    if media_type == "application/json" or media_type.endswith("+json"):
        return wordpress.rest.read(page)
    if wordpress.feed.recognises(page):
        return wordpress.feed.read(page)
    if not html.recognises(page):
        return Reading(layout=None, problems=("no layout recognises the page: no HTML in it",))
    root = html.parse_plain(page, encoded)
    # Nearly every page is the PHP site's, and is parsed once.
    return (wordpress.theme.read(page) if wordpress.theme.may_have_made(root) else None) or html.read(page, root)
