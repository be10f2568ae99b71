"""Names of snapshots and collections: what they say, and which is free.

::

    20170218T060000Z          captured on 18 February 2017 at 06:00:00 UTC
    20170218T060000Z-2        the second committed for that moment
    20170218T060000Z.e2       its second edition (derived again from the same evidence)
    after-20141208T000000Z    capture time unknown, only that it was not before
    .staging-NAME             being written, or left by a run that died
    .incomplete-NAME          kept apart: the crawl wanted more than it got
    .refused-NAME             kept apart: a guard stopped it

Names on disk come from here, never from a page.
"""

import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from psgcrawl.errors import UsageError
from psgcrawl.records import Captured, replace

Apart = Literal["staging", "incomplete", "refused"]
APART: Final[tuple[Apart, ...]] = ("staging", "incomplete", "refused")

LOCK: Final = ".lock"
"""The file of a collection that whoever writes into it locks."""

_COLLECTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_SNAPSHOT: Final = re.compile(
    r"(?P<bound>after-)?(?P<at>[0-9]{8}T[0-9]{6}Z)"
    r"(?:-(?P<number>[2-9]|[1-9][0-9]+))?(?:\.e(?P<edition>[2-9]|[1-9][0-9]+))?"
)
_KEPT_APART: Final = re.compile(r"\.(?P<kind>staging|incomplete|refused)-(?P<name>.+)")


class SnapshotName(Struct, frozen=True):
    """What a snapshot's name says."""

    at: str
    """First capture, or what it was not before: UTC, ``20170218T060000Z``."""
    bound: bool = False
    """Whether ``at`` is only the lower bound of an unknown time."""
    number: int = 1
    """Counts the snapshots of one time, in the order of their commits."""
    edition: int = 1

    @property
    def stem(self) -> str:
        """The name without number and edition: what a free name is built from."""
        return f"after-{self.at}" if self.bound else self.at

    @property
    def snapshot(self) -> str:
        """The name of the first edition: what all editions of a snapshot have in common."""
        return self.stem if self.number == 1 else f"{self.stem}-{self.number}"

    @property
    def order(self) -> tuple[str, bool, int, int]:
        """Sorts by capture time, known before bounded, then in commit order."""
        return self.at, self.bound, self.number, self.edition

    def __str__(self) -> str:
        """Return the name as it stands on disk."""
        return self.snapshot if self.edition == 1 else f"{self.snapshot}.e{self.edition}"


@lru_cache(1 << 13)
def parse(text: str) -> SnapshotName | None:
    """Return what the snapshot name ``text`` says; ``None`` when it is no such name.

    >>> str(parse("20170218T060000Z-2.e3"))
    '20170218T060000Z-2.e3'
    >>> parse("20170231T060000Z"), parse("latest")
    (None, None)
    """
    match = _SNAPSHOT.fullmatch(text)
    if not match or not _is_moment(match["at"]):
        return None
    return SnapshotName(
        at=match["at"],
        bound=match["bound"] is not None,
        number=int(match["number"] or 1),
        edition=int(match["edition"] or 1),
    )


def stem(captured: Captured) -> str:
    """Return the name, before it is made free, of a snapshot whose first capture was at ``captured``.

    >>> stem(Captured(since="2014-12-08T00:00:00Z", until=None))
    'after-20141208T000000Z'
    """
    return SnapshotName(at=compact(captured.since), bound=not captured.known).stem


def compact(instant: str) -> str:
    """Return an RFC 3339 time as it stands in names: ``2017-02-18T06:00:00Z`` is ``20170218T060000Z``."""
    return instant.replace("-", "").replace(":", "")


def kept_apart(text: str) -> tuple[Apart, str] | None:
    """Return kind and name of a folder that is kept apart; ``None`` when ``text`` names no such folder."""
    match = _KEPT_APART.fullmatch(text)
    if not match:
        return None
    kind = next(kind for kind in APART if kind == match["kind"])
    return kind, match["name"]


def next_free_name(folder: Path, stem: str) -> str:
    """Return ``stem``, or ``stem-2``, ``stem-3`` where it is taken in ``folder``, in commit order.

    One more than the highest that exists in any edition, not the first that is missing:
    a name once given is never given again while a later one stands. Links count, broken
    ones too. A folder that does not exist holds nothing.
    """
    pattern = re.compile(re.escape(stem) + r"(?:-([0-9]+))?(?:\.e[0-9]+)?")
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    taken = [int(match[1] or 1) for match in map(pattern.fullmatch, names) if match]
    return f"{stem}-{max(taken) + 1}" if taken else stem


def next_edition(folder: Path, name: str) -> str:
    """Return the name of the edition of snapshot ``name`` that follows all those in ``folder``.

    :raises ValueError: for what is no snapshot name
    """
    snapshot = parse(name)
    if snapshot is None:
        raise ValueError(f"{name!r} is no snapshot name")
    names = (parse(path.name) for path in folder.iterdir())
    editions = [other.edition for other in names if other and other.snapshot == snapshot.snapshot]
    return str(replace(snapshot, edition=max(editions, default=0) + 1))


def is_collection(text: str) -> bool:
    """Tell whether ``text`` can name a collection: ``[a-z0-9][a-z0-9-]{0,63}``."""
    return _COLLECTION.fullmatch(text) is not None


def check_collection(text: str) -> str:
    """Return ``text`` if it can name a collection.

    :raises UsageError: when it cannot
    """
    if not is_collection(text):
        raise UsageError(
            f"collection {text!r}: a name has 1 to 64 lower-case letters, digits and hyphens, no hyphen at the front"
        )
    return text


def _is_moment(at: str) -> bool:
    try:
        datetime.fromisoformat(at)
    except ValueError:
        return False
    # Newer Pythons take 24:00:00 for the next day's midnight: two names of one moment.
    return at[9:11] != "24"
