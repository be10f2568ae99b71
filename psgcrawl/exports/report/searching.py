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
from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from psgcrawl.archive import jsonl
from psgcrawl.archive.history.lives import STATES
from psgcrawl.exports.harmless import flowing
from psgcrawl.exports.report import english, places
from psgcrawl.exports.report.gathering import Gathered
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
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in split if not unicodedata.category(char).startswith("M"))


def shelf(word: str, letters: int) -> str:
    """Return which file holds a word.

    >>> shelf("mining", 2), shelf("mining", 1), shelf("汉字", 2)
    ('mi', 'm', '__')
    """
    return "".join(char if char.isascii() else "_" for char in word[:letters])


def files(gathered: Gathered) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the files of a collection."""
    found: defaultdict[str, array[int]] = defaultdict(lambda: array("Q"))
    for number, known in enumerate(gathered.entries):
        for word, place in _found(known, number):
            found[word].append(place)
    shelves: defaultdict[str, list[str]] = defaultdict(list)
    letters = 1 if len(gathered.entries) < LARGE else 2
    for word in found:
        shelves[shelf(word, letters)].append(word)
    folder = f"{places.DATA}/{gathered.name}"
    yield f"{folder}/columns.js", _data(f"{gathered.name}/columns", _columns(gathered, letters, sorted(shelves)))
    for part in range(0, len(gathered.entries), PART):
        name = f"texts-{part // PART}"
        texts = [_text(gathered, known) for known in gathered.entries[part : part + PART]]
        yield f"{folder}/{name}.js", _data(f"{gathered.name}/{name}", texts)
    for name in sorted(shelves):
        held = {word: _steps(found[word]) for word in sorted(shelves[name])}
        yield f"{folder}/words-{name}.js", _data(f"{gathered.name}/words-{name}", held)


def _found(known: Known, number: int) -> Iterator[tuple[str, int]]:
    entry = known.life.entry
    title = words(flowing(entry.title))
    rest = f"{entry.summary}\n{entry.caption or ''}\n{entry.dateline or ''}\n{' '.join(known.chain.ids)}"
    for word in sorted(title):
        yield word, 2 * number + 1
    for word in sorted(words(flowing(rest)) - title):
        yield word, 2 * number


def _steps(numbers: "array[int]") -> list[int]:
    return [number - before for number, before in zip(numbers, [0, *numbers[:-1]], strict=True)]


def _columns(gathered: Gathered, letters: int, shelves: list[str]) -> dict[str, Any]:
    """Return what the filters ask for: each entry's first day as a number, its last year, and its facts."""
    entries = gathered.entries
    series = sorted({known.life.entry.series for known in entries if known.life.entry.series})
    rows = [
        [
            WITHHELD if gathered.withholds(known) else _day(known.life.entry.date_earliest),
            int((known.life.entry.date_latest or "0")[:4]),
            KINDS.index(known.chain.kind),
            1 + series.index(known.life.entry.series) if known.life.entry.series else 0,
            STATES.index(known.life.state),
            sum(1 << _FLAGS.index(flag) for flag in known.life.entry.flags),
            len(known.life.revisions),
        ]
        for known in entries
    ]
    return {
        "part": PART,
        "letters": letters,
        "shelves": shelves,
        "series": series,
        "rows": [value for row in rows for value in row],
    }


def _day(day: str | None) -> int:
    return int(day.replace("-", "")) if day else 0


def _text(gathered: Gathered, known: Known) -> list[str]:
    entry = known.life.entry
    beginning = " ".join(entry.summary.split())
    if len(beginning) > BEGINNING:
        beginning = beginning[:BEGINNING].rpartition(" ")[0] + " …"
    shown = flowing(entry.title) or english.NO_TITLE, gathered.date(known, entry), flowing(entry.dateline or "")
    return [places.entry(known), *shown, flowing(beginning)]


def _data(name: str, value: object) -> bytes:
    return b"psgcrawlData(" + jsonl.dumps(name) + b"," + jsonl.dumps(value) + b");\n"
