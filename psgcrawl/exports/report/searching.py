"""The index that the page of the search reads: files of JavaScript that hold nothing but data.

A page that was opened from disk may load no data but as a script. So each file is one
call, ``psgcrawlData(name, value)``, of ASCII; nothing of a page is ever code in it.

For each collection, its entries numbered as they were first seen, so that what was
written stays as it is when more come:

- ``columns.js``: of each entry what the filters ask for, and which other files there are;
- ``texts-N.js``: of :data:`PART` entries each the page, title, date, dateline and the
  beginning of the text;
- ``words-X.js``, in large collections ``words-XX.js``: for each word that begins so the
  entries that have it: twice the number, and one more where it stands in the title, each
  less the one before.

A word is a run of letters and digits, in lower case and without accents, of two
characters at least.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from tempfile import SpooledTemporaryFile
from typing import Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.history.lives import STATES
from psgcrawl.archive.temporary import Temporary
from psgcrawl.exports.harmless import flowing
from psgcrawl.exports.report import english, places
from psgcrawl.exports.report.gathering import Gathered
from psgcrawl.exports.report.postings import Postings
from psgcrawl.exports.source import Known
from psgcrawl.records import KINDS

PART: Final = 500
"""Entries whose texts are in one file."""
WITHHELD: Final = -1
"""The first day of an entry that is withheld: neither a year nor none."""
LARGE: Final = 3000
"""Entries from which on a file of words is named by two letters, so that none is large."""
BEGINNING: Final = 180
"""Characters of a text that are shown with what was found."""

_IN_MEMORY: Final = 1 << 20
"""Bytes of the columns that are held in memory."""

File = tuple[str, Iterable[bytes]]
"""Its name, and its bytes in pieces."""

_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]+")
_WORD: Final = re.compile(r"[^\W_]{2,}")
_FLAGS: Final = tuple(english.FLAGS)
_LONGEST: Final = 40
"""Characters of a word that count: what is longer is no word that anybody types."""


def words(text: str) -> set[str]:
    """Return the words of a text as they are found; the script does the same with what is typed.

    >>> sorted(words("Perú's Minería, 2 de mayo"))
    ['de', 'mayo', 'mineria', 'peru']
    """
    return {word[:_LONGEST] for word in _WORD.findall(folded(text))}


def folded(text: str) -> str:
    """Return ``text`` in lower case and without accents."""
    lower = text.lower()
    # A tenth of a text at most is beyond ASCII, and of ASCII nothing is an accent.
    return lower if lower.isascii() else _BEYOND_ASCII.sub(_unmarked, unicodedata.normalize("NFKD", lower))


def _unmarked(match: "re.Match[str]") -> str:
    return "".join(char for char in match[0] if not unicodedata.category(char).startswith("M"))


class Index(Temporary):
    """The index of a collection, made as its entries pass by; to be closed, as it has temporary files."""

    def __init__(self, gathered: Gathered) -> None:
        """Begin with the entry that was first seen."""
        super().__init__()
        self._gathered = gathered
        self._folder = f"{places.DATA}/{gathered.name}"
        self._number = 0
        self._letters = 1 if gathered.counted.entries < LARGE else 2
        self._series = sorted(gathered.counted.series)
        self._texts: list[list[str]] = []
        # Closed together.
        self._postings = self._open.enter_context(Postings())
        self._rows = self._open.enter_context(SpooledTemporaryFile(_IN_MEMORY, prefix="psgcrawl-"))  # noqa: SIM115 - closed by the stack

    def add(self, known: Known) -> Iterator[File]:
        """Take the next entry; yield the file that is full with it."""
        number, entry = self._number, known.life.entry
        self._number += 1
        title = words(flowing(entry.title))
        rest = f"{entry.summary}\n{entry.caption or ''}\n{entry.dateline or ''}\n{' '.join(known.chain.ids)}"
        self._postings.add(title, 2 * number + 1)
        self._postings.add(words(flowing(rest)) - title, 2 * number)
        self._postings.rest(self._letters)
        self._rows.write(b"," * bool(number) + jsonl.dumps(self._row(known))[1:-1])
        self._texts.append(_text(self._gathered, known))
        if len(self._texts) == PART:
            yield self._part()

    def files(self) -> Iterator[File]:
        """Yield name and bytes of the other files, when all entries were taken."""
        if self._texts:
            yield self._part()
        shelves: list[str] = []
        for name, held in self._postings.shelves(self._letters):
            shelves.append(name)
            yield self._file(f"words-{name}", _object(held))
        yield self._file("columns", self._columns(shelves))

    def _part(self) -> File:
        name, texts = f"texts-{(self._number - 1) // PART}", self._texts
        self._texts = []
        return self._file(name, [jsonl.dumps(texts)])

    def _file(self, name: str, pieces: Iterable[bytes]) -> File:
        said = jsonl.dumps(f"{self._gathered.name}/{name}")
        return f"{self._folder}/{name}.js", chain([b"psgcrawlData(" + said + b","], pieces, [b");\n"])

    def _row(self, known: Known) -> list[int]:
        """Return what the filters ask for: the entry's first day as a number, its last year, and its facts."""
        entry = known.life.entry
        return [
            WITHHELD if self._gathered.withholds(known) else _day(entry.date_earliest),
            int((entry.date_latest or "0")[:4]),
            KINDS.index(known.chain.kind),
            1 + self._series.index(entry.series) if entry.series else 0,
            STATES.index(known.life.state),
            sum(1 << _FLAGS.index(flag) for flag in entry.flags),
            len(known.life.revisions),
        ]

    def _columns(self, shelves: list[str]) -> Iterator[bytes]:
        head = {"part": PART, "letters": self._letters, "shelves": shelves, "series": self._series, "rows": []}
        yield jsonl.dumps(head).removesuffix(b"]}")
        self._rows.seek(0)
        while piece := self._rows.read(_IN_MEMORY):
            yield piece
        yield b"]}"


def _object(held: Iterable[tuple[str, Iterable[int]]]) -> Iterator[bytes]:
    """Yield words with their places, each less the one before, as the members of an object."""
    opened = b"{"
    for word, numbers in held:
        steps = [number - before for before, number in pairwise(chain([0], numbers))]
        yield opened + jsonl.dumps(word) + b":" + jsonl.dumps(steps)
        opened = b","
    yield b"}"


def _day(day: str | None) -> int:
    return int(day.replace("-", "")) if day else 0


def _text(gathered: Gathered, known: Known) -> list[str]:
    entry = known.life.entry
    beginning = " ".join(entry.summary.split())
    if len(beginning) > BEGINNING:
        beginning = beginning[:BEGINNING].rpartition(" ")[0] + " …"
    shown = flowing(entry.title) or english.NO_TITLE, gathered.date(known, entry), flowing(entry.dateline or "")
    return [places.entry(known.key), *shown, flowing(beginning)]
