"""The posts of the WordPress of the service tests: every awkward case, and enough plain ones to fill pages.

All texts are invented. What WordPress must never show a visitor carries :data:`CANARY`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

CANARY: Final = "HIDDEN-CANARY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post as its editor saves it, and what every way of reading it must make of it."""

    id: int
    title: str
    """HTML, as it is typed."""
    date: str
    """Local time of the site: ``2024-06-14 12:00:00``."""
    content: str = ""
    excerpt: str = ""
    """Written by hand; where it is empty WordPress makes one of the content."""
    status: str = "publish"
    type: str = "post"
    password: str = ""
    sticky: bool = False
    modified: str | None = None
    """GMT; by default the moment of publishing."""
    categories: tuple[str, ...] = ("News",)
    tags: tuple[str, ...] = ()
    text: str | None = None
    """The title as text, where it is not ``title`` itself."""
    summary: str | None = None
    """The summary as text, without what leads to the whole post; None where no test looks."""

    @property
    def shown(self) -> str:
        """The title as text."""
        return self.title if self.text is None else self.text


_LONG: Final = (
    "Residents of the valley said that they had waited since 2009 for an answer, and for the clean water that they "
    "had been promised. The ministry speaks of 1,204 families; others put the number nearer 3,000. The company points "
    "to its fund for the region and denies that anything was spilt. The federation wants to talk, and no state of "
    "emergency. A report is due in March, and the court will sit again in April, when the lake is at its highest. "
    "Until then the road stays closed on three days of every week, and the market with it."
)
_FIFTY_FIVE: Final = " ".join(_LONG.split()[:55])
"""What WordPress makes an excerpt of by default."""

