"""The markups: one function an item, and how items become a list.

Each prints the same blocks. Dates stand where the chrome has them, except in
``dl-title-date-text``, ``dl-title-with-date`` and the ``date-in-teaser`` markups (always
after the title) and in ``dl-date-then-title``, ``table-row``, ``dash-between`` and
``date-column`` (always before it). Markups of loose text have paragraphs of their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .around import Era, encode, page, self_closed, shout
from .blocks import Block, Chrome, Section
from .pieces import after, before, body, date, element, ending, flow, head, link, more_words, parity, text, title

Item = Callable[[Block, Chrome, int], str]
"""Prints one block; the number is its place in its list, from 0."""

HEADINGS: dict[Section, str] = {"news": "News", "articles": "Articles", "notices": "Featured Notices"}


def _list_heading(b: Block, c: Chrome, n: int) -> str:
    content = head(b, c, element("h3", title(b, c)), element("p", date(b, c), "date"))
    return f"<li{parity(c, n)}>{content}{body(b, c)}</li>\n"


def _ordered(b: Block, c: Chrome, _: int) -> str:
    content = head(b, c, f"<div>{title(b, c, 'strong')}</div>", element("div", date(b, c)))
    return f"<li>{content}{body(b, c)}</li>\n"


def _entry_div(b: Block, c: Chrome, n: int) -> str:
    content = head(b, c, element("h2", title(b, c)), element("p", date(b, c), "date"))
    return f'<div class="entry {("odd", "even")[n % 2]}">{content}\n{body(b, c)}</div>\n'


def _rule(b: Block, c: Chrome) -> str:
    """Without a wrapper, only a rule shows that a picture belongs to the title below it."""
    return "<hr>" if c.caption == "before-title" and b.section != "boilerplate" else ""


def _flat_heading(b: Block, c: Chrome, _: int) -> str:
    return _rule(b, c) + head(b, c, element("h3", title(b, c)), element("p", date(b, c))) + body(b, c) + "\n"


def _flat_bold(b: Block, c: Chrome, _: int) -> str:
    return _rule(b, c) + head(b, c, f"<p>{title(b, c, 'b')}</p>", element("p", date(b, c))) + body(b, c) + "\n"


def _article(b: Block, c: Chrome, _: int) -> str:
    content = head(b, c, element("h2", title(b, c)), element("time", date(b, c)))
    foot = element("footer", ending(b, c))
    return f"<article><header>{content}</header>\n{text(b, c)}{foot}</article>\n"


def _closed_captions(c: Chrome) -> Chrome:
    """Keep captions apart from what follows them where no paragraph is ever closed."""
    return replace(c, caption_as="small-in-div") if c.caption_as == "paragraph" else c


def _terms(b: Block, c: Chrome, _: int) -> str:
    dated = element("dd", date(b, c), "date")
    return f"<dt>{before(b, c)}{title(b, c, 'b')}</dt>{dated}<dd>{after(b, c)}{body(b, c)}</dd>\n"


def _open_terms(b: Block, c: Chrome, n: int) -> str:
    return _terms(b, _closed_captions(c), n)


def _date_terms(b: Block, c: Chrome, _: int) -> str:
    content = head(b, replace(c, date="after"), f"<h4>{title(b, c)}</h4>", "")
    return f"<dt>{date(b, c) or '&nbsp;'}</dt><dd>{content}{body(b, c)}</dd>\n"


def _title_with_date(b: Block, c: Chrome, _: int) -> str:
    dated = element("span", date(b, c))
    term = title(b, c, "b") + (f"<br>{dated}" if dated else "")
    return f"<dt>{before(b, c)}{term}</dt><dd>{after(b, c)}{body(b, c)}</dd>\n"


def _row(b: Block, c: Chrome, n: int) -> str:
    content = f"{before(b, c)}{title(b, c, 'b')}<br>{after(b, c)}{body(b, c)}"
    return f'<tr{parity(c, n)}><td width="120" valign="top">{date(b, c) or "&nbsp;"}</td><td>{content}</td></tr>\n'


def _three_rows(b: Block, c: Chrome, _: int) -> str:
    image = before(b, c)
    span = "" if image else ' colspan="2"'
    rows = [f"<td{span}>{title(b, c, 'b')}</td>"]
    if b.dateline:
        rows.insert(0 if c.date == "before" else 1, f"<td{span}>{date(b, c)}</td>")
    rows.append(f"<td{span}>{after(b, c)}{body(b, c)}</td>")
    if image:
        rows[0] = f'<td rowspan="{len(rows)}" width="130">{image}</td>{rows[0]}'
    spacer = '<tr><td colspan="2" height="10"><img src="spacer.gif" alt="" width="1" height="10"></td></tr>'
    return "".join(f"<tr>{row}</tr>" for row in rows) + spacer + "\n"


def _nested_table(b: Block, c: Chrome, _: int) -> str:
    c = replace(c, paragraphs="br")
    lines = [f'<font size="2" color="#990000">{title(b, c, "b")}</font><br>']
    if b.dateline:
        lines.insert(0 if c.date == "before" else 1, f'<font size="1">{date(b, c)}</font><br>')
    image = before(b, c)
    cell = f'<td width="130" valign="top">{image}</td>' if image else ""
    content = f'{"".join(lines)}{after(b, c)}<font size="2">{body(b, c)}</font>'
    table = f'<table width="100%" cellpadding="4"><tr>{cell}<td valign="top">{content}</td></tr></table>'
    return f"<tr><td>{table}</td></tr>\n"


def _loose(b: Block, c: Chrome, _: int) -> str:
    c = replace(c, paragraphs="br")
    dated = f"{date(b, c)}<br>\n" if b.dateline else ""
    return head(b, c, f"<b>{title(b, c)}</b><br>\n", dated) + body(b, c) + "<br><br>\n"


def _open_paragraphs(b: Block, c: Chrome, _: int) -> str:
    c = _closed_captions(replace(c, paragraphs="p"))
    lines = [f"<b>{title(b, c)}</b>"]
    if b.dateline:
        lines.insert(0 if c.date == "before" else 1, date(b, c))
    image = before(b, c)
    start = f"<p>{image}" if image.startswith(("<img", "<a ")) else f"{image}<p>"
    return f"{_rule(b, c)}{start}{'<br>'.join(lines)}</p>\n{after(b, c)}{body(b, c)}\n"


def _open_items(b: Block, c: Chrome, _: int) -> str:
    c = _closed_captions(replace(c, paragraphs="br"))
    dated = f"{date(b, c)}<br>" if b.dateline else ""
    return f"<li>{head(b, c, f'<b>{title(b, c)}</b><br>', dated)}{body(b, c)}</li>\n"


def _grid(b: Block, c: Chrome, _: int) -> str:
    content = head(b, c, element("h4", title(b, c)), element("p", date(b, c), "date"))
    return f'<div class="col">{content}{body(b, c)}</div>'


def _linked(b: Block, c: Chrome, _: int) -> str:
    if c.caption_as == "small-in-table":  # tables in links are not read alike by all parsers
        c = replace(c, caption_as="small-in-div")
    inner = replace(b, href=None)
    content = head(inner, c, element("h3", flow(b.title, c)), element("span", date(b, c), "date"))
    content += text(inner, replace(c, paragraphs="p"))
    if b.href and c.read_more != "none":
        content += element("span", more_words(b), "more")
    return f'<div class="card">{link(b.href, content)}</div>\n'


def _inline_span(b: Block, c: Chrome, n: int) -> str:
    parts = [title(b, c, "strong"), element("span", date(b, c), "date")]
    line = " ".join(part for part in (reversed(parts) if c.date == "before" else parts) if part)
    return f"<div{parity(c, n)}>{before(b, c)}<p>{line}</p>{after(b, c)}{body(b, c)}</div>\n"


def _heading_small(b: Block, c: Chrome, _: int) -> str:
    parts = [title(b, c), element("small", date(b, c))]
    line = " ".join(part for part in (reversed(parts) if c.date == "before" else parts) if part)
    return f"<div>{before(b, c)}<h3>{line}</h3>{after(b, c)}{body(b, c)}</div>\n"


def _dash(b: Block, c: Chrome, _: int) -> str:
    dated = f"{date(b, c)} - " if b.dateline else ""
    return f"<li>{before(b, c)}{dated}{title(b, c, 'b')}<br>{after(b, c)}{body(b, c)}</li>\n"


def _in_teaser(tag: str, gap: str) -> Item:
    """Return a markup whose date is set off at the start of the text's first paragraph."""

    def item(b: Block, c: Chrome, n: int) -> str:
        dated = element(tag, date(b, c))
        content = before(b, c) + element("h3", title(b, c)) + after(b, c)
        return f"<div{parity(c, n)}>{content}{body(b, c, lead=dated + gap if dated else '')}</div>\n"

    return item


