"""Where a worker starts: what each process is told before its first job, and what it makes sure of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from socket import gethostname
from typing import TypeVar

from psgcrawl import SOFTWARE, site
from psgcrawl.errors import UnfitWorker
from psgcrawl.jobs.sharing import Shared, check
from psgcrawl.records import DERIVATION
from psgcrawl.site import Site

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Start:
    """What whoever starts the jobs tells each worker; the same for all jobs."""

    shared: tuple[Shared, ...] = ()
    """The folders in which its jobs work; of processes of this machine nothing has to be proven."""
    software: str = SOFTWARE
    derivation: int = DERIVATION
    profile: Site = field(default_factory=site.current, compare=False)
    """That of the archive: by it a worker reads and writes."""


def perform(start: Start, function: Callable[[T], R], item: T) -> R:
    """Do one job in this process, which begins as a worker if it has not yet.

    :raises UnfitWorker: when this process cannot do such jobs
    """
    begin(start)
    if start.profile.sha256 != site.current().sha256:
        # Each job brings one that is equal, and no more the same object; to set it forgets what was remembered.
        site.use(start.profile)
    return function(item)


@lru_cache(maxsize=8)
def begin(start: Start) -> None:
    """Make sure that this process can do the jobs; once in a process.

    :raises UnfitWorker: for another version of the program, and for folders that are not shared as they must be
    """
    if (start.software, start.derivation) != (SOFTWARE, DERIVATION):
        raise UnfitWorker(
            f"{gethostname()}: the worker has {SOFTWARE} (derivation {DERIVATION}), who started the jobs has "
            f"{start.software} (derivation {start.derivation}): install the same version everywhere"
        )
    for shared in start.shared:
        check(shared)
