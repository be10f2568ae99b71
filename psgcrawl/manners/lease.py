"""One at a time: a lease on a name, for as long as any process holds it, on whichever machine.

A lease is a file that is locked (``flock``). The lock belongs to the open file, so it can be
handed on: a crawl that is started with the descriptor holds the lease to its own end, also
when who started it is killed. Nothing has to be renewed, and no clock decides: the kernel
frees the lock with its last holder, and of a machine that is gone the file server does.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final

from psgcrawl.errors import LeaseBusy
from psgcrawl.locking import acquire

_LOOK: Final = 0.2
"""Seconds between two looks: a file server must not be asked more often than a site."""
_UNSAFE: Final = re.compile(r"[^a-z0-9.-]+")
_LONGEST: Final = 100


@contextmanager
def lease(folder: Path, name: str, patience: float) -> Iterator[int]:
    """Hold the lease on ``name`` inside, and give the descriptor that holds it, to be handed on.

    :param folder: where leases are; it is made if need be
    :param patience: seconds to wait for it while another holds it
    :raises LeaseBusy: when it was not free in time
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / _file(name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        acquire(descriptor, LeaseBusy(f"{name}: another crawl is at work on it"), patience=patience, look=_LOOK)
        yield descriptor
    finally:
        # Closed, not unlocked: who was given it may still hold it.
        os.close(descriptor)


def _file(name: str) -> str:
    """Return the name of its file: readable, and another one for every name."""
    plain = _UNSAFE.sub("-", name.lower())
    if plain == name and len(name) <= _LONGEST:
        return f"{name}.lock"
    return f"{plain[:_LONGEST]}-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.lock"
