"""Pages as the spiders hand them on, for tests: bytes in, entries out."""

from psgcrawl import derive, layouts
from psgcrawl.errors import UnreadablePage
from psgcrawl.records import Basis, Captured, Entry, Page, RawEntry

NEWS = "http://perusupportgroup.org.uk/news.php?position=20"
HOME = "http://perusupportgroup.org.uk/"


def observed(body: bytes, media_type: str = "text/html", url: str | None = NEWS, charset: str | None = None) -> Page:
    """Return the page with its entries as they are stored."""
    reading = layouts.read(body, media_type=media_type, charset=charset, url=url)
    page = page_of(*reading.entries, url=url, fields=reading.fields, problems=reading.problems, layout=reading.layout)
    return derive.normalise(derive.read_datelines(page))


def read_or_refused(body: bytes, media_type: str = "text/html", charset: str | None = None) -> layouts.Reading | str:
    """Return what was read, or why the page is refused."""
    try:
        return layouts.read(body, media_type=media_type, charset=charset)
    except UnreadablePage as error:
        return str(error)


def page_of(
    *raw: RawEntry,
    url: str | None = NEWS,
    fields: tuple[str, ...] = ("caption", "dateline", "summary", "title", "url"),
    problems: tuple[str, ...] = (),
    layout: str | None = "html-dated-blocks",
    captured: Captured | None = None,
    basis: Basis = "bound",
) -> Page:
    """Return a page on which a layout read these entries, before anything is derived."""
    return Page(
        collection="news",
        url=url,
        place="page.html",
        captured=captured or Captured(since="1991-08-06T00:00:00Z", until=None),
        captured_basis=basis,
        source="file",
        status=None,
        media_type="text/html",
        encoding="utf-8",
        encoding_basis="valid-utf-8",
        sha256="0" * 64,
        payload_digest="sha1:" + "A" * 32,
        layout=layout,
        fields=fields,
        position=None,
        problems=problems,
        raw=raw,
    )


def raw(title: str = "Water", dateline: str | None = "3 May 2013", summary: str = "It rained.") -> RawEntry:
    """Return an entry as a layout reads it."""
    return RawEntry(kind="entry", list=None, title=title, summary=summary, dateline=dateline)


def html(main: str, head: str = "") -> bytes:
    """Return a page with this between its body tags."""
    return f"<!DOCTYPE html><html><head>{head}</head><body>{main}</body></html>".encode()


def item(title: str = "Water", dateline: str = "3 May 2013", summary: str = "<p>It rained in Lima.</p>") -> str:
    """Return one list item with a linked heading."""
    return f'<li><h3><a href="news-article-7.html">{title}</a></h3><p>{dateline}</p>{summary}</li>'


def brief(entry: Entry) -> tuple[str, str, str | None, str]:
    """Return what most tests look at."""
    return entry.kind, entry.title, entry.dateline, entry.summary
