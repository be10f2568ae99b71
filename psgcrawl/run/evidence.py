"""The records that a run wrote as it went, handed out to its snapshots at its end."""

from collections.abc import Iterable, Sequence
from functools import partial

from psgcrawl.archive.pages import Glance, glances
from psgcrawl.archive.warc.spool import Spool
from psgcrawl.archive.write import Evidence
from psgcrawl.records import Page, RunLine


class Handing:
    """The records of a run, handed out to its snapshots."""

    def __init__(self, spool: Spool | None, pages: Iterable[Glance | Page]) -> None:
        self._spool = spool
        self._rest = spool.rest([page.record for page in pages if page.record]) if spool else []
        self._handed: set[str] = set()
        self._given: set[str] = set()

    def of(self, pages: Sequence[Page]) -> Evidence | None:
        """Return what writes the records of ``pages``; with what belongs to no page, until that is :meth:`written`."""
        wanted = [page.record for page in glances(pages) if page.record is not None]
        self._given = set(wanted)
        return partial(self._spool.copy, [*wanted, *self._rest]) if self._spool else None

    def written(self) -> None:
        """Note that what belongs to no page (robots.txt, redirects, failures) is in a snapshot now."""
        self._rest = []
        self._handed |= self._given

    def discard(self) -> None:
        """Remove the spool: the run was only to look.

        :raises OSError: when that cannot be done
        """
        if self._spool is not None:
            self._spool.discard()

    def close(self, lines: Sequence[RunLine]) -> list[str]:
        """Remove the spool, or keep it where something of it came into no snapshot; return what to tell people."""
        if self._spool is None:
            return []
        lost = any(line.snapshot is None and line.collection is not None for line in lines)
        unchanged = any(line.outcome == "unchanged" for line in lines)
        told = [f"{name}: left by a run that died; it can be read as captures" for name in self._spool.set_aside]
        spool = self._spool
        # What a web archive gave is looked at one by one: a line that says what is still to come loses nothing.
        lost = spool.left(self._handed) if spool.brings else lost
        try:
            if lost or (self._rest and (not unchanged or spool.must_stay)):
                folder = self._spool.keep()
                told.append(f"{folder.name}: what was fetched and came into no snapshot is kept here")
            else:
                self._spool.discard()
        except OSError as error:
            told.append(str(error))
        return told
