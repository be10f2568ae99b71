"""The page of an entry, by plain functions: nearly all pages are that, and a template takes several times as long.

What stands around it comes from the template ``entry.html``, once for all of them.
"""

from collections.abc import Callable, Iterator
from typing import Final

from markupsafe import Markup

from psgcrawl import site
from psgcrawl.exports.report import english, places
from psgcrawl.exports.report.gathering import Seen
from psgcrawl.exports.report.marks import badge, escaped, observation
from psgcrawl.exports.report.showing import Block, Edit, Shown, Sight
from psgcrawl.records import Entry

_ROOT: Final = "../../../"
"""What leads from each of these pages to the folder of the report."""
_TITLE: Final = Markup("\0title\0")
_MAIN: Final = Markup("\0main\0")
"""What stands in the frame for what each page has of its own."""


class EntryPages:
    """Makes the pages of the entries of a collection."""

    def __init__(self, frame: Callable[[Markup, Markup], str], collection: str) -> None:
        """Make what all of them share.

        :param frame: returns a page with this title and content
        """
        self._before, rest = frame(_TITLE, _MAIN).split(_TITLE)
        self._between, self._behind = rest.split(_MAIN)
        self._collection = escaped(collection)
        self._page = f"{_ROOT}{escaped(places.collection(collection))}"
        self._crumbs = (
            f'<a href="{_ROOT}{places.OVERVIEW}">Overview</a> · <a href="{self._page}">{self._collection}</a>'
        )

    def page(self, page: Shown, list_name: str, list_place: str) -> str:
        """Return the page of an entry.

        :param list_name: what the list in which it stands is called
        :param list_place: where that is
        """
        crumbs = f'{self._crumbs} · <a href="{_ROOT}{escaped(list_place)}">{escaped(list_name)}</a>'
        return "".join(
            (
                self._before,
                escaped(page.title),
                self._between,
                f'<p class="eyebrow">{crumbs}</p>\n',
                _article(page),
                *_facts(page),
                *_state(page),
                *_revisions(page),
                *self._sights(page),
                self._cite(page) if page.first else "",
                self._behind,
            )
        )

    def _sights(self, page: Shown) -> Iterator[str]:
        yield (
            '\n<section aria-labelledby="seen">\n<h2 id="seen">Where it was seen</h2>\n'
            '<div class="scroll" role="region" aria-labelledby="seen" tabindex="0">\n<table class="wide sights">\n'
            '<thead><tr><th scope="col">Observation</th><th scope="col" class="figure">Reading</th>'
            '<th scope="col">Page</th><th scope="col">Record that proves it</th></tr></thead>\n<tbody>\n'
        )
        for one in page.sights:
            yield _sight(one, one.seen) if one.seen else self._others(one)
        yield "</tbody>\n</table>\n</div>\n"
        for seen in page.unordered:
            said = "also shows it; its order against the others is not known."
            yield f'<p class="aside">{_observation(seen)} {said}</p>\n'
        yield "</section>\n\n"

    def _others(self, one: Sight) -> str:
        every = f'<a href="{self._page}#observations">all observations</a>'
        return f'<tr><td colspan="4" class="aside">{escaped(one.between)} ({every})</td></tr>\n'

    def _cite(self, page: Shown) -> str:
        first, entry = page.first, page.entry
        assert first is not None  # noqa: S101 - asked before
        assert first.seen is not None  # noqa: S101 - what is cited was told of by itself
        proof = first.proof
        dateline = f"“{entry.dateline}”" if entry.dateline else "without a dateline"
        listed = f" on {escaped(proof.address)}" if proof and proof.address else ""
        digest = f", {escaped(proof.payload_digest)}" if proof else ""
        return (
            '<section aria-labelledby="cite">\n<h2 id="cite">How to cite it</h2>\n<blockquote class="cite"><p>'
            f"{escaped(site.current().name)}, “{escaped(page.title)}”, {escaped(dateline)}, as listed{listed}, "
            f"captured {escaped(first.seen.time)}. Archive: collection {self._collection}, snapshot "
            f"{escaped(first.seen.name)}, entry {escaped(entry.id)}{digest}.</p></blockquote>\n"
            "<p>It proves that this was listed, not that it is so, nor why it went. The archive's files are checked by "
            f"<code>{escaped(page.verify)}</code>.</p>\n</section>\n"
        )


def _observation(seen: Seen) -> str:
    return observation(_ROOT, seen)


# --- what it says -----------------------------------------------------------------------


def _article(page: Shown) -> str:
    entry = page.entry
    edits = f' <span class="badge edited">{english.count(len(page.edits), "revision")}</span>' if page.edits else ""
    kind = f' <span class="badge">{escaped(page.kind)}</span>' if entry.kind != "entry" else ""
    caption = f'<p class="caption">{escaped(entry.caption)}</p>\n' if entry.caption else ""
    text = "".join(map(_block, page.text)) or '<p class="aside">The listing printed no text.</p>\n'
    return (
        f'<article>\n<header>\n<p class="dateline">{escaped(_dateline(page))}</p>\n'
        f'<h1>{escaped(page.title)}</h1>\n<p class="standing">{badge(page.known.life.state)}{edits}{kind}</p>\n'
        f'</header>\n<div class="text">\n{caption}{text}</div>\n</article>\n\n'
    )


