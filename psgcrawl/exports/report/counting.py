"""What is counted of the entries of a collection, as they pass by."""

from collections import Counter
from dataclasses import dataclass, field

from psgcrawl.exports.report import places
from psgcrawl.exports.source import Known
from psgcrawl.records import Flag, Kind


@dataclass(slots=True, eq=False)
class Counted:
    """The figures that pages and pictures need; none of them grows with the entries."""

    kinds: Counter[Kind] = field(default_factory=Counter)
    """By their chains."""
    gone: int = 0
    days: tuple[str, str] | None = None
    """The first and the last day that any prints."""
    years: set[int] = field(default_factory=set)
    """In which they begin or end."""
    lists: Counter[str] = field(default_factory=Counter)
    """In which list they stand."""
    flags: Counter[Flag] = field(default_factory=Counter)
    series: set[str] = field(default_factory=set)
    told: int = 0
    """Without notices, standing blocks, and what is withheld; so are those that follow."""
    by_year: Counter[str] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    """By the month that they print; those that print a longer time are not counted."""

    @property
    def entries(self) -> int:
        """How many there are in all."""
        return self.kinds.total()

    def add(self, known: Known, which: str, *, withheld: bool) -> None:
        """Count an entry.

        :param which: in which list it stands
        """
        entry = known.life.entry
        self.kinds[known.chain.kind] += 1
        self.gone += known.life.state in {"removed", "aged-out"}
        self.lists[which] += 1
        self.flags.update(entry.flags)
        if entry.series:
            self.series.add(entry.series)
        first, last = entry.date_earliest, entry.date_latest
        for day in (first, last):
            if day:
                self._reach(day)
        if known.chain.kind == "entry" and not withheld:
            self.told += 1
            self.by_year[places.year(entry)] += 1
            if first and last and first[:7] == last[:7]:
                self.by_month[first[:7]] += 1

    def _reach(self, day: str) -> None:
        self.years.add(int(day[:4]))
        earliest, latest = self.days or (day, day)
        self.days = min(earliest, day), max(latest, day)
