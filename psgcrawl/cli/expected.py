"""How often a collection should be crawled, as a person writes it: ``7d``, ``posts=1d home=12h``, ``news=never``."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, field

from psgcrawl.archive import names
from psgcrawl.errors import UsageError

_UNITS: Final = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_INTERVAL: Final = re.compile(r"([0-9]{1,5})([mhdw])")
NEVER: Final = "never"


class Expected(Struct, frozen=True):
    """Intervals in seconds; None where no run is expected."""

    named: Mapping[str, int | None] = field(default_factory=dict)
    others: int | None = None
    """Of every other collection that was ever crawled live."""

    def of(self, collection: str, *, live: bool) -> int | None:
        """Return the interval of a collection.

        :param live: whether it was ever crawled live: of files no new ones are expected
        """
        return self.named.get(collection, self.others if live else None)


def read_expected(*given: tuple[str, str]) -> Expected:
    """Read intervals; each text with where it comes from, for messages; what comes later wins.

    :raises UsageError: for what is no interval, and no collection's name
    """
    named: dict[str, int | None] = {}
    others: int | None = None
    for place, text in given:
        for word in text.replace(",", " ").split():
            name, equals, interval = word.rpartition("=")
            if not equals:
                others = _seconds(place, interval)
            elif names.is_collection(name):
                named[name] = _seconds(place, interval)
            else:
                raise UsageError(f"{place}: {name!r} can be no collection")
    return Expected(named, others)


def _seconds(place: str, text: str) -> int | None:
    match = _INTERVAL.fullmatch(text)
    if match and int(match[1]):
        return int(match[1]) * _UNITS[match[2]]
    if text == NEVER:
        return None
    raise UsageError(f"{place}: {text!r} is no interval: 30m, 12h, 7d, 2w, or {NEVER}")


def spoken(seconds: int) -> str:
    """Return a length of time for people, in the largest unit of which it has two.

    >>> spoken(90), spoken(7200), spoken(8 * 86_400)
    ('1 min', '2 h', '8 d')
    """
    for unit, length in (("d", 86_400), ("h", 3600)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds // 60} min"


def together(texts: Iterable[str]) -> str:
    """Return what several options say as one text."""
    return " ".join(texts)