def _dateline(page: Shown) -> str:
    if page.withheld:
        return (
            "Nothing that it says is shown here; the archive keeps it. The hash is that of its line in entries.jsonl."
        )
    return "No dateline was printed." if page.entry.dateline is None else page.entry.dateline


def _block(block: Block) -> str:
    if block.listed:
        items = "".join(f"<li>{escaped(line)}</li>\n" for line in block.lines)
        return f"<ul>\n{items}</ul>\n"
    lines = "<br>\n".join(map(escaped, block.lines))
    return f"<p>{lines}</p>\n"


def _facts(page: Shown) -> Iterator[str]:
    yield '<section aria-labelledby="facts">\n<h2 id="facts">As it was read</h2>\n<dl class="facts">\n'
    for name, said in _named(page, page.entry):
        yield f"<div><dt>{name}</dt><dd>{said}</dd></div>\n"
    yield "</dl>\n</section>\n\n"


def _named(page: Shown, entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield the facts, each with its name."""
    if not page.withheld:
        yield "Date", escaped(page.date) + (f" <code>{escaped(entry.date_edtf)}</code>" if entry.date_edtf else "")
        yield "Dateline as printed", "none" if entry.dateline is None else escaped(entry.dateline)
    if entry.series:
        yield "Series", escaped(entry.series) + ("" if entry.issue is None else f", issue {entry.issue}")
    elif entry.issue is not None:
        yield "Issue", f"{entry.issue}"
    if entry.url:
        yield "Its own page", _link(page.link, entry.url)
    if entry.categories:
        yield "Categories", escaped(", ".join(entry.categories))
    yield "Identity", "<br>".join(_name(*one) for one in page.names)
    for flag, says in page.flags:
        yield f"Flag <code>{escaped(flag)}</code>", escaped(says)
    for place, name in page.same:
        yield "Also listed in", f'<a href="{_ROOT}{escaped(place)}">{escaped(name)}</a>'


def _name(identity: str, rule: str | None) -> str:
    said = f' <span class="aside">(one entry by {escaped(rule)})</span>' if rule else ""
    return f"<code>{escaped(identity)}</code>{said}"


def _link(address: str | None, text: str) -> str:
    """Return an address as a link, where it may be one."""
    if not address:
        return escaped(text)
    return f'<a href="{escaped(address)}" rel="noreferrer nofollow external">{escaped(text)}</a>'


# --- what became of it ------------------------------------------------------------------


def _state(page: Shown) -> Iterator[str]:
    yield f'<section aria-labelledby="state">\n<h2 id="state">{escaped(page.standing.name)}</h2>\n'
    yield f'<p>{escaped(page.standing.said)}</p>\n<ul class="evidence">\n'
    for label, seen in page.came + page.standing.evidence:
        yield f"<li>{escaped(label)} {_observation(seen)} <code>{escaped(seen.name)}</code></li>\n"
    yield "</ul>\n\n"
    for last, absent, again in map(_observations, page.gaps):
        yield f"<p>It was gone in between: last seen {last}, not there {absent}, seen again {again}.</p>\n"
    yield "</section>\n\n"


def _observations(gap: tuple[Seen, Seen, Seen]) -> Iterator[str]:
    return map(_observation, gap)


def _revisions(page: Shown) -> Iterator[str]:
    if page.edits:
        yield '<section aria-labelledby="revisions">\n<h2 id="revisions">Revisions</h2>\n'
        for one in page.edits:
            yield from _revision(one)
        yield "</section>\n"


def _revision(one: Edit) -> Iterator[str]:
    said = "Changed between" if one.ordered else "These differ, and which was first is not known:"
    first, second = map(_observation, one.between)
    rule = f" Taken for one entry by {escaped(one.matched_by)}." if one.matched_by else ""
    yield f'<div class="revision">\n<h3>{escaped(one.heading)}</h3>\n'
    yield f'<p class="said">{said} {first} and {second}.{rule}</p>\n'
    before, after = ("Before", "After") if one.ordered else ("The one", "The other")
    for name, old, new in one.fields:
        yield (
            f'<div class="sides">\n<h4>{escaped(name)}</h4>\n'
            f'<div class="side old"><p class="of">{before}</p><p>{old or "(nothing)"}</p></div>\n'
            f'<div class="side new"><p class="of">{after}</p><p>{new or "(nothing)"}</p></div>\n</div>\n'
        )
    yield "</div>\n"


# --- where it was seen ------------------------------------------------------------------


def _sight(one: Sight, seen: Seen) -> str:
    page, record = '<span class="aside">not told</span>', ""
    if one.proof is not None:
        address = one.proof.address
        page = _link(one.link, "a file without an address" if address is None else address)
        digest = f'<code class="hash">{escaped(one.proof.payload_digest)}</code>'
        record = f"{_record(one)}{digest}"
    return (
        f'<tr><th scope="row">{_observation(seen)}<br><code>{escaped(seen.name)}</code></th>'
        f'<td class="figure">{one.reading}</td><td>{page}</td><td>{record}</td></tr>\n'
    )


def _record(one: Sight) -> str:
    """Return which record holds the page, where that is known."""
    place = one.proof.warc if one.proof else None
    if not place or not one.warc:
        return ""
    where = f'<span class="aside">{escaped(one.warc)}, byte {place.offset}</span>'
    return f"<code>{escaped(place.record)}</code><br>{where}<br>"
