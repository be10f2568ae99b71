"""Posts as WordPress's feed gives them: RSS 2.0, newest first, ten a page by default.

Beside the REST API it lacks the time of the last change. Its ``<category>`` elements
name categories and tags alike, so that neither can be told; and an excerpt written by
hand comes as it was typed, without the typography that WordPress gives it elsewhere.
https://www.rssboard.org/rss-specification
"""

import re
from collections.abc import Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Final

from lxml import etree

from psgcrawl import text, urls
from psgcrawl.layouts import parts
from psgcrawl.layouts.reading import Reading
from psgcrawl.layouts.wordpress import fragments, posts
from psgcrawl.layouts.wordpress.words import words
from psgcrawl.records import RawEntry
from psgcrawl.visible import visible

LAYOUT: Final = "wordpress-feed"
FIELDS: Final = ("summary", "title", "url")

PATH: Final = "/feed/"
"""``?paged=2`` is its second page; beyond the last, 404."""

_POST_ID: Final = "{com-wordpress:feed-additions:1}post-id"
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}\Z")
_GUID: Final = re.compile(r"[?&]p=([1-9][0-9]{0,18})\Z")
# As WordPress writes it. The parser makes 1999 of the year -0001, which stands for a date that was never set.
_MOMENT: Final = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} (?:[+-][0-9]{4}|GMT)\Z")
_COMMENT: Final = "#comment-"
_PROLOGUE: Final = re.compile(r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*)*+<(?:!DOCTYPE\s+)?(?:rss|feed|rdf:RDF)\b", re.DOTALL)
_PROLOGUE_SIZE: Final = 4096
_MOST_SIGNS: Final = 4
"""Places at which the signature may begin; a title can hold its words."""


def recognises(page: str) -> bool:
    """Tell whether ``page`` is a feed of some kind."""
    return _PROLOGUE.match(page[:_PROLOGUE_SIZE]) is not None


def read(page: str) -> Reading:
    """Read a feed; posts in its order.

    Nothing is fetched and no entity is expanded; a document that is not well-formed, or
    declares a document type of its own, is not recognised.
    """
    if "<!DOCTYPE" in page.partition("<rss")[0]:
        return _unrecognised("XML with a document type of its own")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(page.encode(), parser)
    except etree.XMLSyntaxError as error:
        return _unrecognised(f"no well-formed XML: {visible(str(error))}")
    channel = root.find("channel")
    if root.tag != "rss" or channel is None:
        return _unrecognised(f"XML, but no RSS 2.0: {parts.quote(str(root.tag))}")
    return _read_channel(channel)


def _unrecognised(why: str) -> Reading:
    return Reading(layout=None, problems=(f"no layout recognises the page: {why}",))


def _read_channel(channel: etree._Element) -> Reading:
    items = channel.findall("item")
    problems: list[str] = []
    entries = tuple(_entries(items, problems))
    if items and not entries:
        problems.append("no layout recognises the page: no post in the feed")
        return Reading(layout=None, problems=tuple(problems))
    return Reading(layout=LAYOUT, fields=FIELDS, entries=entries, problems=tuple(problems))


def _entries(items: list[etree._Element], problems: list[str]) -> Iterator[RawEntry]:
    for item in items:
        title = _text(item, "title")
        try:
            yield _entry(item, title)
        except ValueError as error:
            problems.append(f"unread block: {parts.quote(title)}: {error}")


def _entry(item: etree._Element, printed: str) -> RawEntry:
    if _COMMENT in _text(item, "guid"):
        raise ValueError("a comment, no post")
    # The title of a feed is text: WordPress takes the tags out.
    title = text.spaced(printed)
    link = _text(item, "link") or None
    excerpt = fragments.paragraphs(_unsigned(_text(item, "description"), title))
    day = _day(_text(item, "pubDate"))
    return posts.entry(
        _number(item, link),
        title=title,
        summary=fragments.running(excerpt, title),
        day=day,
        href=link,
    )


def _day(published: str) -> date:
    try:
        moment = parsedate_to_datetime(published if _MOMENT.match(published) else "")
        return posts.site_day(moment)
    except ValueError as error:
        raise ValueError(f"no time of publication: {parts.quote(published)}") from error


def _text(item: etree._Element, name: str) -> str:
    return (item.findtext(name) or "").strip()


def _number(item: etree._Element, link: str | None) -> int | None:
    """Return the number of a post; None where the feed does not say it for certain.

    A guid of another host comes from where the post was imported from, and so does its
    number.
    """
    said = _NUMBER.match(_text(item, _POST_ID))
    if said:
        return int(said[0])
    guid = _text(item, "guid")
    match = _GUID.search(guid)
    return int(match[1]) if match and urls.same_site(guid, link) else None


def _unsigned(description: str, title: str) -> str:
    """Return a description without its last words "The post TITLE appeared first on SITE.".

    Plugins for search engines sign every item of a feed so.
    """
    signed = [pair for said in words() for pair in said.signed]
    return next((found for pair in signed if (found := _without(description, title, *pair)) is not None), description)


def _without(description: str, title: str, sign: str, appeared: str) -> str | None:
    end = description.rfind(appeared)
    start = end
    for _ in range(_MOST_SIGNS):
        start = description.rfind(sign, 0, max(start, 0))
        if start < 0:
            break
        if fragments.line(description[start + len(sign) : end]) == title:
            return description[:start].rstrip().removesuffix("<p>")
    return None
