"""What is stored and what flows through a crawl: frozen records with documented fields.

``Entry`` and ``PageRow`` are lines of ``entries.jsonl`` and ``pages.jsonl``,
``Provenance`` the ``psgcrawl`` part of a manifest, ``RunLine`` a line of
``runs.jsonl``: field order is byte order on disk, and the descriptions here are those
of the published JSON Schemas. ``RawEntry`` and ``Page`` exist only during a crawl.

All times are UTC, RFC 3339, whole seconds, ``2017-02-18T06:00:00Z``.

They are structs of msgspec, which are what frozen data classes are, told by name and
compared by their fields, in a fraction of the time: to declare one takes 15 µs and not
650 (thirteen of them stood in the way of every command), to make an entry 1 µs and not
4.4, to write one a third less, to read one a fifth less. Whoever asks :mod:`dataclasses`
or :mod:`itemadapter` about one is answered as of a data class: :mod:`psgcrawl.frozen`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, TypeVar, cast

from msgspec import Meta, Struct, field, structs

from psgcrawl.frozen import Record

T = TypeVar("T")

FORMAT: Final = 1
"""Major version of the data on disk. Within one, fields may be added, never renamed or retyped."""

DERIVATION: Final = 2
"""Raised whenever the same evidence could give other bytes of ``entries.jsonl`` or ``pages.jsonl``.

2: control characters at the ends of titles are kept, as elsewhere; rows of pages have ``memento``.
"""

Kind = Literal["entry", "notice", "boilerplate"]
KINDS: Final[tuple[Kind, ...]] = ("entry", "notice", "boilerplate")

WHOLE_LISTS: Final = frozenset({"notices", "boilerplate"})
"""Lists of which a page shows all; of the others it shows a part."""

ListName = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
"""A listing of the site's profile, `posts`, `notices` or `boilerplate`."""
Basis = Literal["crawl", "memento", "warc", "given", "bound"]
Source = Literal["live", "memento", "file"]
End = Literal["short-page", "repeat", "total", "limit", "carried", "single-page"]
OutcomeName = Literal["committed", "unchanged", "incomplete", "refused", "failed"]
EncodingBasis = Literal["bom", "declared", "valid-utf-8", "fallback"]
Flag = Literal[
    "control-characters",
    "epoch-date",
    "impossible-date",
    "misspelt-series",
    "mojibake",
    "no-dateline",
    "no-year",
    "reversed-range",
    "two-digit-year",
]

Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Instant = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
PayloadDigest = Annotated[str, Meta(pattern=r"^sha1:[A-Z2-7]{32}$")]


class Entry(Record, frozen=True, kw_only=True):
    """One item of a listing: a line of ``entries.jsonl``. Content only, nothing of its crawl."""

    id: Annotated[str, Meta(description="Identity: the detail page's name, or `x-` and a hash of title and date.")]
    date_earliest: Annotated[
        Day | None,
        Meta(description="First day that `date_edtf` allows; for sorting and ranges, never to be shown as the date."),
    ]
    date_latest: Annotated[Day | None, Meta(description="Last day that `date_edtf` allows.")]
    date_edtf: Annotated[
        str | None,
        Meta(description="The date exactly as far as printed, in EDTF (ISO 8601-2:2019, level 2); null when unknown."),
    ]
    kind: Annotated[
        Kind, Meta(description="`entry`; `notice` (under a heading of notices); `boilerplate` (standing blocks).")
    ]
    series: Annotated[str | None, Meta(description="The numbered series that the dateline names.")]
    issue: Annotated[int | None, Meta(description="The issue number that the dateline prints.")]
    title: Annotated[str, Meta(description="Title, one line.")]
    summary: Annotated[
        str,
        Meta(description="Running text: a blank line between paragraphs, `\\n` between lines, `- ` before list items."),
    ]
    url: Annotated[str | None, Meta(description="The entry's own page: absolute, canonical.")]
    caption: Annotated[str | None, Meta(description="Picture caption or alternative text printed with the entry.")]
    categories: Annotated[list[str], Meta(description="Categories as the site names them, sorted (WordPress).")]
    modified: Annotated[Instant | None, Meta(description="When the site says that it changed the entry (WordPress).")]
    dateline: Annotated[str | None, Meta(description="The dateline as printed, under the text rule.")]
    flags: Annotated[list[Flag], Meta(description="What a reader should know before relying on the entry, sorted.")]


