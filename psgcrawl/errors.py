"""What can go wrong, one class for each thing that a caller can do about it.

A message reads ``place: problem``, with the offending value quoted where there
is one: ``news/20170218T060000Z/entries.jsonl:12: no 'id' field``.
"""


class PsgcrawlError(Exception):
    """The base of every error that this package raises on purpose."""


class UsageError(PsgcrawlError):
    """The person asked for something that cannot be meant: fix the command or the setting."""


class UnreadablePage(PsgcrawlError):
    """The bytes are no page at all (empty, binary, over a limit): keep them out, name them."""


class BadCapture(PsgcrawlError):
    """One capture cannot be taken in (missing, unreadable, a wrong sidecar line): go on with the rest."""


class DamagedData(PsgcrawlError):
    """Something stored in the archive is not as it was written: verify it, restore it."""


class AmbiguousName(UsageError):
    """A snapshot's name fits several snapshots: the message lists the candidates."""


class NotFound(UsageError):
    """The archive, the collection or the snapshot that was named does not exist."""


class CrawlEnds(PsgcrawlError):
    """No request is made any more (a signal, a limit, a server that wants too much patience): keep what is here."""


class CollectionBusy(PsgcrawlError):
    """Another run holds the collection: wait for it, then run again."""


class NameTaken(PsgcrawlError):
    """A snapshot of that name became visible meanwhile: take the next name."""


class UnfitWorker(PsgcrawlError):
    """A worker cannot do the jobs of an archive: give it the same version, and a file system that is shared rightly."""


class LeaseBusy(PsgcrawlError):
    """Another crawl is at work on the site: wait for it, then run again."""