def _bold_teaser(b: Block, c: Chrome, _: int) -> str:
    content = head(b, c, element("h3", title(b, c)), element("p", date(b, c), "date"))
    return f"<li>{content}{body(b, c, strong='strong')}</li>\n"


def _date_column(b: Block, c: Chrome, n: int) -> str:
    dated = f'<div class="c3"><div class="in"><span>{date(b, c)}</span></div></div>'
    content = (
        f'{before(b, c)}<div class="t">{title(b, c, "strong")}</div>{after(b, c)}<div class="x">{body(b, c)}</div>'
    )
    return f"<div{parity(c, n)}><div class='row'>{dated}<div class='c9'><div>{content}</div></div></div></div>\n"


def _between_rules(b: Block, c: Chrome, _: int) -> str:
    c = replace(c, paragraphs="br")
    dated = f"<em>{date(b, c)}</em><br>\n" if b.dateline else ""
    return head(b, c, f"<strong>{title(b, c)}</strong><br>\n", dated) + body(b, c) + "\n<hr>\n"


def _plain(items: Sequence[str]) -> str:
    return "".join(items)


def _inside(opening: str, closing: str) -> Callable[[Sequence[str]], str]:
    return lambda items: f"{opening}\n{''.join(items)}{closing}\n"


def _two_a_row(items: Sequence[str]) -> str:
    return "".join(f'<div class="row">{"".join(items[at : at + 2])}</div>\n' for at in range(0, len(items), 2))


