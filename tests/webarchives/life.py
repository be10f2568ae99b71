"""The site that was: which entries it listed at which time.

Two lists to which an entry came every few weeks, for sixteen years. Some were given
another title later, one for a few weeks only; a few were taken off their list. Whatever
an archive caught of it, this is what was so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from tests.markups import Block

Listing = Literal["news", "articles"]
LISTINGS: Final[tuple[Listing, ...]] = ("news", "articles")

_SUBJECTS: Final = (
    "Mining conflict in Cajamarca",
    "Bagua: the inquiry reports",
    "Espinar’s water and the Tintaya mine",
    "Fujimori on trial",
    "Doe Run and La Oroya’s children",
    "The “law of the jungle”",
    "Camisea gas: who benefits?",
    "Reparations – still waiting",
    "Regional elections in Áncash",
    "Señor Núñez meets MPs",
    "Sterilisation cases reopened",
    "Conga suspended",
    "Año nuevo in Ayacucho",
)
_FIRST: Final = {"news": date(2004, 1, 10), "articles": date(2003, 11, 20)}
_EVERY: Final = {"news": timedelta(days=75), "articles": timedelta(days=130)}
_LAST: Final = date(2019, 9, 30)
_NUMBERS: Final = {"news": 300, "articles": 60}
_HREFS: Final = {"news": "news-article-{}.html", "articles": "article-{}.html"}


@dataclass(frozen=True)
class Story:
    """An entry of the site, from its first day on its list to its last."""

    id: str
    """By the name of its page."""
    listing: Listing
    day: date
    title: str
    summary: str
    dateline: str
    titles: tuple[tuple[str, str], ...] = ()
    """Other titles, each with the time (14 digits) from which it had it."""
    gone: str | None = None
    """When it was taken off its list (14 digits)."""

    def listed(self, stamp: str) -> bool:
        """Tell whether it stood on its list."""
        return self.day.strftime("%Y%m%d") < stamp[:8] and (self.gone is None or stamp < self.gone)

    def block(self, stamp: str) -> Block:
        """Return what was printed of it."""
        title = next((title for since, title in reversed(self.titles) if since <= stamp), self.title)
        return Block("entry", title, self.summary, self.dateline, f"{self.id}.html", section=self.listing)


_RETITLED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    # For a few weeks only: what was, and was not, and was again.
    "article-83": (
        ("20120315000000", "Sterilisation cases closed"),
        ("20120415000000", "Sterilisation cases reopened (24)"),
    ),
    "news-article-318": (("20110601000000", "The “law of the jungle” is repealed"),),
    "news-article-345": (("20170301120000", "Camisea gas: nobody benefits"),),
}
_GONE: Final = {
    "news-article-322": "20110901000000",
    "news-article-310": "20150101000000",
    "article-75": "20140101000000",
}


def _stories(listing: Listing) -> list[Story]:
    found = []
    day, number = _FIRST[listing], 0
    while day <= _LAST:
        id_ = _HREFS[listing].format(_NUMBERS[listing] + number).removesuffix(".html")
        series = f"Update {98 + number}. " if listing == "articles" and day.year < 2010 else ""
        found.append(
            Story(
                id=id_,
                listing=listing,
                day=day,
                title=f"{_SUBJECTS[number % len(_SUBJECTS)]} ({number + 1})",
                summary=(
                    f"Number {number + 1} of the {listing}: NGOs say that 1,{200 + number} families are affected.\n\n"
                    "“¿Hasta cuándo?” asks the mayor, and nobody has an answer yet."
                ),
                dateline=f"{series}{day.day} {day:%B %Y}",
                titles=_RETITLED.get(id_, ()),
                gone=_GONE.get(id_),
            )
        )
        day, number = day + _EVERY[listing], number + 1
    return found


STORIES: Final = {story.id: story for listing in LISTINGS for story in _stories(listing)}
"""All of them, by id."""


def listed(listing: Listing, stamp: str) -> list[Story]:
    """Return the entries of a list at a time (14 digits, UTC), newest first."""
    found = [story for story in STORIES.values() if story.listing == listing and story.listed(stamp)]
    return sorted(found, key=lambda story: story.day, reverse=True)
