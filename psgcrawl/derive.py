"""From what a layout read to what is stored: datelines, the text rule, addresses, identity, flags.

Pure and per entry. The pipelines call these steps while a crawl runs; deriving again
from stored pages calls the same ones, so that both give the same bytes. What needs
the other pages of a crawl (entries met twice) is :mod:`psgcrawl.archive.assemble`.
"""

from typing import Final

from psgcrawl import datelines, site, text, urls
from psgcrawl.records import Captured, Dated, Entry, Flag, ListName, Page, RawEntry, replace

_UNDATED: Final = Dated()


def read(page: Page) -> Page:
    """Return ``page`` with its entries as they are stored: its datelines read, then normalised."""
    return normalise(read_datelines(page))


def read_datelines(page: Page) -> Page:
    """Return ``page`` with the dateline of each raw entry read into ``dated``, where its layout left that open."""
    if all(raw.dated is not None for raw in page.raw):
        return page
    return replace(page, raw=tuple(_read_dateline(raw) for raw in page.raw))


def _read_dateline(raw: RawEntry) -> RawEntry:
    if raw.dated is not None:
        return raw
    dated = datelines.parse(raw.dateline) if raw.dateline is not None else None
    return replace(raw, dated=dated or _UNDATED)


def normalise(page: Page) -> Page:
    """Return ``page`` with its entries as they are stored, and the list that each stands in.

    Ids are those of each entry alone: where two of one crawl coincide, the store decides. A
    page that has its entries already stays as it is: a spider that has to look at them before
    it goes on has read them.
    """
    if page.entries:
        return page
    dateless = "dateline" not in page.fields
    return replace(
        page,
        entries=tuple(_entry(raw, page.url, dateless=dateless) for raw in page.raw),
        lists=tuple(_list_of(raw, page) for raw in page.raw),
    )


def _entry(raw: RawEntry, page_url: str | None, *, dateless: bool) -> Entry:
    dated = raw.dated or _UNDATED
    title = text.line(raw.title)
    dateline = text.line(raw.dateline) if raw.dateline is not None else None
    caption = text.line(raw.caption) if raw.caption else None
    url = urls.canonical(raw.href, page_url)
    categories = sorted({name for printed in raw.categories if (name := text.line(printed))})
    running = summary(raw.summary)
    printed = "\n".join(part for part in (raw.title, raw.summary, raw.dateline, raw.caption, *raw.categories) if part)
    flags: set[Flag] = set(dated.flags)
    if dateline is None and raw.kind != "boilerplate" and not dateless:
        flags.add("no-dateline")
    # Each of them became U+FFFD: where there is none, nothing has to be searched.
    replaced = any("\ufffd" in shown for shown in (title, running, dateline or "", caption or "", *categories))
    if replaced and text.has_controls(printed):
        flags.add("control-characters")
    if text.has_mojibake(printed):
        flags.add("mojibake")
    return Entry(
        id=raw.identity or urls.link_identity(url, page_url) or urls.hash_identity(title, dated.edtf or dateline),
        date_earliest=dated.earliest,
        date_latest=dated.latest,
        date_edtf=dated.edtf,
        kind=raw.kind,
        series=dated.series,
        issue=dated.issue,
        title=title,
        summary=running,
        url=url,
        caption=caption or None,
        categories=categories,
        modified=raw.modified,
        dateline=dateline,
        flags=sorted(flags),
    )


def summary(printed: str) -> str:
    r"""Return running text under the text rule: lines by ``\n``, paragraphs by a blank line.

    >>> summary("One\u00a0 line\n next \n\n\n\n Second ")
    'One line\nnext\n\nSecond'
    """
    if text.is_clean(printed):
        return printed
    paragraphs: list[list[str]] = [[]]
    for printed_line in printed.split("\n"):
        clean = text.line(printed_line)
        if clean:
            paragraphs[-1].append(clean)
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


def bound(page: Page, now: str) -> Page:
    """Return ``page`` with what its datelines tell about its time: they are not younger than the page.

    The lower bound of a capture of unknown time is raised to its newest dateline (the
    first day that it allows; an inferred century says nothing). A dateline after the
    latest possible moment is a problem of the page: it is misprinted, or the time is wrong.

    :param now: when the capture was taken in, RFC 3339 UTC: it is not younger than that.
    """
    until = page.captured.until
    latest = min(until or now, now)
    since = page.captured.since
    problems = list(page.problems)
    for entry in page.entries:
        if entry.date_earliest is None:
            continue
        if entry.date_earliest > latest[:10]:
            problems.append(f"future date: {entry.id} is dated {entry.date_edtf}, after the capture ({latest})")
        elif page.captured_basis == "bound" and "two-digit-year" not in entry.flags:
            since = max(since, f"{entry.date_earliest}T00:00:00Z")
    return replace(page, captured=Captured(since=since, until=until), problems=tuple(problems))


def _list_of(raw: RawEntry, page: Page) -> ListName:
    """Name the list of an entry: its kind, else the page's own word, else its listing, link or dateline."""
    if raw.kind != "entry":
        return "notices" if raw.kind == "notice" else "boilerplate"
    if raw.list == site.POSTS:
        return site.POSTS
    profile = site.current()
    found = urls.listing_page(page.url, page.url)
    here = profile.listing(found.listing) if found is not None else None
    if here is not None and here.paged:
        return here.name
    if raw.list is not None:
        return raw.list
    identity = urls.link_identity(urls.canonical(raw.href, page.url), page.url)
    if identity is not None:
        told = next((one.name for one in profile.listings if identity.startswith(one.identities)), None)
        if told is not None:
            return told
    dated = raw.dated or _UNDATED
    if dated.series is not None:
        told = next((one.name for one in profile.listings if dated.series in one.series), None)
        if told is not None:
            return told
    if here is not None and not here.excerpts:
        return here.name
    # An issue can be empty: ". 18 February 2017".
    return profile.other_list[dated.issue is not None or text.line(raw.dateline or "").startswith(".")]