@dataclass(frozen=True)
class Markup:
    """One way to print a list: its items, what holds them, the time that it looks like."""

    item: Item
    hold: Callable[[Sequence[str]], str]
    era: Era = "2009"
    leave_open: tuple[str, ...] = ()
    heading_row: str = ""
    """A heading as a further row of the list; ``{}`` is its place."""

    def __call__(self, blocks: Sequence[Block], chrome: Chrome) -> bytes:
        """Return the page."""
        standing = [block for block in blocks if block.section == "boilerplate"]
        last = standing if chrome.sidebar == "same-list" else []
        main = self._sections([block for block in blocks if block.section != "boilerplate"], last, chrome)
        whole = page(main, standing if chrome.sidebar not in {"none", "same-list"} else [], chrome, self.era)
        if self.era == "2004":
            whole = shout(whole, leave_open=self.leave_open)
        return encode(self_closed(whole) if self.era == "2009" else whole, chrome)

    def _sections(self, blocks: Sequence[Block], last: Sequence[Block], chrome: Chrome) -> str:
        present = [name for name in HEADINGS if any(block.section == name for block in blocks)]
        rows = bool(self.heading_row) and chrome.headings == "td"
        printed, held = "", list[str]()
        for name in present:
            heading = _heading(name, chrome, self.era)
            if "p" in self.leave_open and heading.startswith("<font"):
                heading = f"<p>{heading}"  # else it would be the end of a paragraph that was left open
            items = [block for block in blocks if block.section == name] + list(last if name == present[-1] else ())
            texts = [self.item(block, chrome, place) for place, block in enumerate(items)]
            if rows:
                held += [self.heading_row.format(HEADINGS[name]), *texts]
            else:
                printed += heading + self.hold(texts)
        return self.hold(held) if rows else printed


def _heading(section: Section, chrome: Chrome, era: Era) -> str:
    name = HEADINGS[section]
    if chrome.headings == "td":
        return f'<table width="100%"><tr><td bgcolor="#990000">{name}</td></tr></table>\n'
    if chrome.headings == "b":
        return f'<font size="4"><b>{name}</b></font><br>\n' if era == "2004" else f"<p><b>{name}</b></p>\n"
    return f"<h2>{name}</h2>\n" if chrome.headings == "h2" or section == "notices" else ""


_LIST = _inside("<ul>", "</ul>")
_TABLE = _inside('<table border="0" cellspacing="0">', "</table>")
_TERMS = _inside("<dl>", "</dl>")
_DIV = _inside('<div class="list">', "</div>")
_HEADING_ROW = '<tr><td colspan="2" bgcolor="#cccccc">{}</td></tr>\n'

CATALOGUE: dict[str, Markup] = {
    "list-h3": Markup(_list_heading, _LIST),
    "ordered-list": Markup(_ordered, _inside("<ol>", "</ol>")),
    "entry-divs": Markup(_entry_div, _plain),
    "flat-h3": Markup(_flat_heading, _DIV),
    "flat-bold-paragraphs": Markup(_flat_bold, _DIV),
    "html5-articles": Markup(_article, _inside("<main><section>", "</section></main>"), "2014"),
    "dl-title-date-text": Markup(_terms, _TERMS),
    "dl-date-then-title": Markup(_date_terms, _TERMS),
    "dl-title-with-date": Markup(_title_with_date, _TERMS),
    "table-row": Markup(_row, _TABLE, heading_row=_HEADING_ROW),
    "table-three-rows": Markup(_three_rows, _TABLE, heading_row=_HEADING_ROW),
    "nested-tables-2004": Markup(_nested_table, _TABLE, "2004", heading_row=_HEADING_ROW),
    "loose-text-2004": Markup(_loose, _plain, "2004"),
    "open-paragraphs-2004": Markup(_open_paragraphs, _plain, "2004", leave_open=("p",)),
    "open-items-2004": Markup(_open_items, _LIST, "2004", leave_open=("li", "p")),
    "open-terms-2004": Markup(_open_terms, _TERMS, "2004", leave_open=("dt", "dd", "p", "li")),
    "grid": Markup(_grid, _two_a_row, "2014"),
    "linked-items": Markup(_linked, _DIV, "2014"),
    "date-beside-title": Markup(_inline_span, _plain),
    "date-in-heading": Markup(_heading_small, _DIV),
    "dash-between": Markup(_dash, _LIST),
    "date-in-teaser-em": Markup(_in_teaser("em", " "), _plain),
    "date-in-teaser-span": Markup(_in_teaser("span", " "), _DIV, "2014"),
    "date-in-teaser-line": Markup(_in_teaser("i", "<br>"), _plain),
    "bold-teaser": Markup(_bold_teaser, _LIST),
    "date-column": Markup(_date_column, _DIV, "2014"),
    "between-rules": Markup(_between_rules, _DIV),
}
