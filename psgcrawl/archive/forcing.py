"""Several files, forced to disk at once: the disk writes them together.

One after the other, three files and their folder take 15 ms on a busy disk, and as many as that
at once 3. What counts is that all of them are there before the snapshot gets its name.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def force(paths: Sequence[Path], meanwhile: Callable[[], T]) -> T:
    """Return when the contents of all files are on disk, what ``meanwhile`` returns, which runs while the disk works.

    A thread waits for each of them, and calls nothing else: ``fdatasync``, which leaves out of ``fsync`` only what
    nobody needs to read the file (its times).

    :raises OSError: of the first file that cannot be forced, when all of them were tried
    """
    failed: dict[int, OSError] = {}

    def wait(descriptor: int) -> None:
        try:
            _sync_content(descriptor)
        except OSError as error:
            failed[descriptor] = error

    with ExitStack() as stack:
        descriptors = []
        for path in paths:
            descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
            stack.callback(os.close, descriptors[-1])
        for descriptor in descriptors:
            thread = Thread(target=wait, args=(descriptor,))
            try:
                thread.start()
            except RuntimeError:
                # The system gives no more threads: then one after the other.
                wait(descriptor)
            else:
                # Before it is closed, whatever happens.
                stack.callback(thread.join)
        done = meanwhile()
    for descriptor in descriptors:
        if descriptor in failed:
            raise failed[descriptor]
    return done


def _sync_content(descriptor: int) -> None:
    # macOS has none.
    getattr(os, "fdatasync", os.fsync)(descriptor)
