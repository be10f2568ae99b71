"""Disks that nobody waits for: what a power cut leaves is what tests/torture tries, with real ones."""

import os
from typing import Protocol


class HasFileno(Protocol):
    """An open file."""

    def fileno(self) -> int: ...


def unwaited(fd: int | HasFileno) -> None:
    """Stand in for ``os.fsync``, without the waiting.

    :raises OSError: for a descriptor that is not open
    """
    os.fstat(fd if isinstance(fd, int) else fd.fileno())