class Captured(Record, frozen=True, kw_only=True):
    """When a page was captured, as far as that is known: an interval, a point when both ends are equal."""

    # Named otherwise than on disk: ``from`` is a keyword of Python.
    since: Annotated[Instant, Meta(description="Not captured before.")] = field(name="from")
    until: Annotated[Instant | None, Meta(description="Not captured after; null when unknown.")] = field(name="to")

    @property
    def known(self) -> bool:
        """Whether the moment itself is known."""
        return self.since == self.until


class ListView(Record, frozen=True, kw_only=True):
    """What a page showed of one list."""

    name: Annotated[ListName, Meta(description="Which list.")]
    whole: Annotated[bool, Meta(description="Whether the page shows all of the list (notices, boilerplate).")]
    newest: Annotated[
        Day | None, Meta(description="The latest of the entries' `date_earliest`; null without dated entries.")
    ]
    oldest: Annotated[
        Day | None, Meta(description="The earliest of the entries' `date_latest`; null without dated entries.")
    ]
    entries: Annotated[list[str], Meta(description="Ids in page order.")]


class WarcPlace(Record, frozen=True, kw_only=True):
    """Where a page's record stands in ``pages.warc.gz``."""

    record: Annotated[str, Meta(description="`WARC-Record-ID`.")]
    offset: Annotated[int, Meta(description="Byte offset of the record's gzip member.")]
    length: Annotated[int, Meta(description="Length of the gzip member in bytes.")]


