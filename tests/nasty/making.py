"""An archive in which all nasty strings stand as others may have written them, and one that was read from pages."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psgcrawl.archive.store import Archive
from psgcrawl.records import Entry
from tests.archive.making import page
from tests.archive.verify import making as small
from tests.exports.telling import Told, day, news
from tests.nasty.strings import NASTY, SURROGATES

OLD: Final = "20180101T060000Z"
LONGEST_ATTRIBUTE: Final = 1000
"""Characters: a page with far longer ones is refused."""


@dataclass(frozen=True)
class Nasty:
    """An archive with two snapshots of news; every entry is edited in the second."""

    folder: Path
    entries: list[Entry]
    """Those of the second."""

    @property
    def titles(self) -> list[str]:
        return [entry.title for entry in self.entries]


def stored(folder: Path) -> Nasty:
    """Make an archive in which every text and address of an entry, and addresses of pages, are nasty."""
    told = Told(folder)
    for number, more in ((1, ""), (8, "\n\nmore")):
        entries = [
            news(
                place,
                title=text,
                summary=f"{text}\n\n{text}{more}",
                dateline=text,
                caption=text,
                categories=[text],
                url=text,
            )
            for place, text in enumerate(NASTY.values(), 1)
        ]
        addressed = [
            page(news(1000 + place, title=text), url=text, position=10 * place, problems=(text,))
            for place, text in enumerate(NASTY.values(), 1)
        ]
        told.see(day(number), page(*entries), *(addressed if not more else []))
    return _made(told.archive.folder)


def crawled(folder: Path) -> Nasty:
    """Make an archive from pages that print all of them, in every place where a page prints text."""
    archive = folder / "archive"
    for date, more in (("2018-01-01T06:00:00Z", ""), ("2018-01-08T06:00:00Z", "<p>It says more now.</p>")):
        items = [item(number, text, more) for number, text in enumerate({**NASTY, **SURROGATES}.values(), 1)]
        body = f"<html><head><meta charset=utf-8></head><body><ul>{''.join(items)}</ul></body></html>"
        small.small(archive, runs=1, pages={0: body.encode()}, date=date)
    return _made(archive)


def item(number: int, text: str, more: str) -> str:
    """Return an entry of a listing whose title, summary, caption and addresses are this text."""
    short = printed(text[:LONGEST_ATTRIBUTE])
    return (
        f'<li><img src="{short}" alt="{short}"><h3><a href="news-article-{number}.html">T{printed(text)}</a></h3>'
        f'<p class="date">{number % 28 + 1:02d} March 2016</p><p>S{printed(text)}</p>'
        f'<p><a href="{short}">The link of entry {number}</a> leads nowhere.</p>{more}</li>\n'
    )


def printed(text: str) -> str:
    """Return a text as HTML prints it: by number where it would be no character of the page."""
    return "".join(
        f"&#x{ord(char):x};" if not char.isprintable() and char not in "\n\t" else html.escape(char) for char in text
    )


def _made(archive: Path) -> Nasty:
    return Nasty(archive, list(Archive(archive).collection("news").snapshots()[-1].entries()))