AWKWARD: Final = (
    Post(
        id=301,
        title="Fish & Chips <em>versus</em> “Ceviche”: it’s 5 < 6, ¡Señor Muñoz’s café!",
        text="Fish & Chips versus “Ceviche”: it’s 5 < 6, ¡Señor Muñoz’s café!",
        date="2024-06-14 12:00:00",
        content="<p>Rain &amp; sun; a <strong>bold</strong> word and <a href='/about/'>a link</a>.</p>",
        summary="Rain & sun; a bold word and a link.",
        categories=("News", "Mining & Energy"),
        tags=("Perú", "minería"),
    ),
    Post(id=302, title="Same title", date="2023-05-02 09:00:00", content="<p>The first of two.</p>"),
    Post(id=303, title="Same title", date="2023-05-02 09:00:00", content="<p>The second of two.</p>"),
    Post(
        id=304,
        title="",
        date="2022-02-02 02:02:02",
        content="<p>A post without any title.</p>",
        summary="A post without any title.",
    ),
    Post(
        id=305,
        title="Última hora: 🇵🇪 emoji 🙂 and 𐐷 beyond the BMP",
        date="2021-07-28 00:00:00",
        content="<p>Un día 🎉 de fiesta.</p>",
        summary="Un día 🎉 de fiesta.",
    ),
    Post(id=306, title="Half a minute before the New Year", date="2020-12-31 23:59:30", content="<p>Midnight.</p>"),
    Post(
        id=307,
        title="Half an hour into a summer's day",
        date="2024-07-01 00:30:00",
        content="<p>Night.</p>",
        text="Half an hour into a summer’s day",
    ),
    Post(id=308, title="In the hour that summer time skips", date="2024-03-31 01:30:00", content="<p>Spring.</p>"),
    Post(
        id=309,
        title="Protected by a password",
        date="2022-08-08 08:00:00",
        password="secreto",  # noqa: S106 — of an invented post
        content=f"<p>{CANARY} in the text of a protected post</p>",
        summary="",
    ),
    Post(
        id=310,
        title="An excerpt of two paragraphs",
        date="2025-11-30 18:00:00",
        content=f"<p>{_LONG}</p>",
        excerpt="Un extracto con acentos y más.\n\nY otro párrafo.",
    ),
    Post(
        id=311,
        title="A long text, cut",
        date="2025-10-10 10:00:00",
        content=f"<p>{_LONG}</p>",
    ),
    Post(
        id=312,
        title="A text cut by its author",
        date="2025-10-09 10:00:00",
        content="<p>What everyone sees.</p>\n<!--more-->\n<p>What comes later.</p>",
    ),
    Post(
        id=313,
        title="A list",
        date="2025-10-08 10:00:00",
        content="<p>Three demands:</p><ul><li>water</li><li>land &lt; 5 ha</li></ul>",
    ),
    Post(
        id=314,
        title="Scripts and frames",
        date="2025-01-15 10:00:00",
        content="<p>Before.</p><script>alert('x')</script><style>p{}</style><iframe src='/x'></iframe><p>After.</p>",
    ),
    Post(
        id=315,
        title="An old item, published again",
        date="2007-03-04 10:00:00",
        modified="2019-12-20 10:00:00",
        content="<p>Of the year 2007.</p>",
        summary="Of the year 2007.",
        categories=("Archive",),
    ),
    Post(
        id=316,
        title="Changed long after",
        date="2024-12-31 23:30:00",
        modified="2026-02-03 04:05:06",
        content="<p>Corrected.</p>",
        summary="Corrected.",
    ),
    Post(
        id=317,
        title="In three categories",
        date="2024-11-11 11:11:11",
        content="<p>Of everything a bit.</p>",
        summary="Of everything a bit.",
        categories=("News", "Peru & Bolivia", "Año de la reconciliación"),
    ),
    Post(
        id=318,
        title="Sticky",
        date="2020-05-05 05:05:05",
        sticky=True,
        content="<p>Stays on top.</p>",
        summary="Stays on top.",
    ),
    Post(id=319, title="Nothing but a title", date="2024-10-10 10:10:10", content="", summary=""),
    Post(
        id=320,
        title="Of two lines, with &nbsp; spaces",
        text="Of two lines, with spaces",
        date="2024-09-09 09:09:09",
        content="One line<br>and another.",
    ),
    Post(
        id=321,
        title="Typed quotation marks",
        date="2024-08-08 08:08:08",
        content="<p>Text.</p>",
        excerpt='She said "no" and it\'s final...',
    ),
)

_SUBJECTS: Final = ("Congress", "The court", "Residents of Espinar", "The ombudsman", "Women’s federations")
_VERBS: Final = ("debates", "rejects", "welcomes", "delays")
_OBJECTS: Final = ("the mining law", "an inquiry")


def _plain(number: int) -> Post:
    day = date(2026, 10, 20) - timedelta(days=23 * number)
    subject = _SUBJECTS[number % 5]
    return Post(
        id=200 + number,
        title=f"{subject} {_VERBS[number % 4]} {_OBJECTS[number % 2]} ({number})",
        date=f"{day} {9 + number % 9:02}:{number % 60:02}:00",
        content=f"<!-- wp:paragraph -->\n<p>{subject} met on day {number}.</p>\n<!-- /wp:paragraph -->",
        summary=f"{subject} met on day {number}.",
        categories=("News", "Human Rights") if number % 3 else ("News",),
    )


PUBLISHED: Final = (*AWKWARD, *(_plain(number) for number in range(40)))
"""What a visitor sees, in no order."""

HIDDEN: Final = (
    *(
        Post(
            id=400 + place,
            title=f"{CANARY} {status}",
            content=f"<p>{CANARY}</p>",
            status=status,
            date="2031-01-05 10:00:00" if status == "future" else "2025-01-05 10:00:00",
        )
        for place, status in enumerate(("draft", "pending", "private", "future", "trash"))
    ),
)
PAGES: Final = (Post(id=450, title="About us", date="2020-01-01 10:00:00", type="page", content="<p>Who we are.</p>"),)

SEED: Final = (*PUBLISHED, *HIDDEN, *PAGES)