class PageRow(Record, frozen=True, kw_only=True):
    """One page of a snapshot: a line of ``pages.jsonl``."""

    url: Annotated[str | None, Meta(description="The address as it was asked for; null for a file without one.")]
    captured: Annotated[Captured, Meta(description="When: `from` and `to`, equal when known.")]
    captured_basis: Annotated[Basis, Meta(description="How that is known.")]
    status: Annotated[int | None, Meta(description="HTTP status; null for files.")]
    media_type: Annotated[str, Meta(description="Media type by which the page was read.")]
    encoding: Annotated[str, Meta(description="Character encoding by which the page was read.")]
    encoding_basis: Annotated[EncodingBasis, Meta(description="How the encoding was decided.")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of the page's bytes as they came, content encoding and all.")]
    payload_digest: Annotated[PayloadDigest, Meta(description="SHA-1 of the same, as CDX indexes write it.")]
    layout: Annotated[str | None, Meta(description="The layout that read the page; null when none recognised it.")]
    fields: Annotated[list[str], Meta(description="Entry fields that this source and layout can show, sorted.")]
    position: Annotated[int | None, Meta(description="Place of the page in its listing, counted in entries.")]
    lists: Annotated[list[ListView], Meta(description="What the page showed, list by list.")]
    problems: Annotated[list[str], Meta(description="What could not be read, or was read with doubt, in words.")]
    carried_from: Annotated[str | None, Meta(description="The snapshot from which the page was carried over.")]
    warc: Annotated[WarcPlace | None, Meta(description="The record in `pages.warc.gz`.")]
    memento: Annotated[
        str | None,
        Meta(description="The address in a web archive from which the page was brought; null for all others."),
    ] = None


class Coverage(Record, frozen=True, kw_only=True):
    """Which part of a listing a snapshot saw, and how that is known."""

    listing: Annotated[str, Meta(description="The listing.")]
    complete: Annotated[bool, Meta(description="Proven from the first page to the end, without a gap.")]
    end: Annotated[End | None, Meta(description="How the end of the listing is known; null when it was not seen.")]
    positions: Annotated[
        list[tuple[int, int]], Meta(description="Runs of page positions that were seen: first and last.")
    ]
    gaps: Annotated[
        list[tuple[int, int]], Meta(description="Runs of page positions known to be missing: first and last.")
    ]


class Counts(Record, frozen=True, kw_only=True):
    """How much a snapshot holds."""

    pages: Annotated[int, Meta(description="Pages.")]
    entries: Annotated[dict[Kind, int], Meta(description="Entries by kind.")]


class Edition(Record, frozen=True, kw_only=True):
    """The edition from which a later one was derived."""

    name: Annotated[str, Meta(description="Name of the snapshot.")]
    sha256: Annotated[Sha256, Meta(description="SHA-256 of its `datapackage.json`.")]


class Redaction(Record, frozen=True, kw_only=True):
    """A record whose bytes had to go: see ``docs/responsible-use.md``."""

    record: Annotated[str, Meta(description="`WARC-Record-ID` of the record, which keeps its name and digests.")]
    url: Annotated[str | None, Meta(description="The address that the record is about.")]
    reason: Annotated[str, Meta(description="Why, in the words of the person who demanded it.")]
    when: Annotated[Instant, Meta(description="When.")]


class Acceptance(Record, frozen=True, kw_only=True):
    """That a person committed what a run had kept apart: see ``docs/on-call.md``."""

    # Named otherwise than on disk: ``from`` is a keyword of Python.
    reason: Annotated[str, Meta(description="Why, in the words of the person who accepted it.")]
    when: Annotated[Instant, Meta(description="When.")]
    origin: Annotated[str, Meta(description="The folder in which it was kept apart.")] = field(name="from")
    sha256: Annotated[Sha256, Meta(description="SHA-256 of its manifest there, which is kept as `kept-apart.json`.")]


class Provenance(Record, frozen=True, kw_only=True):
    """Where a snapshot comes from: the member ``psgcrawl`` of ``datapackage.json``."""

    format: Annotated[int, Meta(description="Major version of the data on disk.")]
    software: Annotated[str, Meta(description="What wrote the snapshot.")]
    derivation: Annotated[int, Meta(description="Version of the rules that derive entries from pages.")]
    derived_from: Annotated[Edition | None, Meta(description="The edition before; null for the first.")]
    spider: Annotated[str, Meta(description="The spider that crawled.")]
    arguments: Annotated[dict[str, str], Meta(description="Its arguments, as given.")]
    source: Annotated[Source, Meta(description="`live`, `memento` or `file`.")]
    captured: Annotated[Captured, Meta(description="First and last capture; `to` null when unknown.")]
    started: Annotated[Instant, Meta(description="When the run started.")]
    finished: Annotated[Instant, Meta(description="When the run had fetched everything.")]
    finish_reason: Annotated[str, Meta(description="Why the crawl ended, in Scrapy's word.")]
    counts: Annotated[Counts, Meta(description="Pages, and entries by kind.")]
    coverage: Annotated[Coverage, Meta(description="Which part of the listing was seen.")]
    redactions: Annotated[list[Redaction], Meta(description="Records whose bytes had to go.")] = field(
        default_factory=list
    )
    accepted: Annotated[
        Acceptance | None, Meta(description="That a person committed it, after it was kept apart; null for all others.")
    ] = None
    webarchive: Annotated[
        str | None, Meta(description="The web archive from which its pages were brought; null for all others.")
    ] = None
    site: Annotated[
        Sha256 | None,
        Meta(description="SHA-256 of the `site.toml` by which it was derived; null for the built-in profile."),
    ] = None


class ConfirmedPage(Record, frozen=True, kw_only=True):
    """A page that an unchanged run saw again."""

    url: Annotated[str | None, Meta(description="The address.")]
    captured: Annotated[Captured, Meta(description="When it was seen.")]
    status: Annotated[int | None, Meta(description="HTTP status; null for files.")]
    payload_digest: Annotated[PayloadDigest, Meta(description="SHA-1 of its bytes.")]


class RunLine(Record, frozen=True, kw_only=True):
    """What one run did to one collection: a line of ``runs.jsonl``, less the two hashes that end it."""

    started: Annotated[Instant, Meta(description="When the run started.")]
    finished: Annotated[Instant, Meta(description="When its outcome was decided.")]
    collection: Annotated[
        str | None, Meta(description="The collection; null where the run came to none (files that could not be read).")
    ]
    spider: Annotated[str, Meta(description="The spider.")]
    outcome: Annotated[OutcomeName, Meta(description="What became of the crawl.")]
    reasons: Annotated[list[str], Meta(description="Why, in words; empty when all is well.")]
    snapshot: Annotated[
        str | None, Meta(description="The snapshot that was committed or confirmed, or the folder kept apart.")
    ]
    manifest_sha256: Annotated[Sha256 | None, Meta(description="SHA-256 of that snapshot's `datapackage.json`.")]
    counts: Annotated[Counts | None, Meta(description="Pages, and entries by kind.")]
    coverage: Annotated[Coverage | None, Meta(description="Which part of the listing was seen.")]
    software: Annotated[str, Meta(description="What wrote the line.")]
    pages: Annotated[list[ConfirmedPage], Meta(description="The pages that an unchanged run saw again.")]
    run: Annotated[
        str | None, Meta(description="Name of the run: all its lines have it; null where a command wrote the line.")
    ] = None


class Dated(Record, frozen=True, kw_only=True):
    """What a dateline says. See :mod:`psgcrawl.datelines`."""

    series: str | None = None
    issue: int | None = None
    edtf: str | None = None
    earliest: str | None = None
    latest: str | None = None
    flags: tuple[Flag, ...] = ()


class RawEntry(Record, frozen=True, kw_only=True):
    """An entry as a layout read it: text as printed, the link as it stands in the page."""

    kind: Kind
    list: ListName | None
    """The list it stood in; null where the page does not say (``derive`` decides)."""
    title: str
    summary: str
    dateline: str | None = None
    href: str | None = None
    caption: str | None = None
    dated: Dated | None = None
    """The dateline as read; :func:`psgcrawl.derive.read_datelines` fills it in, unless the layout has done so."""
    identity: str | None = None
    """What the page itself says that the entry is, ``post-254``; before any link."""
    categories: tuple[str, ...] = ()
    """As the page names them, in any order."""
    modified: str | None = None
    """When the site changed the entry: RFC 3339 UTC."""


class Page(Record, frozen=True, kw_only=True):
    """One page as it was observed, its entries inside: the only item of a crawl."""

    collection: str
    url: str | None
    place: str
    """Where a person finds it (an address, a file's name), for messages; never stored."""
    captured: Captured
    """Where it is only bounded, :func:`psgcrawl.derive.bound` raises the lower bound to the newest dateline."""
    captured_basis: Basis
    source: Source
    status: int | None
    media_type: str
    encoding: str
    encoding_basis: EncodingBasis
    sha256: str
    payload_digest: str
    layout: str | None
    fields: tuple[str, ...]
    position: int | None
    problems: tuple[str, ...]
    record: str | None = None
    """``WARC-Record-ID`` of what the page was read from; None where nothing was kept of it."""
    title: str | None = None
    """What the giver of the capture calls it; the manifest's title."""
    note: str | None = None
    """What the giver of the capture says about it; goes into the manifest's description."""
    next_href: str | None = None
    """The link to the next page of the listing, as the page prints it; never stored."""
    memento: str | None = None
    """The address in a web archive from which it was brought; None for a page of another source."""
    carried_from: str | None = None
    """The snapshot that saw the page, where this crawl did not: it is carried over, and claims nothing."""
    raw: tuple[RawEntry, ...] = ()
    entries: Sequence[Entry] = ()
    """In page order. Of a page that waits for its snapshot they are read anew each time somebody looks at them."""
    lists: tuple[ListName, ...] = ()
    """The list of each of ``entries``."""


def replace(record: T, /, **changes: Any) -> T:  # noqa: ANN401 - as the fields have it
    """Return what ``record`` is with other values in some fields, be it a struct or a data class.

    As ``copy.replace`` of Python 3.13 does.

    >>> replace(Captured(since="2013-05-03T00:00:00Z", until=None), until="2013-05-04T00:00:00Z").known
    False
    """
    if isinstance(record, Struct):
        return structs.replace(record, **changes)
    # Loaded where one is changed: most commands do without, and so answer sooner.
    import dataclasses  # noqa: PLC0415 - see above

    changed: T = dataclasses.replace(cast("Any", record), **changes)
    return changed
