"""A collection with a past: snapshots, and runs that found one unchanged."""

from pathlib import Path
from typing import Any

from psgcrawl.archive import names, runlog
from psgcrawl.archive.history.lives import Life, lives
from psgcrawl.archive.history.observations import Observation, observe
from psgcrawl.archive.store import Archive, Snapshot
from psgcrawl.records import Captured, ConfirmedPage, Coverage, Entry, Page
from tests.archive.compare.sides import dated, snapshot
from tests.archive.making import after, at, line, page

WHOLE = Coverage(listing="news", complete=True, end="short-page", positions=[(0, 0)], gaps=[])


def day(number: int) -> Captured:
    """A capture on that day of January 2018, at a known time."""
    return at(f"2018-01-{number:02d}T06:00:00Z")


def since(number: int) -> Captured:
    """A capture of unknown time, not before that day of January 2018."""
    return after(f"2018-01-{number:02d}T06:00:00Z")


def news(number: int, /, **given: Any) -> Entry:
    """An entry of the middle of January 2017."""
    return dated(number, "2017-01-15", **given)


class Past:
    """The collection ``news`` of an archive."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder / "archive")
        self.folder = self.archive.folder / "news"
        self.folder.mkdir(parents=True)
        self._elsewhere = folder / "elsewhere"
        self._elsewhere.mkdir()
        self.notes: list[str] = []

    def see(self, captured: Captured, *pages: Page, **given: Any) -> str:
        """Add the snapshot of these pages; return its name."""
        side = snapshot(self._elsewhere, captured, *pages, **({"listing": "news"} | given))
        name = names.next_free_name(self.folder, names.stem(captured))
        side.entries.parent.rename(self.folder / name)
        return name

    def see_all(self, captured: Captured, *entries: Entry, **given: Any) -> str:
        """Add a snapshot that shows the whole listing: these entries."""
        return self.see(captured, page(*entries, **given), coverage=WHOLE)

    def again(self, name: str, *captured: Captured, pages: slice = slice(None), started: str = "2018-02-01") -> None:
        """Log a run that found (these pages of) a snapshot unchanged, each page at its own time."""
        rows = list(Snapshot(self.folder / name).pages())[pages]
        times = captured if len(captured) == len(rows) else captured * len(rows)
        seen = [
            ConfirmedPage(url=row.url, captured=time, status=200, payload_digest=row.payload_digest)
            for row, time in zip(rows, times, strict=True)
        ]
        started = f"{started}T00:00:00Z"
        logged = line(outcome="unchanged", snapshot=name, started=started, finished=started, pages=seen)
        runlog.append(self.archive.folder, logged)

    def observations(self) -> list[Observation]:
        return observe(self.archive, self.archive.collection("news"), self.notes.append)

    def lives(self) -> list[Life]:
        return lives(self.observations())

    def life(self, identity: str | int) -> Life:
        """What became of the entry that ever had this id (or number)."""
        wanted = f"news-article-{identity}" if isinstance(identity, int) else identity
        (found,) = [life for life in self.lives() if any(one.id == wanted for one in life.ids)]
        return found
