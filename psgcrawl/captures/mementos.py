"""What a web archive captured, as a capture, and the page that it shows: of a listing, or of none."""

from psgcrawl.archive.warc.making import SOURCE
from psgcrawl.archive.warc.record import Record
from psgcrawl.captures.beside import BINARY
from psgcrawl.captures.capture import observe, page_showing
from psgcrawl.captures.stored import capture_of
from psgcrawl.errors import BadCapture, UnreadablePage
from psgcrawl.records import Page, replace


def page_of(record: Record, original: Record | None, *, collection: str, position: int | None, now: str) -> Page:
    """Return the page of a record that was brought from a web archive, kept as evidence already.

    What is no listing (an error that the site answered, a redirect, a parked domain, nothing
    at all) is a page without layout and entries, that says why; it has no place in the listing.

    :param original: what a revisit repeats
    :param now: RFC 3339 UTC; no capture is younger
    :raises BadCapture: for a record without a time that can be, or one that lies in the future
    """
    place = record.get(SOURCE) or record.uri or record.id
    try:
        capture = capture_of(record, original, place)
    except UnreadablePage as error:
        raise BadCapture(str(error)) from error
    if capture.captured.since > now:
        raise BadCapture(f"{place}: captured in the future: {capture.captured.since}")
    capture = replace(
        capture, collection=collection, position=position, captured_basis="memento", source="memento", memento=place
    )
    try:
        page = observe(capture)
    except UnreadablePage as error:
        return page_showing(
            replace(capture, position=None),
            encoding=BINARY,
            encoding_basis="fallback",
            layout=None,
            fields=(),
            problems=(*capture.problems, f"unreadable: {str(error).removeprefix(f'{place}: ')}"),
        )
    return page if page.layout is not None else replace(page, position=None)
